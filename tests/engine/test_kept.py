"""Do the values of a run survive the store?"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec
import pytest

from engine.kept import Stored, keep, value_of
from rules.conditions import Weekday


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "2h",
        Decimal("1.50"),
        timedelta(days=1, hours=2),
        datetime(2026, 3, 2, 10, tzinfo=UTC),
        date(2026, 3, 2),
        time(9, 30),
        Weekday.TUE,
        ("new", "vip"),
    ],
)
def test_a_value_comes_back_as_it_was(value):
    """Each kind of the condition language is written as data and read again."""
    stored = msgspec.msgpack.encode(keep(value))

    found = value_of(msgspec.msgpack.decode(stored, type=Stored))

    assert found == value
    assert type(found) is type(value)
