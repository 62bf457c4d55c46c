"""Import what phones told of their past: history goes into the logs of chats, address books to their contacts.

It is for people, search and replay, and decides nothing: no event, no window, no holder, no run comes of it. It has
time, too: after each portion the store is left to those who write now, for longer than the portion took.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Final

import structlog
from msgspec import DecodeError
from redis.exceptions import RedisError

from adapters.handle import Handler
from adapters.intake import DAY_S
from adapters.live import Live, NotLive
from adapters.records import Import, LaterSchemaError, UnknownSchemaError, packed, read_import, read_sync
from adapters.remembering import Memory
from adapters.store import Item, Store
from adapters.store.imports import Waiting
from adapters.tally import Tally
from adapters.whatsapp.history import Said, Thread, pieces
from adapters.whatsapp.receive import BAD_MOST
from engine.book import BookEntry
from engine.events import FileRecalled
from engine.identity import aliases, own_aliases

log = structlog.get_logger()

KIND: Final = "import"
LENGTH_S = 30.0
IDLE_S = 2.0
LOOK_S = 0.5
ATTENDED_S = 5.0
NAMES_AT_ONCE = 16  # of about eight people
TRIES = 3
REST = 3.0  # times what was worked
REST_MOST_S = 1.0


class Stopped(Exception):  # noqa: N818 - it says what happened
    """Raised in the middle of a body when this process is to end, or somebody else has the body now."""


class Importer:
    """A stretch of importing in one process; ends by its own clock, after a while of nothing, or when told to."""

    def __init__(self, store: Store, live: Live, handler: Handler, *, keeps_files: bool = True) -> None:
        """Begin with nothing under way; `keeps_files` says whether files of messages are to be brought."""
        self._handler = handler
        self._keeps_files = keeps_files
        self._store = store
        self._live = live
        self._owner = secrets.token_hex(8)
        self._stopping = False

    def stop(self) -> None:
        """Take no portion more; what is half done is done again by others."""
        self._stopping = True

    async def run(self) -> bool:
        """Import; tell whether some may be left."""
        try:
            await self._serve()
        finally:
            left = await self._store.leave(KIND)
        return left

    async def _serve(self) -> None:
        ends_at, idle_since = time.monotonic() + LENGTH_S, time.monotonic()
        while not self._stopping and time.monotonic() < ends_at:
            await self._store.attend(ATTENDED_S, KIND)
            business = await self._store.wait_for_work(LOOK_S, KIND)
            if business is not None:
                await self.take(business)
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > IDLE_S:
                return

    async def take(self, business: str) -> bool:
        """Import the oldest body of a business, if there is one that nobody has; the next waits for its turn."""
        waiting = await self._store.take_import(business, self._owner)
        if waiting is None:
            return False
        try:
            await self._import(business, waiting)
        except Stopped:
            if self._stopping:
                await self._store.give_back_import(business, waiting.name)
        except LaterSchemaError:
            await self._store.give_back_import(business, waiting.name)
            await self._handler.later.met(business)
            return False
        except (RedisError, OSError, NotLive):
            with suppress(RedisError, OSError):
                await self._store.give_back_import(business, waiting.name)
            raise
        await self._store.ring_work(business, KIND)
        return True

    async def _import(self, business: str, waiting: Waiting) -> None:
        ruleset = await self._live.now_live(business)
        found = _read(waiting, ruleset.business.numbers)
        if not isinstance(found, Import):
            log.error("import_kept_aside", business=business, why=found)
            await self._store.quarantine([(found, KIND, waiting.body[:BAD_MOST])], business)
            await self._store.end_import(business, waiting.name)
            return
        tally = Tally(found, read_sync(await self._store.sync(business, found.number)))
        memory = Memory(self._store, business, ruleset.business.numbers[found.number], ruleset.lists)
        await self._put_all(memory, found, tally)
        await self._store.quarantine([(bad.reason, bad.field or "", bad.raw) for bad in tally.bad], business)
        await self._store.end_import(
            business, waiting.name, found.number, sync=tally.written, counts=tally.counts, alerts=tally.alerts
        )

    async def _put_all(self, memory: Memory, found: Import, tally: Tally) -> None:
        portion: dict[str, Thread | BookEntry] = {}
        for piece in pieces(found.field, found.raw, found.at):
            if not isinstance(piece, Thread | BookEntry):
                tally.note(piece)
                continue
            names = own_aliases(piece.ids)
            if len(portion) >= NAMES_AT_ONCE or any(name in portion for name in names):
                await self._put_portion(memory, portion, tally, found)
                portion = {}
            portion.update(dict.fromkeys(names, piece))
        await self._put_portion(memory, portion, tally, found)

    async def _put_portion(
        self, memory: Memory, portion: Mapping[str, Thread | BookEntry], tally: Tally, found: Import
    ) -> None:
        """Put what is about different people, and rest; raises `Stopped` if that is for others to do."""
        await self._store.attend(ATTENDED_S, KIND)
        if self._stopping or not await self._store.keep_import(memory.business, self._owner):
            raise Stopped
        began_at = time.monotonic()
        each_once = list({id(piece): piece for piece in portion.values()}.values())
        for piece, outcome in zip(each_once, await asyncio.gather(*map(memory.put, each_once)), strict=True):
            tally.put(piece, outcome)
            if self._keeps_files and isinstance(piece, Thread) and outcome == "put":
                await self._recall(memory.business, found, piece)
        await asyncio.sleep(min(REST * (time.monotonic() - began_at), REST_MOST_S))

    async def _recall(self, business: str, found: Import, thread: Thread) -> None:
        """Let the files of a thread be brought that Meta still has; a chat is where that is kept track of."""
        items = [item for said in thread.said if (item := _file(found, thread, said))]
        taken = await self._store.ingest(business, items)
        for subject in dict.fromkeys(each.subject for each in taken if each.fresh and each.subject):
            await self._handler.drain(business, subject)


def _file(found: Import, thread: Thread, said: Said) -> Item | None:
    """Return the event of a file; its key is not that of its message, which may still come live."""
    if said.file is None:
        return None
    event = FileRecalled(id=said.id, at=said.at, arrived_at=found.at, file=said.file, by=said.by)
    return Item(
        number=found.number,
        kind="chat",
        key=hashlib.blake2b(f"{found.number} recalled {said.id}".encode(), digest_size=16).digest(),
        bucket=int(found.at.timestamp()) // DAY_S,
        aliases=aliases(thread.ids),
        new_contact=secrets.token_hex(6),
        blob=packed(event),
    )


def _read(waiting: Waiting, numbers: Container[str]) -> Import | str:
    """Return what is to be imported, or why it cannot be."""
    if waiting.tries > TRIES:
        return "It ended its process three times"
    try:
        found = read_import(waiting.body)
    except LaterSchemaError:
        raise
    except (DecodeError, UnknownSchemaError, ValueError):
        return "It cannot be read"
    return found if found.number in numbers else "Its number is not live any more"
