"""Does a text say a phrase, spelling mistakes forgiven?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.conditions import Type, check, compiled
from rules.conditions.likeness import MOST_WORDS, Likeness, is_like, likeness
from rules.source import Mistakes
from rules.spelling import is_nearly, nearest

SCOPE = {"text": Type.TEXT, "phrases": Type.LIST}
letters = some.text("abcde\u00e9", max_size=10)
quick = settings(max_examples=150, deadline=None, database=None)


@pytest.mark.parametrize(
    ("text", "words", "runs"),
    [
        ("Opening  hours, opening!", ("opening", "hours"), ()),
        ("ช็อกcakeโก 12", ("cake", "12"), (" ช ็ อ ก ", " โ ก ")),
        ("多少 钱", (), (" 多 少 ", " 钱 ")),
        ("チョコ・ケーキ", (), (" チ ョ コ ケ ー キ ",)),
        ("👍👍 ok", ("👍", "ok"), ()),
        ("?! ฿", (), ()),
    ],
)
def test_a_text_is_divided_into_words_and_runs(text, words, runs):
    """Words may be misspelt and stand in any order; a run of a script without spaces stays together."""
    divided = likeness(text)

    assert (divided.words, divided.runs) == (words, runs)


@pytest.mark.parametrize("meant", ["price", "delivery", "car", "2026", "👍"])
@quick
@given(said=some.lists(letters | some.sampled_from(["price", "pirce", "delivrey", "cra", "2025", "👍"]), max_size=8))
def test_the_nearest_word_is_one_that_is_nearly_meant(meant, said):
    """Looking through all words at once finds one exactly when one of them would do alone."""
    found = nearest(said, meant)

    assert (found is not None) == any(is_nearly(each, meant) for each in said)
    assert found is None or is_nearly(found, meant)


@quick
@given(some.lists(letters, max_size=6), some.randoms(use_true_random=False))
def test_a_text_is_like_its_own_words_in_any_order(found, random):
    """No spelling mistake is ever needed to be found."""
    shuffled = [*found]
    random.shuffle(shuffled)

    phrase = likeness(" ".join(shuffled))

    assert is_like(likeness(" ".join(found)), phrase) is bool(phrase)


def test_a_phrase_without_words_is_like_nothing():
    """Every word of nothing would stand everywhere."""
    assert not is_like(likeness("hello"), Likeness((), (), " "))


def test_a_condition_looks_for_so_many_words():
    """Each may have to be held against every word of a long message."""
    most = " ".join(f"word{'x' * (at % 9)}{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(MOST_WORDS))

    condition = compiled(check(f'text like any ("{most}")', SCOPE))
    with pytest.raises(Mistakes) as told:
        check(f'text like "{most}" or text like "one" or text like "two"', SCOPE)

    assert condition.holds({"text": most})
    assert [(each.code, each.column) for each in told.value.mistakes] == [("too-many-words", len(most) + 27)]


def test_a_list_of_facts_may_hold_no_more_words():
    """What a contact wrote may end up in a variable."""
    condition = compiled(check("text like any phrases", SCOPE))

    few, many = (tuple(f"word {at}" for at in range(count)) for count in (MOST_WORDS // 2, MOST_WORDS))

    assert condition.holds({"text": "word 7", "phrases": few})
    assert not condition.holds({"text": "word 7", "phrases": many})
