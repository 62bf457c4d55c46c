"""Is something of a word left, whatever mistakes are forgiven in it?"""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.conditions.remains import remains
from rules.spelling import is_nearly


def once(word):
    """Make every single mistake in a word."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + "x" + after
        yield before + after[1:]
        yield before + "x" + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cup", {" cup "}),
        ("room12", {" room12 "}),
        ("cake", {" ca", "ke ", " ckae "}),
        ("price", {" pr", "ice ", " pirce "}),
        ("opening", {" ope", "ning ", " opneing "}),
        ("wholesale", {" who", "les", "ale ", " whloes", "leasle ", " whloeasle "}),
    ],
)
def test_a_word_is_cut_into_pieces(word, expected):
    """One more than the mistakes that are forgiven, and again for letters that changed places across a cut."""
    assert remains(word) == expected


@pytest.mark.parametrize("word", ["cake", "price", "bolos", "quanto", "opening", "цена", "сколько"])
def test_a_piece_is_left_of_every_word_with_one_mistake(word):
    """All of them, one by one."""
    for said in [word, *once(word)]:
        assert any(piece in f" {said} " for piece in remains(word)), said


@pytest.mark.parametrize("word", ["aaaabbbb", "delivery", "wholesale", "chocolates"])
def test_a_piece_is_left_of_every_word_with_two_mistakes(word):
    """All of them, one by one."""
    for said in {again for first in once(word) for again in once(first) if is_nearly(again, word)}:
        assert any(piece in f" {said} " for piece in remains(word)), said


@settings(max_examples=1_000, deadline=None, database=None)
@given(some.text("ab", min_size=1, max_size=12), some.text("abc", max_size=12))
def test_a_piece_is_left_of_whatever_counts_as_a_misspelling(word, said):
    """With so few letters, many words are near to many others in more than one way."""
    if is_nearly(said, word):
        assert any(piece in f" {said} " for piece in remains(word))


@pytest.mark.long
@pytest.mark.parametrize("length", range(1, 10))
def test_a_piece_is_left_of_every_short_word(length):
    """Every word of two letters against every other that may be a misspelling of it."""
    alike = ["".join(each) for size in range(max(length - 2, 0), length + 3) for each in product("ab", repeat=size)]
    for word in ("".join(each) for each in product("ab", repeat=length)):
        pieces = remains(word)
        for said in alike:
            if is_nearly(said, word):
                assert any(piece in f" {said} " for piece in pieces), (word, said)
