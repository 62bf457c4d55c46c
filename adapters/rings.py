"""The doorbell: RQ jobs that tell a worker there is something to send.

A job carries no message. Losing one or ringing twice is harmless: leases in the store own the work, and `tick`
rings again for whatever is owed.
"""

import asyncio

from redis import Redis
from rq import Queue

from adapters.store import Store

SEND = "send"
JOB = "adapters.worker.send"
SHIFT_S = 30
JOBS_AT_MOST = 64


class Rings:
    """Rings for numbers that have something due."""

    def __init__(self, store: Store, jobs: Redis) -> None:
        """Use one connection for the store's own keys and one for RQ's."""
        self._store = store
        self._queue = Queue(SEND, connection=jobs, serializer="json")

    async def ring(self, business: str, number: str) -> None:
        """Wake the shift that serves the number, or ask a worker to start one."""
        if await self._store.ring(business, number):
            await asyncio.to_thread(self.enqueue)

    def enqueue(self) -> None:
        """Put a shift into the queue, unless enough of them wait there for a worker."""
        if self._queue.count >= JOBS_AT_MOST:
            return
        self._queue.enqueue(JOB, job_timeout=4 * SHIFT_S, result_ttl=0, failure_ttl=3600)
