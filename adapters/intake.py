"""Take webhook events in: one durable append for everything that is under way, then the drains."""

import asyncio
import hashlib
import secrets
import time
from collections import Counter, deque
from collections.abc import Coroutine, Iterable, Sequence
from typing import Literal, NamedTuple

import structlog
from msgspec import Struct, field
from redis.exceptions import RedisError

from adapters.handle import Handler
from adapters.live import Live, NotLive
from adapters.records import Import, packed
from adapters.store import Store, blames_a_record
from adapters.store.chats import LEASE_MS
from adapters.store.records import Item, Taken
from adapters.watch import EMPTIED, WHY_HELD, Watch
from adapters.whatsapp.receive import BAD_MOST, Arrival, Batch
from engine.chat import Number
from engine.events import ContactJoined
from engine.identity import aliases, own_aliases

log = structlog.get_logger()

APPENDS_AT_ONCE = 200
DRAINS_AT_ONCE = 32
AGAIN_S = 0.2
DAY_S = 86_400
OF_AN_ACCOUNT = ("number", "import", "ignored")
NOT_READ = "Nobody reads this field yet"

ItemKind = Literal["chat", "echo", "status", "number", "import"]


class Waiting(NamedTuple):
    """Items of one webhook call, and who waits for their append."""

    items: Sequence[Item]
    done: "asyncio.Future[list[Taken]]"


class Sorting(Struct, kw_only=True):
    """Of one webhook call: what each business gets, what is kept aside for people (for nothing: of none), counts."""

    items: dict[str, list[Item]] = {}
    aside: dict[str | None, list[tuple[str, str, bytes]]]
    counts: Counter[str] = field(default_factory=Counter)


class Intake:
    """The way in of one web process.

    While one append is on its way to the store, later ones gather and go together in the next call.
    """

    def __init__(self, store: Store, live: Live, handler: Handler, watch: Watch) -> None:
        """Start with nothing under way."""
        self._watch = watch
        self._store = store
        self._live = live
        self._handler = handler
        self._queues: dict[str, list[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._undrained: deque[tuple[str, tuple[str, ...]]] = deque()
        self._drains = 0

    async def take(self, batch: Batch) -> None:
        """Make a decoded webhook durable; returns when it is, and drains what it touched afterwards.

        Raises `NotLive` while the store has lost everything: nobody is a stranger because of that.
        """
        if self._watch.held == EMPTIED:
            raise NotLive(WHY_HELD[EMPTIED])
        sorting = Sorting(aside={None: [(bad.reason, bad.field or "", bad.raw) for bad in batch.bad]})
        for arrival in batch.items:
            await self._sort(arrival, sorting)
        for owner, bodies in sorting.aside.items():
            await self._store.quarantine(bodies, owner)
        for name, count in sorting.counts.items():
            await self._store.count(name, count)
        appends = {business: self._append(business, items) for business, items in sorting.items.items()}
        if len(appends) > 1:
            await asyncio.gather(*appends.values())
        for business, done in appends.items():
            self._drain(business, await done)

    async def close(self) -> None:
        """Wait for the drains that are under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _sort(self, arrival: Arrival, sorting: Sorting) -> None:
        business = await self._live.business_of(arrival.number, arrival.waba) if _is_somebodys(arrival) else None
        if business is None or arrival.kind == "ignored":
            sorting.counts["ignored" if business else "unknown_number"] += 1
            if business and arrival.raw:
                sorting.aside.setdefault(business, []).append((NOT_READ, arrival.field, arrival.raw[:BAD_MOST]))
            return
        for number in await self._numbers(arrival, business):
            sorting.items.setdefault(business, []).append(item_of(arrival, number, arrival.kind))

    async def _numbers(self, arrival: Arrival, business: str) -> list[str]:
        if arrival.number is not None:
            return [arrival.number]
        ruleset = await self._live.now_live(business)
        return [number.id for number in ruleset.business.numbers.values() if _concerns(arrival, number)]

    def _append(self, business: str, items: Sequence[Item]) -> "asyncio.Future[list[Taken]]":
        done: asyncio.Future[list[Taken]] = asyncio.get_running_loop().create_future()
        queue = self._queues.get(business)
        if queue is None:
            self._queues[business] = [Waiting(items, done)]
            self._spawn(self._flush(business))
        else:
            queue.append(Waiting(items, done))
        return done

    async def _flush(self, business: str) -> None:
        queue = self._queues[business]
        try:
            while queue:
                group = _first(queue, APPENDS_AT_ONCE)
                del queue[: len(group)]
                await self._write(business, [each for each in group if not each.done.done()])
        finally:
            del self._queues[business]

    async def _write(self, business: str, group: Sequence[Waiting]) -> None:
        try:
            taken = await self._store.ingest(business, [item for each in group for item in each.items])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it, and answers 503
            if len(group) > 1 and blames_a_record(error):  # the others' is not to fail with it
                for each in group:
                    await self._write(business, [each])
                return
            for each in group:
                if not each.done.done():
                    each.done.set_exception(error)
            return
        rest = iter(taken)
        for each in group:
            its = [next(rest) for _ in each.items]
            if each.done.done():  # who waited has given up, but it is written
                self._drain(business, its)
            else:
                each.done.set_result(its)

    def _drain(self, business: str, taken: Iterable[Taken]) -> None:
        for subjects in dict.fromkeys(in_turn(each) for each in taken):
            self._undrained.append((business, subjects))
            if self._drains < DRAINS_AT_ONCE:
                self._drains += 1
                self._spawn(self._drain_all())

    async def _drain_all(self) -> None:
        """Drain until nothing is left to drain, or others do it."""
        try:
            while self._undrained:
                await self._drain_each(*self._undrained.popleft())
        finally:
            self._drains -= 1

    async def _drain_each(self, business: str, subjects: Sequence[str]) -> None:
        try:
            for subject in subjects:
                await self._drain_one(business, subject)
        except Exception:  # what is in an inbox stays there, and the tick finds it
            log.exception("not_drained", business=business)

    async def _drain_one(self, business: str, subject: str) -> None:
        """Drain, again and again while the store is away, for as long as the lease could be ours."""
        owner, ends_at = secrets.token_hex(8), time.monotonic() + LEASE_MS / 1000
        while True:
            try:
                return await self._handler.drain(business, subject, owner)
            except (RedisError, OSError) as error:
                if time.monotonic() > ends_at or blames_a_record(error):
                    raise
            await asyncio.sleep(AGAIN_S)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def in_turn(taken: Taken) -> tuple[str, ...]:
    """Return what to drain after an append, in order: a chat that was joined first tells the other what it knew."""
    return tuple(subject for subject in (*taken.also, taken.subject) if subject)


def item_of(arrival: Arrival, number: str, kind: ItemKind) -> Item:
    """Return an arrival as the store takes it."""
    dropped = own_aliases(arrival.old) if arrival.old else ()
    joined = ContactJoined(id=f"joined/{arrival.key}", at=arrival.at, arrived_at=arrival.at, into="")
    return Item(
        number=number,
        kind=kind,
        key=hashlib.blake2b(f"{number} {arrival.key}".encode(), digest_size=16).digest(),
        bucket=int(arrival.at.timestamp()) // DAY_S,
        aliases=aliases(arrival.ids),
        own_aliases=tuple(alias for alias in own_aliases(arrival.ids) if alias not in dropped),
        drop_aliases=dropped,
        new_contact=secrets.token_hex(6),
        row=arrival.row,
        blob=_blob(arrival, number),
        inbound=arrival.kind == "chat",
        joined=packed(joined),
    )


def _blob(arrival: Arrival, number: str) -> bytes:
    if arrival.event is not None:
        return packed(arrival.event)
    return packed(Import(number=number, field=arrival.field, at=arrival.at, raw=arrival.raw or b""))


def _is_somebodys(arrival: Arrival) -> bool:
    """Tell whether it may be found out whose it is; what happens in a chat has to name its number."""
    return arrival.number is not None or arrival.kind in OF_AN_ACCOUNT


def _concerns(arrival: Arrival, number: Number) -> bool:
    """Tell whether an event of an account is about this number: about all of them, unless it names one."""
    return number.waba == arrival.waba and arrival.phone in (None, number.phone)


def _first(queue: Sequence[Waiting], most: int) -> list[Waiting]:
    group: list[Waiting] = []
    count = 0
    for each in queue:
        if group and count + len(each.items) > most:
            break
        group.append(each)
        count += len(each.items)
    return group
