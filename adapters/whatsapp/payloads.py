"""How is a webhook body taken apart so that one bad piece costs nothing but itself?

A body is peeled layer by layer, each layer leaving the next one as raw JSON: entries, changes, values, items.
Whatever cannot be read stays alone with its reason. What is read becomes a `Reading`, which knows no envelope.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import Raw, Struct

from adapters.whatsapp.fields import Fields, Unreadable, text
from engine.events import ChatEvent, NumberEvent
from engine.identity import Ids

DEPTH: Final = 64
ITEMS_MOST: Final = 10_000

Kind = Literal["chat", "echo", "status", "number", "import", "ignored"]
Values = dict[str, Raw]

T = TypeVar("T")

_SURROGATES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|[\]}]', re.DOTALL)


class Envelope(Struct):
    """The outermost object."""

    object: Any = None
    entry: Raw = Raw(b"null")


class Entry(Struct):
    """All that one POST says about one account."""

    id: Any = None
    time: Any = None
    changes: Raw = Raw(b"null")


class Change(Struct):
    """One field with its value."""

    field: str
    value: Raw


class Source(Struct, frozen=True, kw_only=True):
    """Where an item stands: what its envelope says, and the people its value introduces.

    `people` are those, by each of their ids; `only` is the one person introduced beside the one item of a list.
    """

    field: str
    waba: str | None
    number: str | None
    phone: str | None
    told_at: datetime | None
    arrived_at: datetime
    people: Mapping[str, Fields] = {}
    only: Fields | None = None

    def key_of(self, raw: bytes) -> str:
        """Return a key for an item that has no id of its own: the same words about the same number are the same."""
        place = f"{self.waba}\n{self.number}\n{self.told_at}\n"
        return f"{self.field}/{hashlib.blake2b(place.encode() + raw, digest_size=16).hexdigest()}"


class Reading(Struct, frozen=True, kw_only=True):
    """What an item means.

    `ids` is who it is about, `old` which identities ended, `row` ours if it came back, `raw` what an import reads.
    """

    kind: Kind
    key: str
    at: datetime
    event: ChatEvent | NumberEvent | None = None
    ids: Ids = Ids()
    old: Ids | None = None
    row: str | None = None
    raw: bytes | None = None


ENVELOPE: Final = msgspec.json.Decoder(Envelope)
ENTRY: Final = msgspec.json.Decoder(Entry)
CHANGE: Final = msgspec.json.Decoder(Change)
VALUES: Final = msgspec.json.Decoder(Values)
_ITEMS: Final = msgspec.json.Decoder(list[Raw])
_FIELDS: Final = msgspec.json.Decoder(dict[str, Any])
_ANYTHING: Final = msgspec.json.Decoder(Any)


def parse(raw: bytes | Raw, decoder: "msgspec.json.Decoder[T]") -> T:
    """Read one layer, or refuse it with the reason. Half a surrogate pair is mended, not refused."""
    try:
        return decoder.decode(raw)
    except RecursionError:
        raise Unreadable("Nested too deep") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        mended = _mend(bytes(raw))
        if mended == raw:
            raise Unreadable(f"Not as expected: {error}") from None
    try:
        return decoder.decode(mended)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"Not as expected: {error}") from None


def fields_of(raw: bytes | Raw) -> Fields:
    """Read an object whole, if it is not nested deeper than Meta would."""
    whole = bytes(raw)
    if whole.count(b"{") + whole.count(b"[") > DEPTH and _depth(whole) > DEPTH:
        raise Unreadable(f"Nested deeper than {DEPTH}")
    return parse(whole, _FIELDS)


def items_of(raw: bytes | Raw) -> list[Raw]:
    """Read a list, leaving its items as they are."""
    items = parse(raw, _ITEMS)
    if len(items) > ITEMS_MOST:
        raise Unreadable(f"More than {ITEMS_MOST:,} items in one list")
    return items


def objects_of(values: Values, name: str) -> tuple[Fields, ...]:
    """Return the objects of a list that only adds to the items, or nothing if it cannot be read."""
    try:
        items = items_of(values[name]) if name in values else []
        return tuple(fields_of(each) for each in items)
    except Unreadable:
        return ()


def object_of(values: Values, name: str) -> Fields:
    """Return an object that only adds to the items, empty if it cannot be read."""
    try:
        return fields_of(values[name]) if name in values else {}
    except Unreadable:
        return {}


def text_of(values: Values, *names: str) -> str | None:
    """Return the first text among the values of these names."""
    for name in names:
        if (found := _text_of(values, name)) is not None:
            return found
    return None


def _text_of(values: Values, name: str) -> str | None:
    try:
        return text({name: parse(values[name], _ANYTHING)}, name) if name in values else None
    except Unreadable:
        return None


def _mend(raw: bytes) -> bytes:
    return _SURROGATES.sub(lambda found: b"\\ufffd" if found[1] else found[0], raw)


def _depth(raw: bytes) -> int:
    return max(_levels(raw), default=0)


def _levels(raw: bytes) -> Iterator[int]:
    level = 0
    for found in _BRACKETS.finditer(raw):
        if found[1]:
            level += 1
            yield level
        elif found[0] in b"]}":
            level -= 1
