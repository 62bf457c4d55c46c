"""Which rows a decision puts into the outbox: the one place where an effect becomes something that can leave."""

from datetime import datetime

from msgspec import Struct

from engine.chat import Number
from engine.content import Template
from engine.decide import Decision
from engine.effects import Report, Send, Speaker
from engine.events import ChatEvent, TimerFired
from engine.row import Row, queue
from engine.trace import Trace
from rules.policy.restrictions import Path, Refusal, Restrictions, clear


class Queued(Struct, frozen=True):
    """The rows of a decision, and why an effect got none."""

    rows: tuple[Row, ...] = ()
    trace: Trace = Trace()


def rows_for(
    decision: Decision, *, event: ChatEvent, subject: str, number: Number, lists: Restrictions, now: datetime
) -> Queued:
    """Make a row of every effect that leaves, each with the clearance of its path."""
    rows: list[Row] = []
    trace = Trace()
    for index, effect in enumerate(decision.effects):
        if not isinstance(effect, Send | Report):
            continue
        checked = clear(
            path_of(effect, event),
            business_phone=number.phone,
            coexistence=number.coexistence,
            phones=decision.chat.contact.ids.phones,
            bsuids=decision.chat.contact.ids.bsuids,
            lists=lists,
        )
        if isinstance(checked, Refusal):
            trace = trace.add("restriction", checked.words)
            continue
        rows.append(
            queue(
                checked,
                business=number.business,
                number=number.id,
                chat=subject,
                event=event.id,
                index=index,
                effect=effect,
                epoch=decision.chat.epoch,
                asked_at=event.at,
                queued_at=now,
            )
        )
    return Queued(tuple(rows), trace)


def path_of(effect: Send | Report, event: ChatEvent) -> Path:
    """Return the path an effect takes out, for the restriction lists."""
    match effect:
        case Report():
            return Path.REPORT
        case _ if isinstance(event, TimerFired):
            return Path.TIMER
        case Send(speaker=Speaker.NOTICE):
            return Path.NOTICE
        case Send(content=Template()):
            return Path.TEMPLATE
        case _:
            return Path.FLOW
