"""What does the store hold of one contact, in words that anybody can read?"""

import base64
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import to_builtins

from adapters.audience import Listing
from adapters.erasing import is_about
from adapters.mentions import Mentions
from adapters.records import (
    UnknownSchemaError,
    read_alert,
    read_chat,
    read_contact,
    read_event,
    read_file_note,
    read_import,
    read_log,
    read_row,
)
from adapters.store import Kin, Row, Store
from adapters.store.records import Quarantined
from rules.policy import handoff, window

Json = dict[str, Any]
Each = Callable[[int], None]

MOST_ALERTS = 1_000
NOT_OF_A_CHAT = ("contact", "own")


class Exporter:
    """Gathers what one business knows of one contact."""

    def __init__(self, store: Store, business: str, each: Each) -> None:
        """Read only; `each` is told how many keys were looked at."""
        self._store = store
        self._business = business
        self._each = each

    async def everything(self, contact: str) -> Json:
        """Return all of it, as JSON."""
        kin = await self._store.kin(self._business, contact)
        known = await self._store.aliases_of(self._business, kin.contacts, self._each)
        ids = tuple(alias.partition(":")[2] for alias in known)
        contacts = [await self._contact(each) for each in kin.contacts]
        more = [each for found in contacts for names in found.get("ids", {}).values() for each in names]
        mentions = Mentions((*ids, *more, *kin.contacts))
        return {
            "business": self._business,
            "exported_at": datetime.now(UTC),
            "known_as": ids,
            "contact": contacts[0],
            "joined": contacts[1:],
            "chats": await self._chats(kin),
            "alerts": await self._alerts(kin.chats, mentions),
            "campaign_lists": await self._places(mentions),
            "waiting_imports": await self._imports(mentions),
            "unreadable": await self._bodies(mentions),
        }

    async def _contact(self, cid: str) -> Json:
        state, _ = await self._store.contact(self._business, cid)
        return {"id": cid, **(readable(read_contact, state) if state else {})}

    async def _chats(self, kin: Kin) -> list[Json]:
        found = await self._store.traces(self._business, kin.chats, self._each)
        rows = [row for each in found.rows if (row := await self._store.row(self._business, each))]
        return [await self._chat(each, [row for row in rows if row.subject == each]) for each in kin.chats]

    async def _chat(self, chat: str, rows: Sequence[Row]) -> Json:
        number, _, contact = chat.partition("/")
        record = await self._store.subject(self._business, chat)
        timers = await self._store.timers_in(self._business, [chat], self._each)
        return {
            "number": number,
            "contact": contact,
            **(_state(record.state) if record and record.state else {}),
            "log": [line for turn in await self._store.log(self._business, chat) for line in _lines(turn)],
            "messages": [_row(row) for row in sorted(rows, key=lambda row: row.position)],
            "undecided": [readable(read_event, each) for each in await self._store.undecided(self._business, chat)],
            "timers": [readable(read_event, each) for each in timers.values()],
            "files": [
                {"sha256": each.digest, **readable(read_file_note, each.blob)}
                for each in await self._store.received(self._business, chat)
            ],
        }

    async def _alerts(self, chats: Sequence[str], mentions: Mentions) -> list[Json]:
        told = await self._store.alerts(self._business, MOST_ALERTS)
        mine = [each for each in told if is_about(each.blob, chats) or mentions.are_in(each.blob)]
        return [{"at": _moment(each.at_ms), "count": each.count, **readable(read_alert, each.blob)} for each in mine]

    async def _places(self, mentions: Mentions) -> list[Json]:
        """Return where they stand in lists of campaigns that are not over."""
        return [
            {"campaign": name, **readable(_listing, each)}
            for name in await self._store.campaigns(self._business)
            for each in mentions.among(await self._store.listed(self._business, name))
        ]

    async def _imports(self, mentions: Mentions) -> list[Any]:
        waiting = mentions.among([*(await self._store.waiting_imports(self._business)).values()])
        return [part for each in waiting for part in mentions.parts(_raw(each))]

    async def _bodies(self, mentions: Mentions) -> list[Json]:
        """Tell what could not be read, without its bytes: these may be of others, too."""
        bodies = mentions.among(await self._store.bodies(self._business))
        found = [msgspec.msgpack.decode(each, type=Quarantined) for each in bodies]
        return [{"reason": each.reason, "field": each.field, "bytes": len(each.raw)} for each in found]


def readable(reader: Callable[[bytes], object], blob: bytes) -> Json:
    """Return a record as JSON; what this version of Baton cannot read as its bytes."""
    try:
        found: Json = to_builtins(reader(blob))
    except (msgspec.MsgspecError, UnknownSchemaError, ValueError, zlib.error):
        return {"not_readable": base64.b64encode(blob).decode()}
    return found


def _state(blob: bytes) -> Json:
    """Return the state of a chat, with who holds it now and until when a message may leave."""
    found = {name: value for name, value in readable(read_chat, blob).items() if name not in NOT_OF_A_CHAT}
    if "not_readable" in found:
        return found
    chat, now = read_chat(blob), datetime.now(UTC)
    open_until = window.open_until(chat.heard_at, chat.window_shut_at)
    return {"holder": handoff.holder_at(chat.holding, now).value, "window_open_until": open_until, **found}


def _lines(turn: bytes) -> list[Json]:
    try:
        lines = read_log(turn)
    except (msgspec.MsgspecError, UnknownSchemaError, zlib.error):
        return [{"not_readable": base64.b64encode(turn).decode()}]
    return [
        {"at": each.at, "who": each.who, "words": each.words, "event": each.event, "row": each.row}
        | {"why": to_builtins(each.why)}
        for each in lines
    ]


def _row(row: Row) -> Json:
    end = {"id": row.id, "kind": row.kind, "state": row.state.value, "reason": row.reason, "code": row.code}
    return {
        **readable(read_row, row.blob),
        **end,
        "message_id": row.message_id,
        "delivery": row.delivery,
        "speaker": row.speaker,
    }


def _raw(waiting: bytes) -> bytes:
    try:
        return read_import(waiting).raw
    except (msgspec.MsgspecError, UnknownSchemaError):
        return b""


def _listing(blob: bytes) -> Listing:
    return msgspec.msgpack.decode(blob, type=Listing)


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, UTC)
