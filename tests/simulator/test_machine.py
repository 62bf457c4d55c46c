"""Do the scripts of the store do what a small model of them says, whatever is asked in whichever order, and twice?

The model knows a chat as an inbox, a lease, a version, a hold and a line of rows, and a row as a state. It says which
answer each call has to give. Attempts are repeated as after a lost answer, versions are stale, owners come too late.
After each call the whole store is read: its rows must stand where the model says, which moves them by `MOVES`, the one
table of moves, and nothing may contradict itself.
"""

import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from adapters.records import packed, packed_chat
from adapters.store import Committed, Item, NewRow, NewTimer, NextRow, Stale
from adapters.store import Store as RealStore
from adapters.store.records import DropOrder
from engine.chat import Chat, Contact
from engine.content import Text
from engine.effects import Send
from engine.events import EchoReceived, MessageReceived, TimerFired
from engine.identity import Ids
from engine.row import MOVES, RowState, queue
from rules.policy.restrictions import DEFAULT, Clearance, clear
from rules.policy.restrictions import Path as Way
from tests.dump import breaches, read
from tests.simulator.loop import Loop
from tests.simulator.plants import MODEL_BUGS, Bug
from tests.simulator.runs import Store
from tests.simulator.stored import EPOCH_MS, Network, Server, Weather

BUSINESS, NUMBER = "bakery", "1001"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEASE_MS, FAR = 10_000, 10**14
EVENT = packed(MessageReceived(id="w", at=NOON, arrived_at=NOON, content=Text("hi"), ids=Ids()))
ECHO = packed(EchoReceived(id="e", at=NOON, arrived_at=NOON, content=Text("hi"), ids=Ids()))
FIRED = packed(TimerFired(id="t", at=NOON, arrived_at=NOON, name="n", run="r", wait=0))
WHO = st.sampled_from(["p:1", "p:2"])
OWNERS = st.sampled_from(["web 1", "web 2"])


def row_of(name: str, subject: str) -> NewRow:
    """Return a row as a decision would make it."""
    cleared = clear(
        Way.FLOW, business_phone="+1 555-078-3881", coexistence=True, phones=("12025550143",), bsuids=(), lists=DEFAULT
    )
    assert isinstance(cleared, Clearance)
    row = queue(
        cleared,
        business=BUSINESS,
        number=NUMBER,
        chat=subject,
        event="w",
        index=0,
        effect=Send(content=Text("Hello")),
        epoch=0,
        asked_at=NOON,
        queued_at=NOON,
        arrived_at=NOON,
    )
    return NewRow(id=name, blob=packed(replace(row, id=name)), speaker="bot", epoch=0)


class Modelled:
    """A chat as the model knows it."""

    def __init__(self) -> None:
        """Nothing is in it."""
        self.ver = 0
        self.seq = 0
        self.inbox: list[int] = []
        self.hold = 0
        self.lease: tuple[str, int] = ("", 0)
        self.line: list[str] = []
        self.flight = ""


class Machine(RuleBasedStateMachine):
    """Calls of the store in any order, each answer foretold."""

    server: Server
    client: redis.Redis

    def __init__(self) -> None:
        """Publish a version into an empty store."""
        super().__init__()
        self.server.empty()
        self.loop = Loop()  # type: ignore[abstract]  # what it lacks nobody here asks for
        network = Network(self.server, self.loop, random.Random(1), Weather(slowness_s=0.0001))  # noqa: S311 - no secret
        self.store = RealStore(network)  # type: ignore[arg-type]  # a peer of redis.asyncio's client
        self.chats: dict[str, Modelled] = {}
        self.states: dict[str, RowState] = {}
        self.seen: set[str] = set()
        self.lists = "lists-0"
        self.count = 0
        self.again: Callable[[], Awaitable[Any]] | None = None
        self.told: Any = None

    def ask(self, work: Callable[[], Awaitable[Any]], *, repeats: bool = False) -> Any:
        """Call the store and wait; `repeats` lets `ask_again` do the same once more."""
        done: list[Any] = []

        async def call() -> None:
            done.append(await work())

        task = self.loop.begin(None, call())
        self.loop.run_until(lambda: False)
        task.result()
        self.again, self.told = (work, done[0]) if repeats else (None, None)
        return done[0]

    def name(self, what: str) -> str:
        """Return a name that is new."""
        self.count += 1
        return f"{what}{self.count}"

    @property
    def now_ms(self) -> int:
        """The moment by the store's clock."""
        return EPOCH_MS + int(self.loop.now * 1000)

    @initialize()
    def publish(self) -> None:
        """Make a version live."""
        self.ask(
            lambda: self.store.publish(
                BUSINESS, "v1", files=b"f", typed=b"t", numbers={NUMBER: 20}, wabas=["7"], by="me", lists=self.lists
            )
        )

    @rule(who=WHO, key=st.integers(0, 9), echo=st.booleans())
    def ingest(self, who: str, key: int, echo: bool) -> None:  # noqa: FBT001 - drawn
        """An event is appended once; an echo holds its chat."""
        self.ingest_one(who, f"{who} {key} {echo}", echo=echo)

    def ingest_one(self, who: str, name: str, *, echo: bool) -> None:
        """Append an event of this name."""
        item = Item(
            number=NUMBER,
            kind="echo" if echo else "chat",
            key=name.encode(),
            bucket=1,
            blob=ECHO if echo else EVENT,
            aliases=(who,),
            own_aliases=(who,),
            new_contact=f"of-{who[-1]}",
        )
        [taken] = self.ask(lambda: self.store.ingest(BUSINESS, [item]))
        assert (taken.why, taken.subject) == ("dup" if name in self.seen else "appended", f"{NUMBER}/of-{who[-1]}")
        if name not in self.seen:
            self.append(taken.subject, hold=echo)
        self.seen.add(name)

    def owner_writes(self, subject: str) -> None:
        """Append an echo, between the judgement of a row and its beginning."""
        who = f"p:{subject[-1]}"
        item = Item(number=NUMBER, kind="echo", key=self.name("e").encode(), bucket=1, blob=ECHO, aliases=(who,))
        self.ask(lambda: self.store.ingest(BUSINESS, [item]))
        self.append(subject, hold=True)

    def append(self, subject: str, *, hold: bool) -> None:
        """Do in the model what an append does."""
        chat = self.chats.setdefault(subject, Modelled())
        chat.seq += 1
        chat.inbox.append(chat.seq)
        if hold:
            chat.hold = chat.seq
            chat.ver += 1

    @rule(ms=st.sampled_from([10, 60, 2_000, 9_000, 40_000]))
    def pass_time(self, ms: int) -> None:
        """Time goes by."""
        self.loop.now += ms / 1000

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), owner=OWNERS)
    def lease(self, data: st.DataObject, owner: str) -> None:
        """A chat is leased by one at a time."""
        subject = data.draw(st.sampled_from(sorted(self.chats)))
        chat = self.chats[subject]
        free = chat.lease[0] in {"", owner} or chat.lease[1] <= self.now_ms
        leased = self.ask(lambda: self.store.lease(BUSINESS, subject, owner))
        assert (leased is not None) is free
        if leased is not None:
            chat.lease = (owner, leased.now_ms + LEASE_MS)
            assert (leased.ver, len(leased.events), leased.hold or 0) == (chat.ver, len(chat.inbox), chat.hold)
            assert (leased.flight.id if leased.flight else "") == chat.flight

    @precondition(lambda self: self.chats)
    @rule(data=st.data(), owner=OWNERS, stale=st.booleans(), rows=st.integers(0, 2), drops=st.booleans())
    def commit(self, data: st.DataObject, owner: str, stale: bool, rows: int, drops: bool) -> None:  # noqa: FBT001 - drawn
        """A decision is written whole, by who has the lease and has read what is there; else nothing is."""
        subject = data.draw(st.sampled_from(sorted(self.chats)))
        chat = self.chats[subject]
        decided = data.draw(st.integers(0, len(chat.inbox)))
        ver = chat.ver - 1 if stale else chat.ver
        new = [row_of(self.name("row"), subject) for _ in range(rows)]
        timer = NewTimer(self.name("timer"), self.now_ms + 1_000, FIRED)
        attempt = self.name("attempt")
        state = packed_chat(Chat(number=NUMBER, contact=Contact(id=subject.partition("/")[2])))
        answer = self.ask(
            lambda: self.store.commit(
                BUSINESS,
                subject,
                owner,
                attempt,
                ver=ver,
                decided=decided,
                state=state,
                rows=new,
                timers=[timer] if drops else [],
                drop=DropOrder("owner_replied", ("bot",)) if drops else None,
            ),
            repeats=True,
        )
        expected = "lease" if chat.lease[0] != owner else "version" if stale else ""
        if expected:
            assert answer == Stale(expected)  # type: ignore[arg-type]  # one of its literals
            self.again = None  # what was refused may be taken now
            return
        assert isinstance(answer, Committed)
        chat.ver, chat.lease, chat.inbox = chat.ver + 1, ("", 0), chat.inbox[decided:]
        chat.hold = 0 if not chat.inbox or chat.hold < chat.inbox[0] else chat.hold
        for name in [each for each in chat.line if drops and self.states[each] is RowState.QUEUED]:
            self.end(chat, name, RowState.DROPPED)
        for row in new:
            self.states[row.id] = RowState.QUEUED
            chat.line.append(row.id)
        assert answer.remaining == len(chat.inbox)

    @precondition(lambda self: self.chats)
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        """All that waits in a chat is decided at once, as it mostly is, and two rows come of it."""
        self.decide_all(data.draw(st.sampled_from(sorted(self.chats))))

    def decide_all(self, subject: str) -> None:
        """Lease a chat when it is free, and decide all that waits."""
        chat, new = self.chats[subject], [row_of(self.name("row"), subject) for _ in range(2)]
        self.loop.now += LEASE_MS / 1000 if chat.lease[0] else 0
        leased = self.ask(lambda: self.store.lease(BUSINESS, subject, "web 3"))
        attempt = self.name("attempt")
        state = packed_chat(Chat(number=NUMBER, contact=Contact(id=subject.partition("/")[2])))
        self.ask(
            lambda: self.store.commit(
                BUSINESS,
                subject,
                "web 3",
                attempt,
                ver=leased.ver,
                decided=len(leased.events),
                state=state,
                rows=new,
            ),
            repeats=True,
        )
        chat.ver, chat.lease, chat.inbox, chat.hold = chat.ver + 1, ("", 0), [], 0
        for row in new:
            self.states[row.id] = RowState.QUEUED
            chat.line.append(row.id)

    def end(self, chat: Modelled, name: str, state: RowState) -> None:
        """Do in the model what the end of a row does."""
        self.states[name] = state
        chat.line.remove(name)

    @rule(
        wrong=st.sampled_from(["", "", "ver", "number", "lists", "late", "inbox", "hold"]),
        another=st.sampled_from([False, False, True]),
    )
    def begin(self, wrong: str, another: bool) -> None:  # noqa: FBT001 - drawn
        """The first row of a chat may leave, if nothing that was judged has changed."""
        if RowState.QUEUED not in self.states.values():
            self.ingest_one("p:1", self.name("key"), echo=False)
            self.decide_all(f"{NUMBER}/of-1")
        self.loop.now += 2  # what was chosen and not begun comes up again
        found = self.ask(lambda: self.store.next_row(BUSINESS, NUMBER))
        if not isinstance(found, NextRow):
            return
        chat = self.chats[found.subject]
        assert not chat.hold
        assert not chat.flight
        assert found.row == chat.line[0]
        name = chat.line[-1] if another else found.row
        asked: dict[str, Any] = {
            "subject": found.subject,
            "ver": found.ver,
            "number_ver": found.number_ver,
            "lists": self.lists,
        }
        asked |= {"valid_until_ms": FAR, "empty_inbox": wrong == "inbox"}
        changes: dict[str, dict[str, Any]] = {"ver": {"ver": found.ver - 1}, "number": {"number_ver": 7}}
        asked |= {**changes, "lists": {"lists": "other"}}.get(wrong, {})
        asked |= {"valid_until_ms": self.now_ms - 1} if wrong == "late" else {}
        self.server.run(b"DEL", f"{{{BUSINESS}}}:p:{NUMBER}".encode())
        self.server.run(b"DEL", f"{{{BUSINESS}}}:paced:{NUMBER}".encode())
        if wrong == "hold":
            self.owner_writes(found.subject)
        attempt = self.name("attempt")
        begun = self.ask(lambda: self.store.begin(BUSINESS, name, attempt, **asked), repeats=True)
        expected = self.refusal(chat, name, wrong)
        assert begun.why == expected
        if expected:
            self.again = None
            return
        self.states[name], chat.flight = RowState.SENDING, name

    def refusal(self, chat: Modelled, name: str, wrong: str) -> str:
        """Return why a row may not begin."""
        if self.states[name] is not RowState.QUEUED:
            return "state"
        if chat.hold:
            return "hold"
        if wrong in {"ver", "number"}:
            return "changed"
        if name != chat.line[0]:
            return "order"
        if wrong == "inbox" and not chat.inbox:
            return ""
        return wrong

    @precondition(lambda self: self.states)
    @rule(data=st.data(), to=st.sampled_from(sorted(RowState)), expect=st.sets(st.sampled_from(sorted(RowState))))
    def settle(self, data: st.DataObject, to: RowState, expect: set[RowState]) -> None:
        """A row moves where `MOVES` lets it, from where it was expected to be, and else stays."""
        name = data.draw(st.sampled_from(sorted(self.states)))
        old = self.states[name]
        tell = data.draw(st.booleans())
        if to is RowState.SENDING:  # that is `begin`'s alone
            return
        attempt = self.name("attempt")
        settled = self.ask(
            lambda: self.store.settle(
                BUSINESS,
                name,
                attempt,
                expect=sorted(expect),
                state=to,
                reason="a reason",
                again_at_ms=self.now_ms,
                tell_chat=EVENT if tell else b"",
            ),
            repeats=True,
        )
        ok = old in expect and (to is old or to in MOVES[old])
        assert (settled.ok, settled.state) == (ok, to if ok else old)
        if not ok:
            self.again = None
            return
        subject = next(each for each, chat in self.chats.items() if self.belongs(each, name))
        chat = self.chats[subject]
        if to is not old:
            self.moved(chat, name, old, to)
        if tell:
            self.append(subject, hold=True)

    def belongs(self, subject: str, name: str) -> bool:
        """Tell whether the store files a row under a chat."""
        found: bytes = self.server.run(b"HGET", f"{{{BUSINESS}}}:r:{name}".encode(), b"subject")
        return found == subject.encode()

    def moved(self, chat: Modelled, name: str, old: RowState, to: RowState) -> None:
        """Do in the model what a move does."""
        self.states[name] = to
        if to in {RowState.QUEUED, RowState.DOUBT}:
            if old is RowState.PARKED:
                chat.line.append(name)
                chat.line.sort(key=lambda each: int(each.removeprefix("row")))
        elif name in chat.line:
            chat.line.remove(name)
        chat.flight = "" if chat.flight == name else chat.flight

    @rule()
    def sweep(self) -> None:
        """Timers that are due are appended once; overdue are those whose time is over, and no others."""
        dump = read(self.client, BUSINESS)
        due = [subject for subject, at in self.timers(dump) if at <= self.now_ms]
        swept = self.ask(lambda: self.store.sweep(BUSINESS))
        assert sorted(swept.fired) == sorted(due)
        for subject in swept.fired:
            self.append(subject, hold=False)
        for pile, state in ((swept.overdue, RowState.SENDING), (swept.ended_doubts, RowState.DOUBT)):
            assert all(self.states[name] is state for name in pile)

    def timers(self, dump: Any) -> Iterator[tuple[str, float]]:
        """Yield the chat and the moment of each timer."""
        for name, at in dump.sorted.get("timers", {}).items():
            yield dump.timer[name].partition(b"\0")[0].decode(), at

    @precondition(lambda self: self.again is not None)
    @rule()
    def ask_again(self) -> None:
        """An answer was lost: the same call again does nothing, and answers as before."""
        before = self.picture()
        again, told = self.again, self.told
        assert again is not None
        answer = self.ask(again)
        assert type(answer) is type(told)
        assert getattr(answer, "ok", True) == getattr(told, "ok", True)
        assert self.picture() == before

    def picture(self) -> Any:
        """Return all that a business keeps, but for what says just when somebody looks again."""
        dump = read(self.client, BUSINESS)
        return dump.subjects, dump.rows, dump.lists, dump.count, dump.timer, dump.sorted.keys()

    @rule(lists=st.sampled_from(["lists-0", "lists-1"]))
    def put_lists(self, lists: str) -> None:
        """Other restriction lists come into force."""
        self.ask(lambda: self.store.put_lists(BUSINESS, lists))
        self.lists = lists

    @invariant()
    def agrees(self) -> None:
        """The store is as the model says, and nothing in it contradicts itself."""
        dump = read(self.client, BUSINESS)
        assert {name: row["state"].decode() for name, row in dump.rows.items()} == self.states
        for subject, chat in self.chats.items():
            line = dump.sorted.get(f"out:{subject}", {})
            assert sorted(line, key=lambda each: (line[each], each)) == chat.line
            assert len(dump.lists.get(f"in:{subject}", [])) == len(chat.inbox)
            assert int(dump.subjects[subject].get("ver", 0)) == chat.ver
        assert breaches(self.client, BUSINESS) == []


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store whose clock is the simulator's."""
    with Store(Path(tmp_path_factory.mktemp("simulated"))).opened() as opened:
        yield opened


def play_machine(simulated: Store, examples: int, steps: int, bug: Bug | None = None) -> None:
    """Let Hypothesis look for a way in which the store and the model differ."""
    Machine.server, Machine.client = simulated.server(bug), simulated.client
    case = Machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    case("runTest").runTest()


def test_the_scripts_do_what_the_model_says(simulated):
    """A few hundred calls in many orders; nightly many more."""
    play_machine(simulated, examples=12, steps=30)


@pytest.mark.long
def test_the_scripts_do_what_the_model_says_at_length(simulated):
    """The same, longer."""
    play_machine(simulated, examples=400, steps=60)


@pytest.mark.long
@pytest.mark.parametrize("name", MODEL_BUGS)
def test_the_model_finds_each_safeguard_that_a_script_lacks(simulated, name):
    """One of two that stand behind each other is missed by nobody, except by whoever asks for just that one."""
    with pytest.raises((AssertionError, TypeError, redis.ResponseError)):
        play_machine(simulated, examples=100, steps=40, bug=MODEL_BUGS[name])
