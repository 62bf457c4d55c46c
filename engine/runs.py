"""How does a run begin, wait, go into a flow that it calls, come back, and end with a handoff?

A called flow has nothing of its own but its steps: it reads and keeps the variables of the run, and the run stays on
its version. What ends the run, ends it for the callers, too.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b

from msgspec.structs import replace

from engine.chat import Caller, Chat, Run
from engine.effects import SetTimer
from engine.marks import HANDED_OFF, NOBODY_CAME, handoff_mark
from engine.ruleset import Flow, Handoff
from engine.step import Wait
from rules.policy import handoff

MOST_CALLS = 10


def begun(flow: Flow, mark: str, now: datetime, text: str | None) -> Run:
    """Return a run at the beginning of a flow, and what the contact wrote before; the same mark gives the same id."""
    run_id = blake2b(mark.encode(), digest_size=6).hexdigest()
    return Run(id=run_id, flow=flow.id, version=flow.version, at=flow.first or "", text=text, started_at=now)


def waiting(run: Run, at: str, wait: Wait, text: str | None) -> Run:
    """Return the run standing at a step, with one more wait counted.

    What the contact wrote before is kept where something else than the contact may end the wait.
    """
    return replace(
        run,
        at=at,
        waiting=True,
        for_answer=wait.for_answer,
        for_system=wait.request is not None,
        waits=run.waits + 1,
        tries=0,
        text=text if wait.timers or wait.request else None,
    )


def is_too_deep(run: Run) -> bool:
    """Tell whether one more call is one too many: flows that call each other would never end."""
    return len(run.stack) >= MOST_CALLS


def called(run: Run, flow: str, at: str) -> Run:
    """Return the run inside the flow that the step at `at` calls."""
    return replace(run, flow=flow, stack=(*run.stack, Caller(run.flow, at, run.waits)))


def returned(run: Run) -> Run:
    """Return the run back in the flow of its last caller; it stands at the calling step if it waited since."""
    caller = run.stack[-1]
    at = run.at if run.waits == caller.waits else caller.at
    return replace(run, flow=caller.flow, at=at, stack=run.stack[:-1])


def handed_off(chat: Chat, reason: str, policy: Handoff, now: datetime) -> Chat:
    """Return the chat in the owner's hands, without a run."""
    holding = handoff.next_holding(
        chat.holding, handoff.Signal.HAND_OFF, at=now, now=now, pause=policy.pause, asked=policy.asked
    )
    return replace(
        chat,
        holding=replace(holding, why=reason or holding.why),
        run=None,
        queued_flow=None,
        queued_values={},
        handoffs=chat.handoffs + 1,
    )


def while_handed_off(chat: Chat, policy: Handoff, now: datetime) -> Iterator[SetTimer]:
    """Set the timer that says that nobody came, where the business wants to know."""
    if policy.nobody_came is not None:
        due = now + policy.nobody_came
        yield SetTimer(name=NOBODY_CAME, at=due, run=HANDED_OFF, wait=handoff_mark(chat))
