"""Do the scripts keep the pace of a number, and is a store watched, as a small model of them says?

The model knows the slots of a number as `rules/policy/pace.py` explains them, and what a look at the store has to find:
another store, one that lost its marks, a clock that was set back.
"""

from typing import Any, Final

from adapters.store import Idle
from adapters.store.records import NewRow
from engine.row import RowState
from tests.dump import Dump
from tests.simulator.model import BUSINESS, LISTS, NUMBER, OTHER, Model, step
from tests.simulator.model_chats import FAR, Chats, Spec

MOST, WINDOW_MS, AHEAD_MS, FORGIVEN_MS, EVENLY_US = 20, 1_030, 30, 52, 52_000
REST_MS, SLOW_MS, SLOWEST_US = 1_000, 30_000, 1_000_000
ROWS_AT_ONCE: Final = 8
OTHER_LEASE: Final = f"baton:shift:{BUSINESS}:{OTHER}"


class Pace(Model):
    """Many messages of one number, some of which Meta refuses for their pace."""

    def __init__(self, *given: Any) -> None:
        """Nothing has left."""
        super().__init__(*given)
        self.waiting: list[tuple[str, str]] = []
        self.left: list[int] = []
        self.slots: list[int] = []
        self.due_us = self.slow_until = self.slow_us = 0

    @step(4)
    def pass_time(self) -> None:
        """Time goes by."""
        self.loop.now += self.one((0.02, 0.04, 0.06, 0.4, 2, 31))

    @step(8)
    def send(self) -> None:
        """Messages leave in their slots, as fast as they may, or are asked for too early."""
        waits = self.odds(0.8)
        for _ in range(self.one((1, 4, 25))):
            self.send_one(waits=waits, refused=self.odds(0.1))

    @step(3)
    def refuse_two(self) -> None:
        """Two are under way, and both are too many: the second says nothing new."""
        begun = []
        for _ in range(2):
            self.queue()
            row, subject = self.waiting[0]
            if (slot := self.begin_one(row, subject, waits=True)) is not None:
                begun.append((row, subject, slot))
        for row, subject, slot in begun:
            self.end(row, subject, slot=slot, refused=True)

    def send_one(self, *, waits: bool, refused: bool) -> None:
        """Begin a row when its slot is near, or at once; and end it."""
        if not self.waiting:
            self.queue()
        row, subject = self.waiting[0]
        slot = self.begin_one(row, subject, waits=waits)
        if slot is not None:
            self.waiting.pop(0)
            self.end(row, subject, slot=slot, refused=refused)

    def begin_one(self, row: str, subject: str, *, waits: bool) -> int | None:
        """Begin a row; return its slot if it got one."""
        if waits:
            at, _ = self.next_slot()
            self.loop.now = max(self.loop.now, self.loop.now + (at - AHEAD_MS - self.now_ms) / 1000)
        self.do("HDEL", f":s:{subject}", "pair_tat")
        attempt = self.name("attempt")
        begun = self.ask(
            lambda: self.store.begin(
                BUSINESS, row, attempt, subject=subject, ver=1, number_ver=0, lists=LISTS, valid_until_ms=FAR
            )
        )
        at, due_us = self.next_slot()
        assert (begun.slot_ms, begun.why) == (at, "" if at <= self.asked_ms + AHEAD_MS else "pace")
        if not begun.ok:
            return None
        self.due_us = due_us
        self.left = [*(each for each in self.left if each > self.asked_ms - WINDOW_MS), at]
        self.slots.append(at)
        assert self.client.zcard(f"{{{BUSINESS}}}:paced:{NUMBER}") == len(self.left)
        assert len(self.slots) <= MOST or self.slots[-1] - self.slots[-1 - MOST] >= 1_000
        return at

    def end(self, row: str, subject: str, *, slot: int, refused: bool) -> None:
        """End a row: it was sent, or was one too many."""
        attempt, state = self.name("attempt"), RowState.QUEUED if refused else RowState.SENT
        self.ask(lambda: self.store.settle(BUSINESS, row, attempt, expect=["sending"], state=state, slow=refused))
        if refused:
            self.waiting = [(row, subject), *(each for each in self.waiting if each[0] != row)]
            if slot >= self.slow_until - SLOW_MS + REST_MS:
                gap = self.gap()
                self.due_us = max(self.due_us, (self.asked_ms + REST_MS) * 1000)
                self.slow_until, self.slow_us = self.asked_ms + SLOW_MS, min(2 * gap, SLOWEST_US)

    def queue(self) -> None:
        """Let some rows wait in a new chat."""
        subject = f"{NUMBER}/{self.name('of-')}"
        rows = [NewRow(id=self.name("row"), blob=b"r", speaker="bot", epoch=0) for _ in range(ROWS_AT_ONCE)]
        self.ask(lambda: self.store.lease(BUSINESS, subject, "web"))
        attempt = self.name("attempt")
        self.ask(lambda: self.store.commit(BUSINESS, subject, "web", attempt, ver=0, decided=0, state=b"s", rows=rows))
        self.waiting = [(row.id, subject) for row in rows]

    def gap(self) -> int:
        """Return how many microseconds slots are apart now."""
        return self.slow_us if self.slow_until > self.asked_ms else EVENLY_US

    def next_slot(self) -> tuple[int, int]:
        """Return the next slot, and when the one after it is due."""
        now = self.asked_ms
        due = self.due_us or now * 1000
        window = self.left[-MOST] + WINDOW_MS if len(self.left) >= MOST else 0
        at = max(now, -(-due // 1000), window)
        return at, max(due, (at - FORGIVEN_MS) * 1000) + self.gap()

    @step(4)
    def look(self) -> None:
        """Whoever chooses a row is told the same slot."""
        found = self.ask(lambda: self.store.next_row(BUSINESS, NUMBER))
        if not isinstance(found, Idle):
            assert found.slot_ms == self.next_slot()[0]

    def agrees(self) -> None:
        """Nothing but what each step compares."""


class Watched(Chats):
    """A store that is looked at: is it another one, did it forget, and was its clock set back?"""

    def __init__(self, *given: Any) -> None:
        """Nobody looked yet."""
        super().__init__(*given)
        self.mark = self.clock = 0
        self.id = self.held = ""

    @step(10)
    def watch(self) -> None:
        """A look leaves a mark in the store that it should be, and says what it lost."""
        expected, more = self.one(("", self.id, self.id, "another")), self.one((0, 0, 0, 5))
        seen, new = self.mark + more if expected else 0, self.name("store ")
        mark = self.ask(lambda: self.store.look(expected, seen, new))
        if self.id and expected not in {"", self.id}:
            assert (mark.store, mark.mark, mark.held) == (self.id, 0, "other")
            return
        lost = ""
        if not self.id:
            self.id, lost = expected or new, "emptied" if expected else ""
        if self.mark < seen:
            self.mark, lost = seen, lost or "rolled_back"
        fresh = bool(lost and not self.held)
        self.held = self.held or lost
        self.mark += 1
        assert (mark.store, mark.mark, mark.held, mark.fresh) == (self.id, self.mark, self.held, fresh)
        self.clock = self.asked_ms

    @step(3)
    def go_on(self) -> None:
        """Somebody lets messages leave again."""
        assert self.ask(self.store.go_on) == self.held
        self.held = ""

    @step(2)
    def lose(self) -> None:
        """The store forgets all marks."""
        self.do("DEL", "baton:store")
        self.ask(lambda: self.store.sweep(BUSINESS))
        self.do("DEL", ":set_back")
        self.mark = self.clock = 0
        self.id = self.held = ""

    @step(6)
    def set_back(self) -> None:
        """What was written while the clock ran ahead is made good once, by the next sweep after it was found out."""
        if not self.clock:
            return
        subject = f"{NUMBER}/of-1"
        self.ingest_one(subject, self.name("key"), echo=False)
        self.decide_all(subject, [Spec(), Spec(kind="http"), Spec(kind="http", later_ms=5_000)])
        self.ask(lambda: self.store.sweep(BUSINESS))
        ahead = self.now_ms + self.one((500, 10**9))
        self.do("HSET", "baton:store", "clock", ahead)
        self.clock = ahead
        found = ahead > self.now_ms + 1_000
        self.run_ahead(subject, self.now_ms + 10**9)
        other_ends = self.now_ms + 5_000
        self.do("SET", OTHER_LEASE, "a shift")
        self.do("ZADD", "sim:ends", other_ends, OTHER_LEASE)
        self.ask(lambda: self.store.look("", 0, "new"))
        self.mark, self.clock = self.mark + 1, self.asked_ms
        self.ask(lambda: self.store.sweep(BUSINESS))
        assert self.is_good(subject) is found
        assert self.do("HGET", f":p:{OTHER}", "slow_until") is None
        assert self.do("ZSCORE", "sim:ends", OTHER_LEASE) == other_ends
        self.run_ahead(subject, self.now_ms + 10**9)
        self.ask(lambda: self.store.sweep(BUSINESS))
        assert not self.is_good(subject)
        self.do("ZADD", f":ready:{NUMBER}", self.now_ms, subject)

    def run_ahead(self, subject: str, at: int) -> None:
        """Write what a clock that runs ahead would."""
        self.do("ZADD", f":ready:{NUMBER}", at, subject)
        self.do("HSET", f":p:{NUMBER}", "slow_until", at)
        self.do("SET", f"baton:shift:{BUSINESS}:{NUMBER}", "gone")
        self.do("ZADD", "sim:ends", at, f"baton:shift:{BUSINESS}:{NUMBER}")
        for row in self.dump().sorted.get("todo:http", {}):
            self.do("ZADD", ":todo:http", at, row)

    def is_good(self, subject: str) -> bool:
        """Tell whether all of it is made good, and nothing but that."""
        dump, now = self.dump(), self.asked_ms
        slow = int(self.do("HGET", f":p:{NUMBER}", "slow_until"))
        ends = self.do("ZSCORE", "sim:ends", f"baton:shift:{BUSINESS}:{NUMBER}")
        todo = [at == max(now, self.rows[row].not_before) for row, at in dump.sorted.get("todo:http", {}).items()]
        good = [dump.sorted[f"ready:{NUMBER}"][subject] <= now, slow == now + SLOW_MS, ends == now + 10_000, *todo]
        assert len(set(good)) == 1, good
        return bool(good[0])

    def compare(self, dump: Dump) -> None:
        """Nothing but what each step compares."""
