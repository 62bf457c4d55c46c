"""The doorbell: RQ jobs that tell a worker there is something to send, or other work.

A job carries no message. Losing one or ringing twice is harmless: leases in the store own the work, and `tick`
rings again for whatever is owed.
"""

import asyncio

from redis import Redis
from rq import Queue

from adapters.store import Store

SEND, WORK, IMPORT = "send", "work", "import"
JOBS = {SEND: "adapters.worker.send", WORK: "adapters.worker.work", IMPORT: "adapters.worker.take_over"}
SHIFT_S = 30
JOBS_AT_MOST = 64


class Rings:
    """Rings for numbers that have something due."""

    def __init__(self, store: Store, jobs: Redis) -> None:
        """Use one connection for the store's own keys and one for RQ's."""
        self._store = store
        self._queues = {name: Queue(name, connection=jobs, serializer="json") for name in JOBS}
        self._about_to: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def ring(self, business: str, number: str) -> None:
        """Wake the shift that serves the number, or ask a worker to start one; those who ask together ring once."""
        key = (business, number)
        if key not in self._about_to:
            self._about_to[key] = asyncio.get_running_loop().create_task(self._ring(*key))
        await asyncio.shield(self._about_to[key])

    async def _ring(self, business: str, number: str) -> None:
        # Answers of the store come in groups: by the next turn of the loop, all who were answered now have asked.
        await asyncio.sleep(0)
        del self._about_to[business, number]  # who asks from now on may have written after this rings
        if await self._store.ring(business, number):
            await asyncio.to_thread(self.enqueue, SEND)

    async def ring_work(self, business: str) -> None:
        """Wake whoever does what is no message, or ask a worker to begin."""
        if await self._store.ring_work(business):
            await asyncio.to_thread(self.enqueue, WORK)

    async def ring_import(self, business: str) -> None:
        """Wake whoever imports what phones told of their past, or ask a worker to begin."""
        if await self._store.ring_work(business, "import"):
            await asyncio.to_thread(self.enqueue, IMPORT, 1)

    async def ask_for_help(self) -> None:
        """Ask a worker that has nothing to do for another shift; one job waits for it, however often it is asked."""
        await asyncio.to_thread(self.enqueue, SEND, 1)

    def enqueue(self, name: str, most: int = JOBS_AT_MOST) -> None:
        """Put a job into a queue, unless so many of them wait there for a worker."""
        queue = self._queues[name]
        if queue.count >= most:
            return
        queue.enqueue(JOBS[name], job_timeout=4 * SHIFT_S, result_ttl=0, failure_ttl=3600)
