"""How is a value of Meta's JSON read when it may be missing or of another type than documented?

Every reader takes an object and a name and gives what it can use, or nothing: a wrong type in one place must not
cost the rest. Only a moment that cannot be understood is worth a refusal, because windows and pauses hang on it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

TEXT_MOST: Final = 64 * 1024
NAME_MOST: Final = 1024
ID_MOST: Final = 512

_EARLIEST: Final = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())
_LATEST: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_MILLISECONDS_FROM: Final = 10**11
_TIMESTAMP_DIGITS: Final = 15
_LARGEST: Final = 10**40
_LONGEST_CHARACTER: Final = 4
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_ID: Final = re.compile(rf"[!-~]{{1,{ID_MOST}}}")

Fields = Mapping[str, object]


class Unreadable(Exception):  # noqa: N818 - names what the item is, and is caught around each item
    """An item cannot be used; the words say why without quoting it, because it may hold private things."""


def clean(text: str, most: int = TEXT_MOST) -> str:
    """Return the text without control characters but line ends and tabs, cut to a number of bytes."""
    kept = text if text.isprintable() else _CONTROL.sub("", text)
    if len(kept) * _LONGEST_CHARACTER <= most:
        return kept
    return kept.encode()[:most].decode(errors="ignore")


def text(fields: Fields, name: str, most: int = NAME_MOST) -> str | None:
    """Return a text, or a whole number as text; nothing if it is missing, empty or something else."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value, most) or None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return str(value)
    return None


def body(fields: Fields, name: str) -> str | None:
    """Return what a person wrote, at full length; nothing only if there is no text at all."""
    value = fields.get(name)
    return clean(value) if isinstance(value, str) else None


def child(fields: Fields, name: str) -> Fields:
    """Return an object, empty if it is missing or something else."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def children(fields: Fields, name: str) -> tuple[Fields, ...]:
    """Return the objects of a list; an object where a list was expected is a list of one."""
    value = fields.get(name)
    if isinstance(value, dict):
        return (value,)
    return tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def truth(fields: Fields, name: str) -> bool:
    """Tell whether a flag is set, written as true or as the text of it."""
    value = fields.get(name)
    return value is True or (isinstance(value, str) and value.lower() == "true")


def whole(fields: Fields, name: str) -> int | None:
    """Return a whole number, also if it is written as text."""
    value = fields.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _TIMESTAMP_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST else None


def decimal(fields: Fields, name: str) -> str | None:
    """Return a number as exact decimal text, as it was written or as JSON's number reads."""
    value = fields.get(name)
    if isinstance(value, float):
        value = format(Decimal(repr(value)), "f")
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        value = str(value)
    return value if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def degrees(fields: Fields, name: str, most: int) -> float | None:
    """Return a part of a coordinate between `-most` and `most`."""
    written = decimal(fields, name)
    value = float(written) if written else None
    return value if value is not None and -most <= value <= most else None


def message_id(fields: Fields, name: str = "id") -> str:
    """Return the id of a message, or refuse: without it nothing can be told from a repetition."""
    value = fields.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unreadable(f"`{name}` should be the id of a message: 1 to {ID_MOST} visible ASCII characters")
    return value


def moment(fields: Fields, name: str = "timestamp") -> datetime | None:
    """Return the moment, in seconds or milliseconds since 1970; nothing if there is none, a refusal if it cannot be."""
    value = fields.get(name)
    if value is None:
        return None
    number = int(value) if isinstance(value, float) else whole(fields, name)
    seconds, rest = divmod(number, 1000) if number and number >= _MILLISECONDS_FROM else (number, 0)
    if seconds is None or not _EARLIEST <= seconds <= _LATEST:
        raise Unreadable(f"`{name}` should be seconds or milliseconds since 1970, between the years 2009 and 2100")
    at = datetime.fromtimestamp(seconds, UTC)
    return at + timedelta(milliseconds=rest) if rest else at


def moment_or_nothing(fields: Fields, name: str) -> datetime | None:
    """Return a moment that an item can do without."""
    try:
        return moment(fields, name)
    except Unreadable:
        return None
