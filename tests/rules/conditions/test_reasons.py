"""Does a condition say why, in words?"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from rules.conditions import Weekday, check, compiled, facts_from
from rules.conditions.reasons import shown

FACTS, SCOPE = facts_from(
    {
        "text": "how much is a vegan cake",
        "qty": 12,
        "contact": {"city": None, "vip": True, "tags": ["vip", "old"]},
        "now": "2026-03-03T10:30:00-03:00",
    }
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("qty >= 3", "`qty >= 3` holds: `qty` is 12"),
        ("qty > 30", "`qty > 30` does not hold: `qty` is 12"),
        ("contact.vip", "`contact.vip` is true"),
        ("not contact.vip", "`contact.vip` is true"),
        ("contact.vip and qty > 30 and qty > 40", "`qty > 30` does not hold: `qty` is 12"),
        ("qty > 30 or contact.vip or qty = 12", "`contact.vip` is true"),
        ("qty > 3 and contact.vip", "`qty > 3` holds: `qty` is 12; `contact.vip` is true"),
        ('text has any ("price", "how much", "cake")', '`text` has "how much", "cake"'),
        ('text contains all ("veg", "how")', '`text` contains "veg", "how"'),
        ('text has none ("pie", "tart")', '`text` has none of "pie", "tart"'),
        ('text has any ("pie")', '`text has any ("pie")` does not hold: `text` is "how much is a vegan cake"'),
        ('contact.tags has "vip"', '`contact.tags` has "vip"'),
        ('contact.tags has "new"', '`contact.tags has "new"` does not hold: `contact.tags` is ("vip", "old")'),
        ('contact.city = "Rio"', '`contact.city = "Rio"` does not hold: `contact.city` is nothing'),
        ("now > 22:00", "`now > 22:00` does not hold: `now` is 2026-03-03 10:30-03:00"),
        (
            'text matches "(?P<what>v[a-z]+)" and match.what = "vegetable"',
            '`match.what = "vegetable"` does not hold: `match.what` is "vegan"',
        ),
        (
            "qty = 1 or qty = 2 or qty = 3 or qty = 4 or qty = 5",
            "; ".join([f"`qty = {each}` does not hold: `qty` is 12" for each in (1, 2, 3)]) + "; and 2 more",
        ),
        ("1 > 2", "`1 > 2` does not hold"),
        ("qty # how many\n  > 30 # a lot", "`qty > 30` does not hold: `qty` is 12"),
        ("qty * 2", "`qty * 2` is 24: `qty` is 12"),
        ("qty", "`qty` is 12"),
    ],
)
def test_a_condition_says_why(text, why):
    """What made it hold is told shortly, and of what failed the part that did, with its values."""
    condition = check(text, SCOPE, wants=None)

    assert compiled(condition).why(FACTS) == why


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "nothing"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E+999999"), "1E+999999"),
        ("x" * 100, f'"{"x" * 59}…"'),
        (timedelta(days=1, hours=2, seconds=3), "1d2h3s"),
        (-timedelta(minutes=90), "-1h30m"),
        (timedelta(), "0s"),
        (time(9, 5), "09:05"),
        (date(2026, 3, 3), "2026-03-03"),
        (datetime(2026, 3, 3, 9, 5, tzinfo=UTC), "2026-03-03 09:05+00:00"),
        (Weekday.TUE, "tue"),
        (("a", Decimal(1), None, "b"), '("a", 1, nothing, …)'),
    ],
)
def test_values_are_written_as_authors_do(value, written):
    """A value in an explanation looks like one in a condition, and is cut where it is long."""
    assert shown(value) == written
