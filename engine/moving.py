"""Where does a run go on when its flow was published anew while somebody was in it?

As the flow that it began with, as it is live now, says. `stay`: the run ends in the version it began in. `move`: it
goes on in the live version, at the step with the same id and of the same kind, with all that it saved; where there is
none, it stays. `restart`: it begins again when the contact writes next, and what it waited for is void.
Flows that did nothing but keep their words take their runs along, whatever they say.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from engine.chat import Chat, Run
from engine.ruleset import Flow, Ruleset


def carried(chat: Chat, ruleset: Ruleset) -> Chat:
    """Take a run of an older version over to the live one, if its flows are the same or it is to move.

    A run whose version is gone ends, as after a backup of another day was brought back.
    """
    run = chat.run
    if run is None or run.version == ruleset.version:
        return chat
    if any(ruleset.flow_of(flow, run.version) is None for flow in run.flows):
        return replace(chat, run=None)
    places = list(_places(run, ruleset))
    if None in places:
        return chat
    at, *callers = (place or "" for place in places)
    stack = tuple(replace(caller, at=place) for caller, place in zip(run.stack, callers, strict=True))
    return replace(chat, run=replace(run, version=ruleset.version, at=at, stack=stack))


def is_to_restart(run: Run | None, ruleset: Ruleset) -> bool:
    """Tell whether a flow of the run has changed, and the one it began with asks to begin again."""
    if run is None or run.version == ruleset.version or _on_publish(run, ruleset) != "restart":
        return False
    return not all(_is_same(*_both(run, flow, ruleset)) for flow in run.flows)


def _places(run: Run, ruleset: Ruleset) -> Iterator[str | None]:
    """Find where in the live flows the run stands, then where it was called; nothing where there is no such step."""
    moves = _on_publish(run, ruleset) == "move"
    for flow, at in ((run.flow, run.at), *((caller.flow, caller.at) for caller in run.stack)):
        old, new = _both(run, flow, ruleset)
        yield at if _is_same(old, new) else _same_step(old, new, at) if moves else None


def _on_publish(run: Run, ruleset: Ruleset) -> str:
    flow = ruleset.flows.get(run.flows[-1])
    return flow.on_publish if flow else "stay"


def _both(run: Run, flow: str, ruleset: Ruleset) -> tuple[Flow | None, Flow | None]:
    """Find a flow as the run knows it, and as it is live."""
    return ruleset.flow_of(flow, run.version), ruleset.flows.get(flow)


def _is_same(old: Flow | None, new: Flow | None) -> bool:
    return old is not None and new is not None and old.digest == new.digest != ""


def _same_step(old: Flow | None, new: Flow | None, at: str) -> str | None:
    """Find the address in the new flow of the step at an address of the old one."""
    node = old.nodes.get(at) if old else None
    if new is None or node is None or node.id is None or node.id not in new.names:
        return None
    found = new.names[node.id]
    return found if new.nodes[found].step.kind == node.step.kind else None
