"""What would be said in one chat? The engine with a clock of its own and no network."""

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from engine.chat import Chat, Contact, Number
from engine.content import Content
from engine.decide import decide
from engine.effects import Alert, DropQueued, Effect, Fetch, Http, PassOn, Report, Send, SetTimer
from engine.events import (
    ChatEvent,
    EchoReceived,
    MessageReceived,
    Referral,
    StatusReceived,
    TimerFired,
)
from engine.identity import Ids, aliases
from engine.kept import value_of
from engine.number import decide_number
from engine.outbox import Echoed, Evidence, Status
from engine.owner_writes import own_row
from engine.request import Answer
from engine.rows import rows_for
from engine.ruleset import Ruleset
from engine.trace import Line
from flows.coverage import Spot, Watch
from flows.lines import AT_ONCE
from flows.post import Left, Post, as_echoed
from flows.reader import listed
from flows.round import Round, SoFar
from flows.shown import folded
from flows.taps import answering, taps
from flows.world import CannotHappenError
from rules.policy.handoff import Holder, holder_at

BETWEEN = timedelta(seconds=1)
"""How long it takes until somebody writes again."""
MOST_WAKES = 1_000
"""How many timers may fire while time passes: more is a loop."""


class Simulation:
    """One chat. Each thing that happens takes a second, and returns what came of it.

    `begins_at` is aware; `number` is one of the business's, the first unless told.
    """

    def __init__(
        self, ruleset: Ruleset, *, begins_at: datetime, name: str | None, ids: Ids, number: str | None = None
    ) -> None:
        """Open a chat in which nobody said anything yet."""
        self._watch = Watch(ruleset)
        self._ruleset = self._watch.ruleset
        self._number = ruleset.business.numbers[number or next(iter(ruleset.business.numbers))]
        self._name, self._ids = name, ids
        self._inbox: deque[ChatEvent] = deque()
        self._timers: list[TimerFired] = []
        self._taken: set[str] = set()
        self._came_in: MessageReceived | EchoReceived | None = None
        self._count = 0
        self._post = Post(ruleset)
        self._so_far = SoFar()
        self._left: list[Left] = []
        self.now = begins_at.astimezone(UTC)
        contact = Contact(id=next(iter(aliases(ids)), "contact"), ids=ids)  # others are drawn other lots in a `split`
        self.chat = Chat(number=self._number.id, contact=contact)

    @property
    def number(self) -> Number:
        """The business number, with what Meta told about it since."""
        return self._number

    @property
    def holder(self) -> Holder:
        """Who holds the chat now."""
        return holder_at(self.chat.holding, self.now)

    @property
    def saved(self) -> Mapping[str, Any]:
        """What steps saved so far; a run that ended forgets it, and here it stays."""
        own = {f"contact.{name}": value_of(value) for name, value in self.chat.contact.attributes.items()}
        run = self.chat.run.variables.items() if self.chat.run else ()
        return {**self._watch.saved, **own, **{name: value_of(value) for name, value in run}}

    @property
    def seen(self) -> frozenset[Spot]:
        """The steps and branches the chat came to."""
        return frozenset(self._watch.seen)

    @property
    def timers(self) -> tuple[TimerFired, ...]:
        """What is due at a later moment, the first first."""
        return tuple(sorted(self._timers, key=lambda timer: timer.at))

    def contact(self, content: Content, referral: Referral | None = None, *, late: timedelta = AT_ONCE) -> Round:
        """The contact writes; after a click on an ad there is a referral. `late` is how long it is on its way."""
        arrived_at = self._next_moment()
        self._came_in = MessageReceived(
            id=self._new_id("in"),
            at=arrived_at - late,
            arrived_at=arrived_at,
            content=answering(content, (left.content for left in reversed(self._left))),
            ids=self._ids,
            name=self._name,
            referral=referral,
        )
        return self._took(self._came_in)

    def tap(self, title: str) -> Round:
        """The contact taps what the latest message with that title offers."""
        wanted = folded(title).casefold()
        for left in reversed(self._left):
            for each in taps(left.content, self._ruleset.templates):
                if folded(each.title).casefold() == wanted:
                    return self.contact(each)
        others = listed(self.offered()) or "nothing"
        raise CannotHappenError(f"There is no `{title}` to tap; the bot's messages offer {others}.")

    def offered(self) -> tuple[str, ...]:
        """Return what can be tapped now: what the latest message with buttons or a list offers."""
        found = (tuple(taps(left.content, self._ruleset.templates)) for left in reversed(self._left))
        return next((tuple(tap.title for tap in each) for each in found if each), ())

    def owner(self, content: Content, *, late: timedelta = AT_ONCE) -> Round:
        """The owner writes from the phone; `late` is how long the echo is on its way."""
        arrived_at = self._next_moment()
        self._came_in = EchoReceived(
            id=self._new_id("echo"), at=arrived_at - late, arrived_at=arrived_at, content=content, ids=self._ids
        )
        return self._took(self._came_in)

    def echo_of_bot(self) -> Round:
        """The latest message of the bot comes back as an echo."""
        if not self._left:
            raise CannotHappenError("The bot said nothing yet that could come back.")
        left, at = self._left[-1], self._next_moment()
        content = as_echoed(left.content)
        return self._took(EchoReceived(id=left.message_id, at=at, arrived_at=at, content=content, ids=self._ids))

    def redeliver(self) -> Round:
        """What came in last comes in once more."""
        if self._came_in is None:
            raise CannotHappenError("Nothing came in yet that could come in once more.")
        self._next_moment()
        return self._took(self._came_in)

    def fails(self, code: int, left: Left | None = None) -> Round:
        """Meta could not deliver a message, the latest unless told."""
        if not self._left:
            raise CannotHappenError("The bot said nothing yet that could fail.")
        message_id, at = (left or self._left[-1]).message_id, self._next_moment()
        return self._took(
            StatusReceived(
                id=self._new_id("status"), at=at, arrived_at=at, message_id=message_id, status="failed", code=code
            )
        )

    def answers(self, answer: Answer, asked: str | None = None) -> Round:
        """Another system answers the same to every try; `asked` is the address that must have been asked."""
        address = self._post.asked
        if address is None:
            raise CannotHappenError("No other system is being asked.")
        if asked not in (None, address):
            raise CannotHappenError(f"Expected `{asked}` to be asked, got `{address}`.")
        self._next_moment()
        return self._took(self._post.answered(answer, self.now))

    def after(self, span: timedelta) -> Round:
        """Time passes; what is due on the way happens at its moment, in order."""
        self._pass_until(self.now + span)
        return self._reap()

    def until(self, at: datetime | time) -> Round:
        """Time passes until a moment, or until the clock of the business next shows a time of day."""
        moment = self._next(at) if isinstance(at, time) else at
        if moment < self.now:
            now = self.now.astimezone(self._ruleset.business.zone)
            raise CannotHappenError(f"It is {now:%Y-%m-%d %H:%M} already, and the clock does not go back.")
        self._pass_until(moment.astimezone(UTC))
        return self._reap()

    def _next(self, at: time) -> datetime:
        """Find when the clock of the business next shows a time of day."""
        here = self.now.astimezone(self._ruleset.business.zone)
        today = datetime.combine(here.date(), at, here.tzinfo)
        return today if today > here else datetime.combine(here.date() + timedelta(days=1), at, here.tzinfo)

    def _next_moment(self) -> datetime:
        self._pass_until(self.now + BETWEEN)
        return self.now

    def _new_id(self, kind: str) -> str:
        self._count += 1
        return f"wamid.{kind}.{self._count}"

    def _took(self, event: ChatEvent) -> Round:
        if event.id in self._taken:
            self._so_far.note(Line("event", "came in before: nothing follows from that"))
        else:
            self._taken.add(event.id)
            self._inbox.append(event)
            self._drain()
        return self._reap()

    def _pass_until(self, moment: datetime) -> None:
        for _ in range(MOST_WAKES):
            due = self._next_due()
            if due is None or due > moment:
                break
            self.now = max(self.now, due)
            self._wake()
        else:
            self._so_far.note(Line("timer", f"stopped after {MOST_WAKES:,} timers: a loop?"))
        self.now = max(self.now, moment)

    def _next_due(self) -> datetime | None:
        held = self._post.wakes_at
        return min((*(timer.at for timer in self._timers), *((held,) if held else ())), default=None)

    def _wake(self) -> None:
        due = sorted((timer for timer in self._timers if timer.at <= self.now), key=lambda timer: timer.at)
        self._timers = [timer for timer in self._timers if timer.at > self.now]
        self._inbox.extend(due)
        self._drain()
        self._send()  # what was held back until now, even if no timer fired

    def _drain(self) -> None:
        while self._inbox:
            event = self._inbox.popleft()
            self._settle_by(event)
            self._decide(event)
            self._send()

    def _settle_by(self, event: ChatEvent) -> None:
        match event:
            case StatusReceived(message_id=message_id, status=status, code=code):
                row = self._post.row_of(message_id)
                evidence: Evidence = Status(status=status, message_id=message_id, code=code)
            case EchoReceived():
                row, evidence = own_row(self.chat, event), Echoed(event.id)
            case _:
                return
        if row is None:
            return
        settled = self._post.settle(row, evidence, self.now)
        if settled.tell_chat and settled.tell_chat.id not in self._taken:
            self._taken.add(settled.tell_chat.id)
            self._inbox.append(settled.tell_chat)
        if settled.tell_number:
            decided = decide_number(self._number, settled.tell_number, self.now)
            self._number = decided.number
            self._so_far.alerts.extend(decided.alerts)

    def _decide(self, event: ChatEvent) -> None:
        decision = decide(self.chat, event, self._ruleset, self.now)
        self.chat = decision.chat
        queued = rows_for(
            decision,
            event=event,
            subject=self._number.id,
            number=self._number,
            lists=self._ruleset.lists,
            now=self.now,
        )
        self._so_far.note(*decision.trace.lines, *queued.trace.lines)
        for effect in decision.effects:
            self._order(event, effect)
        for row in queued.rows:
            self._post.put(row)

    def _order(self, event: ChatEvent, effect: Effect) -> None:
        match effect:
            case SetTimer(name=name, at=at, run=run, wait=wait):
                timer = f"{event.id}/{name}/{run}/{wait}"
                self._timers.append(TimerFired(id=timer, at=at, arrived_at=at, name=name, run=run, wait=wait))
            case DropQueued():
                for gone in self._post.drop(effect, self.now):
                    self._so_far.add(gone)
            case Alert():
                self._so_far.alerts.append(effect)
            case Send() | Report() | Http() | Fetch() | PassOn():
                return  # all but the last are rows by now; there is no other chat to tell
            case _:
                assert_never(effect)

    def _send(self) -> None:
        for gone in self._post.leave(self.chat, self._number, self.now):
            self._so_far.add(gone)
            if isinstance(gone, Left):
                self._left.append(gone)
        self.chat = replace(self.chat, own=self._post.own)

    def _reap(self) -> Round:
        so_far, self._so_far = self._so_far, SoFar()
        return so_far.round(self.now, self.holder, self.saved)
