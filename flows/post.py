"""What leaves in a simulation, what is held back, and what is dropped?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from engine.chat import Chat, Number, OwnSend
from engine.content import Cards, Content, Location, Media, Outgoing, Text, words_of
from engine.effects import DropQueued, Http, Report, Send, Speaker
from engine.events import HttpAnswered
from engine.gate import Drop, Leave, LeaveAsTemplate, Wait, judge
from engine.identity import same_message
from engine.outbox import Accepted, Answered, Evidence, Reported, Settled, settle
from engine.request import Answer, shown_url
from engine.row import Delivery, Row, RowState
from engine.ruleset import Ruleset

DOUBT_WAIT = timedelta(minutes=3)


class Left(Struct, frozen=True, kw_only=True):
    """A message that left: what the contact sees."""

    at: datetime
    content: Outgoing
    speaker: Speaker
    row: str
    message_id: str
    why: str = ""


class Dropped(Struct, frozen=True, kw_only=True):
    """A message that will never leave, and why: a word for programs, and a sentence."""

    at: datetime
    content: Outgoing
    reason: str
    why: str = ""


class Held(Struct, frozen=True, kw_only=True):
    """A message that may not leave yet, and why."""

    content: Outgoing
    until: datetime | None
    why: str


Gone = Left | Dropped | Held | Report | Http
"""What became of a row."""


class _Kept(Struct, frozen=True, kw_only=True):
    row: Row
    state: RowState = RowState.QUEUED
    message_id: str | None = None
    delivery: Delivery | None = None
    due: datetime | None = None


class Post:
    """An outbox in memory that follows the protocol of the real one; Meta takes everything at once."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Begin empty."""
        self._lists = ruleset.lists
        self._answer_within = ruleset.business.answer_within
        self._kept: dict[str, _Kept] = {}

    @property
    def own(self) -> tuple[OwnSend, ...]:
        """What was sent in this chat, as the chat knows it."""
        sent = (kept for kept in self._kept.values() if kept.message_id)
        return tuple(OwnSend(kept.row.id, kept.message_id, "sent", _words(kept.row)) for kept in sent)

    @property
    def wakes_at(self) -> datetime | None:
        """When the first message that is held back has to be looked at again."""
        return min((kept.due for kept in self._queued() if kept.due), default=None)

    def put(self, row: Row) -> None:
        """Queue a row; one that is there already stays as it is."""
        self._kept.setdefault(row.id, _Kept(row=row))

    @property
    def asked(self) -> str | None:
        """The address that another system is asked at and has not answered yet, the first of them."""
        return next((shown_url(effect.request) for _, effect in self._open()), None)

    def answered(self, answer: Answer, now: datetime) -> HttpAnswered:
        """End the first request, whose every try is answered the same; return what its chat is told."""
        row, _ = next(self._open())
        while not isinstance(told := self.settle(row, Answered(answer), now).tell_chat, HttpAnswered):
            self._kept[row] = replace(self._kept[row], state=RowState.SENDING)
        return told

    def _open(self) -> Iterator[tuple[str, Http]]:
        for kept in self._kept.values():
            if kept.state is RowState.SENDING and isinstance(kept.row.effect, Http):
                yield kept.row.id, kept.row.effect

    def row_of(self, message_id: str) -> str | None:
        """Find the row of a message that left."""
        found = (kept for kept in self._kept.values() if kept.message_id and same_message(kept.message_id, message_id))
        return next((kept.row.id for kept in found), None)

    def drop(self, order: DropQueued, at: datetime) -> Iterator[Dropped]:
        """Drop what is queued of these speakers."""
        for kept in self._queued():
            effect = kept.row.effect
            if isinstance(effect, Send) and effect.speaker in order.speakers:
                self._end(kept, RowState.DROPPED)
                yield Dropped(at=at, content=effect.content, reason=order.reason)

    def leave(self, chat: Chat, number: Number, now: datetime) -> Iterator[Gone]:
        """Let everything leave that may, in order; what has to wait holds back what comes after it."""
        for kept in self._queued():
            gone = self._gone(kept, chat, number, now)
            yield gone
            if isinstance(gone, Held):
                return

    def settle(self, row: str, evidence: Evidence, now: datetime) -> Settled:
        """Take in a piece of evidence about a row; what must leave instead is queued."""
        kept = self._kept[row]
        settled = settle(kept.row, kept.state, evidence, now, doubt_wait=DOUBT_WAIT, delivery=kept.delivery)
        self._kept[row] = _Kept(
            row=settled.row,
            state=settled.state,
            message_id=settled.message_id or kept.message_id,
            delivery=settled.delivery,
            due=settled.again_at,
        )
        if settled.replacement is not None:
            self.put(settled.replacement)
        return settled

    def _gone(self, kept: _Kept, chat: Chat, number: Number, now: datetime) -> Gone:
        effect = kept.row.effect
        if isinstance(effect, Http):
            self._kept[kept.row.id] = replace(kept, state=RowState.SENDING)
            return effect
        if isinstance(effect, Report):
            self._kept[kept.row.id] = replace(kept, state=RowState.SENDING)
            self.settle(kept.row.id, Reported(taken=True), now)
            return effect
        if not isinstance(effect, Send):
            raise TypeError("Nothing is brought from Meta while a chat is played.")
        return self._judged(kept, effect, chat, number, now)

    def _judged(self, kept: _Kept, effect: Send, chat: Chat, number: Number, now: datetime) -> Gone:
        match judge(kept.row, chat, number, self._lists, now, answer_within=self._answer_within):
            case Leave(words=words):
                message_id = self._sent(kept, now)
                return Left(
                    at=now,
                    content=effect.content,
                    speaker=effect.speaker,
                    row=kept.row.id,
                    message_id=message_id,
                    why=words,
                )
            case LeaveAsTemplate(row=instead, words=words):
                self._end(kept, RowState.DROPPED)
                self.put(instead)
                gone = self._gone(self._kept[instead.id], chat, number, now)
                return gone if isinstance(gone, Report | Http) else replace(gone, why=f"{words} {gone.why}")
            case Wait(until=until, words=words):
                self._kept[kept.row.id] = replace(kept, due=until)
                return Held(content=effect.content, until=until, why=words)
            case Drop(reason=reason, words=words):
                self._end(kept, RowState.DROPPED)
                return Dropped(at=now, content=effect.content, reason=reason, why=words)

    def _sent(self, kept: _Kept, now: datetime) -> str:
        message_id = f"wamid.{kept.row.id}"
        self._kept[kept.row.id] = replace(kept, state=RowState.SENDING)
        self.settle(kept.row.id, Accepted(message_id, now), now)
        return message_id

    def _end(self, kept: _Kept, state: RowState) -> None:
        self._kept[kept.row.id] = replace(kept, state=state, due=None)

    def _queued(self) -> tuple[_Kept, ...]:
        return tuple(kept for kept in self._kept.values() if kept.state is RowState.QUEUED)


def _words(row: Row) -> str:
    return words_of(row.effect.content) if isinstance(row.effect, Send) else ""


def as_echoed(content: Outgoing) -> Content:
    """Return a message the way its echo shows it."""
    return content if isinstance(content, Text | Media | Location | Cards) else Text(words_of(content))
