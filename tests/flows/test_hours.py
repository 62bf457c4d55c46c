"""Is the business open, and when does it open next?"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from flows.document import parse
from flows.hours import read_hours
from flows.reader import Reader, UnreadableError
from rules.source import Problem

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = "{mon-fri: [09:00-12:00, 13:00-18:00], sat: 20:00-02:00, sun: 02:15-04:00, closed: [2026-12-25]}"


def hours(text=HOURS, zone="Europe/Berlin", problems=None):
    """Read opening hours."""
    node = parse(f"hours: {text}").documents[0].root.items["hours"]
    return read_hours(Reader("b.yaml", problems if problems is not None else [], scope={}), node, "hours", zone)


def berlin(text):
    """Read a moment as clocks show it in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02 08:59", False),
        ("2026-03-02 09:00", True),
        ("2026-03-02 12:00", False),
        ("2026-03-02 17:59", True),
        ("2026-03-02 18:00", False),
        ("2026-03-07 19:59", False),
        ("2026-03-07 23:00", True),
        ("2026-03-08 01:59", True),
        ("2026-03-08 02:00", False),
        ("2026-12-25 10:00", False),
    ],
)
def test_it_is_open_within_its_hours(at, expected):
    """The first minute counts, the last does not; hours past midnight belong to the day before."""
    assert hours().is_open(berlin(at)) is expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),
        ("2026-03-02 12:30", "2026-03-02 13:00"),
        ("2026-03-06 18:00", "2026-03-07 20:00"),
        ("2026-12-24 18:00", "2026-12-26 20:00"),
    ],
)
def test_it_opens_at_the_next_beginning(after, expected):
    """At once while it is open, and never on a day that is closed."""
    assert hours().opens_at(berlin(after)) == berlin(expected)


def test_a_business_that_never_opens_has_no_next_opening():
    """There is nothing to wait for."""
    assert hours("{closed: [2026-12-25]}").opens_at(berlin("2026-03-02 10:00")) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-29 01:20", True),  # two o'clock never comes that night: 02:15 is 03:15 by the new time
        ("2026-03-29 02:01", False),
        ("2026-10-25 00:20", True),  # the first 02:15 of two that night
        ("2026-10-25 03:01", False),
    ],
)
def test_clock_changes_move_the_hours_with_the_clock(moment, expected):
    """Hours follow the clock on the wall, also in the nights when it is set."""
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert hours().is_open(at) is expected


def test_it_does_not_open_in_an_hour_that_is_left_out():
    """Half past two would be half past three that night, and it closes at three."""
    nightly = hours("{mon-sun: 02:30-03:00}")

    assert nightly.opens_at(berlin("2026-03-28 12:00")) == berlin("2026-03-30 02:30")


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("{mon-fry: 09:00-18:00}", (1, 9), "weekday"),
        ("{mon: 9-18}", (1, 14), "hours"),
        ("{mon: [09:00-12:00, noon]}", (1, 28), "hours"),
        ("{closed: [2026-02-30]}", (1, 18), "date"),
        ("always", (1, 8), "wrong-kind"),
    ],
)
def test_hours_that_cannot_be_read_are_told(text, place, code):
    """Each at its own place."""
    problems: list[Problem] = []

    with pytest.raises(UnreadableError):
        hours(text, problems=problems)

    assert [(each.line, each.column, each.code) for each in problems] == [(*place, code)]


@pytest.mark.parametrize(
    ("text", "after", "count", "expected"),
    [
        ("{mon-fri: 09:00-18:00}", "2026-03-06", 1, "2026-03-09"),
        ("{mon-fri: 09:00-18:00}", "2026-03-06", 6, "2026-03-16"),
        ("{mon-sat: 09:00-18:00}", "2026-03-06", 1, "2026-03-07"),
        ("{mon-fri: 09:00-18:00, closed: [2026-12-25]}", "2026-12-24", 1, "2026-12-28"),
        ("{closed: [2026-12-25]}", "2026-12-24", 1, None),
    ],
)
def test_business_days_are_those_on_which_it_opens(text, after, count, expected):
    """Weekends and closed days do not count, however the business has them."""
    found = hours(text).business_day(date.fromisoformat(after), count)

    assert found == (date.fromisoformat(expected) if expected else None)
