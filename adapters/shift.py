"""One shift: lease the numbers that have something due, and serve each in a lane of its own."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from adapters.perform import Lane
from adapters.store import Store
from adapters.store.shifts import LEASE_MS
from rules.policy.pace import COEXISTENCE_PER_SECOND, gap

log = structlog.get_logger()

LENGTH_S = 30.0
LEASE_S = LEASE_MS / 1000
IDLE_S = 2.0
RENEW_S = 3.0
LOOK_S = 0.5
EAR_S = 1.0
NUMBERS_AT_MOST = 500
NUMBERS_ALONE = 10
"""How many numbers a shift serves before it asks for another one to share them with."""


async def _run_later(lane: Lane, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await lane.run()


class Shift:
    """A stretch of sending in one process; ends by its own clock, after a while of nothing, or when told to."""

    def __init__(
        self,
        store: Store,
        make_lane: Callable[[str, str, asyncio.Event], Lane],
        ask_for_help: Callable[[], Awaitable[None]],
    ) -> None:
        """Begin with no numbers."""
        self.name = secrets.token_hex(6)
        self._store = store
        self._make_lane = make_lane
        self._ask_for_help = ask_for_help
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._rung = asyncio.Event()

    def stop(self) -> None:
        """Claim nothing more; what is in flight still ends."""
        self._stopping.set()

    async def run(self) -> bool:
        """Serve numbers; tell whether work may be left."""
        ends_at = time.monotonic() + LENGTH_S
        ear = asyncio.get_running_loop().create_task(self._listen())
        try:
            await self._serve(ends_at)
        finally:
            self._stopping.set()
            ear.cancel()
            await asyncio.gather(*self._tasks.values(), ear, return_exceptions=True)
            left = await self._store.give_back(self.name, list(self._lanes))
            await self._store.end_shift(self.name)
        return left > 0

    async def _serve(self, ends_at: float) -> None:
        idle_since, renewed_at = time.monotonic(), time.monotonic()
        while not self._stopping.is_set() and time.monotonic() < ends_at:
            more_to_come = await self._claim()
            if self._tasks or more_to_come:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > IDLE_S:
                return
            if time.monotonic() - renewed_at > RENEW_S:
                await self._renew()
                renewed_at = time.monotonic()
            await self._look_up()
            await self._release_finished()

    async def _look_up(self) -> None:
        """Wait a little, or until a number rings that nobody here serves yet."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), LOOK_S)
        self._rung.clear()

    async def _claim(self) -> bool:
        """Begin with numbers that are free; tell whether others will give some back."""
        held_until = time.monotonic() + LEASE_S
        claimed = await self._store.take_numbers(self.name, NUMBERS_AT_MOST)
        for place, (business, number) in enumerate(claimed.numbers):
            lane = self._make_lane(business, number, self._stopping)
            lane.held_until = held_until
            self._lanes[business, number] = lane
            # Many at once begin one after the other within a slot, or all their slots would come at the same moments.
            after = gap(COEXISTENCE_PER_SECOND).total_seconds() * place / len(claimed.numbers)
            self._tasks[business, number] = asyncio.get_running_loop().create_task(_run_later(lane, after))
        return claimed.more_to_come

    async def _renew(self) -> None:
        """Keep the leases; a lane whose number another shift has, or above the fair share, ends."""
        held_until = time.monotonic() + LEASE_S
        renewed = await self._store.renew(self.name, list(self._lanes))
        for key in renewed.held:
            self._lanes[key].held_until = held_until
        passed_on = self._lanes.keys() - set(renewed.held[: renewed.share])
        for key in passed_on:
            self._lanes[key].stop()
        if passed_on:
            log.info("numbers_passed_on", count=len(passed_on))
        if len(renewed.held) > NUMBERS_ALONE:  # a number that has a shift rings for no other one
            await self._ask_for_help()

    async def _release_finished(self) -> None:
        for key in [key for key, task in self._tasks.items() if task.done()]:
            task, _ = self._tasks.pop(key), self._lanes.pop(key)
            if error := task.exception():
                log.error("lane_ended", number=key[1], exc_info=error)
            await self._store.give_back(self.name, [key])

    async def _listen(self) -> None:
        """Pass rings on to the lanes, at once."""
        # Not `while True`: before Python 3.12 `asyncio.wait_for`, inside redis, may swallow a cancellation.
        while not self._stopping.is_set():
            try:
                woken = await self._store.wait_for_wake(self.name, EAR_S)
            except (RedisError, OSError):  # one connection may end alone; where the store is away, the shift ends
                await asyncio.sleep(LOOK_S)
                continue
            if woken in self._lanes:
                self._lanes[woken].wake.set()
            elif woken is not None:
                self._rung.set()
