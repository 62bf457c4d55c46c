"""How does what waits on disk come to the store once that is back?

One process reads for all, while it holds the readers' lock. Echoes go first, of all processes, so that no contact's
message is decided before them; then the rest in the order in which it came. Both take the way that a webhook takes,
which drops what it knows already: so reading begins anew after a failure, and a segment is removed only when all of it
is in the store. Each record keeps the moment when it came, by which ages and windows go.
"""

import asyncio
import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from adapters.intake import Intake
from adapters.keeping import AWAY, patience
from adapters.spool import ECHOES, EVENTS, Record, Spool, read_from
from adapters.store import Store, blames_a_record
from adapters.whatsapp import receive
from adapters.whatsapp.receive import BAD_MOST, Batch

log = structlog.get_logger()

EVERY_S = 0.1
RECORDS_AT_ONCE = 50
BYTES_AT_ONCE = 8 * 1024 * 1024
NOT_TAKEN = "It could not be taken from the spool"


class Replay:
    """Brings what waits on disk to the store."""

    def __init__(self, spool: Spool, intake: Intake, store: Store) -> None:
        """Begin with nothing read."""
        self._spool = spool
        self._intake = intake
        self._store = store
        self._ends: dict[Path, int] = {}

    async def run(self) -> None:
        """Look for something to bring, until cancelled; what failed is tried again."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.bring()
            except AWAY as error:
                log.debug("spool_waits", error=type(error).__name__)
            except Exception:  # whatever it is, what waits is still there
                log.exception("spool_not_read")

    async def bring(self) -> None:
        """Bring all that waits, unless another process does; raises one of `AWAY` where the store is."""
        if self._spool.is_empty():
            return
        with self._spool.reading() as mine:
            if not mine:
                return
            self._ends, count = {}, 0
            while not self._spool.is_empty():
                kind = self._first()
                count += (await self._portion(kind)) or (await self._finish(kind))
            log.warning("spool_replayed", records=count)

    def _first(self) -> str:
        return ECHOES if self._spool.holds_echoes() else EVENTS

    async def _finish(self, kind: str) -> int:
        """Take what came since, and remove the segments of a kind; who wants to append waits for that."""
        count = 0
        async with self._spool.closed():
            if kind != self._first():  # an echo came meanwhile
                return count
            while found := await self._portion(kind):
                count += found
            torn = [each for each in self._spool.segments(kind) if each.stat().st_size > self._ends.get(each, 0)]
            if torn:
                log.warning("spool_torn", segments=len(torn))
            self._spool.remove(kind)
        return count

    async def _portion(self, kind: str) -> int:
        """Take a few records of a kind; returns how many."""
        records: list[Record] = []
        ends: dict[Path, int] = {}
        size = 0
        for record, end, segment in self._in_order(kind):
            if len(records) == RECORDS_AT_ONCE or size > BYTES_AT_ONCE:
                break
            records.append(record)
            ends[segment] = end
            size += len(record.body)
        await self._take(records, kind)
        self._ends.update(ends)
        return len(records)

    def _in_order(self, kind: str) -> Iterator[tuple[Record, int, Path]]:
        """Go through what is left of a kind, of all segments, as it came."""

        def left(segment: Path) -> Iterator[tuple[Record, int, Path]]:
            for record, end in read_from(segment, self._ends.get(segment, 0)):
                yield record, end, segment

        return heapq.merge(*map(left, self._spool.segments(kind)), key=lambda found: found[0].arrived_at)

    async def _take(self, records: Sequence[Record], kind: str) -> None:
        """Take records together; if one of them cannot be taken, each alone, and that one is kept aside."""
        try:
            await self._take_together(records, kind)
        except Exception as error:
            if isinstance(error, AWAY) and not blames_a_record(error):
                raise
            if len(records) > 1:
                for each in records:
                    await self._take([each], kind)
                return
            log.exception("spooled_body_quarantined")
            await self._store.quarantine([(NOT_TAKEN, "", each.body[:BAD_MOST]) for each in records])

    async def _take_together(self, records: Sequence[Record], kind: str) -> None:
        batches = [receive.decode(each.body, each.arrived_at) for each in records]
        items = tuple(item for each in batches for item in each.items if kind == EVENTS or item.kind == "echo")
        batch = Batch(items, tuple(bad for each in batches for bad in each.bad) if kind == EVENTS else ())
        async with asyncio.timeout(patience(batch)):
            await self._intake.take(batch)
