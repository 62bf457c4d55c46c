"""What of a text is its matter, and what is only how people talk."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.everyday import FILE, FIRST_OF, Everyday, pieces, tongue
from rules.words import words

ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
EVERYDAY = Everyday(["en_US", "pt-BR", "es", "hi", "id", "ar"])


def read(text):
    """Take a text apart."""
    return EVERYDAY.read(pieces(words(text)), {})


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("Hi there, good morning! Do you have any cake?", ("cake",)),
        ("Boa tarde, gostaria de saber se vocês têm bolo", ("bolo",)),
        ("Hola buenas, ¿me podrían decir dónde están?", ("donde",)),
        ("नमस्ते, क्या आपके पास केक है?", ("पास", "केक")),
        ("halo kak, ada kue gak ya", ("kue",)),
        ("السلام عليكم، هل عندكم كيك؟", ("كيك",)),
        ("What is open in the morning?", ("open", "morning")),
        ("jam brp buka", ("jam", "berapa", "buka")),
        ("vcs emitem nf?", ("emitem", "nota", "fiscal")),
        ("cake cake CAKE", ("cake",)),
        ("vocês abrem 24h", ("abrem", "24", "horas")),
        ("heyyyyy cakeeeee 🎂🎂", ("cake",)),
        ("1000 cakes", ("1000", "cakes")),
        ("ราคาเค้ก", ("รา", "าค", "คา", "าเ", "เค", "ค้", "้ก")),
        ("日 cake 本日", ("日", "cake", "本日")),
        ("good morning", ()),
        ("", ()),
    ],
)
def test_the_matter_of_a_text_is_what_is_left_of_it(text, matter):
    """Without manners and little words, each word once; what is written without spaces as pairs of characters."""
    assert read(text).matter == matter


@pytest.mark.parametrize(
    ("text", "denies"),
    [
        ("I don't want cake", True),
        ("dont want cake", True),
        ("não quero bolo", True),
        ("no quiero torta", True),
        ("मुझे केक नहीं चाहिए", True),
        ("saya tidak mau kue", True),
        ("ما ابغى كيك", True),
        ("ما هو السعر", False),
        ("entregam no centro, vocês?", False),
        ("ada wifi gak kak?", False),
        ("tem wifi, não?", False),
        ("breakfast included hai ya nahi", False),
        ("no", True),
        ("cake", False),
    ],
)
def test_a_text_that_says_no_denies(text, denies):
    """A no at the end only asks, and `no` is a little word of Portuguese."""
    assert read(text).denies is denies


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("do you have bolo", ("en",)),
        ("hello vocês tem cake", ("pt",)),
        ("kya aapke paas cake hai", ("hi",)),
        ("cake", ("en", "pt", "es", "hi", "id", "ar")),
    ],
)
def test_a_text_is_in_the_languages_of_most_of_its_words(text, languages):
    """In any, where none stands out."""
    assert read(text).languages == languages


def test_known_words_tell_the_language_too():
    """A message of two telling words says nothing else about its language."""
    assert EVERYDAY.read(("bolo", "cake"), {"bolo": ("pt",)}).languages == ("pt",)


def test_the_core_of_a_text_is_all_but_manners():
    """With what is shortened written out."""
    assert read("oi, qto custa o bolo pfv 🙏").core == ("quanto", "custa", "o", "bolo")


def test_a_language_is_known_without_its_country():
    """Portuguese is read in the same way everywhere."""
    assert [tongue(each) for each in ("pt_BR", "pt-PT", "PT")] == ["pt", "pt", "pt"]
    assert Everyday(["pt_BR", "pt_PT", "xx"]).languages == ("pt", "xx")


@given(st.text())
def test_any_text_can_be_taken_apart(text):
    """Whatever a contact sends."""
    assert set("".join(read(text).matter)) <= set("".join(pieces(words(text)))) | set("".join(SHORT))


SHORT = [part for row in ROWS if row["kind"] == "short" for part in row["entries"]]


def test_every_entry_of_the_lists_has_words_and_a_kind():
    """A slip in the file would be silent otherwise: it is data."""
    for row in ROWS:
        assert row["kind"] in FIRST_OF
        for entry in row["entries"].split(";"):
            said, sign, meant = entry.partition("=")
            assert words(said), row
            assert (sign == "=") == (row["kind"] == "short") == bool(words(meant)), entry


def test_no_entry_of_a_list_is_there_twice():
    """Neither is the second ever read, nor would anybody who mends the first know of it."""
    seen = set()
    twice = []
    for row in ROWS:
        for entry in row["entries"].split(";"):
            key = (row["language"], words(entry.partition("=")[0]))
            twice += [key] if key in seen else []
            seen.add(key)

    assert twice == []
