"""What follows when a timer of a run is due, or another system answered it?"""

from datetime import datetime

from msgspec.structs import replace

from engine import moving
from engine.events import HttpAnswered, TimerFired
from engine.marks import run_mark
from engine.ruleset import Ruleset
from engine.walk import Walk
from rules.policy import handoff
from rules.policy.handoff import Holder


def timer(walk: Walk, event: TimerFired, ruleset: Ruleset, now: datetime) -> None:
    """Go on after a timer, if the run still waits the same wait."""
    if _goes_on(walk, event, "timer", f"`{event.name}`", ruleset, now):
        walk.fired(event.name)


def answer(walk: Walk, event: HttpAnswered, ruleset: Ruleset, now: datetime) -> None:
    """Go on after an answer, if the run still waits for it."""
    if _goes_on(walk, event, "http", "the answer", ruleset, now):
        walk.answered(event.answer)


def _goes_on(
    walk: Walk, event: TimerFired | HttpAnswered, about: str, what: str, ruleset: Ruleset, now: datetime
) -> bool:
    run = walk.chat.run
    if run is None or not run.waiting or event.run != run_mark(walk.chat) or event.wait != run.waits:
        walk.note(about, f"{what} is of an earlier wait: dropped")
    elif handoff.holder_at(walk.chat.holding, now) is Holder.OWNER:
        walk.note(about, f"{what} is dropped: the owner holds the chat")
    elif moving.is_to_restart(run, ruleset):
        walk.note(about, f"{what} is dropped: the flow has changed, and begins again when the contact writes")
    elif run.interrupted and ruleset.business.handoff.after != "continue":
        walk.note(about, f"{what} is dropped: the owner stepped in, and the run does not continue")
    else:
        walk.chat = replace(walk.chat, run=replace(run, interrupted=False))
        return True
    return False
