"""What follows when a timer of a run is due, or another system answered it?

A timer that comes later than `answer_within`, after an outage, says nothing: people would wonder. The question it is
about stays open; a wait counts as over when the contact writes, as one does that ended while the owner held the chat.
"""

from datetime import datetime

from msgspec.structs import replace

from engine import bursts, moving
from engine.chat import Chat
from engine.events import HttpAnswered, TimerFired
from engine.marks import HANDED_OFF, handoff_mark, run_mark
from engine.ruleset import Ruleset
from engine.walk import Walk
from rules.policy import handoff
from rules.policy.handoff import Holder


def timer(walk: Walk, event: TimerFired, ruleset: Ruleset, now: datetime) -> None:
    """Go on after a timer, if the run still waits the same wait and the timer is not far too late."""
    if _goes_on(walk, event, "timer", f"`{event.name}`", ruleset, now):
        walk.fired(event.name)


def is_awaited(event: TimerFired, chat: Chat) -> bool:
    """Tell whether a timer is of the wait that is on: one of an earlier wait does nothing."""
    if event.run == bursts.BURST:
        return bursts.is_over(chat.burst, event)
    if event.run == HANDED_OFF:
        return event.wait == handoff_mark(chat) and chat.holding.asked and not chat.holding.owner_came
    return chat.run is not None and chat.run.waiting and (event.run, event.wait) == (run_mark(chat), chat.run.waits)


def is_late(event: TimerFired, ruleset: Ruleset, now: datetime) -> bool:
    """Tell whether a timer comes so late that nobody expects what follows any more."""
    return now - event.at > ruleset.business.answer_within


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
    elif isinstance(event, TimerFired) and is_late(event, ruleset, now):
        walk.note(about, f"{what} comes too late: nothing is said")
        walk.chat = replace(walk.chat, run=replace(run, interrupted=run.interrupted or not run.for_answer))
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
