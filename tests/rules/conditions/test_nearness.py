"""How near does a condition that does not hold come to holding?"""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.conditions import Facts, Type, check, compiled

SCOPE = {"text": Type.TEXT, "qty": Type.NUMBER, "tags": Type.LIST}
FACTS: Facts = {"text": "i want to oder a birthday cake", "qty": Decimal(3)}


@pytest.mark.parametrize(
    ("text", "nearness"),
    [
        ("qty = 3", 1),
        ("qty = 4", 0),
        ("qty = 3 and qty > 5", 0.5),
        ("qty = 4 or qty = 3 and qty > 5", 0.5),
        ('text has "order"', 0.9),
        ('text has "cake birthday"', 0.9),
        ('text has "birthday pie"', 0.45),
        ('text has any ("pie", "birthday tart")', 0.45),
        ('text has all ("cake", "pie")', 0.45),
        ('text has none ("cake")', 0),
        ('not text has "cake"', 0),
        ('tags has "vip"', 0),
        ("text has any tags", 0),
        ('text matches "pie"', 0),
    ],
)
def test_a_condition_is_as_near_as_what_of_it_holds(text, nearness):
    """Parts of an `and` count alike, of an `or` the nearest, and words that are there count also out of their row."""
    assert compiled(check(text, SCOPE)).nearness(FACTS) == pytest.approx(nearness)


@settings(max_examples=100, deadline=None, database=None)
@given(some.lists(some.sampled_from(["cake", "order", "pie", "too late"]), min_size=1), some.booleans())
def test_only_what_holds_is_as_near_as_can_be(phrases, every):
    """Nothing else comes to 1."""
    listed = ", ".join(f'"{each}"' for each in phrases)
    condition = compiled(check(f"text has {'all' if every else 'any'} ({listed}) or qty = 4", SCOPE))

    assert (condition.nearness(FACTS) == 1) is condition.holds(FACTS)
