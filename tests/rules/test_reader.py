"""Whether messages are taken apart the way the questions of an FAQ are."""

import pytest

from rules.reader import Reader
from rules.words import words

READER = Reader(
    (
        "Do you have Wi-Fi?",
        "What time is check-in?",
        "I need my e-mail-address (please)",
        "the kingsize bed, 10-20 euros",
        "Berapa harga kopi?",
        "Apakah ada kopi?",
        "Berapa harga teh?",
    ),
    ("en", "pt", "id"),
)


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("have you got wi fi", ("wifi",)),
        ("WI-FI?", ("wifi",)),
        ("wifi", ("wifi",)),
        ("check in time", ("checkin", "time")),
        ("king size", ("kingsize",)),
        ("kings ize", ("kingsize",)),
        ("chec kin", ("checkin",)),
        ("king-sized", ("king", "sized")),
        ("email address", ("email", "address")),
        ("1020 euros", ("1020", "euros")),
        ("10 20 euros", ("10", "20", "euros")),
        ("in to have an 10 20", ("10", "20")),
    ],
)
def test_neighbours_that_are_one_word_of_the_questions_are_joined(text, matter):
    """However either side writes it; numbers and little words are left alone."""
    assert READER.read(words(text)).matter == matter


def test_other_questions_tell_the_language_of_one():
    """`kopi` is Indonesian in another question, so that its forms are not looked for in Portuguese."""
    assert [each.languages for each in READER.readings[4:]] == [("id",), ("id",), ("en", "pt", "id")]


def test_the_words_of_questions_tell_the_language_of_a_message():
    """A message of telling words alone is in the language in which these were asked."""
    assert READER.read(words("harga kopi")).languages == ("id",)


def test_no_questions_are_read_too():
    """Of a business without an FAQ."""
    assert Reader((), ()).read(("hello",)).matter == ("hello",)
