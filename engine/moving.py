"""Where does a run go on when its flow was published anew while somebody was in it?

As the flow that is live now says. `stay`: the run ends in the version it began in. `move`: it goes on in the live
version, at the step with the same id and of the same kind, with all that it saved; where there is none, it stays.
`restart`: it begins again when the contact writes next, and what it waited for is void.
A flow that did nothing but keep its words takes its runs along, whatever it says.
"""

from msgspec.structs import replace

from engine.chat import Chat, Run
from engine.ruleset import Flow, Ruleset


def carried(chat: Chat, ruleset: Ruleset) -> Chat:
    """Take a run of an older version over to the live one, if its flow is the same or says `move`."""
    run = chat.run
    if run is None or run.version == ruleset.version:
        return chat
    flows = _both(run, ruleset)
    at = _place_in(*flows, run.at) if flows else None
    return chat if at is None else replace(chat, run=replace(run, version=ruleset.version, at=at))


def is_to_restart(run: Run | None, ruleset: Ruleset) -> bool:
    """Tell whether the run's flow has changed and asks that people in it begin again."""
    flows = _both(run, ruleset) if run and run.version != ruleset.version else None
    return flows is not None and not _is_same(*flows) and flows[1].on_publish == "restart"


def _both(run: Run, ruleset: Ruleset) -> tuple[Flow, Flow] | None:
    """Find the flow as the run knows it, and as it is live; nothing if one of them is gone."""
    old, new = ruleset.flow_of(run.flow, run.version), ruleset.flows.get(run.flow)
    return (old, new) if old and new else None


def _is_same(old: Flow, new: Flow) -> bool:
    return old.digest == new.digest != ""


def _place_in(old: Flow, new: Flow, at: str) -> str | None:
    """Find the address in the new flow of the step at an address of the old one."""
    if _is_same(old, new):
        return at
    node = old.nodes.get(at)
    if new.on_publish != "move" or node is None or node.id is None or node.id not in new.names:
        return None
    found = new.names[node.id]
    return found if new.nodes[found].step.kind == node.step.kind else None
