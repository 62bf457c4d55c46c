"""What do values do while a condition is evaluated?

Nothing here raises, whatever the facts hold: a value of another kind than asked for counts as nothing.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from rules import words
from rules.conditions.likeness import MOST_WORDS, Likeness, likeness
from rules.conditions.types import MOST_ITEMS, Facts, Type, Value, Weekday, YearMonth, meet

Form = Callable[[Value], Any]  # how both sides of a search are prepared: text, or what `like` makes of it
UNFOUND = "\0"  # folding drops it, so no text has it


@lru_cache(maxsize=words.MOST_REMEMBERED)
def _plain(text: str) -> str:
    return words.fold(text).strip()


@lru_cache(maxsize=words.MOST_REMEMBERED)
def _spaced(text: str) -> str:
    return words.spaced(words.fold(text))


def plain(value: Value) -> str | None:
    """Give a text as `=` compares it: folded, without spaces around."""
    return _plain(value) if isinstance(value, str) else None


def folded(value: Value) -> str | None:
    """Give a text as `contains` searches it."""
    return words.fold(value) if isinstance(value, str) else None


def spaced(value: Value) -> str | None:
    """Give a text as `has` searches it: its words, each between spaces."""
    return _spaced(value) if isinstance(value, str) else None


def alike(value: Value) -> Likeness | None:
    """Give a text as `like` searches it."""
    return likeness(value) if isinstance(value, str) else None


def items(value: Value) -> frozenset[str] | None:
    """Give the texts of a list as `has` looks for them."""
    return frozenset(_plain(each) for each in value if isinstance(each, str)) if isinstance(value, tuple) else None


def spread(values: tuple[Value, ...]) -> tuple[Value, ...] | None:
    """Lay the lists on the right of an operator out; None if nothing or too much stands there."""
    laid_out = tuple(each for value in values for each in (value if isinstance(value, tuple) else (value,)))
    return laid_out if 0 < len(laid_out) <= MOST_ITEMS else None


def item(value: Value) -> tuple[Type, Value] | None:
    """Give an item of a list so that equal ones are found at once; None for nothing, and for a list."""
    kind = type_of(value)
    return (kind, as_kind(kind, value, {})) if kind and kind != Type.LIST else None


def sought(form: Form, values: tuple[Value, ...]) -> tuple[Any, ...] | None:
    """Prepare texts to be searched for, lists of them laid out; None if one of them is no text, or there are none."""
    prepared = [form(each) for each in spread(values) or ()]
    if not prepared or any(each is None for each in prepared):
        return None
    if sum(len(each.words) for each in prepared if isinstance(each, Likeness)) > MOST_WORDS:
        return None
    return tuple(UNFOUND if isinstance(each, str) and not each.strip() else each for each in prepared)


def text_of(value: Value) -> str | None:
    """Give a text as it is."""
    return value if isinstance(value, str) else None


def number_of(value: Value) -> Decimal | None:
    """Give a number; infinity and not-a-number count as nothing."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return Decimal(value) if type(value) is int else None


def truth_of(value: Value) -> bool | None:
    """Give true or false."""
    return value if isinstance(value, bool) else None


def span_of(value: Value) -> timedelta | None:
    """Give a span."""
    return value if isinstance(value, timedelta) else None


def list_of(value: Value) -> tuple[Value, ...] | None:
    """Give a list."""
    return value if isinstance(value, tuple) else None


def moment_of(value: Value) -> datetime | None:
    """Give a moment; one without a zone is no moment."""
    return value if isinstance(value, datetime) and value.utcoffset() is not None else None


def instant_of(value: Value) -> datetime | None:
    """Give a moment as it is counted and compared: of two in one zone Python reads the clocks, and those are set."""
    moment = moment_of(value)
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:
        return None  # a moment at the very end of the calendar


def in_zone(value: datetime, facts: Facts) -> datetime | None:
    """Read a moment, or a clock without a zone, in the zone of `now`, which is the business's."""
    now = moment_of(facts.get("now"))
    try:
        if value.tzinfo is None:
            return value.replace(tzinfo=now.tzinfo) if now else None
        return value.astimezone(now.tzinfo) if now and now.tzinfo is not value.tzinfo else value
    except (OverflowError, ValueError):
        return None  # a moment at the very end of the calendar


def in_clock(value: datetime, facts: Facts) -> datetime:
    """Give a moment as clocks show it in the zone of `now`, without a zone; as it is where that is not known."""
    local = in_zone(value, facts) if moment_of(facts.get("now")) else None
    return local.replace(tzinfo=None) if local else value


def today(facts: Facts) -> date | None:
    """Give the day it is in the business's zone."""
    given = facts.get("today")
    return date_of(given if given is not None else facts.get("now"), facts)


def date_of(value: Value, facts: Facts) -> date | None:
    """Give the day of a moment or date."""
    if isinstance(value, datetime):
        local = in_zone(value, facts) if moment_of(value) else None
        return local.date() if local else None
    return value if isinstance(value, date) else None


def time_of(value: Value, facts: Facts) -> time | None:
    """Give the time of day of a moment or time."""
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    local = in_zone(value, facts) if isinstance(value, datetime) and moment_of(value) else None
    return local.time() if local else None


def weekday_of(value: Value, facts: Facts) -> Weekday | None:
    """Give the weekday of a moment, date or weekday."""
    if isinstance(value, Weekday):
        return value
    day = date_of(value, facts)
    return Weekday(day.weekday()) if day else None


def month_of(value: Value, facts: Facts) -> YearMonth | None:
    """Give the month of a moment, date or month."""
    if isinstance(value, YearMonth):
        return value
    day = date_of(value, facts)
    return YearMonth(day.month) if day else None


_KINDS: tuple[tuple[type, Type], ...] = (
    (str, Type.TEXT),
    (bool, Type.TRUTH),
    (timedelta, Type.SPAN),
    (Weekday, Type.WEEKDAY),
    (YearMonth, Type.MONTH),
    (datetime, Type.MOMENT),  # before DATE, which a moment is in Python
    (date, Type.DATE),
    (time, Type.TIME),
    (tuple, Type.LIST),
)


def type_of(value: Value) -> Type | None:
    """Find the kind of a value; None for nothing."""
    for python_type, kind in _KINDS:
        if isinstance(value, python_type):
            return kind if kind != Type.MOMENT or moment_of(value) else None
    return Type.NUMBER if number_of(value) is not None else None


def value_of(value: Value) -> Value:
    """Give a value of whatever kind."""
    kind = type_of(value)
    return number_of(value) if kind == Type.NUMBER else value if kind else None


def as_kind(kind: Type, value: Value, facts: Facts) -> Value:
    """Give a value as one of a kind in which it can be compared."""
    match kind:
        case Type.TEXT:
            return plain(value)
        case Type.DATE:
            return date_of(value, facts)
        case Type.TIME:
            return time_of(value, facts)
        case Type.WEEKDAY:
            return weekday_of(value, facts)
        case Type.MONTH:
            return month_of(value, facts)
        case Type.MOMENT:
            return instant_of(value)
        case _:
            return value_of(value)


class Meeting(NamedTuple):
    """Values brought into the one kind in which they can be compared."""

    kind: Type
    values: tuple[Any, ...]


def meeting(facts: Facts, first: Value, *others: Value) -> Meeting | None:
    """Bring values of unknown kinds together; None if one of them is nothing, or they cannot be compared."""
    kind = type_of(first)
    for other in others:
        beside = type_of(other)
        kind = meet(kind, beside) if kind and beside else None
    if kind is None:
        return None
    values = tuple(as_kind(kind, each, facts) for each in (first, *others))
    return None if any(each is None for each in values) else Meeting(kind, values)
