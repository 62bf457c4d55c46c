"""What is known of a chat right now?"""

from collections.abc import Iterator, Mapping

from adapters.chat.clock import day_and_time
from adapters.chat.session import Session
from engine.chat import Run
from engine.number import is_paused
from engine.wake_ups import is_awaited
from flows.shown import written
from rules.policy import window
from rules.policy.handoff import Holder


def state_of(session: Session) -> Iterator[tuple[str, str]]:
    """Name what an author may want to know, with its value."""
    simulation, zone = session.simulation, session.beginning.zone
    chat, now = simulation.chat, simulation.now
    yield "clock", day_and_time(now, zone)
    yield "holder", _holder(session)
    ends = window.open_until(chat.heard_at, chat.window_shut_at)
    yield "window", f"open until {day_and_time(ends, zone)}" if ends and now < ends else "closed"
    yield "flow", _flow(session, chat.run) if chat.run else "none"
    yield "saved", _values(simulation.saved) or "nothing"
    yield "tags", ", ".join(chat.contact.tags) or "none"
    yield "language", session.ruleset.business.language_of(chat.contact)
    yield "marketing", str(chat.contact.marketing)
    if chat.last_ad:
        yield "ad", f"{chat.last_ad.referral.id}, {day_and_time(chat.last_ad.at, zone)}"
    if pause := is_paused(simulation.number, now):
        yield "number", f"sends nothing: {pause.reason}"
    for timer in simulation.timers:
        if is_awaited(timer, chat):
            yield "due", f"{timer.name}, {day_and_time(timer.at, zone)}"


def _holder(session: Session) -> str:
    simulation = session.simulation
    holding = simulation.chat.holding
    if simulation.holder is Holder.BOT:
        return "bot"
    until = day_and_time(holding.until, session.beginning.zone) if holding.until else "the owner hands it back"
    return f"owner until {until} ({holding.why.replace('_', ' ')})"


def _flow(session: Session, run: Run) -> str:
    flow = session.ruleset.flow_of(run.flow, run.version)
    node = flow.nodes.get(run.at) if flow else None
    return f"`{run.flow}` at `{node.step.kind}` ({node.place})" if node else f"`{run.flow}`"


def _values(saved: Mapping[str, object]) -> str:
    return "; ".join(f"{name} = {written(value)}" for name, value in saved.items())
