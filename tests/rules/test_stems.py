"""Which words are taken for forms of one."""

import pytest

from rules.stems import ALGORITHMS, stem
from rules.words import fold

FORMS = {
    "pt": ["entrega entregas entregam entregar", "informação informações informacoes", "preço precos"],
    "es": ["envío envios", "devolución devoluciones devolucion", "acepta aceptan"],
    "en": ["open opens opened opening", "delivery deliveries", "price prices"],
    "hi": ["कीमत कीमतें", "खुलता खुलते खुली", "दुकान दुकानें दुकानों"],
    "id": ["buka dibuka membuka bukanya", "alamat alamatnya", "bayar pembayaran dibayar"],
    "ar": ["سعر السعر", "مواعيد المواعيد مواعيدكم", "الليلة الليله"],
    "de": ["preis preise preisen"],
    "fr": ["ouvert ouverte ouverts"],
    "ru": ["книга книги книгой"],
}


@pytest.mark.parametrize(("language", "forms"), [(each, forms) for each, rows in FORMS.items() for forms in rows])
def test_forms_of_a_word_have_one_stem(language, forms):
    """With and without accents, as people type."""
    assert len({stem(fold(each), language) for each in forms.split()}) == 1


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("prices", "tlh"),
        ("prices", ""),
        ("a", "en"),
        ("is", "en"),
        ("s" * 33, "en"),
        ("दुकानें", "en"),
        ("prices", "hi"),
        ("42", "en"),
        ("ราคา", "en"),
        ("", "en"),
    ],
)
def test_other_words_stay_whole(word, language):
    """Without a stemmer, in a script that is not the language's, too short or too long."""
    assert stem(word, language) == word


@pytest.mark.parametrize("language", ALGORITHMS)
def test_every_stemmer_is_there(language):
    """Each name in the table is one that the library knows."""
    assert stem("abcdefghij", language)
