"""Does this process still talk to the store it began with, and do the two agree on the time?

The theory. A store has an id and a mark that every process raises twice a second. Each remembers the highest it saw.
So who finds the id missing talks to a store that was emptied, who finds another one to another store, and who finds a
lower mark to one that lost its last moments, such as a replica that took over. Each new connection is looked through
before anything else is asked over it, so that what was lost is known before a message can leave a second time. Whoever
finds it out writes it into the store, where `begin` reads it: nothing leaves anywhere until somebody says `baton
resume`. A loss of less than half a second may go unnoticed, and so may one that no process lived through.

The store's clock is the one that counts. Where it differs from this machine's, timers and deadlines would come at the
wrong time: nothing is picked up until they agree, and a message leaves only if its window is open by both.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import RedisError, ResponseError

from adapters.records import new_alert
from adapters.store import Store
from adapters.store.keys import GLOBAL
from adapters.store.marks import WATCH, Mark, mark_of, watch_arguments
from engine.effects import Alert

log = structlog.get_logger()

EVERY_S = 0.5
CONNECT_S = 5.0
CLOCK_MOST_S = 2.0

ROLLED_BACK, EMPTIED, OTHER = "rolled_back", "emptied", "other"
WHY_HELD = {
    ROLLED_BACK: "The store lost its last moments: an older copy took its place. Nothing is sent, since what left in "
    "those moments could leave again. See what was written last (`baton status`), then: baton resume",
    EMPTIED: "The store was emptied while Baton was running. Nothing is sent. Bring its data back or publish the "
    "folder again, then: baton resume",
    OTHER: "Another store answers than before. Nothing is taken or sent. Bring the first one back, or start Baton "
    "again to go on with this one.",
}


class AnotherStore(ConnectionFailed):
    """Raised for a connection that leads to another store than before."""


class Watch:
    """What one process knows of its store."""

    def __init__(self, store: str = "", now: Callable[[], float] = time.time) -> None:
        """`store` is the id it should have, if that is known; `now` is this machine's clock, in seconds."""
        self.store = store
        self.held = ""
        self.off_by_s = 0.0
        self._new = secrets.token_hex(8)
        self._mark = 0
        self._now = now
        self._untold: list[Alert] = []

    @property
    def clocks_agree(self) -> bool:
        """Whether the store's clock and this machine's say the same, by `CLOCK_MOST_S`."""
        return abs(self.off_by_s) <= CLOCK_MOST_S

    def words(self) -> tuple[str, ...]:
        """Say what is the matter, a sentence for each thing."""
        return (*([WHY_HELD[self.held]] if self.held else ()), *(() if self.clocks_agree else [self._clock_words()]))

    def _clock_words(self) -> str:
        return (
            f"The store's clock differs by {self.off_by_s:+.0f} s from this machine's. Timers rest, and no message "
            "leaves near the end of its window: let both machines keep the time (NTP)."
        )

    async def connected(self, connection: AbstractConnection) -> None:
        """Look through a new connection, before anything else is asked over it."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await connection.on_connect()
                await self._look_over(connection)
        except BaseException:  # what still comes must not be taken for the answer to something else
            await connection.disconnect(nowait=True)
            raise

    async def look(self, store: Store) -> None:
        """Look now; tells the owners if something is the matter that nobody knew of."""
        asked_at = self._now()
        self._note(await store.look(self.store, self._mark, self._new), asked_at)
        while self._untold:
            alert = self._untold.pop()
            try:
                await _tell(store, alert)
            except (RedisError, OSError):
                self._untold.append(alert)
                raise

    @asynccontextmanager
    async def watching(self, store: Store) -> AsyncIterator[None]:
        """Look again and again until the end of the block; a store that is away is asked again."""
        task = asyncio.create_task(self._watch(store))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self, store: Store) -> None:
        while True:
            try:
                await self.look(store)
            except (RedisError, OSError) as error:
                log.debug("store_not_watched", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def _look_over(self, connection: AbstractConnection) -> None:
        asked_at = self._now()
        arguments = watch_arguments(self.store, self._mark, self._new)
        await connection.send_command("EVAL", WATCH.text, 1, GLOBAL, *arguments)
        try:
            mark = mark_of(await connection.read_response())
        except ResponseError:  # it is full, busy or still loading: who looks next finds out
            return
        self._note(mark, asked_at)

    def _note(self, mark: Mark, asked_at: float) -> None:
        if mark.held != self.held:
            self.held = mark.held
            log.error("store_held", why=mark.held, words=WHY_HELD.get(mark.held, "It goes on."))
        if mark.held == OTHER:
            raise AnotherStore(WHY_HELD[OTHER])
        if mark.fresh:
            self._untold.append(Alert(f"store_{mark.held}", WHY_HELD[mark.held]))
        self.store, self._mark = mark.store, max(self._mark, mark.mark)
        self._note_clock(off_by(mark.now_ms / 1000, asked_at, self._now()))

    def _note_clock(self, off_by_s: float) -> None:
        agreed, self.off_by_s = self.clocks_agree, off_by_s
        if agreed and not self.clocks_agree:
            log.error("clock_differs", seconds=round(off_by_s, 1))
            self._untold.append(Alert("clock_differs", self._clock_words()))
        elif self.clocks_agree and not agreed:
            log.warning("clocks_agree")


def off_by(there: float, before: float, after: float) -> float:
    """Return how far a clock surely is from ours, which was read before and after it."""
    return there - before if there < before else max(0.0, there - after)


async def _tell(store: Store, alert: Alert) -> None:
    for business in await store.businesses():
        await store.alert(business, new_alert(alert))
