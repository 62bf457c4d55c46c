"""Pick up what a dead process left: due timers, ended leases, doubts, rings that are owed.

One `tick` at a time works, by a short lock in the store; a second one waits for its turn.
"""

import asyncio
import secrets
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from adapters.ends import Ends
from adapters.handle import Handler
from adapters.live import Live
from adapters.rings import Rings
from adapters.store import Store
from engine.outbox import Deadline, Unknown

log = structlog.get_logger()

EVERY_S = 1.0


class Tick:
    """A plain loop; every parent process runs one."""

    def __init__(self, store: Store, live: Live, handler: Handler, ends: Ends, rings: Rings) -> None:
        """Work on one store."""
        self._name = secrets.token_hex(8)
        self._store = store
        self._live = live
        self._handler = handler
        self._ends = ends
        self._rings = rings

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep every second until told to stop; a store that is away is asked again."""
        while not stopping.is_set():
            try:
                if await self._store.lead(self._name):
                    await self.sweep()
            except (RedisError, OSError) as error:
                log.warning("store_away", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY_S)

    async def sweep(self) -> None:
        """Go once through every business."""
        for business in await self._live.businesses():
            await self._sweep(business)

    async def _sweep(self, business: str) -> None:
        swept = await self._store.sweep(business)
        for row in swept.overdue:
            await self._ends.settle(business, row, Unknown("the sender did not come back"), f"tick/{row}")
        for row in swept.ended_doubts:
            await self._ends.settle(business, row, Deadline(), f"tick/{row}/deadline")
        for subject in dict.fromkeys((*swept.fired, *swept.subjects)):
            await self._handler.drain(business, subject)
        for number in swept.owed:
            await self._rings.ring(business, number)
