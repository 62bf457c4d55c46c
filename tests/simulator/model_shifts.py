"""Do the scripts about numbers, shifts and bells do what a small model of them says?

A number is due at a moment, and is leased by one shift for a while. A shift counts for the fair shares as long as it
was heard of lately. Bells ring once a second.
"""

import math
from typing import Any, Final

from msgspec import Struct

from tests.simulator.model import BUSINESS, Model, step

NUMBERS: Final = tuple(f"{place}" for place in range(1001, 1007))
SHIFTS: Final = ("shift 1", "shift 2", "shift 3")
LEASE_MS, SEEN_MS, BELL_MS, TICK_MS, WAKE_MS = 10_000, 5_000, 1_000, 3_000, 60_000


class Lease(Struct):
    """Who has something, and until when."""

    owner: str = ""
    until: int = 0


class Shifts(Model):
    """Who sends for which number, who ticks, and who is called."""

    def __init__(self, *given: Any) -> None:
        """Nobody is up."""
        super().__init__(*given)
        self.due: dict[str, int] = {}
        self.leases = {number: Lease() for number in NUMBERS}
        self.seen: dict[str, int] = {}
        self.ready: dict[str, int] = {}
        self.bell = self.work_bell = self.working = 0
        self.tick = Lease()
        self.woken: dict[str, tuple[int, int]] = {}
        self.work_at = 0

    def holder(self, number: str) -> str:
        """Return which shift has a number now."""
        lease = self.leases[number]
        return lease.owner if lease.until > self.asked_ms else ""

    @step(4)
    def pass_time(self) -> None:
        """Time goes by."""
        self.loop.now += self.one((0.1, 0.5, 2, 4, 11))

    @step(6)
    def wait(self) -> None:
        """A chat of a number has something to send, at a moment; or nothing any more."""
        number = self.one(NUMBERS)
        self.ready.pop(number, None)
        self.do("DEL", f":ready:{number}")
        if self.odds(0.7):
            self.ready[number] = self.now_ms + self.one((-100, 5_000, 60_000))
            self.do("ZADD", f":ready:{number}", self.ready[number], f"{number}/a")

    @step(10)
    def ring(self) -> None:
        """A ring wakes who has the number, or calls for a shift, once a second."""
        number = self.one(NUMBERS)
        rung = self.ask(lambda: self.store.ring(BUSINESS, number))
        now, holder = self.asked_ms, self.holder(number)
        fresh = [(at, shift) for shift, at in self.seen.items() if at >= now - SEEN_MS]
        woken = holder or (max(fresh)[1] if fresh else "")
        assert rung is (not holder and self.bell <= now)
        if woken:
            self.woken[woken] = (self.wakes(woken) + 1, now + WAKE_MS)
        if not holder:
            self.due[number] = min(self.due.get(number, now), now)
        if rung:
            self.bell = now + BELL_MS

    def wakes(self, shift: str) -> int:
        """Return how often a shift was woken; whoever does not look for a minute is gone."""
        count, until = self.woken.get(shift, (0, 0))
        return count if until > self.asked_ms else 0

    @step(10)
    def take(self) -> None:
        """A shift leases what is due and nobody has, no more than its share."""
        shift, most = self.one(SHIFTS), self.one((1, 10))
        claimed = self.ask(lambda: self.store.take_numbers(shift, most))
        now = self.asked_ms
        due, share = self.attend(shift)
        held = {each: [number for number in due if self.holder(number) == each] for each in SHIFTS}
        free = [number for number in due if not self.holder(number) and self.due[number] <= now]
        taken = free[: max(0, min(most, share - len(held[shift])))]
        assert [number for _, number in claimed.numbers] == taken
        assert claimed.more_to_come is any(len(held[each]) > share for each in SHIFTS if each != shift)
        for number in taken:
            self.keep(number, shift)

    def attend(self, shift: str) -> tuple[list[str], int]:
        """Do in the model what an attending shift does; return the numbers that are due or leased, and its share."""
        now = self.asked_ms
        self.seen[shift] = now
        self.seen = {each: at for each, at in self.seen.items() if at > now - SEEN_MS}
        due = sorted((at, number) for number, at in self.due.items() if at <= now + LEASE_MS)
        return [number for _, number in due], math.ceil(len(due) / len(self.seen))

    def keep(self, number: str, shift: str) -> None:
        """Do in the model what a lease does."""
        self.leases[number] = Lease(shift, self.asked_ms + LEASE_MS)
        self.due[number] = self.asked_ms + LEASE_MS

    @step(8)
    def renew(self) -> None:
        """A shift keeps what no other has by now."""
        shift, numbers = self.one(SHIFTS), self.some(NUMBERS)
        renewed = self.ask(lambda: self.store.renew(shift, [(BUSINESS, number) for number in numbers]))
        held = [number for number in numbers if self.holder(number) in {"", shift}]
        for number in held:
            self.keep(number, shift)
        assert [number for _, number in renewed.held] == held
        assert renewed.share == self.attend(shift)[1]

    @step(8)
    def give_back(self) -> None:
        """What is given back is due when its next chat may send, and whoever has it by now keeps it."""
        shift, numbers = self.one(SHIFTS), self.some(NUMBERS)
        owed = self.ask(lambda: self.store.give_back(shift, [(BUSINESS, number) for number in numbers]))
        given = [number for number in numbers if self.holder(number) == shift]
        for number in given:
            self.leases[number] = Lease()
            self.due.pop(number, None)
            if number in self.ready:
                self.due[number] = self.ready[number]
        assert owed == sum(self.due.get(number, self.asked_ms + 1) <= self.asked_ms for number in given)

    @step(2)
    def fall_due(self) -> None:
        """A number is due although it is leased: the store's clock jumped, or a hand wrote it."""
        number = self.one(NUMBERS)
        self.due[number] = self.now_ms - 1
        self.do("ZADD", "baton:due", self.due[number], f"{BUSINESS} {number}")

    @step(3)
    def end(self) -> None:
        """A shift that ended counts no more, and nobody wakes it."""
        shift = self.one(SHIFTS)
        self.ask(lambda: self.store.end_shift(shift))
        self.seen.pop(shift, None)
        self.woken.pop(shift, None)

    @step(5)
    def lead(self) -> None:
        """One process ticks at a time."""
        owner = self.one(("web 1", "web 2"))
        leads = self.ask(lambda: self.store.lead(owner))
        left = self.tick.until - self.asked_ms
        assert leads is (self.tick.owner == owner or not 0 < left <= TICK_MS)
        if leads:
            self.tick = Lease(owner, self.asked_ms + TICK_MS)

    @step(1)
    def lead_ahead(self) -> None:
        """Somebody took the lock while the store's clock ran ahead."""
        self.tick = Lease("web 3", self.now_ms + 100 * TICK_MS)
        self.do("SET", "baton:tick", "web 3")
        self.do("ZADD", "sim:ends", self.tick.until, "baton:tick")

    @step(5)
    def ring_work(self) -> None:
        """Work calls for a job while nobody works, once a second."""
        rung = self.ask(lambda: self.store.ring_work(BUSINESS))
        assert rung is (self.working <= self.asked_ms and self.work_bell <= self.asked_ms)
        if rung:
            self.work_bell = self.asked_ms + BELL_MS
        self.work_at = self.work_at or self.asked_ms
        assert self.do("ZSCORE", "baton:work", BUSINESS) == self.work_at

    @step(3)
    def attend_work(self) -> None:
        """Somebody works for a while."""
        self.working = self.now_ms + 4_000
        self.do("SET", "baton:working", "1")
        self.do("ZADD", "sim:ends", self.working, "baton:working")

    def agrees(self) -> None:
        """Numbers are due when the model says, and shifts were woken as often."""
        self.ask(lambda: self.store.sweep(BUSINESS))  # what has ended by now goes
        members: Any = self.client.zrange("baton:due", 0, -1, withscores=True)
        assert {member.decode().partition(" ")[2]: at for member, at in members} == self.due
        for shift in SHIFTS:
            assert self.client.llen(f"baton:wake:{shift}") == self.wakes(shift)
