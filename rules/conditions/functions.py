"""Which functions are there, what do they take, and what do they give?

A new one is a row in `FUNCTIONS` with the Python function that works it out of the facts and its values.
As in `values`, nothing raises: what cannot be done gives nothing.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from operator import attrgetter

from msgspec import Struct

from rules import words
from rules.conditions.operations import EXACT, finite, same
from rules.conditions.types import ANY_KIND, ORDERED, Facts, Type, Value, Weekday
from rules.conditions.values import (
    date_of,
    in_zone,
    list_of,
    meeting,
    moment_of,
    number_of,
    span_of,
    text_of,
    time_of,
    today,
    value_of,
    weekday_of,
)

MOST_DECIMALS = 20
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}\S*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"(?P<hour>[0-9]{1,2})(?P<rest>:[0-9]{2}(?::[0-9]{2})?)")


class Function(Struct, frozen=True):
    """A function: the kinds each argument may have, the kind of its value, what that means, how to work it out.

    `gives` may depend on the kind of the first argument; None means: the kind of all arguments, which must be one.
    The last `optional` arguments may be left out; `endless` takes any further number of the last.
    """

    name: str
    takes: tuple[frozenset[Type], ...]
    gives: Type | Mapping[Type, Type] | None
    means: str
    work_out: Callable[..., Value]
    example: str
    optional: int = 0
    endless: bool = False


def _rounded(_: Facts, value: Value, decimals: Value = Decimal(0)) -> Decimal | None:
    number, places = number_of(value), number_of(decimals)
    if number is None or places is None or places != places.to_integral_value(context=EXACT):
        return None
    if abs(places) > MOST_DECIMALS:
        return None
    return finite(EXACT.quantize(number, Decimal(1).scaleb(-int(places))))


def _to_whole(rounding: str) -> Callable[[Facts, Value], Decimal | None]:
    def work_out(_: Facts, value: Value) -> Decimal | None:
        number = number_of(value)
        return None if number is None else number.to_integral_value(rounding, EXACT)

    return work_out


def _absolute(_: Facts, value: Value) -> Value:
    number, span = number_of(value), span_of(value)
    if number is not None:
        return number.copy_abs()
    try:
        return None if span is None else abs(span)
    except OverflowError:
        return None


def _number(_: Facts, value: Value) -> Decimal | None:
    return words.number(value) if isinstance(value, str) else number_of(value)


def _least(facts: Facts, *values: Value) -> Value:
    met = meeting(facts, *values)
    return min(met.values) if met and met.kind in ORDERED else None


def _greatest(facts: Facts, *values: Value) -> Value:
    met = meeting(facts, *values)
    return max(met.values) if met and met.kind in ORDERED else None


def _default(_: Facts, *values: Value) -> Value:
    return next((each for each in map(value_of, values) if each is not None), None)


def _lower(_: Facts, value: Value) -> str | None:
    text = text_of(value)
    return None if text is None else text.lower()


def _upper(_: Facts, value: Value) -> str | None:
    text = text_of(value)
    return None if text is None else text.upper()


def _length(_: Facts, value: Value) -> Decimal | None:
    return Decimal(len(value)) if isinstance(value, str | tuple) else None


def _words(_: Facts, value: Value) -> tuple[Value, ...] | None:
    return words.as_written(value) if isinstance(value, str) else list_of(value)


def _first(facts: Facts, value: Value) -> Value:
    return next(iter(_words(facts, value) or ()), None)


def _last(facts: Facts, value: Value) -> Value:
    return next(reversed(_words(facts, value) or ()), None)


def _count(facts: Facts, value: Value, *sought: Value) -> Decimal | None:
    parts = _words(facts, value)
    if not sought or parts is None:
        return None if parts is None else Decimal(len(parts))
    item = value_of(sought[0])
    if item is None or not isinstance(value, str):
        return None if item is None else Decimal(sum(same(each, item, facts) for each in parts))
    return Decimal(words.occurrences(value, item)) if isinstance(item, str) else None


def _date(facts: Facts, value: Value) -> date | None:
    if not isinstance(value, str):
        return date_of(value, facts)
    written = words.fold(value).strip()
    try:
        return date.fromisoformat(written) if _DATE.fullmatch(written) else date_of(_moment(facts, value), facts)
    except ValueError:
        return None


def _time(facts: Facts, value: Value) -> time | None:
    if not isinstance(value, str):
        return time_of(value, facts)
    written = _TIME.fullmatch(words.fold(value).strip())
    try:
        if written is None:
            return time_of(_moment(facts, value), facts)
        return time.fromisoformat(f"{written['hour']:0>2}{written['rest']}")
    except ValueError:
        return None


def _moment(facts: Facts, value: Value) -> datetime | None:
    if isinstance(value, str):
        written = words.fold(value).strip()
        try:
            value = in_zone(datetime.fromisoformat(written.upper()), facts) if _MOMENT.fullmatch(written) else None
        except ValueError:
            return None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = in_zone(datetime.combine(value, time()), facts)
    return moment_of(value)


def _days_since(facts: Facts, value: Value) -> Decimal | None:
    now, then = today(facts), date_of(value, facts)
    return Decimal((now - then).days) if now and then else None


def _weekday(facts: Facts, value: Value) -> Weekday | None:
    return weekday_of(value, facts)


def _part_of(read: Callable[[Value, Facts], date | time | None], name: str) -> Callable[[Facts, Value], Decimal | None]:
    part = attrgetter(name)

    def work_out(facts: Facts, value: Value) -> Decimal | None:
        found = read(value, facts)
        return None if found is None else Decimal(part(found))

    return work_out


_TEXT, _NUMBER, _PARTS = frozenset({Type.TEXT}), frozenset({Type.NUMBER}), frozenset({Type.TEXT, Type.LIST})
_DAY, _CLOCK = frozenset({Type.DATE, Type.MOMENT}), frozenset({Type.TIME, Type.MOMENT})
_ITEM = {Type.TEXT: Type.TEXT, Type.LIST: Type.ANY}
_N, _T = Type.NUMBER, Type.TEXT
FUNCTIONS = {
    row.name: row
    for row in (
        Function("round", (_NUMBER, _NUMBER), _N, "to whole, or to so many decimals; halves go up", _rounded,
                 "round(2.345, 2)", 1),
        Function("floor", (_NUMBER,), _N, "down to whole", _to_whole(ROUND_FLOOR), "floor(2.9)"),
        Function("ceil", (_NUMBER,), _N, "up to whole", _to_whole(ROUND_CEILING), "ceil(2.1)"),
        Function("abs", (frozenset({_N, Type.SPAN}),), None, "without its sign", _absolute, "abs(3 - qty)"),
        Function("min", (ORDERED, ORDERED), None, "the least or earliest", _least, "min(qty, 10)", endless=True),
        Function("max", (ORDERED, ORDERED), None, "the greatest or latest", _greatest, "max(qty, 10)", endless=True),
        Function("number", (_TEXT | _NUMBER,), _N, "the number a text consists of, in digits of any script", _number,
                 'number(" 1,5 ")'),
        Function("default", (ANY_KIND, ANY_KIND), None, "the first of them that is set",
                 _default, 'default(contact.city, "Rio")', endless=True),
        Function("length", (_PARTS,), _N, "how many characters or items", _length, 'length("olá")'),
        Function("lower", (_TEXT,), _T, "in small letters", _lower, 'lower("Olá")'),
        Function("upper", (_TEXT,), _T, "in capital letters", _upper, 'upper("Olá")'),
        Function("words", (_TEXT,), Type.LIST, "its words, as they are written", _words, 'words("Hi, how are you?")'),
        Function("first", (_PARTS,), _ITEM, "the first word or item", _first, "first(contact.name)"),
        Function("last", (_PARTS,), _ITEM, "the last word or item", _last, 'last("see you soon")'),
        Function("count", (_PARTS, _TEXT | _NUMBER), _N, "how many words or items, or how often the one is there",
                 _count, 'count("no, no, no!", "no")', 1),
        Function("date", (_DAY | _TEXT,), Type.DATE, "the date of a moment, or the one a text consists of", _date,
                 'date("2026-12-25")'),
        Function("time", (_CLOCK | _TEXT,), Type.TIME, "the time of a moment, or the one a text consists of", _time,
                 "time(now)"),
        Function("moment", (_DAY | _TEXT,), Type.MOMENT, "the moment a text consists of, or a date begins", _moment,
                 "moment(today)"),
        Function("days_since", (_DAY,), _N, "how many days ago that was, or minus how many are left", _days_since,
                 "days_since(2026-02-28)"),
        Function("weekday", (_DAY,), Type.WEEKDAY, "the weekday", _weekday, "weekday(today)"),
        Function("year", (_DAY,), _N, "the year", _part_of(date_of, "year"), "year(today)"),
        Function("month", (_DAY,), _N, "the month's number", _part_of(date_of, "month"), "month(today)"),
        Function("day", (_DAY,), _N, "the day of the month", _part_of(date_of, "day"), "day(today)"),
        Function("hour", (_CLOCK,), _N, "the hour", _part_of(time_of, "hour"), "hour(now)"),
        Function("minute", (_CLOCK,), _N, "the minute", _part_of(time_of, "minute"), "minute(09:30)"),
    )
}  # fmt: skip
