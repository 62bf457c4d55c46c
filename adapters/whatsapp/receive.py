"""What did Meta post, is it really Meta, and what does it mean?

`signed`, `knows_word` and `challenge` are for the door, `decode` for what came through it. `decode` takes any bytes:
what can be used becomes an `Arrival` each, what cannot a `Bad` each, and one never spoils another.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec import Raw, Struct
from msgspec.structs import replace

from adapters.whatsapp import accounts, messages
from adapters.whatsapp.fields import Fields, Unreadable, moment_or_nothing, text
from adapters.whatsapp.payloads import (
    CHANGE,
    ENTRY,
    ENVELOPE,
    VALUES,
    Entry,
    Kind,
    Reading,
    Source,
    Values,
    fields_of,
    items_of,
    object_of,
    objects_of,
    parse,
    text_of,
)
from adapters.whatsapp.people import people_of
from engine.events import ChatEvent, NumberEvent
from engine.identity import Ids

OBJECT: Final = "whatsapp_business_account"
BAD_MOST: Final = 64 * 1024

Reader = Callable[[Source, Fields, bytes], Reading]

_SCHEME: Final = b"sha256="
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NOT_DIGITS: Final = re.compile(r"[^0-9]")

# Which lists a field carries, and what reads their items.
_LISTS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "messages": {"messages": messages.message, "statuses": messages.status, "errors": accounts.platform_error},
    "smb_message_echoes": {"message_echoes": messages.echo, "errors": accounts.platform_error},
    "message_echoes": {"message_echoes": messages.other_echo, "errors": accounts.platform_error},
    "standby": {
        "messages": messages.other_message,
        "message_echoes": messages.other_echo,
        "statuses": messages.other_status,
    },
    "user_id_update": {"user_id_update": messages.user_id},
    "user_preferences": {"user_preferences": messages.preference},
    "automatic_events": {"automatic_events": accounts.told},
}

# Which fields say one thing with their whole value.
_WHOLES: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(accounts.TOLD, accounts.told),
    "account_update": accounts.account,
    "message_template_components_update": accounts.template,
    "business_capability_update": accounts.rating,
    "phone_number_quality_update": accounts.rating,
    "message_template_quality_update": accounts.template,
    "message_template_status_update": accounts.template,
    "template_category_update": accounts.template,
    "messaging_handovers": messages.handover,
}

# Which fields an import reads; whatever they hold stays as it is.
_IMPORTS: Final = ("history", "smb_app_state_sync")


class Arrival(Struct, frozen=True, kw_only=True):
    """One thing Meta told.

    `number` is the id of the business number and missing where Meta names only the account (`waba`) or, in `phone`,
    the digits of the number. The same `key` is the same thing. `event` is nothing for what is imported or ignored;
    `ids` is the contact it is about, and `old` which of them ended with it; `row` is ours, if it came back;
    `raw` is JSON, of an import or of a field that nobody reads yet.
    """

    number: str | None
    waba: str | None
    phone: str | None = None
    field: str
    kind: Kind
    key: str
    at: datetime
    event: ChatEvent | NumberEvent | None = None
    ids: Ids = Ids()
    old: Ids | None = None
    row: str | None = None
    raw: bytes | None = None


class Bad(Struct, frozen=True, kw_only=True):
    """What could not be used: the reason, which quotes nothing, and as much of the JSON as is worth keeping."""

    reason: str
    raw: bytes
    field: str | None = None


class Batch(Struct, frozen=True):
    """All that one body told, in its order, and what of it could not be used."""

    items: tuple[Arrival, ...] = ()
    bad: tuple[Bad, ...] = ()


def signed(secret: bytes, body: bytes, header: bytes | str | None) -> bool:
    """Tell whether the header signs exactly these bytes; upper-case digits are as good. Without a secret nothing is."""
    given = header.encode(errors="replace") if isinstance(header, str) else header
    if not secret or not given or not given.startswith(_SCHEME):
        return False
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(given.removeprefix(_SCHEME).lower(), expected)


def knows_word(query: Mapping[str, str], verify_token: str) -> bool:
    """Tell whether somebody who asks for the handshake is Meta: only it knows our word. Without a word nobody is."""
    given = query.get("hub.verify_token", "").encode(errors="replace")
    knows = hmac.compare_digest(given, verify_token.encode(errors="replace"))
    return bool(verify_token) and knows and query.get("hub.mode") == "subscribe"


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """Return what to echo to somebody who proves to be Meta, or nothing: only plain characters are ever echoed."""
    said = query.get("hub.challenge", "")
    return said if knows_word(query, verify_token) and _CHALLENGE.fullmatch(said) else None


def decode(body: bytes, arrived_at: datetime) -> Batch:
    """Read a body of any bytes; never raises. `arrived_at` is aware, in UTC."""
    items: list[Arrival] = []
    bad: list[Bad] = []
    for outcome in _body(body, arrived_at):
        if isinstance(outcome, Bad):
            bad.append(outcome)
        else:
            items.append(outcome)
    return Batch(tuple(items), tuple(bad))


def _body(body: bytes, arrived_at: datetime) -> Iterator[Arrival | Bad]:
    try:
        entries = _entries(body)
    except Unreadable as reason:
        yield _bad(reason, body)
        return
    for raw in entries:
        yield from _entry(raw, arrived_at)


def _entries(body: bytes) -> list[Raw]:
    envelope = parse(body, ENVELOPE)
    if envelope.object is None and "history" in parse(body, VALUES):
        # Meta prints "sharing declined" without its envelope: section "History" of the onboarding page.
        return [Raw(b'{"changes":[{"field":"history","value":%b}]}' % body)]
    if envelope.object != OBJECT:
        raise Unreadable(f"`object` should be `{OBJECT}`")
    return items_of(envelope.entry)


def _entry(raw: Raw, arrived_at: datetime) -> Iterator[Arrival | Bad]:
    try:
        entry = parse(raw, ENTRY)
        changes = items_of(entry.changes)
    except Unreadable as reason:
        yield _bad(reason, raw)
        return
    for each in changes:
        try:
            change = parse(each, CHANGE)
        except Unreadable as reason:
            yield _bad(reason, each)
        else:
            yield from _change(entry, change.field, change.value, arrived_at)


def _change(entry: Entry, field: str, raw: Raw, arrived_at: datetime) -> Iterator[Arrival | Bad]:
    try:
        values = parse(raw, VALUES)
        if field == "standby" and "standby" in values:
            standby: Values = parse(values["standby"], VALUES)
            values = {**values, **standby}
        source = _source(entry, field, values, arrived_at)
        if field in _LISTS:
            yield from _lists(source, values, raw)
        else:
            yield _arrival(source, _whole(source, raw))
    except Unreadable as reason:
        yield _bad(reason, raw, field)


def _source(entry: Entry, field: str, values: Values, arrived_at: datetime) -> Source:
    place = object_of(values, "metadata") or object_of(values, "recipient")
    told = {"id": entry.id, "time": entry.time}
    contacts = objects_of(values, "contacts")
    shown = text(place, "display_phone_number") or text_of(values, "display_phone_number", "phone_number")
    return Source(
        field=field,
        waba=text(object_of(values, "waba_info"), "waba_id") or text(told, "id"),
        number=text(place, "phone_number_id"),
        phone=_NOT_DIGITS.sub("", shown or "") or None,
        told_at=moment_or_nothing(told, "time"),
        arrived_at=arrived_at,
        people=people_of(contacts),
        only=contacts[0] if len(contacts) == 1 else None,
    )


def _lists(source: Source, values: Values, raw: Raw) -> Iterator[Arrival | Bad]:
    readers = _LISTS[source.field]
    present = [name for name in readers if name in values]
    if not present:
        raise Unreadable(f"Holds none of: {', '.join(readers)}")
    for name in present:
        try:
            items = items_of(values[name])
        except Unreadable as reason:
            yield _bad(reason, raw, source.field)
            continue
        here = source if len(items) == 1 else replace(source, only=None)
        for item in items:
            yield _item(here, item, readers[name])


def _item(source: Source, raw: Raw, reader: Reader) -> Arrival | Bad:
    try:
        return _arrival(source, reader(source, fields_of(raw), bytes(raw)))
    except Unreadable as reason:
        return _bad(reason, raw, source.field)


def _whole(source: Source, raw: Raw) -> Reading:
    whole = bytes(raw)
    if source.field in _IMPORTS:
        return accounts.imported(source, {}, whole)
    value = fields_of(whole)
    if "new_quality_score" in value:
        return accounts.template(source, value, whole)
    if reader := _WHOLES.get(source.field):
        return reader(source, value, whole)
    return Reading(kind="ignored", key=source.key_of(whole), at=source.told_at or source.arrived_at, raw=whole)


def _arrival(source: Source, reading: Reading) -> Arrival:
    return Arrival(
        number=source.number,
        waba=source.waba,
        phone=source.phone,
        field=source.field,
        kind=reading.kind,
        key=reading.key,
        at=reading.at,
        event=reading.event,
        ids=reading.ids,
        old=reading.old,
        row=reading.row,
        raw=reading.raw,
    )


def _bad(reason: Unreadable, raw: bytes | Raw, field: str | None = None) -> Bad:
    return Bad(reason=str(reason), raw=bytes(memoryview(raw)[:BAD_MOST]), field=field)
