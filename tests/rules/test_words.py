"""When do two pieces of writing say the same words?"""

from decimal import Decimal

import pytest

from rules.words import fold, has_words, number, spaced, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("STOP", "stop"),
        ("Água", "agua"),
        ("ＳＴＯＰ　１２", "stop 12"),
        ("stop\u200b\ufeff\u00ad", "stop"),
        ("Straße", "strasse"),
        ("İstanbul, ISPARTA, ısı", "istanbul, isparta, isi"),
        ("Đà Nẵng", "da nang"),
        ("Łódź, Ærø, Þór", "lodz, aero, thor"),
        ("ΟΔΟΣ, Ελλάδα", "οδοσ, ελλαδα"),
        ("Ещё ёлка", "еще елка"),
        ("don’t “go” — now…", 'don\'t "go" - now...'),
        ("a \t\n  b", "a b"),
        ("a\x00b", "ab"),
        ("\ud800a", "a"),
        ("٣٫٥ و ۴ و १२", "3٫5 و 4 و 12"),
        ("مَرْحَبًا ـ أهلا", "مرحبا  اهلا".replace("  ", " ")),
        ("کتاب علی", "كتاب علي"),
        ("हिन्दी", "हिन्दी"),
        ("ज़रूरी", "जरूरी"),
        ("がぎ ｶﾞ", "がぎ ガ"),
        ("한국어", "한국어"),
        ("👍🏽❤️", "👍❤"),
        ("", ""),
    ],
)
def test_what_people_vary_is_folded_away(written, folded):
    """Case, accents, width and invisible characters go; letters of every script stay."""
    assert fold(written) == folded


def test_folding_twice_changes_nothing():
    """Texts and phrases may be folded wherever it suits."""
    for text in ("Ⅷ ½ ﷺ ΐ İ ẞ ﬁ", "Água", "がﾞ"):
        assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How much, is it?", ("how", "much", "is", "it")),
        ("_stop_ *now*", ("stop", "now")),
        ("l'heure d’été", ("l", "heure", "d", "ete")),
        ("ok👍👍🏽", ("ok", "👍", "👍")),
        ("多少钱 ok", ("多", "少", "钱", "ok")),
        ("มีcakeไหม", ("ม", "ี", "cake", "ไ", "ห", "ม")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("?! …", ()),
    ],
)
def test_words_are_runs_of_letters_and_digits(text, found):
    """Punctuation parts words; scripts without spaces and emoji give a word for each character."""
    assert words(text) == found


@pytest.mark.parametrize("text", ["STOP", " stop ", "ＳＴＯＰ", "STOP!", "stop\u200b", "please, stop.", "Stóp"])
def test_these_have_the_word(text):
    """Whoever types it in a hurry still says stop."""
    assert has_words(fold(text), fold("stop"))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("nonstop", "stop"), ("stops", "stop"), ("much how", "how much"), ("", "stop"), ("stop", ""), ("stop", "?")],
)
def test_these_have_not(text, phrase):
    """A word is whole, a phrase in its order, and no words are found nowhere."""
    assert not has_words(fold(text), fold(phrase))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("ขอราคาหน่อย", "ราคา"), ("請問多少錢？", "多少"), ("いくらですか", "いくら"), ("ケーキのねだん", "ケーキ")],
)
def test_scripts_without_spaces_are_searched_inside(text, phrase):
    """A phrase is found wherever it occurs among its own script."""
    assert has_words(fold(text), fold(phrase))


def test_spaced_words_find_phrases():
    """A phrase stands in a text where its spaced form does."""
    assert spaced(fold("How much?")) == " how much "
    assert spaced("") == " "


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        (" +12 ", "12"),
        ("-0.50", "-0.50"),
        ("−3", "-3"),
        ("1,5", "1.5"),
        (",5", "0.5"),
        ("1.234", "1.234"),
        ("١٢٫٥", "12.5"),
        ("१२", "12"),
        ("１２", "12"),
        ("12 cakes", None),
        ("1.234,50", None),
        ("1e9", None),
        ("--1", None),
        ("½", None),
        ("", None),
        ("twelve", None),
    ],
)
def test_numbers_are_read_in_digits_of_any_script(text, value):
    """One sign and one decimal point or comma at most; anything else is no number."""
    assert number(text) == (None if value is None else Decimal(value))
