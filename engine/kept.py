"""How the values of a run are remembered: the condition language's values as data that survives the store."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from rules.conditions import Weekday


class KeptNumber(Struct, frozen=True, tag="number"):
    """An exact decimal, as text."""

    text: str


class KeptSpan(Struct, frozen=True, tag="span"):
    """A length of time in seconds."""

    seconds: float


class KeptMoment(Struct, frozen=True, tag="moment"):
    """An aware moment, ISO 8601."""

    text: str


class KeptDate(Struct, frozen=True, tag="date"):
    """A date, ISO 8601."""

    text: str


class KeptTime(Struct, frozen=True, tag="time"):
    """A time of day, ISO 8601."""

    text: str


class KeptWeekday(Struct, frozen=True, tag="weekday"):
    """A day of the week, Monday being 0."""

    number: int


class KeptList(Struct, frozen=True, tag="list"):
    """A list of texts, which is the only list there is."""

    items: tuple[str, ...]


Kept = KeptNumber | KeptSpan | KeptMoment | KeptDate | KeptTime | KeptWeekday | KeptList
Stored = str | bool | Kept | None


def keep(value: Any) -> Stored:
    """Return a value of the condition language as data; a value of no such type becomes its text."""
    match value:
        case None | bool() | str():
            return value
        case Weekday():  # before int, which it is in Python
            return KeptWeekday(value.value)
        case int() | Decimal():
            return KeptNumber(str(value))
        case timedelta():
            return KeptSpan(value.total_seconds())
        case datetime():
            return KeptMoment(value.isoformat())
        case date():
            return KeptDate(value.isoformat())
        case time():
            return KeptTime(value.isoformat())
        case tuple() | list():
            return KeptList(tuple(str(each) for each in value))
        case _:
            return str(value)


def value_of(stored: Stored) -> Any:
    """Return the value that `keep` was given."""
    match stored:
        case KeptNumber(text=text):
            return Decimal(text)
        case KeptSpan(seconds=seconds):
            return timedelta(seconds=seconds)
        case KeptMoment(text=text):
            return datetime.fromisoformat(text)
        case KeptDate(text=text):
            return date.fromisoformat(text)
        case KeptTime(text=text):
            return time.fromisoformat(text)
        case KeptWeekday(number=number):
            return Weekday(number)
        case KeptList(items=items):
            return items
        case _:
            return stored
