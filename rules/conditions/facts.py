"""Which facts does a piece of JSON hold, and of what kinds?"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from rules.conditions.literals import SPAN_PART, span
from rules.conditions.types import Facts, Scope, Type, Value
from rules.conditions.values import type_of

WRITTEN = "text"  # a name ending so holds what somebody wrote: "2h" there is text, not a span
_HALF = re.compile("[\ud800-\udfff]")
_SPAN = re.compile(f"(?:{SPAN_PART.pattern})+", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}.*")


def facts_from(mapping: Mapping[str, object]) -> tuple[Facts, Scope]:
    """Read nested objects as facts with dotted names, and the kind of each.

    Spans (`2h`), dates and moments (ISO 8601, UTC unless they say otherwise) are recognised in text.
    A name that is null is in scope with a kind that is not known. Half of a character becomes a sign of its own.
    """
    facts: dict[str, Value] = {}
    waiting = [(whole(str(name)), value) for name, value in mapping.items()]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend((f"{name}.{whole(str(key))}", inner) for key, inner in value.items())
        else:
            facts[name] = _value(name, value)
    return facts, {name: type_of(value) or Type.ANY for name, value in facts.items()}


def whole(text: str) -> str:
    """Replace halves of characters, which JSON and a command line can hold and no file can."""
    return _HALF.sub("\ufffd", text)


def _value(name: str, value: object) -> Value:
    match value:
        case bool() | Decimal():
            return value
        case int() | float():
            return Decimal(str(value))
        case str():
            text = whole(value)
            return text if name.rsplit(".", maxsplit=1)[-1] == WRITTEN else _recognised(text)
        case list() | tuple():
            return tuple(_value(WRITTEN, each) for each in value if each is None or isinstance(each, _SCALAR))
        case _:
            return None


_SCALAR = (str, bool, int, float, Decimal)


def _recognised(text: str) -> Value:
    try:
        if _SPAN.fullmatch(text):
            return span(text) or text
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return text  # it only looks like a day of the calendar
    return text
