"""Are spans and times of day read as authors write them?"""

from datetime import time, timedelta

import pytest

from flows.spans import any_span, clock, span
from rules.source import Mistakes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("365d", timedelta(days=365)),
        ("1h30m", timedelta(minutes=90)),
    ],
)
def test_a_span_has_units(text, expected):
    """Days, hours, minutes and seconds, in this order."""
    assert span(text) == expected


@pytest.mark.parametrize("text", ["-5s", "400d", "366d", "soon", "0", "0s", "", " ", "5", "5 minutes", "30m1h", "٣m"])
def test_anything_else_is_no_span(text):
    """More than nothing, at most a year, and units that are known."""
    with pytest.raises(Mistakes):
        span(text)


def test_nothing_is_a_span_where_that_is_allowed():
    """`gather: 0s` waits for nothing."""
    assert any_span("0s") == any_span("0") == timedelta(0)


@pytest.mark.parametrize(("text", "expected"), [("09:00", time(9)), ("9:05", time(9, 5)), ("23:59", time(23, 59))])
def test_a_time_of_day_has_hours_and_minutes(text, expected):
    """With or without a zero before it."""
    assert clock(text) == expected


@pytest.mark.parametrize("text", ["24:00", "9", "9:5", "12:60", "noon", "09:00:00"])
def test_anything_else_is_no_time_of_day(text):
    """Only what clocks show."""
    with pytest.raises(Mistakes):
        clock(text)
