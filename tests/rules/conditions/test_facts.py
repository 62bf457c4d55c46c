"""Which facts does a piece of JSON hold, and of what kinds?"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from rules.conditions import Type, facts_from


def test_nested_objects_become_dotted_names():
    """Each value has the kind that shows in it; null is known by name only."""
    given = {
        "text": "hi",
        "contact": {"name": "Ana", "home": {"city": None}, "tags": ["vip", 2, None, {"a": 1}], "vip": True},
        "qty": 3,
        "price": 0.1,
        "empty": {},
    }

    facts, scope = facts_from(given)

    assert facts == {
        "text": "hi",
        "contact.name": "Ana",
        "contact.home.city": None,
        "contact.tags": ("vip", Decimal(2), None),
        "contact.vip": True,
        "qty": Decimal(3),
        "price": Decimal("0.1"),
    }
    assert scope == {
        "text": Type.TEXT,
        "contact.name": Type.TEXT,
        "contact.home.city": Type.ANY,
        "contact.tags": Type.LIST,
        "contact.vip": Type.TRUTH,
        "qty": Type.NUMBER,
        "price": Type.NUMBER,
    }


def test_spans_and_moments_are_recognised():
    """JSON has no spans and moments, so text that looks like one is one."""
    given = {
        "idle": "1h30m",
        "day": "2026-03-02",
        "now": "2026-03-02T10:00:00-03:00",
        "utc": "2026-03-02T10:00:00Z",
        "bare": "2026-03-02 10:00",
    }

    facts, scope = facts_from(given)

    assert facts["idle"] == timedelta(minutes=90)
    assert facts["day"] == date(2026, 3, 2)
    assert facts["now"] == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert facts["utc"] == facts["bare"] == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert [scope[name] for name in given] == [Type.SPAN, Type.DATE, Type.MOMENT, Type.MOMENT, Type.MOMENT]


def test_what_somebody_wrote_stays_text():
    """A contact who writes `2h` sends two characters, and a day that does not exist is none."""
    facts, _ = facts_from(
        {"text": "2h", "message": {"text": "2026-03-02"}, "day": "2026-02-30", "at": "2026-03-02 99:00"}
    )

    assert facts == {"text": "2h", "message.text": "2026-03-02", "day": "2026-02-30", "at": "2026-03-02 99:00"}
