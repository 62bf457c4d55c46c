"""Pick up what a dead process left: due timers, ended leases, doubts, rings that are owed; carry campaigns on.

One `tick` at a time works, by a short lock in the store; a second one waits for its turn.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from redis.exceptions import RedisError

from adapters.campaigns import Campaigns
from adapters.ends import Ends
from adapters.handle import Handler
from adapters.live import Live
from adapters.records import LaterSchemaError
from adapters.rings import Rings
from adapters.spool import Spool
from adapters.store import Store, blames_a_record
from adapters.store.shifts import TICK_MS
from adapters.watch import Watch
from engine.outbox import Deadline, Unknown

log = structlog.get_logger()

EVERY_S = 1.0
TIDY_S = 60.0
GIVE_WAY_S = TICK_MS / 1000 + 2 * EVERY_S
GIVE_WAY_EVERY_S = 60.0
ROUNDS = 20
AT_ONCE = 16
CAMPAIGNS_AT_ONCE = 8


class Tick:
    """A plain loop; every parent process runs one."""

    def __init__(
        self,
        store: Store,
        live: Live,
        handler: Handler,
        ends: Ends,
        rings: Rings,
        campaigns: Campaigns,
        spool: Spool | None,
        watch: Watch,
        *,
        files_for: timedelta,
    ) -> None:
        """Work on one store, unless an echo waits in this machine's spool, or the clocks differ.

        `files_for` is how long files of messages are kept.
        """
        self._files_for_ms = round(files_for.total_seconds() * 1000)
        self._tidied: dict[str, float] = {}
        self._gave_way_at = -GIVE_WAY_EVERY_S
        self._name = secrets.token_hex(8)
        self._store = store
        self._live = live
        self._handler = handler
        self._ends = ends
        self._rings = rings
        self._campaigns = campaigns
        self._spool = spool
        self._watch = watch
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._campaigns_at_once = asyncio.Semaphore(CAMPAIGNS_AT_ONCE)

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep every second until told to stop; a store that is away is asked again.

        Campaigns take longer than that where there are many, and nothing else waits for them.
        """
        async with asyncio.TaskGroup() as group:
            carrying = group.create_task(asyncio.sleep(0))
            while not stopping.is_set():
                try:
                    if await self._may_sweep() and await self._store.lead(self._name):
                        campaigns = await self._pick_up_all()
                        if carrying.done():
                            carrying = group.create_task(self._carry_on_alone(campaigns, stopping))
                except (RedisError, OSError) as error:
                    log.warning("store_away", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), EVERY_S)

    async def _may_sweep(self) -> bool:
        """Tell whether what is overdue by the store's clock is so, and no echo is on its way to say otherwise."""
        await self._watch.look(self._store)
        if self._gives_way():
            return False
        return self._watch.clocks_agree and not (self._spool and self._spool.holds_echoes())

    async def sweep(self) -> None:
        """Go through every business once, then through what campaigns have to do."""
        await self._carry_on(await self._pick_up_all(), asyncio.Event())

    def _gives_way(self) -> bool:
        """Tell whether somebody else should sweep for a while: only a later version reads what this one met."""
        now = time.monotonic()
        if now - self._gave_way_at > GIVE_WAY_EVERY_S and self._handler.later.was_met():
            self._gave_way_at = now
        return now - self._gave_way_at < GIVE_WAY_S

    async def _pick_up_all(self) -> dict[str, tuple[str, ...]]:
        """Go through every business at once; what goes wrong in one stays there. Returns campaigns to carry on."""
        campaigns: dict[str, tuple[str, ...]] = {}
        businesses = await self._live.businesses()
        suspects: list[tuple[str, str]] = []
        await _together([_alone(self._pick_up(each, campaigns, suspects), each) for each in businesses])
        for business, subject in suspects:  # one may end this process, which is to have leased no other chat then
            await self._drain(business, subject)
        await _together([_alone(self._tidy(each), each) for each in businesses])
        return campaigns

    async def _tidy(self, business: str) -> None:
        """Let go of files that were kept long enough, now and then; at once again while there are more."""
        now = time.monotonic()
        if now >= self._tidied.get(business, now):
            gone = await self._store.let_go_files(business, self._files_for_ms)
            self._tidied[business] = now if gone else now + TIDY_S

    async def _carry_on(self, campaigns: Mapping[str, tuple[str, ...]], stopping: asyncio.Event) -> None:
        await _together([self._step(*each, stopping) for each in campaigns.items()])

    async def _carry_on_alone(self, campaigns: Mapping[str, tuple[str, ...]], stopping: asyncio.Event) -> None:
        try:
            await self._carry_on(campaigns, stopping)
        except (RedisError, OSError) as error:
            log.warning("store_away", error=type(error).__name__)

    async def _step(self, business: str, campaigns: Sequence[str], stopping: asyncio.Event) -> None:
        async with self._campaigns_at_once:
            if not stopping.is_set():
                await _alone(self._campaigns.step(business, campaigns), business)

    async def _pick_up(
        self, business: str, campaigns: dict[str, tuple[str, ...]], suspects: list[tuple[str, str]]
    ) -> None:
        full, rounds = True, 0
        while full and rounds < ROUNDS:
            swept = await self._store.sweep(business)
            full, rounds = swept.full, rounds + 1
            suspects += [(business, subject) for subject in swept.suspects]
            await asyncio.gather(
                *(self._settle(business, row, Unknown("its sender is gone")) for row in swept.overdue),
                *(self._settle(business, row, Deadline()) for row in swept.ended_doubts),
                *(self._drain(business, subject) for subject in dict.fromkeys((*swept.fired, *swept.subjects))),
                *(self._rings.ring(business, number) for number in swept.owed),
                *([self._rings.ring_work(business)] if swept.work else ()),
                *([self._rings.ring_import(business)] if swept.imports else ()),
            )
        if swept.campaigns:
            campaigns[business] = swept.campaigns

    async def _settle(self, business: str, row: str, evidence: Unknown | Deadline) -> None:
        async with self._at_once:
            await _alone(self._end(business, row, evidence), business)

    async def _end(self, business: str, row: str, evidence: Unknown | Deadline) -> None:
        try:
            await self._ends.settle(business, row, evidence, secrets.token_hex(8))
        except LaterSchemaError:
            await self._handler.later.met(business)

    async def _drain(self, business: str, subject: str) -> None:
        async with self._at_once:
            await _alone(self._handler.drain(business, subject), business)


async def _alone(work: Awaitable[object], business: str) -> None:
    """Let one piece of work fail without the others; a store that is away stops them all."""
    try:
        await work
    except Exception as error:  # whatever it is, the rest of the sweep goes on
        if isinstance(error, RedisError | OSError) and not blames_a_record(error):
            raise
        log.exception("not_picked_up", business=business)


async def _together(work: Iterable[Awaitable[object]]) -> None:
    """Do it all at once and to its end; then raise what stopped some of it."""
    for done in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(done, BaseException):
            raise done
