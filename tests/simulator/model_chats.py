"""Do the scripts about chats and rows do what a small model of them says?

The model knows a chat as an inbox, a lease, a version, a hold and a line of rows, and a row as a state, its place and
what is known of it. It moves rows by `MOVES`, the one table of moves. Versions are stale, owners come too late, and
whatever `begin` compares is changed just before it, one thing at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from adapters.records import packed, packed_chat
from adapters.store import Committed, Item, NewAlert, NewRow, NewTimer, NextRow, Stale
from adapters.store.records import DropOrder
from engine.chat import Chat, Contact, Number
from engine.content import Text
from engine.effects import Send
from engine.events import EchoReceived, MessageReceived, TimerFired
from engine.identity import Ids
from engine.row import MOVES, Delivery, RowState, queue
from rules.policy.restrictions import DEFAULT, Clearance, clear
from rules.policy.restrictions import Path as Way
from tests.dump import BEHIND, Dump
from tests.simulator.model import BUSINESS, LISTS, NUMBER, OTHER, Model, step

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LEASE_MS, SEND_MS, PAIR_MS, DOUBT_MS, FAR = 10_000, 35_000, 6_000, 180_000, 10**14
BURST_MS, REST_MS, AGES_MS = 44 * PAIR_MS, 1_024_000, 10**9
OWN_MOST = 50
CAMPAIGN = "spring"
ENDED = {"stopped": "campaign_stopped", "done": "campaign_over"}
FIELDS = ("ver", "epoch", "hold", "pos", "tries", "pair_tat", "pair_rest")
EVENT = packed(MessageReceived(id="w", at=NOON, arrived_at=NOON, content=Text("hi"), ids=Ids()))
ECHO = packed(EchoReceived(id="e", at=NOON, arrived_at=NOON, content=Text("hi"), ids=Ids()))
FIRED = packed(TimerFired(id="t", at=NOON, arrived_at=NOON, name="n", run="r", wait=0))
OPEN = {RowState.QUEUED, RowState.SENDING, RowState.DOUBT}
SEEN = OPEN - {RowState.QUEUED} | {RowState.PARKED}
OWNERS = ("web 1", "web 2")
NUMBERS = (NUMBER, NUMBER, OTHER)
SPOILED = (
    "", "subject", "held", "ver", "ver of the number", "lists", "late", "inbox", "pace",
    "burst", "rest", "campaign", "hold of the number", "hold",
)  # fmt: skip
"""What is wrong at a beginning, one after the other; what lasts comes last."""


class Spec(Struct, frozen=True):
    """A row that a decision makes."""

    speaker: str = "bot"
    kind: Any = "send"
    bulk: bool = False
    later_ms: int = 0
    again: bool = False


class Kept(Struct):
    """A row as the model knows it."""

    subject: str
    position: int
    kind: str
    speaker: str
    campaign: str
    not_before: int
    state: RowState = RowState.QUEUED
    attempt: str = ""
    until: int = 0
    message_id: str | None = None
    delivery: str | None = None
    in_bulk: bool = False

    @property
    def place(self) -> int:
        """Where it stands in its line."""
        return BEHIND - self.position if self.campaign else self.position


class Modelled(Struct):
    """A chat or number as the model knows it."""

    ver: int = 0
    seq: int = 0
    inbox: list[int] = []
    hold: int = 0
    owner: str = ""
    leased_until: int = 0
    tries: int = 0
    flight: str = ""
    tat: int = 0
    rest: int = 0
    own: list[str] = []
    pos: int = 0
    epoch: int = 0
    waits_since: int | None = None


class Ran(Struct):
    """A campaign as the model knows it."""

    state: str
    run: str
    progress: bytes | None = None
    tally: dict[str, int] = {}


class Chats(Model):
    """Events, decisions, sends and their ends."""

    def __init__(self, *given: Any) -> None:
        """Nobody wrote yet."""
        super().__init__(*given)
        self.chats: dict[str, Modelled] = {}
        self.rows: dict[str, Kept] = {}
        self.contacts: dict[str, int] = {}
        self.seen: set[str] = set()
        self.campaign: Ran | None = None
        self.left_ms = 0

    # What comes in.

    @step(6)
    def ingest(self) -> None:
        """An event is appended once; an echo holds its chat."""
        number, who, key, echo = self.one(NUMBERS), self.one("12"), self.chance.randint(0, 9), self.odds(0.3)
        self.ingest_one(f"{number}/of-{who}", f"{number} {who} {key} {echo}", echo=echo)

    def ingest_one(self, subject: str, name: str, *, echo: bool) -> None:
        """Append an event of this name."""
        number, _, cid = subject.partition("/")
        aliases = (f"p:{cid}",)
        item = Item(
            number=number,
            kind="echo" if echo else "chat",
            key=name.encode(),
            bucket=1,
            blob=ECHO if echo else EVENT,
            aliases=aliases,
            own_aliases=aliases,
            new_contact=cid,
        )
        [taken] = self.ask(lambda: self.store.ingest(BUSINESS, [item]))
        assert (taken.why, taken.subject) == ("dup" if name in self.seen else "appended", subject)
        if name not in self.seen:
            self.contacts.setdefault(cid, 0)
            self.append(subject, hold=echo)
        self.seen.add(name)

    @step(3)
    def hear_status(self) -> None:
        """A status goes to the chat of its row, if that is a chat of the number that it came to."""
        if not self.rows:
            return
        name, number = self.one(set(self.rows)), self.one(NUMBERS)
        subject, key = self.rows[name].subject, self.name("status").encode()
        item = Item(number=number, kind="status", key=key, bucket=1, blob=EVENT, row=name)
        [taken] = self.ask(lambda: self.store.ingest(BUSINESS, [item]))
        is_there = subject.startswith(f"{number}/")
        assert (taken.why, taken.subject) == (("appended", subject) if is_there else ("unknown", None))
        if is_there:
            self.append(subject, hold=False)

    def append(self, subject: str, *, hold: bool) -> None:
        """Do in the model what an append does."""
        chat = self.chats.setdefault(subject, Modelled())
        chat.seq += 1
        chat.inbox.append(chat.seq)
        chat.waits_since = self.asked_ms if chat.waits_since is None else chat.waits_since
        if hold:
            chat.hold = chat.seq
            chat.ver += 1

    @step(4)
    def pass_time(self) -> None:
        """Time goes by."""
        self.loop.now += self.one((0.01, 0.06, 0.7, 2, 9, 40, 200))

    def chat_drawn(self) -> str:
        """Draw a chat or number of which something is known; the first one there is, if nothing is."""
        if not self.chats:
            self.ingest_one(f"{NUMBER}/of-1", self.name("key"), echo=False)
        return str(self.one(set(self.chats)))

    # How it is decided.

    @step(5)
    def lease(self) -> None:
        """A chat is leased by one at a time, who reads all there is."""
        self.lease_one(self.chat_drawn(), self.one(OWNERS))

    def lease_one(self, subject: str, owner: str) -> bool:
        """Lease a chat; tell whether it was free."""
        chat = self.chats[subject]
        leased = self.ask(lambda: self.store.lease(BUSINESS, subject, owner))
        left = chat.leased_until - self.asked_ms
        assert (leased is not None) is (chat.owner in {"", owner} or not 0 < left <= LEASE_MS)
        if leased is None:
            return False
        chat.tries += chat.owner != owner
        chat.owner, chat.leased_until = owner, self.asked_ms + LEASE_MS
        assert (leased.ver, len(leased.events), leased.hold or 0) == (chat.ver, len(chat.inbox), chat.hold)
        assert (leased.flight.id if leased.flight else "", leased.tries) == (chat.flight, chat.tries)
        assert [each.row for each in leased.own] == [name for name in chat.own if self.may_have_left(name)]
        return True

    def may_have_left(self, name: str) -> bool:
        """Tell whether a row is one that an echo may be of."""
        row = self.rows.get(name)
        return row is not None and (row.state in SEEN or row.state is RowState.SENT or bool(row.message_id))

    @step(2)
    def release(self) -> None:
        """A lease is given back by who has it."""
        subject, owner = self.chat_drawn(), self.one(OWNERS)
        chat = self.chats[subject]
        self.ask(lambda: self.store.release(BUSINESS, subject, owner))
        if chat.owner == owner:
            chat.owner, chat.leased_until, chat.tries = "", 0, 0

    @step(1)
    def lease_ahead(self) -> None:
        """A lease was written while the store's clock ran ahead."""
        subject = self.chat_drawn()
        chat = self.chats[subject]
        if not chat.owner:
            return
        chat.leased_until = self.now_ms + 3 * LEASE_MS
        self.do("HSET", f":s:{subject}", "lease_until", chat.leased_until)

    @step(12)
    def commit(self) -> None:
        """A decision is written whole, by who has the lease and has read what is there; else nothing is."""
        subject, owner = self.chat_drawn(), self.one(OWNERS)
        if self.odds(0.7):
            self.lease_one(subject, owner)
        self.decide(
            subject,
            owner,
            self.chance.randint(0, len(self.chats[subject].inbox)),
            wrong=self.one(("", "", "", "version", "contact", "inbox")),
            specs=self.specs(),
            speakers=self.one(((), (), ("bot",), ("bot", "notice"))),
            rest=self.some(("contact", "epoch", "keep", "timer", "pass")) + ["log"] * self.odds(0.1),
        )

    def specs(self) -> list[Spec]:
        """Draw what rows a decision makes."""
        return [
            Spec(
                speaker=self.one(("bot", "notice", "person")),
                kind=self.one(("send", "send", "send", "http")),
                bulk=self.odds(0.4),
                later_ms=self.one((0, 0, 0, 5_000)),
                again=self.odds(0.2),
            )
            for _ in range(self.chance.randint(0, 3))
        ]

    def decide(
        self,
        subject: str,
        owner: str,
        decided: int,
        wrong: str = "",
        specs: Sequence[Spec] = (),
        speakers: tuple[str, ...] = (),
        rest: Sequence[str] | set[str] = (),
    ) -> None:
        """Commit, with one thing wrong."""
        chat, cid = self.chats[subject], subject.partition("/")[2]
        rows = [self.row_of(spec, subject) for spec in specs if cid]
        passed = min(self.chats) if "pass" in rest else ""
        now, changes = self.now_ms, {"contact_state": packed(Contact(id=cid))} if cid and "contact" in rest else {}
        epoch = chat.epoch + 1 if "epoch" in rest else None
        attempt, count = self.name("attempt"), 150 if "log" in rest else 0
        alerts = [NewAlert("look", self.name("alert").encode()) for _ in range(count * 8)]
        answer = self.ask(
            lambda: self.store.commit(
                BUSINESS,
                subject,
                owner,
                attempt,
                ver=chat.ver - (wrong == "version"),
                contact_ver=self.contacts.get(cid, 0) + (wrong == "contact"),
                decided=len(chat.inbox) + 1 if wrong == "inbox" else decided,
                state=packed_chat(Chat(number=NUMBER, contact=Contact(id=cid))) if cid else _number(subject),
                epoch=epoch,
                rows=rows,
                timers=[NewTimer(f"timer of {subject}", now + 1_000, FIRED)] if "timer" in rest else [],
                drop=DropOrder("owner_replied", speakers) if speakers else None,
                log=[b"line"] * count,
                alerts=alerts,
                passes=[(passed, EVENT)] if passed else [],
                keep="keep" in rest,
                **changes,
            ),
            repeats=True,
        )
        refused = "lease" if chat.owner != owner else wrong if cid or wrong != "contact" else ""
        chat.tries = chat.tries if refused == "lease" else 0
        if refused:
            assert answer == Stale(refused)  # type: ignore[arg-type]  # one of its literals
            self.again = None  # what was refused may be taken now
            return
        assert isinstance(answer, Committed)
        self.decided(chat, subject, decided, rows, speakers, changed=bool(changes))
        chat.epoch = chat.epoch if epoch is None else epoch
        if passed:
            self.append(passed, hold=False)
        if "keep" in rest:
            chat.leased_until = self.asked_ms + LEASE_MS
        else:
            chat.owner, chat.leased_until = "", 0
        assert (answer.remaining, answer.ready_ms) == (len(chat.inbox), self.ready_at(subject))

    def ready_at(self, subject: str) -> int | None:
        """Return when a chat may send, as far as its first row knows; nothing while a row of it is being sent."""
        line = self.line(subject)
        return max(self.asked_ms, self.rows[line[0]].not_before) if line and not self.chats[subject].flight else None

    def decided(
        self,
        chat: Modelled,
        subject: str,
        decided: int,
        rows: Sequence[NewRow],
        speakers: tuple[str, ...],
        *,
        changed: bool,
    ) -> None:
        """Do in the model what a commit does."""
        cid = subject.partition("/")[2]
        if changed:
            self.contacts[cid] += 1
        for name, other in self.chats.items():
            other.ver += name == subject or (changed and name.endswith(f"/{cid}"))
        del chat.inbox[:decided]
        chat.waits_since = self.asked_ms if chat.inbox else None
        chat.hold = 0 if not chat.inbox or chat.hold < chat.inbox[0] else chat.hold
        for row in self.rows.values():
            dropped = row.subject == subject and row.kind == "send" and row.speaker in speakers
            if dropped and row.state is RowState.QUEUED:
                self.end(row, RowState.DROPPED, "owner_replied")
        for place, new in enumerate(rows):
            self.add(new, subject, chat.pos + place + 1)
        chat.pos += len(rows)

    def row_of(self, spec: Spec, subject: str) -> NewRow:
        """Return a row as a decision would make it; now and then one that was decided before."""
        known = sorted(name for name, row in self.rows.items() if row.subject == subject)
        name = known[-1] if spec.again and known else self.name("row")
        bulk = spec.bulk and spec.kind == "send" and self.campaign is not None
        return NewRow(
            id=name,
            blob=_blob(name, subject),
            speaker=spec.speaker,
            epoch=0,
            kind=spec.kind,
            campaign=CAMPAIGN if bulk else "",
            not_before_ms=self.now_ms + spec.later_ms if spec.later_ms else 0,
        )

    def add(self, row: NewRow, subject: str, position: int) -> None:
        """Do in the model what adding a row does."""
        if row.id not in self.rows:
            self.rows[row.id] = Kept(
                subject, position, row.kind, row.speaker, row.campaign, row.not_before_ms, in_bulk=bool(row.campaign)
            )

    def end(self, row: Kept, state: RowState, reason: str) -> None:
        """Do in the model what the end of a row does."""
        row.state = state
        if row.in_bulk and self.campaign:
            name = f"{state}.{reason}" if reason else str(state)
            self.campaign.tally[name] = self.campaign.tally.get(name, 0) + 1
        row.in_bulk = False

    def line(self, subject: str) -> list[str]:
        """Return the messages of a chat that have not ended, in the order in which they leave."""
        rows = [(row.place, name) for name, row in self.rows.items() if row.subject == subject and row.kind == "send"]
        return [name for _, name in sorted(rows) if self.rows[name].state in OPEN]

    # How it leaves.

    @step(14)
    def begin(self) -> None:
        """A row may leave if it is the turn of it, and nothing that was judged has changed."""
        number, wrong = self.one(NUMBERS), set(self.chance.sample(SPOILED, 5))
        self.prepare(number, bulk="campaign" in wrong)
        if self.odds(0.3):
            name = self.one(set(self.rows))
        elif "campaign" in wrong:
            name = self.first_of_campaign(f"{number}/of-2")
        else:
            self.loop.now += 3  # what was chosen and not begun comes up again
            name = self.choose(number)
        for each in [each for each in SPOILED if each in wrong and each] + [""]:
            if name and self.begin_one(name, each):
                if self.odds(0.2):  # it did not leave after all
                    self.settle_one(name, RowState.QUEUED, {RowState.SENDING})
                    self.begin_one(name, "")
                return
        self.choose_now(number)

    def first_of_campaign(self, subject: str) -> str:
        """Return a row of the campaign that is the first of its chat, of a new decision if need be."""
        if not self.campaign or self.campaign.state != "running":
            self.move("running", ["", "paused", "stopped", "done"], self.name("run "), begun=True)
        first = [self.line(each)[0] for each in sorted(self.chats) if self.line(each)]
        found = next(
            (name for name in first if self.rows[name].in_bulk and not self.chats[self.rows[name].subject].flight), ""
        )
        if not found:
            self.ingest_one(subject, self.name("key"), echo=False)
            self.decide_all(subject, [Spec(bulk=True)], ("bot", "notice", "person"))
        return found or next((name for name in self.line(subject)[:1] if self.rows[name].in_bulk), "")

    @step(5)
    def overtake(self) -> None:
        """An answer is decided while a row of a campaign is being sent in its chat; sometimes the campaign ends."""
        name = self.first_of_campaign(f"{self.one(NUMBERS)}/of-2")
        if not name:
            return
        if self.rows[name].state is RowState.QUEUED:
            self.begin_one(name, "")
        subject = self.rows[name].subject
        self.ingest_one(subject, self.name("key"), echo=False)
        self.decide_all(subject, [Spec()])
        self.choose_now(subject.partition("/")[0])
        self.begin_one(self.line(subject)[0], "")
        if self.odds(0.3):
            self.move("stopped", ["running"], "")

    @step(3)
    def unpark(self) -> None:
        """A person lets a row of a campaign leave, whatever became of the campaign."""
        name = self.first_of_campaign(f"{self.one(NUMBERS)}/of-2")
        if not name or not self.begin_one(name, ""):
            return
        for old, new in pairwise((RowState.SENDING, RowState.DOUBT, RowState.PARKED, RowState.QUEUED)):
            self.settle_one(name, new, {old})
        self.move("paused", ["running"], "")
        self.begin_one(name, "")

    @step(6)
    def look_now(self) -> None:
        """Every chat is looked at, as after the store's clock was set back, whoever was first."""
        number = self.one(NUMBERS)
        if self.odds(0.5):
            self.first_of_campaign(f"{number}/of-2")
        if self.odds(0.5):
            self.prepare(number)
        self.choose_now(number)

    def choose_now(self, number: str) -> None:
        """Choose among all chats of a number."""
        for subject in self.dump().sorted.get(f"ready:{number}", {}):
            self.do("ZADD", f":ready:{number}", self.now_ms - self.chance.randint(1, 9), subject)
        self.choose(number)

    @step(2)
    def lose_leases(self) -> None:
        """Processes die while they decide, in some chats more than once."""
        for subject in self.chance.sample((f"{NUMBER}/of-1", f"{NUMBER}/of-2", f"{OTHER}/of-1"), 2):
            self.ingest_one(subject, self.name("key"), echo=False)
            for owner in self.one((OWNERS[:1], OWNERS)):
                self.loop.now += LEASE_MS / 1000
                self.lease_one(subject, owner)
        self.loop.now += LEASE_MS / 1000
        self.sweep()

    def prepare(self, number: str, *, bulk: bool = False) -> None:
        """See to it that there is something to send."""
        subject = f"{number}/of-1"
        if bulk and self.campaign is None:
            self.move("running", [""], "run 1", begun=True)
        queued = [row for row in self.rows.values() if row.subject == subject and row.state is RowState.QUEUED]
        if not any(row.kind == "send" and (row.in_bulk or not bulk) for row in queued):
            self.ingest_one(subject, self.name("key"), echo=False)
            self.decide_all(subject, [Spec(bulk=bulk), Spec()])

    @step(5)
    def decide_whole(self) -> None:
        """All that waits in a chat is decided at once, as it mostly is."""
        self.decide_all(self.chat_drawn(), self.specs())

    def decide_all(self, subject: str, specs: Sequence[Spec], speakers: tuple[str, ...] = ()) -> None:
        """Lease a chat when it is free, and decide all that waits."""
        self.loop.now += LEASE_MS / 1000 if self.chats[subject].owner else 0
        assert self.lease_one(subject, "web 3")
        self.decide(subject, "web 3", len(self.chats[subject].inbox), specs=specs, speakers=speakers)

    def choose(self, number: str) -> str:
        """Ask for the row of the next slot, and foretell which it is; nothing if none may leave."""
        ready = self.dump().sorted.get(f"ready:{number}", {})
        found = self.ask(lambda: self.store.next_row(BUSINESS, number))
        expected = self.foretold(number, ready)
        chosen = (found.row, found.subject) if isinstance(found, NextRow) else None
        assert chosen == ((expected, self.rows[expected].subject) if expected else None)
        if isinstance(found, NextRow):
            again = self.dump().sorted[f"ready:{number}"][found.subject]
            assert (found.ver, again) == (self.chats[found.subject].ver, self.asked_ms + 2_000)
        return expected

    def foretold(self, number: str, ready: dict[str, float]) -> str:
        """Return which row leaves next: of the chat that is ready longest, those of campaigns after all others."""
        bulk = ""
        if self.chats.get(number, Modelled()).hold:
            return ""
        for _, subject in sorted((at, subject) for subject, at in ready.items() if at <= self.asked_ms):
            self.set_right(self.chats[subject])
            name = self.line(subject)[0]
            if self.opens(subject, self.rows[name]):
                if not self.rows[name].campaign:
                    return name
                bulk = bulk or name
        return bulk

    def set_right(self, chat: Modelled) -> None:
        """Do in the model what becomes of a pair that was written while the store's clock ran ahead."""
        if chat.tat > self.asked_ms + BURST_MS + PAIR_MS:
            chat.tat = self.asked_ms + BURST_MS
        chat.rest = min(chat.rest, self.asked_ms + REST_MS)

    def opens(self, subject: str, row: Kept) -> bool:
        """Tell whether the first row of a chat may leave now."""
        chat, now = self.chats[subject], self.asked_ms
        opens_at = max(chat.tat - BURST_MS, chat.rest)
        if chat.flight:  # once its sender is late, `begin` says what is the matter
            opens_at = self.rows[chat.flight].until + 1_000
        waits = max(opens_at, row.not_before) > now
        return not (chat.hold or waits or row.state is not RowState.QUEUED or self.rests(row))

    def rests(self, row: Kept) -> bool:
        """Tell whether a row may not leave since its campaign does not run."""
        return row.in_bulk and self.campaign is not None and self.campaign.state != "running"

    def begin_one(self, name: str, wrong: str) -> bool:
        """Begin to send a row, with one thing wrong; tell whether it may leave."""
        row = self.rows[name]
        subject, [number, _, cid] = row.subject, row.subject.partition("/")
        self.spoil(wrong, name, subject)
        chat, business = self.chats[subject], self.chats.get(number, Modelled())
        attempt = self.name("attempt")
        asked: dict[str, Any] = {
            "subject": f"{number}/of-{2 if cid == 'of-1' else 1}" if wrong == "subject" else subject,
            "ver": chat.ver - (wrong == "ver"),
            "number_ver": business.ver + (wrong == "ver of the number"),
            "lists": "others" if wrong == "lists" else LISTS,
            "valid_until_ms": self.now_ms - 1 if wrong == "late" else FAR,
            "empty_inbox": wrong == "inbox",
        }
        begun = self.ask(lambda: self.store.begin(BUSINESS, name, attempt, **asked), repeats=True)
        expected = self.refusal(name, row, chat, business, wrong)
        self.do("HDEL", "baton:store", "held")
        assert begun.why == expected
        assert begun.ok is not bool(expected)
        if expected:
            self.again = None
            return False
        row.state, row.attempt, row.until = RowState.SENDING, attempt, self.asked_ms + SEND_MS
        if row.kind == "send":
            chat.flight, chat.tat = name, max(chat.tat, self.asked_ms) + PAIR_MS
            chat.own = [name, *(each for each in chat.own if each != name)][:OWN_MOST]
        return True

    def spoil(self, wrong: str, name: str, subject: str) -> None:
        """Change what `begin` looks at, between the judgement and it."""
        number, chat = subject.partition("/")[0], self.chats[subject]
        for pace in (f":p:{number}", f":paced:{number}"):
            self.do("DEL", pace)
        if wrong == "held":
            self.do("HSET", "baton:store", "held", "emptied")
        elif wrong == "hold":
            self.ingest_one(subject, self.name("echo"), echo=True)
        elif wrong == "hold of the number":
            state = self.rows[name].state
            self.settle_one(name, state, {state}, tell_number=EVENT)
        elif wrong == "campaign":
            self.move("paused", ["running", "paused"], "")
        elif wrong == "burst":
            chat.tat = self.now_ms + BURST_MS + self.one((1_000, 60_000))
            self.do("HSET", f":s:{subject}", "pair_tat", chat.tat)
        elif wrong == "rest":
            chat.rest = self.now_ms + self.one((1_000, 60_000))
            self.do("HSET", f":s:{subject}", "pair_rest", chat.rest)
        elif wrong == "pace":
            self.do("ZADD", f":paced:{number}", *(each for at in range(20) for each in (self.now_ms, f"i{at}")))

    def refusal(self, name: str, row: Kept, chat: Modelled, business: Modelled, wrong: str) -> str:
        """Return why a row may not begin."""
        is_message, now = row.kind == "send", self.asked_ms
        reasons = {
            "state": row.state is not RowState.QUEUED or wrong == "subject",
            "held": wrong == "held",
            "hold": chat.hold or business.hold,
            "changed": wrong in {"ver", "ver of the number"},
            "order": is_message and (chat.flight or self.line(row.subject)[:1] != [name]),
            "lists": wrong == "lists",
            "late": wrong == "late",
            "campaign": self.rests(row),
            "inbox": wrong == "inbox" and chat.inbox,
            "pair": is_message and (chat.tat - now > BURST_MS or chat.rest > now),
            "pace": is_message and wrong == "pace",
        }
        return next((why for why, holds in reasons.items() if holds), "")

    @step(2)
    def pair_ahead(self) -> None:
        """A pair was written while the store's clock ran ahead; it is looked at, and later it is free again."""
        subject, ahead = f"{self.one(NUMBERS)}/of-1", self.one(("pair_tat", "pair_rest"))
        self.prepare(subject.partition("/")[0])
        chat, at = self.chats[subject], self.now_ms + AGES_MS
        chat.tat, chat.rest = (at, chat.rest) if ahead == "pair_tat" else (chat.tat, at)
        self.do("HSET", f":s:{subject}", ahead, at)
        self.loop.now += 3
        self.choose(subject.partition("/")[0])
        self.loop.now += (BURST_MS + REST_MS) / 1000
        self.choose(subject.partition("/")[0])

    @step(3)
    def choose_due(self) -> None:
        """What is no message is due at its moment, and comes up again two seconds later."""
        most = self.one((1, 5))
        due = self.dump().sorted.get("todo:http", {})
        found = self.ask(lambda: self.store.due_rows(BUSINESS, ["http", "fetch"], most))
        expected = [name for at, name in sorted((at, name) for name, at in due.items()) if at <= self.asked_ms]
        assert [each.row for each in found] == expected[:most]
        piled = self.dump().sorted.get("todo:http", {})
        for each in found:
            assert (each.ver, piled[each.row]) == (self.chats[each.subject].ver, self.asked_ms + 2_000)

    # How it ends.

    @step(14)
    def settle(self) -> None:
        """A row moves where `MOVES` lets it, from where it was expected to be, and else stays."""
        if not self.rows:
            return
        under_way = {name for name, row in self.rows.items() if row.state in SEEN}
        name = self.one(under_way if under_way and self.odds(0.6) else set(self.rows))
        row, to = self.rows[name], self.one(list(RowState))
        if self.odds(0.6):
            to = self.one({row.state, *MOVES[row.state]})
        if to is RowState.SENDING:  # that is `begin`'s alone
            to = row.state
        expect = {row.state} if self.odds(0.7) else set(self.some(list(RowState)))
        self.settle_one(name, to, expect, **self.evidence(row))

    def evidence(self, row: Kept) -> dict[str, Any]:
        """Draw what else is told with an end."""
        told: dict[str, Any] = {
            "tell_chat": EVENT,
            "tell_number": EVENT,
            "again_at_ms": self.now_ms + 1_000,
            "pair_rest_ms": 5_000,
            "left_after_ms": 70,
            "message_id": self.name("wamid."),
            "delivery": self.one(list(Delivery)),
            "begun": self.one((row.attempt, row.attempt, "another")),
            "replacement": self.row_of(Spec(again=self.odds(0.5)), row.subject),
        }
        rare = {"tell_chat": 0.2, "tell_number": 0.1, "pair_rest_ms": 0.2, "replacement": 0.2}
        return {name: value for name, value in told.items() if self.odds(rare.get(name, 0.5))}

    def settle_one(self, name: str, to: RowState, expect: set[RowState], **changes: Any) -> None:
        """Settle a row, and do the same in the model if it was taken."""
        row, attempt = self.rows[name], self.name("attempt")
        old = row.state
        settled = self.ask(
            lambda: self.store.settle(
                BUSINESS, name, attempt, expect=sorted(expect), state=to, reason=_reason(to), **changes
            ),
            repeats=True,
        )
        begun = changes.get("begun", "")
        ok = old in expect and (to is old or to in MOVES[old]) and begun in {"", row.attempt}
        assert (settled.ok, settled.state) == (ok, to if ok else old)
        if not ok:
            self.again = None
            return
        self.learned(row, changes)
        self.moved(name, row, to, changes.get("again_at_ms", 0))
        chat = self.chats[row.subject]
        if to is RowState.SENT:
            self.left_ms += changes.get("left_after_ms", 0)
        if "replacement" in changes:
            self.add(changes["replacement"], row.subject, row.position)
        if "tell_chat" in changes:
            self.append(row.subject, hold=True)
        if "tell_number" in changes:
            self.append(row.subject.partition("/")[0], hold=True)
        if "pair_rest_ms" in changes:
            chat.rest = self.asked_ms + changes["pair_rest_ms"]
        chat.waits_since = self.asked_ms if chat.inbox else None

    def learned(self, row: Kept, changes: dict[str, Any]) -> None:
        """Do in the model what a row learns, wherever it stands: its first id, and how far it came at most."""
        row.message_id = row.message_id or changes.get("message_id")
        rank = ["", *Delivery]
        row.delivery = max(row.delivery or "", changes.get("delivery", ""), key=rank.index) or None

    def moved(self, name: str, row: Kept, to: RowState, again_at: int) -> None:
        """Do in the model what a move does."""
        if to is row.state and not (to is RowState.QUEUED and again_at):
            return
        chat = self.chats[row.subject]
        chat.flight = "" if chat.flight == name else chat.flight
        if to is RowState.QUEUED:
            row.state, row.not_before = to, again_at
        elif to is RowState.DOUBT:
            row.state, row.not_before = to, again_at or self.asked_ms + DOUBT_MS
        else:
            self.end(row, to, _reason(to))

    @step(1)
    def settle_nobody(self) -> None:
        """A row that is forgotten, or never was, stays so."""
        settled = self.ask(
            lambda: self.store.settle(BUSINESS, "nobody", "attempt", expect=["queued"], state="sent", tell_chat=EVENT)
        )
        assert (settled.ok, settled.state) == (False, None)

    @step(2)
    def forget(self) -> None:
        """A row that ended long ago is forgotten, and stands among those that left lately."""
        subject = self.chat_drawn()
        chat, name = self.chats[subject], self.name("gone")
        if chat.own:
            chat.own = [*chat.own, name]
            self.do("RPUSH", f":own:{subject}", name)

    # What is found again.

    @step(6)
    def sweep(self) -> None:
        """Timers that are due are appended once; and whatever a dead process left is found, and nothing else."""
        dump = self.dump()
        swept = self.ask(lambda: self.store.sweep(BUSINESS))
        now = self.asked_ms
        waits = {name: chat for name, chat in self.chats.items() if chat.waits_since is not None}
        assert sorted(swept.fired) == sorted(subject for subject, at in _timers(dump) if at <= now)
        for subject in swept.fired:
            self.append(subject, hold=False)
        overdue = {name for name, row in self.rows.items() if row.state is RowState.SENDING and row.until <= now}
        doubts = {name for name, row in self.rows.items() if row.state is RowState.DOUBT and row.not_before <= now}
        assert (set(swept.overdue), set(swept.ended_doubts)) == (overdue, doubts)
        old = {name: chat for name, chat in waits.items() if (chat.waits_since or 0) <= now - 1_000}
        free = {name: chat.tries for name, chat in old.items() if not 0 < chat.leased_until - now <= LEASE_MS}
        assert set(swept.subjects) == {name for name, tries in free.items() if not tries}
        assert set(swept.suspects) == {name for name, tries in free.items() if tries}
        assert [free[name] for name in swept.suspects] == sorted(free[name] for name in swept.suspects)
        for chat in old.values():
            chat.waits_since = now
        owed = {name for name in (NUMBER, OTHER) if min(dump.sorted.get(f"ready:{name}", {"": FAR}).values()) <= now}
        assert set(swept.owed) == owed
        assert swept.work is (min(dump.sorted.get("todo:http", {"": FAR}).values()) <= now)
        assert list(swept.campaigns) == [CAMPAIGN] * self.is_busy()

    def is_busy(self) -> bool:
        """Tell whether the campaign has something to do."""
        left = any(row.in_bulk for row in self.rows.values())
        return self.campaign is not None and (
            self.campaign.state == "running" or (self.campaign.state != "paused" and left)
        )

    # Campaigns.

    @step(6)
    def move_campaign(self) -> None:
        """A campaign moves from where it was expected to be; one that ended drops what it has queued."""
        state = self.one(("running", "running", "paused", "stopped", "done"))
        expect, run = self.some(("", "running", "paused", "stopped", "done")), self.one(("", "run 1", "run 2"))
        self.move(state, expect, run, begun=(self.odds(0.5) or self.campaign is None) and bool(run))

    def move(self, state: str, expect: Sequence[str], run: str, *, begun: bool = False) -> None:
        """Move the campaign, and do the same in the model if it was taken."""
        old = self.campaign
        if old is None and not (begun and run):
            return  # a campaign begins with a run
        self.do("RPUSH", f":people:{CAMPAIGN}", "Ana")
        moved = self.ask(
            lambda: self.store.move_campaign(
                BUSINESS,
                CAMPAIGN,
                state,  # type: ignore[arg-type]  # one of its literals
                expect=expect,  # type: ignore[arg-type]  # as above
                run=run,
                begun=b"b" if begun else b"",
            ),
            repeats=True,
        )
        again = old is not None and old.state == state and run in {"", old.run}
        assert moved is (again or (old.state if old else "") in expect)
        people = self.do("EXISTS", f":people:{CAMPAIGN}")
        assert people == (not (moved and state in {"stopped", "done"}))
        if not moved:
            self.again = None
            return
        if not again:
            self.campaign = Ran(state, run) if begun or old is None else Ran(state, old.run, old.progress, old.tally)
        if state in {"stopped", "done"}:
            for row in self.rows.values():
                if row.in_bulk and row.state is RowState.QUEUED:
                    self.end(row, RowState.DROPPED, ENDED[state])

    @step(3)
    def feed(self) -> None:
        """How far a run came is written, unless the campaign was begun anew."""
        if self.campaign is None:
            return
        run = self.one(("run 1", "run 2"))
        progress = self.name("progress").encode()
        self.ask(lambda: self.store.fed(BUSINESS, CAMPAIGN, run, progress, []))
        if self.campaign.run == run:
            self.campaign.progress = progress

    def compare(self, dump: Dump) -> None:
        """Compare all chats and rows with what the model says."""
        assert {name: _seen_of(row) for name, row in dump.rows.items()} == {
            name: (row.state, row.delivery, row.message_id, row.not_before, row.speaker)
            for name, row in self.rows.items()
        }
        assert self.do("HGET", ":left", "ms") == (str(self.left_ms).encode() if self.left_ms else None)
        assert not any(name.startswith("report.") for name in dump.count)  # there are none
        assert dump.sorted.get("reached", {}) == {}  # nobody is written to first
        for cid, ver in self.contacts.items():
            assert int(dump.contacts[cid].get("ver", 0)) == ver
        for subject, chat in self.chats.items():
            self.compare_chat(dump, subject, chat)
        if self.campaign:
            told, tally = dump.hashes[f"campaign:{CAMPAIGN}"], dump.hashes.get(f"tally:{CAMPAIGN}", {})
            assert (told["state"].decode(), told["run"].decode()) == (self.campaign.state, self.campaign.run)
            assert told.get("progress") == self.campaign.progress
            assert {name: int(count) for name, count in tally.items()} == self.campaign.tally
            assert dump.sets.get(f"bulk:{CAMPAIGN}", set()) == {n for n, row in self.rows.items() if row.in_bulk}

    def compare_chat(self, dump: Dump, subject: str, chat: Modelled) -> None:
        """Compare a chat or number with what the model says."""
        line, record = dump.sorted.get(f"out:{subject}", {}), dump.subjects[subject]
        assert sorted(line, key=lambda each: (line[each], each)) == self.line(subject)
        assert len(dump.lists.get(f"in:{subject}", [])) == len(chat.inbox)
        assert [each.decode() for each in dump.lists.get(f"own:{subject}", [])] == chat.own
        numbers = [int(record.get(name, 0)) for name in FIELDS]
        assert numbers == [chat.ver, chat.epoch, chat.hold, chat.pos, chat.tries, chat.tat, chat.rest]
        assert (record.get("lease", b"").decode(), record.get("flight", b"").decode()) == (chat.owner, chat.flight)
        assert dump.sorted.get("waiting", {}).get(subject) == chat.waits_since


class Crowd(Chats):
    """The same with many chats, which take long to compare."""

    steps = 2

    @step(40)
    def crowd(self) -> None:
        """More chats wait for rows of a campaign than are looked at first, and one for an answer."""
        self.first_of_campaign(f"{OTHER}/of-2")
        for place in range(22):
            self.ingest_one(f"{OTHER}/of-{10 + place}", self.name("key"), echo=False)
            self.decide_all(f"{OTHER}/of-{10 + place}", [Spec(bulk=True)])
        self.loop.now += 1
        self.prepare(OTHER)
        self.choose(OTHER)


def _number(number: str) -> bytes:
    return packed(Number(id=number, business=BUSINESS, phone="+1 555-078-3881", waba="7"))


def _blob(name: str, subject: str) -> bytes:
    cleared = clear(
        Way.FLOW, business_phone="+1 555-078-3881", coexistence=True, phones=("12025550143",), bsuids=(), lists=DEFAULT
    )
    assert isinstance(cleared, Clearance)
    row = queue(
        cleared,
        business=BUSINESS,
        number=subject.partition("/")[0],
        chat=subject,
        event="w",
        index=0,
        effect=Send(content=Text("Hello")),
        epoch=0,
        asked_at=NOON,
        queued_at=NOON,
        arrived_at=NOON,
    )
    return packed(replace(row, id=name))


def _reason(state: RowState) -> str:
    """Return why a row ends; nobody asks why something was sent."""
    return "" if state is RowState.SENT else "a reason"


def _seen_of(row: dict[str, bytes]) -> Any:
    told = (row.get("delivery"), row.get("message_id"))
    delivery, message_id = (each.decode() if each else None for each in told)
    return RowState(row["state"].decode()), delivery, message_id, int(row["not_before"]), row["speaker"].decode()


def _timers(dump: Dump) -> Iterator[tuple[str, float]]:
    """Yield the chat and the moment of each timer."""
    for name, at in dump.sorted.get("timers", {}).items():
        yield dump.timer[name].partition(b"\0")[0].decode(), at
