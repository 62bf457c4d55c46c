"""What do the events of one drain add up to?"""

import hashlib
from collections.abc import Sequence
from typing import assert_never

from msgspec.structs import replace

from adapters.records import LogEntry, new_alert, packed, packed_log
from adapters.store import NewAlert
from adapters.store.records import DropOrder, NewTimer
from engine.chat import Chat
from engine.content import words_of
from engine.decide import Decision
from engine.effects import Alert, DropQueued, Fetch, Http, Leaving, PassOn, Report, Send, SetTimer, Speaker
from engine.events import ChatEvent, EchoReceived, FileRecalled, MessageReceived, StatusReceived, TimerFired
from engine.request import shown_url
from engine.row import Row
from engine.trace import Trace


class Turn:
    """What the events of one drain add up to, before it is written; `decided` counts the entries it is about."""

    def __init__(self, chat: Chat, subject: str, decided: int) -> None:
        """Start from the chat as it was."""
        self.decided = decided
        self.chat = chat
        self.subject = subject
        self.rows: list[Row] = []
        self.timers: list[NewTimer] = []
        self.drop: DropOrder | None = None
        self._said: list[LogEntry] = []
        self.alerts: list[NewAlert] = []
        self.passes: list[tuple[str, bytes]] = []

    def add(self, event: ChatEvent, decision: Decision, rows: Sequence[Row], why: Trace) -> None:
        """Take in one decision."""
        self.chat = decision.chat
        self.rows.extend(rows)
        for effect in decision.effects:
            self._order(event, effect)
        if isinstance(event, FileRecalled):
            return  # the log has the message, where it was said
        if not _is_receipt(event):
            self._said.append(_entry(event, Trace((*decision.trace.lines, *why.lines))))
        self._said.extend(_said(row) for row in rows)

    @property
    def log(self) -> list[bytes]:
        """What was said, as the chat's log keeps it."""
        return [packed_log(self._said)] if self._said else []

    def park(self, words: str, event: ChatEvent | None = None) -> None:
        """Tell people of an event that was kept aside; it may have been the owner's, so the bot is silent."""
        if event is not None:
            self._said.append(_entry(event, Trace().add("parked", "could not be decided")))
        self.alerts.append(new_alert(Alert("parked", words, self.subject)))
        self.drop = DropOrder("parked", (Speaker.BOT.value, Speaker.NOTICE.value))

    def close(self, why: Alert) -> None:
        """Let nothing of the bot leave there any more, and tell people why."""
        self.alerts.append(new_alert(why))
        self.drop = DropOrder(why.code, (Speaker.BOT.value, Speaker.NOTICE.value))

    def _order(self, event: ChatEvent, effect: object) -> None:
        match effect:
            case SetTimer():
                self.timers.append(_timer(self.subject, event, effect))
            case DropQueued(reason=reason, speakers=speakers):
                self.drop = DropOrder(reason, tuple(speaker.value for speaker in speakers))
            case Alert():
                self.alerts.append(new_alert(replace(effect, chat=self.subject)))
            case PassOn(contact=contact, event=told):
                self.passes.append((f"{self.chat.number}/{contact}", packed(told)))


def _timer(subject: str, event: ChatEvent, order: SetTimer) -> NewTimer:
    name = f"{subject} {event.id} {order.name} {order.run} {order.wait}"
    timer = hashlib.blake2b(name.encode(), digest_size=12).hexdigest()
    fired = TimerFired(
        id=f"timer/{timer}", at=order.at, arrived_at=order.at, name=order.name, run=order.run, wait=order.wait
    )
    return NewTimer(id=timer, at_ms=round(order.at.timestamp() * 1000), blob=packed(fired))


def _is_receipt(event: ChatEvent) -> bool:
    """Tell whether it says only how far a message came, which is kept with the message."""
    return isinstance(event, StatusReceived) and event.status != "failed"


def _entry(event: ChatEvent, why: Trace) -> LogEntry:
    match event:
        case MessageReceived(content=content):
            who, words = "contact", words_of(content)
        case EchoReceived(content=content):
            who, words = "owner", words_of(content)
        case _:
            who, words = type(event).__name__, ""
    return LogEntry(at=event.at, who=who, event=event.id, words=words, why=why.lines)


def _said(row: Row) -> LogEntry:
    who, words = by_whom(row.effect)
    return LogEntry(at=row.queued_at, who=who, event=row.event, words=words, row=row.id)


def by_whom(effect: Leaving) -> tuple[str, str]:
    """Return who says something, and what; for what is no message, what it is and what it asks."""
    match effect:
        case Send(speaker=speaker, content=content):
            return speaker.value, words_of(content)
        case Report(event=event):
            return "report", event
        case Http(request=request):
            return "http", f"{request.method} {shown_url(request)}"
        case Fetch(file=file):
            return "fetch", file.kind
        case _:
            assert_never(effect)
