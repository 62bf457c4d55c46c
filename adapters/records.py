"""How chats, contacts, numbers, events and rows are written to the store, and read back.

Every blob begins with the number of its schema, then comes MessagePack.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.squeeze import squeezed, unsqueezed
from adapters.store import NewAlert
from engine.chat import Chat, Contact, Number, Pause
from engine.content import MediaKind
from engine.effects import Alert
from engine.events import ChatEvent, NumberEvent
from engine.number import is_paused
from engine.row import Row
from engine.sync import Sync
from engine.trace import Line

SCHEMA = b"\x01"
LATER = range(SCHEMA[0] + 1, 32)
NOBODY = Contact(id="")


class LogEntry(Struct, frozen=True, array_like=True, kw_only=True):
    """One line of a chat's log: who said what, and why.

    `imported` is nothing for what was heard live; what the phone's history told later has there how far it came
    (`sent`, `delivered`, `read` …), or the empty text.
    """

    at: datetime
    who: str
    event: str
    words: str = ""
    row: str | None = None
    why: tuple[Line, ...] = ()
    imported: str | None = None


class Import(Struct, frozen=True, array_like=True, kw_only=True):
    """What a phone told of its past, as it came: the number it is of, the webhook's field and value, and when."""

    number: str
    field: str
    at: datetime
    raw: bytes


class FileNote(Struct, frozen=True, kw_only=True):
    """What is known of a file that is kept: `at` is when it was sent, `event` the id of its message."""

    at: datetime
    kept_at: datetime
    by: str
    event: str
    kind: MediaKind
    mime: str
    size: int
    name: str | None = None
    caption: str | None = None


class _CallerOnly(Struct, frozen=True):
    flow: str


class RunOnly(Struct, frozen=True):
    """Which flows somebody is in; the rest of the chat is not read."""

    flow: str
    version: str
    stack: tuple[_CallerOnly, ...] = ()

    @property
    def flows(self) -> tuple[str, ...]:
        """The flows, the one it began with first."""
        return (*(caller.flow for caller in self.stack), self.flow)


class _WithRun(Struct, frozen=True):
    run: RunOnly | None = None


_encode = msgspec.msgpack.Encoder().encode
_chat = msgspec.msgpack.Decoder(Chat).decode
_with_run = msgspec.msgpack.Decoder(_WithRun).decode
_contact = msgspec.msgpack.Decoder(Contact).decode
_number = msgspec.msgpack.Decoder(Number).decode
_event = msgspec.msgpack.Decoder(ChatEvent | NumberEvent).decode
_row = msgspec.msgpack.Decoder(Row).decode
_alert = msgspec.msgpack.Decoder(Alert).decode
_file_note = msgspec.msgpack.Decoder(FileNote).decode
_log = msgspec.msgpack.Decoder(tuple[LogEntry, ...]).decode
_import = msgspec.msgpack.Decoder(Import).decode
_sync = msgspec.msgpack.Decoder(Sync).decode


class UnknownSchemaError(Exception):
    """Raised for a blob that no version of Baton wrote, as far as this one knows."""


class LaterSchemaError(UnknownSchemaError):
    """Raised for a blob that a later version of Baton wrote: nothing is wrong with it, and it waits for that one."""


def packed(value: Any) -> bytes:
    """Return a struct as a blob."""
    return SCHEMA + _encode(value)


def packed_chat(chat: Chat) -> bytes:
    """Return a chat without what is kept elsewhere: its contact and its own sends."""
    return packed(replace(chat, contact=NOBODY, own=()))


def read_chat(blob: bytes) -> Chat:
    """Read a chat; who its contact is, is kept elsewhere."""
    return _chat(_checked(blob))


def run_of(blob: bytes) -> RunOnly | None:
    """Read of a chat just which flow its contact is in."""
    return _with_run(_checked(blob)).run


def read_contact(blob: bytes) -> Contact:
    """Read a contact."""
    return _contact(_checked(blob))


def read_number(blob: bytes) -> Number:
    """Read a number."""
    return _number(_checked(blob))


def pause_in(state: bytes | None, now: datetime) -> Pause | None:
    """Return why the number of a state sends nothing now, if it is so and can be read."""
    try:
        return is_paused(read_number(state), now) if state else None
    except (UnknownSchemaError, msgspec.DecodeError):
        return None


def read_event(blob: bytes) -> ChatEvent | NumberEvent:
    """Read an event."""
    event: ChatEvent | NumberEvent = _event(_checked(blob))
    return event


def read_row(blob: bytes) -> Row:
    """Read a row of an outbox."""
    return _row(_checked(blob))


def new_alert(alert: Alert) -> NewAlert:
    """Return what people are to be told as the store takes it."""
    return NewAlert(alert.code, packed(alert))


def read_alert(blob: bytes) -> Alert:
    """Read what the owner was told; of what a later version told, say where it can be read."""
    try:
        return _alert(_checked(blob))
    except LaterSchemaError as later:
        return Alert("later_version", str(later))


def packed_log(lines: Sequence[LogEntry]) -> bytes:
    """Return the lines of one turn as a blob: a log is written with every message and read by people, now and then."""
    return SCHEMA + squeezed(_encode(lines))


def read_log(blob: bytes) -> tuple[LogEntry, ...]:
    """Read the lines of one turn."""
    return _log(unsqueezed(_checked(blob)))


def read_import(blob: bytes) -> Import:
    """Read what is to be imported."""
    return _import(_checked(blob))


def read_sync(blob: bytes | None) -> Sync:
    """Read how far a phone's past has come; nothing of it came where there is no record."""
    return _sync(_checked(blob)) if blob else Sync()


def sync_in(blob: bytes | None) -> Sync:
    """Return the same to be shown: nothing came as far as it cannot be read."""
    try:
        return read_sync(blob)
    except (UnknownSchemaError, msgspec.DecodeError):
        return Sync()


def read_file_note(blob: bytes) -> FileNote:
    """Read what is known of a file."""
    return _file_note(_checked(blob))


def _checked(blob: bytes) -> memoryview:
    if blob and blob[0] in LATER:
        raise LaterSchemaError("A later version of Baton wrote this: use that version to read it.")
    if blob[:1] != SCHEMA:
        words = f"This record has schema {blob[:1]!r}; this version of Baton reads {SCHEMA!r}."
        raise UnknownSchemaError(words)
    return memoryview(blob)[1:]
