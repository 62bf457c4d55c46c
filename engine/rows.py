"""Which rows a decision puts into the outbox: the one place where an effect becomes something that can leave."""

from datetime import datetime

from msgspec import Struct

from engine.approval import categorised
from engine.chat import Number
from engine.content import Media
from engine.decide import Decision
from engine.effects import Fetch, Leaving
from engine.events import ChatEvent, EchoReceived, FileRecalled, MessageReceived
from engine.owner_writes import own_row
from engine.paths import check, path_out
from engine.row import Row, queue
from engine.trace import Trace
from rules.policy.restrictions import Clearance, Refusal, Restrictions

FETCH = -1  # stands for the place among the effects of an event, of what is none of them


class Queued(Struct, frozen=True):
    """The rows of a decision, and why an effect got none."""

    rows: tuple[Row, ...] = ()
    trace: Trace = Trace()


def rows_for(
    decision: Decision, *, event: ChatEvent, subject: str, number: Number, lists: Restrictions, now: datetime
) -> Queued:
    """Make a row of every effect that leaves, each with the clearance of its path.

    Templates get the category that `number` knows of them: what is marketing by now is no more sent twice in doubt.
    """
    rows: list[Row] = []
    trace = Trace()
    for index, effect in enumerate(decision.effects):
        if not isinstance(effect, Leaving):
            continue
        checked = check(path_out(effect, event), decision.chat.contact.ids, number, lists)
        if isinstance(checked, Refusal):
            trace = trace.add("restriction", checked.words)
            continue
        rows.append(_row(checked, decision, effect, index, event, subject, number, now))
    return Queued(tuple(rows), trace)


def fetch_for(
    decision: Decision, *, event: ChatEvent, subject: str, number: Number, lists: Restrictions, now: datetime
) -> tuple[Row, ...]:
    """Make the row that brings the file of a message, if it holds one that Meta keeps.

    What the bot sent itself is not brought back. The row follows from the event and not from what was decided:
    transcripts and replay have nothing to do with it.
    """
    effect = _fetch(event)
    if effect is None or (isinstance(event, EchoReceived) and own_row(decision.chat, event)):
        return ()
    checked = check(path_out(effect, event), decision.chat.contact.ids, number, lists)
    if isinstance(checked, Refusal):
        return ()
    return (_row(checked, decision, effect, FETCH, event, subject, number, now),)


def _fetch(event: ChatEvent) -> Fetch | None:
    match event:
        case MessageReceived(content=Media(id=str()) as file):
            return Fetch(file=file, by="contact")
        case EchoReceived(content=Media(id=str()) as file):
            return Fetch(file=file, by="owner")
        case FileRecalled(file=Media(id=str()) as file, by=by):
            return Fetch(file=file, by=by)
        case _:
            return None


def _row(
    clearance: Clearance,
    decision: Decision,
    effect: Leaving,
    index: int,
    event: ChatEvent,
    subject: str,
    number: Number,
    now: datetime,
) -> Row:
    return queue(
        clearance,
        business=number.business,
        number=number.id,
        chat=subject,
        event=event.id,
        index=index,
        effect=categorised(effect, number.state_of),
        epoch=decision.chat.epoch,
        asked_at=event.at,
        queued_at=now,
        arrived_at=event.arrived_at,
    )
