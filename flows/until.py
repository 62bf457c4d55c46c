"""Until which moment does a step wait?"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from msgspec import Struct

from engine.step import Turn
from flows.expressions import Expression, checked
from flows.hours import WEEKDAYS
from flows.nodes import Map, Node
from flows.reader import By, Reader, UnreadableError, listed, nearest, shortened
from flows.shown import written
from flows.spans import A_SPAN, A_TIME, TimeOfDay, clock, span
from rules.conditions import Type
from rules.conditions.types import TYPES
from rules.source import Mistake, Mistakes

OPEN = "until open"
DAY = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s+(?P<clock>\S+))?")
WEEKDAY = re.compile(r"(?P<weekday>[A-Za-z]+)\s+(?P<clock>[0-9]\S*)")
BUSINESS_DAYS = re.compile(r"(?P<count>[0-9]{1,4}) business days?(?:\s+(?P<clock>\S+))?")
MOST_BUSINESS_DAYS = 250
A_WAIT = f"Write `{MOST_BUSINESS_DAYS} business days` or fewer"
WEEK = 7
EXAMPLES = f"{A_SPAN}, {A_TIME}, a day with a time such as `mon 09:00`, `2 business days`, or `{OPEN}`"


class Until(Struct, frozen=True, kw_only=True):
    """When to go on: after a span, at a time of day on some day, or (none of them) when the business opens."""

    span: timedelta | None = None
    clock: time | None = None
    day: date | None = None
    weekday: int | None = None
    business_days: int = 0
    worked_out: Expression | None = None

    def __str__(self) -> str:
        day = (self.worked_out.condition.text if self.worked_out else "") or (self.day.isoformat() if self.day else "")
        if self.weekday is not None:
            day = WEEKDAYS[self.weekday]
        elif self.business_days:
            day = f"{self.business_days} business day{'' if self.business_days == 1 else 's'}"
        elif self.span is not None:
            day = written(self.span)
        clock = f"{self.clock:%H:%M}" if self.clock else ""
        return " ".join(filter(None, (day, clock))) or OPEN

    def moment(self, turn: Turn) -> datetime | None:
        """Find the moment; nothing if it never comes."""
        if self.span is not None:
            return turn.now + self.span
        if self.worked_out is not None:
            return self._of(self.worked_out.value(turn.facts), turn)
        if self.day is not None:
            return self._of(self.day, turn)
        if self.business_days:
            return self._of(_business_day(self.business_days, turn), turn)
        if self.clock is not None:
            return self._next(self.clock, turn)
        return turn.hours.opens_at(turn.now) if turn.hours else None

    def _of(self, day: date | None, turn: Turn) -> datetime | None:
        """Return the moment on a day, at the time of day that is named, else its own, else that of now."""
        if day is None:
            return None
        own = day if isinstance(day, datetime) else turn.now
        local = own.astimezone(turn.zone)
        on = local.date() if isinstance(day, datetime) else day
        return datetime.combine(on, self.clock or local.time(), turn.zone).astimezone(UTC)

    def _next(self, clock: time, turn: Turn) -> datetime | None:
        today = _today(turn)
        days = (today + timedelta(days=ahead) for ahead in range(WEEK + 2))
        fitting = (day for day in days if self.weekday in (None, day.weekday()))
        moments = (datetime.combine(day, clock, turn.zone).astimezone(UTC) for day in fitting)
        return next((moment for moment in moments if moment > turn.now), None)


class _WorkedOut(Struct, frozen=True):
    """The fields of a moment that is worked out.

    - `until`: an expression that gives a date or a moment.
    - `at`: the time of day.
    """

    until: "_Moment"
    at: TimeOfDay | None = None


def _moment_of(reader: Reader, node: Node, name: str) -> Expression:
    found = Expression(checked(reader, node, name, None))
    if found.type not in (Type.DATE, Type.MOMENT, Type.ANY):
        message = f"`{name}` takes {TYPES[Type.DATE][0]} or {TYPES[Type.MOMENT][0]}, and this is {TYPES[found.type][0]}"
        raise reader.refuse(node.place, "wrong-kind", message, "As in `today + 7d`")
    return found


_Moment = Annotated[Expression, By(_moment_of, str)]


AS_WRITTEN = str | _WorkedOut


def read_until(reader: Reader, node: Node, name: str) -> Until:
    """Read how long to wait, in one of its forms."""
    if isinstance(node, Map):
        return _worked_out(reader, node, name)
    text = reader.text(node, name, EXAMPLES).strip()
    try:
        found = _until(text)
    except Mistakes as wrong:
        first = wrong.mistakes[0]
        reader.tell(node.place, first.code, first.message, first.hint or f"Write {EXAMPLES}")
        raise UnreadableError(name) from None
    if not reader.has_hours and (found == Until() or found.business_days):
        message = f"`{text}` needs the `hours` of the business, and business.yaml has none"
        hint = "Add `hours: {mon-fri: 09:00-18:00}` there"
        raise reader.refuse(node.place, "no-hours", message, hint)
    return found


def _worked_out(reader: Reader, node: Map, name: str) -> Until:
    found: _WorkedOut = reader.fields(node, _WorkedOut, name)
    if found.at is None and found.until.type is not Type.MOMENT:
        message = f"A date needs `at`, {A_TIME}"
        raise reader.refuse(node.place_of("until"), "missing-field", message, "Add `at: 09:00`")
    return Until(worked_out=found.until, clock=found.at)


def _until(text: str) -> Until:
    if text == OPEN:
        return Until()
    if found := BUSINESS_DAYS.fullmatch(text):
        return _business_days(int(found["count"]), found["clock"])
    if found := DAY.fullmatch(text):
        return _day(found["day"], found["clock"])
    if found := WEEKDAY.fullmatch(text):
        return Until(weekday=_weekday(found["weekday"]), clock=clock(found["clock"]))
    return Until(clock=clock(text)) if ":" in text else Until(span=span(text))


def _business_days(count: int, written: str | None) -> Until:
    if not 1 <= count <= MOST_BUSINESS_DAYS:
        raise _mistake("span", f"Business days are from 1 to {MOST_BUSINESS_DAYS}, not {count}", A_WAIT)
    return Until(business_days=count, clock=clock(written) if written else None)


def _day(text: str, written: str | None) -> Until:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _mistake("date", f"The calendar has no `{text}`", "Write a day that this month has") from None
    if written is None:
        raise _mistake("time", f"`{text}` needs a time of day, too", f"As in `{text} 09:00`")
    return Until(day=day, clock=clock(written))


def _weekday(text: str) -> int:
    word = text.lower()
    found = next((at for at, each in enumerate(WEEKDAYS) if word in (each, _NAMES[at])), None)
    if found is None:
        message = f"`{shortened(text)}` is no day of the week"
        raise _mistake("weekday", message, nearest(word, (*WEEKDAYS, *_NAMES)) or f"Days are {listed(WEEKDAYS)}")
    return found


_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _mistake(code: str, message: str, hint: str | None = None) -> Mistakes:
    return Mistakes(Mistake(1, 1, code, message, hint))


def _today(turn: Turn) -> date:
    return turn.now.astimezone(turn.zone).date()


def _business_day(count: int, turn: Turn) -> date | None:
    return turn.hours.business_day(_today(turn), count) if turn.hours else None
