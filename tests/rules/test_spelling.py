"""When a word is taken for a misspelling of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.spelling import Spellings, is_nearly, mistakes, most_mistakes


@pytest.mark.parametrize(
    ("said", "meant", "nearly"),
    [
        ("price", "price", True),
        ("pirce", "price", True),
        ("prise", "price", True),
        ("prices", "price", True),
        ("prize tag", "price", False),
        ("cat", "car", False),
        ("opning", "opening", True),
        ("oening", "opening", True),
        ("opnig", "opening", False),
        ("delviery", "delivery", True),
        ("dlevery", "delivery", True),
        ("dlvery", "delivery", True),
        ("dlvry", "delivery", False),
        ("2025", "2026", False),
        ("", "price", False),
    ],
)
def test_a_word_is_nearly_another(said, meant, nearly):
    """The longer the word, the more mistakes are forgiven; digits are never mistaken."""
    assert is_nearly(said, meant) is nearly


def test_neighbours_that_changed_places_are_one_mistake():
    """Typing `pirce` is one slip of the finger, not two."""
    assert mistakes("pirce", "price", 2) == 1


WORD = st.text("abcdé1", min_size=1, max_size=10)


@given(st.lists(WORD, unique=True), WORD)
def test_words_are_found_by_their_misspellings_as_if_each_was_compared(known, said):
    """Looking them up misses none and adds none."""
    expected = {each: mistakes(said, each, most_mistakes(each)) for each in known if most_mistakes(each)}

    assert Spellings(known).near(said) == {each: count for each, count in expected.items() if count is not None}
