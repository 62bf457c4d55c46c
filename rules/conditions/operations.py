"""What do operators give that need more than a line of Python?

As in `values`, nothing raises: what cannot be done gives nothing, or is false.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from rules.conditions.patterns import taken
from rules.conditions.types import CYCLIC, ORDERED, Facts, Type, Value
from rules.conditions.values import (
    Form,
    Meeting,
    instant_of,
    item,
    list_of,
    meeting,
    moment_of,
    number_of,
    sought,
    spaced,
    span_of,
    spread,
    value_of,
)

EXACT = Context(prec=60, Emax=9_999, Emin=-9_999, rounding=ROUND_HALF_UP, traps=[])  # beyond there is nothing
MICROSECOND = timedelta(microseconds=1)


def same(left: Value, right: Value, facts: Facts) -> bool:
    """Tell whether two values of unknown kinds are the same."""
    met = meeting(facts, left, right)
    return met is not None and met.values[0] == met.values[1]


def differ(left: Value, right: Value, facts: Facts) -> bool:
    """Tell whether two values of unknown kinds are there and not the same."""
    return value_of(left) is not None and value_of(right) is not None and not same(left, right, facts)


def ordered(left: Value, right: Value, facts: Facts, compare: Callable[[Any, Any], bool]) -> bool:
    """Compare two values of unknown kinds by more and less."""
    met = meeting(facts, left, right)
    return met is not None and met.kind in ORDERED and compare(*met.values)


def listed(value: Value, items: Value, facts: Facts) -> bool:
    """Tell whether a value is one of a list's, or of several in brackets."""
    return any(same(value, item, facts) for item in list_of(items) or ())


def unlisted(value: Value, items: Value, facts: Facts) -> bool:
    """Tell whether a value is there and none of a list's items, all of which are there too."""
    among = list_of(items)
    return among is not None and value_of(value) is not None and all(differ(value, item, facts) for item in among)


def has(left: Value, items: tuple[Value, ...], fit: Callable[[Iterable[bool]], bool]) -> bool:
    """Tell whether a text has words, or a list items, where which of the two shows only now."""
    if isinstance(left, str):
        return searched(left, items, spaced, str.__contains__, fit)
    among, wanted = list_of(left), [item(each) for each in spread(items) or ()]
    if among is None or not wanted or None in wanted:
        return False
    known = {item(each) for each in among}
    return fit(each in known for each in wanted)


def searched(
    left: Value,
    items: tuple[Value, ...],
    form: Form,
    test: Callable[[Any, Any], bool],
    fit: Callable[[Iterable[bool]], bool],
) -> bool:
    """Search a text for texts that are known only now."""
    text, parts = form(left), sought(form, items)
    return text is not None and parts is not None and fit(test(text, part) for part in parts)


def none(found: Iterable[bool]) -> bool:
    """Tell that not one fits."""
    return not any(found)


def between(value: Value, low: Value, high: Value, facts: Facts) -> bool | None:
    """Tell whether a value lies between two; None if they cannot be compared."""
    met = meeting(facts, value, low, high)
    if met is None or met.kind not in ORDERED | CYCLIC:
        return None
    return lies_between(met)


def lies_between(met: Meeting) -> bool:
    """Tell whether the first of three values lies between the others, as their kind has it."""
    value, low, high = met.values
    match met.kind:
        case Type.TIME:
            return within(value, low, high)
        case Type.WEEKDAY | Type.MONTH:
            return around(value, low, high)
        case _:
            return bool(low <= value <= high)


def within(value: Any, low: Any, high: Any) -> bool:
    """Tell whether a time lies from one up to, not including, another, perhaps after midnight."""
    if low <= high:
        return bool(low <= value < high)
    return bool(value >= low or value < high)


def around(value: Any, low: Any, high: Any) -> bool:
    """Tell whether a weekday or month lies from one to another, both included, perhaps over the turn of the week."""
    if low <= high:
        return bool(low <= value <= high)
    return bool(value >= low or value <= high)


def is_empty(value: Value) -> bool:
    """Tell whether there is nothing, or only spaces, or no item."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def group(name: str, sources: Iterable[tuple[Any, Value]]) -> str | None:
    """Give what a named group took in the first of these patterns that has it."""
    for pattern, text in sources:
        if (found := taken(pattern, text).get(name)) is not None:
            return found
    return None


def add(left: Value, right: Value) -> Value:
    """Add numbers or spans, or a span to a date or moment."""
    if isinstance(left, timedelta) and not isinstance(right, timedelta):
        left, right = right, left
    return _numbers(EXACT.add, left, right) if _is_number(left) else _shifted(left, span_of(right), 1)


def subtract(left: Value, right: Value) -> Value:
    """Subtract numbers, spans, dates or moments, or a span from a date or moment."""
    if _is_number(left):
        return _numbers(EXACT.subtract, left, right)
    if isinstance(right, timedelta):
        return _shifted(left, right, -1)
    left_at, right_at = instant_of(left), instant_of(right)
    if left_at and right_at:
        return left_at - right_at
    both_days = not isinstance(left, datetime) and not isinstance(right, datetime)
    return left - right if both_days and isinstance(left, date) and isinstance(right, date) else None


def multiply(left: Value, right: Value) -> Value:
    """Multiply numbers, or a span by a number."""
    if isinstance(right, timedelta):
        left, right = right, left
    return (
        _scaled(left, right, EXACT.multiply) if isinstance(left, timedelta) else _numbers(EXACT.multiply, left, right)
    )


def divide(left: Value, right: Value) -> Value:
    """Divide numbers, a span by a number, or a span by a span; through zero there is nothing."""
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return finite(EXACT.divide(Decimal(left // MICROSECOND), Decimal(right // MICROSECOND)))
    return _scaled(left, right, EXACT.divide) if isinstance(left, timedelta) else _numbers(EXACT.divide, left, right)


def minus(value: Value) -> Value:
    """Turn a number's or span's sign."""
    try:
        return -value if isinstance(value, timedelta) else _numbers(EXACT.subtract, Decimal(0), value)
    except OverflowError:
        return None


def _is_number(value: Value) -> bool:
    return number_of(value) is not None


def finite(value: Decimal) -> Decimal | None:
    """Give a number unless it is too large to be one."""
    return value if value.is_finite() else None


def _numbers(operation: Callable[[Decimal, Decimal], Decimal], left: Value, right: Value) -> Decimal | None:
    first, second = number_of(left), number_of(right)
    return None if first is None or second is None else finite(operation(first, second))


def _shifted(value: Value, span: timedelta | None, sign: int) -> Value:
    """Move a span, a moment, or a date by whole days."""
    try:
        if span is None:
            return None
        if isinstance(value, timedelta):
            return value + sign * span
        moment, instant = moment_of(value), instant_of(value)
        if moment is not None and instant is not None:
            return (instant + sign * span).astimezone(moment.tzinfo)
        return (
            value + sign * timedelta(span.days) if isinstance(value, date) and not isinstance(value, datetime) else None
        )
    except OverflowError:
        return None


def _scaled(span: timedelta, by: Value, operation: Callable[[Decimal, Decimal], Decimal]) -> timedelta | None:
    size = _numbers(operation, Decimal(span // MICROSECOND), by)
    most = Decimal(timedelta.max // MICROSECOND)
    if size is None or abs(size) > most:
        return None
    return timedelta(microseconds=int(size))
