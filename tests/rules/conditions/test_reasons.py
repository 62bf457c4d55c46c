"""Does a condition say why, in words?"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from rules.conditions import Weekday, check, compiled, facts_from
from rules.conditions.shown import shown

FACTS, SCOPE = facts_from(
    {
        "text": "how much is a vegan cake",
        "qty": 12,
        "contact": {"city": None, "vip": True, "tags": ["vip", "old"]},
        "seen": "2026-03-03T02:30:00Z",
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
        ('text has any ("pie")', '`text` does not have "pie": it is "how much is a vegan cake"'),
        ('text has any ("pie", "tart")', '`text` has none of "pie", "tart": it is "how much is a vegan cake"'),
        (
            'text has all ("pie", "cake", "tart")',
            '`text` does not have "pie", "tart": it is "how much is a vegan cake"',
        ),
        ('text has none ("pie", "cake", "much")', '`text` has "cake", "much"'),
        ('not text has "cake"', '`text` has "cake"'),
        (
            'not (text has "cake" and not text has "pie")',
            '`text` has "cake"; `text` does not have "pie": it is "how much is a vegan cake"',
        ),
        (
            "text has contact.city",
            '`text` does not have `contact.city`: it is "how much is a vegan cake", `contact.city` is nothing',
        ),
        (
            "text has any contact.tags",
            '`text` does not have `contact.tags`: it is "how much is a vegan cake", `contact.tags` is ("vip", "old")',
        ),
        ('contact.city has "Rio"', "`contact.city` is nothing"),
        ('text like "vegen cakes"', '`text` is like "vegen cakes" (“vegan” for “vegen”, “cake” for “cakes”)'),
        ('text like any ("opening", "much")', '`text` is like "much"'),
        ('text like "opening hours"', '`text` is not like "opening hours": it is "how much is a vegan cake"'),
        ('text like none ("opening", "closing")', '`text` is like none of "opening", "closing"'),
        ('text starts with ("hi", "how")', '`text` starts with "how"'),
        ('text ends with ("hi", "how")', '`text` ends with none of "hi", "how": it is "how much is a vegan cake"'),
        ('upper(text) contains "X"', '`upper(text)` does not contain "X": it is "HOW MUCH IS A VEGAN CAKE"'),
        ('text matches "v[a-z]+"', '`text matches "v[a-z]+"` holds: it fits "vegan"'),
        ('text matches "x"', '`text matches "x"` does not hold: `text` is "how much is a vegan cake"'),
        ("contact.city is set", "`contact.city` is nothing"),
        ("contact.tags is not empty", '`contact.tags` is ("vip", "old")'),
        ("qty / 2 is set", "`qty / 2` is 6, `qty` is 12"),
        ("qty * 2 + 1 > 30", "`qty * 2 + 1 > 30` does not hold: `qty * 2 + 1` is 25, `qty` is 12"),
        ("-qty < 0", "`-qty < 0` holds: `-qty` is -12, `qty` is 12"),
        ("days_since(2026-02-01) > 40", "`days_since(2026-02-01) > 40` does not hold: `days_since(2026-02-01)` is 30"),
        ("qty between 1 and 10", "`qty between 1 and 10` does not hold: `qty` is 12"),
        ("now between 09:00 and 18:00", "`now between 09:00 and 18:00` holds: `now` is 10:30"),
        ("today in (mon, sat)", "`today in (mon, sat)` does not hold: `today` is tue"),
        (
            "today in (mon, 2026-03-04)",
            "`today in (mon, 2026-03-04)` does not hold: `today` is tue, `today` is 2026-03-03",
        ),
        ("now = mar", "`now = mar` holds: `now` is mar"),
        ("now > 2026-03-03 11:00", "`now > 2026-03-03 11:00` does not hold: `now` is 2026-03-03 10:30"),
        ("seen", "`seen` is 2026-03-02 23:30"),
        ("true", "`true` holds"),
        ("(qty > 30) = false", "`(qty > 30) = false` holds: `qty` is 12"),
        ('"vip" in contact.tags', '`"vip" in contact.tags` holds: `contact.tags` is ("vip", "old")'),
        ('contact.tags has "vip"', '`contact.tags` has "vip"'),
        ('contact.tags has "new"', '`contact.tags` does not have "new": it is ("vip", "old")'),
        ('contact.city = "Rio"', '`contact.city = "Rio"` does not hold: `contact.city` is nothing'),
        ("now > 22:00", "`now > 22:00` does not hold: `now` is 10:30"),
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
