"""At which hours may a message arrive that nobody asked for?"""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from rules.policy.daytime import Daytime, zone_of

HOME = "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-02T11:59:59", "2026-03-02T12:00:00"),
        ("2026-03-02T12:00:00", "2026-03-02T12:00:00"),
        ("2026-03-02T22:59:59", "2026-03-02T22:59:59"),
        ("2026-03-02T23:00:00", "2026-03-03T12:00:00"),
        ("2026-03-03T02:00:00", "2026-03-03T12:00:00"),
    ],
)
def test_the_next_moment_within(now: str, opens: str):
    """Now if it lies within, else when the hours begin again, by the clock of the zone."""
    hours = Daytime(time(9), time(20), HOME)

    assert hours.opens_at(moment(now)) == moment(opens)


def test_hours_until_midnight_know_no_gap():
    """Who may be written to at any hour may be written to in the last minute of the day, too."""
    hours = Daytime(time(0), time.max, HOME)

    for now in ("2026-03-03T02:58:59", "2026-03-03T02:59:00", "2026-03-03T02:59:59.999", "2026-03-03T03:00:00"):
        assert hours.opens_at(moment(now)) == moment(now)


def test_a_change_of_clocks():
    """Nine o'clock is nine o'clock on the day after, too; a day of hours ends when its clock shows their end."""
    hours = Daytime(time(9), time(20), "Europe/Berlin")

    assert hours.opens_at(moment("2026-03-28T20:00:00")) == moment("2026-03-29T07:00:00")
    assert hours.closes_at(moment("2026-03-29T08:00:00")) == moment("2026-03-29T18:00:00")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-10-25T01:10:00", "2026-10-26T01:30:00"),  # the second 02:10
        ("2026-03-29T00:30:00", "2026-03-29T01:30:00"),  # 02:30 is 03:30 then
        ("2026-03-29T01:10:00", "2026-03-29T01:30:00"),
    ],
)
def test_hours_of_the_night_in_which_a_clock_is_set(now: str, opens: str):
    """They come once: the first time, or so much later."""
    hours = Daytime(time(2, 30), time(2, 50), "Europe/Berlin")

    assert hours.opens_at(moment(now)) == moment(opens)


def test_hours_that_end_before_they_begin_that_night():
    """Half past two is half past three then, and they end at three: there are none."""
    hours = Daytime(time(2, 30), time(3), "Europe/Berlin")

    assert hours.opens_at(moment("2026-03-29T00:30:00")) == moment("2026-03-30T00:30:00")


@pytest.mark.parametrize(
    ("country", "zone"),
    [("BR", HOME), ("FR", "Europe/Paris"), ("IN", "Asia/Kolkata"), (None, HOME), ("ZZ", HOME)],
)
def test_whose_clock(country: str | None, zone: str):
    """The business's in its own country and where nothing is known."""
    assert zone_of(country, HOME, moment("2026-03-02T12:00:00")) == zone


def test_the_middle_of_a_wide_country():
    """Nobody knows where in the United States somebody is; the middle errs least."""
    noon = moment("2026-03-02T12:00:00")

    found = zone_of("US", HOME, noon)

    assert noon.astimezone(ZoneInfo(found)).hour in (5, 6, 7)


def moment(text: str) -> datetime:
    """Read a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
