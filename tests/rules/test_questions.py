"""Which answer of the FAQ fits what somebody wrote?"""

import pytest

from rules.questions import Match, Questions

BAKERY = Questions(
    [
        ("hours", "When do you open?"),
        ("hours", "que horas abre"),
        ("price", "price of a cake"),
        ("late", "when do you OPEN"),
        ("nothing", "?!"),
    ]
)


@pytest.mark.parametrize(
    "text", ["When do you open?", "when do you open", " WHEN DO YOU OPEN!!", "Whén do you\u200b open"]
)
def test_the_same_words_are_answered(text):
    """Case, accents and punctuation make no difference; of two answers the first counts."""
    assert BAKERY.best(text) == Match(
        answer="hours",
        phrase="When do you open?",
        score=1.0,
        why="the same words as the question “When do you open?”",
    )


@pytest.mark.parametrize("text", ["do you open", "open you do when", "price of a cake please", "", "?", "?!"])
def test_other_words_are_not(text):
    """For now every word must be there, in its place, and none more."""
    assert BAKERY.best(text) is None
