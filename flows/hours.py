"""When is the business open?"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from flows.nodes import Map, Node, Seq
from flows.reader import Reader, UnreadableError, listed, nearest, shortened

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-fri", "closed"]
RANGE = re.compile(
    r"(?P<from>(?:[01]?[0-9]|2[0-3]):[0-5][0-9])\s*[-\u2013]\s*(?P<to>(?:[01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)"
)
A_RANGE = "hours such as `09:00-18:00`"
SOONEST = 400  # days looked ahead for the next opening


class Opening(Struct, frozen=True):
    """From when until when; an end that is not after the beginning lies on the next day."""

    begins: time
    ends: time


class OpeningHours(Struct, frozen=True, dict=True):
    """The hours of each weekday (Monday first) and the days without any, in the business's zone."""

    zone: str
    days: tuple[tuple[Opening, ...], ...]
    closed: tuple[date, ...] = ()

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_open(self, at: datetime) -> bool:
        """Tell whether the business is open at an aware moment."""
        today = at.astimezone(self._zone).date()
        spans = (*self._on(today - timedelta(days=1)), *self._on(today))
        return any(begins <= at < ends for begins, ends in spans)

    def opens_at(self, after: datetime) -> datetime | None:
        """Return the next moment, at or after the given one, at which it is open; nothing if it never is."""
        if self.is_open(after):
            return after
        today = after.astimezone(self._zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(SOONEST)):
            for begins, _ in self._on(day):
                if begins >= after:
                    return begins
        return None

    def business_day(self, after: date, count: int) -> date | None:
        """Return the so many-th day after the given one on which the business opens; nothing if it hardly ever does."""
        days = (after + timedelta(days=ahead) for ahead in range(1, SOONEST))
        return next(islice((day for day in days if any(self._on(day))), count - 1, None), None)

    def _on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Find the openings that begin on a day, as moments in UTC: a clock change moves them with the clock.

        Of one that begins in the hour that is left out nothing may remain.
        """
        if day in self.closed:
            return
        for opening in self.days[day.weekday()]:
            last = day if opening.ends > opening.begins else day + timedelta(days=1)
            begins, ends = self._moment(day, opening.begins), self._moment(last, opening.ends)
            if begins < ends:
                yield begins, ends

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self._zone).astimezone(UTC)


def read_hours(reader: Reader, node: Node, name: str, zone: str) -> OpeningHours:
    """Read `{mon-fri: [09:00-12:00, 13:00-18:00], sat: 09:00-13:00, closed: [2026-12-25]}`."""
    if not isinstance(node, Map):
        raise reader.wants(node, name, "days with hours, such as `mon-fri: 09:00-18:00`")
    days: list[tuple[Opening, ...]] = [()] * len(WEEKDAYS)
    closed: tuple[date, ...] = ()
    failed = False
    for key, value in node.items.items():
        try:
            if key == CLOSED:
                closed = tuple(_day(reader, each) for each in _each(value))
                continue
            weekdays = _weekdays(reader, node, key)
            openings = tuple(_opening(reader, each, key) for each in _each(value))
            for weekday in weekdays:
                days[weekday] = openings
        except UnreadableError:
            failed = True
    if failed:
        raise UnreadableError(name)
    return OpeningHours(zone, tuple(days), closed)


def _each(node: Node) -> list[Node]:
    return node.items if isinstance(node, Seq) else [node]


def _weekdays(reader: Reader, node: Map, key: str) -> list[int]:
    first, _, last = key.replace(" ", "").lower().partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        message = f"`{key}` is no day. Days are {listed(WEEKDAYS)}, a row of them such as `mon-fri`, and `{CLOSED}`"
        raise reader.refuse(node.place_of(key), "weekday", message, nearest(first, WEEKDAYS) or "As in `mon-fri`")
    begins, ends = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    count = (ends - begins) % len(WEEKDAYS) + 1
    return [(begins + step) % len(WEEKDAYS) for step in range(count)]


def _opening(reader: Reader, node: Node, key: str) -> Opening:
    text = reader.text(node, key, A_RANGE)
    found = RANGE.fullmatch(text.strip())
    if found is None:
        message = f"`{key}` takes {A_RANGE}, not `{shortened(text)}`"
        raise reader.refuse(node.place, "hours", message, "Write both times with minutes and a `-` between them")
    ends = found["to"].replace("24:00", "00:00")
    return Opening(_clock(found["from"]), _clock(ends))


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _day(reader: Reader, node: Node) -> date:
    text = reader.text(node, CLOSED, "dates such as `2026-12-25`")
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"`{CLOSED}` takes dates such as `2026-12-25`, not `{shortened(text)}`"
        hint = "Write the year, the month and a day that this month has"
        raise reader.refuse(node.place, "date", message, hint) from None
