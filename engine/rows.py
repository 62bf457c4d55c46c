"""Which rows a decision puts into the outbox: the one place where an effect becomes something that can leave."""

from datetime import datetime

from msgspec import Struct

from engine.approval import categorised
from engine.chat import Number
from engine.decide import Decision
from engine.effects import Leaving
from engine.events import ChatEvent
from engine.paths import check, path_out
from engine.row import Row, queue
from engine.trace import Trace
from rules.policy.restrictions import Refusal, Restrictions


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
        rows.append(
            queue(
                checked,
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
        )
    return Queued(tuple(rows), trace)
