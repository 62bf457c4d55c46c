"""Where is a webhook kept before it is acknowledged: in the store, or while that is away on this machine's disk?"""

import asyncio

import structlog
from redis.exceptions import RedisError

from adapters.intake import Intake
from adapters.live import NotLive
from adapters.spool import ECHOES, EVENTS, Record, Spool, SpoolFull
from adapters.whatsapp.receive import Batch

log = structlog.get_logger()

STORE_S = 0.5
STORE_S_FOR_EACH = 0.005

AWAY = (RedisError, OSError, TimeoutError, NotLive)
"""What is raised when the store does not take events now, and may do so later."""


class NotKept(Exception):  # noqa: N818 - it says what is the matter
    """Raised when a webhook is neither in the store nor on disk: it must not be acknowledged."""


class Keeper:
    """Keeps webhooks; without a spool they are refused while the store is away."""

    def __init__(self, intake: Intake, spool: Spool | None) -> None:
        """Start with nothing to keep."""
        self._intake = intake
        self._spool = spool

    def may_spool(self) -> bool:
        """Tell whether events would be taken also while the store is away."""
        return self._spool is not None and self._spool.has_room()

    def is_spooling(self) -> bool:
        """Tell whether something waits on disk."""
        return self._spool is not None and not self._spool.is_empty()

    async def keep(self, record: Record, batch: Batch) -> None:
        """Keep a webhook, decoded as `batch`; it is durable when this returns. Raises `NotKept`.

        What comes while anything waits on disk waits behind it, so that no message overtakes an echo.
        """
        if self._spool is not None and await self._behind(self._spool, record, batch):
            return
        try:
            async with asyncio.timeout(patience(batch)):
                await self._intake.take(batch)
        except AWAY as error:
            if self._spool is None:
                raise _not_kept(error) from error
            await self._aside(self._spool, record, batch, error)

    async def _behind(self, spool: Spool, record: Record, batch: Batch) -> bool:
        """Keep it behind what waits on disk; false if nothing does."""
        try:
            return not spool.is_empty() and await spool.add_behind(record, kinds_of(batch))
        except (OSError, SpoolFull) as error:
            raise _not_kept(error) from error

    async def _aside(self, spool: Spool, record: Record, batch: Batch, why: Exception) -> None:
        try:
            if spool.is_empty():
                log.warning("spooling", error=type(why).__name__)
            await spool.add(record, kinds_of(batch))
        except (OSError, SpoolFull) as error:
            raise _not_kept(error) from error


def patience(batch: Batch) -> float:
    """Return how many seconds the store may take: Meta counts above one as slow, but a thousand items need more."""
    return STORE_S + STORE_S_FOR_EACH * (len(batch.items) + len(batch.bad))


def kinds_of(batch: Batch) -> tuple[str, ...]:
    """Return in which segments a body belongs: with the echoes, with the rest, in both, or in none if it is empty."""
    found = []
    if any(item.kind == "echo" for item in batch.items):
        found.append(ECHOES)
    if batch.bad or any(item.kind != "echo" for item in batch.items):
        found.append(EVENTS)
    return tuple(found)


def _not_kept(error: Exception) -> NotKept:
    log.warning("webhook_not_taken", error=type(error).__name__)
    return NotKept()
