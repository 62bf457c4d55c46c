"""When a word is taken for a misspelling of another."""

import pytest

from rules.spelling import is_nearly, mistakes


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
