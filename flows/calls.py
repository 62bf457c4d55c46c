"""Which flows call each other, and does that come to an end?"""

from collections.abc import Iterator, Mapping

from flows.folder import Folder
from flows.graph import Graph, every_step
from flows.problems import of_step
from flows.reader import listed, nearest
from flows.step import StepKind
from rules.source import Problem, Severity

Calls = Mapping[str, frozenset[str]]  # the flows that each flow calls, also through others


def check_calls(folder: Folder, names: frozenset[str]) -> Iterator[Problem]:
    """Tell about calls of flows that do not exist, and about flows that call themselves."""
    calls = reached({flow.flow: _calls_of(list(every_step(flow.steps))) for flow in folder.flows})
    for document in folder.flows:
        for step in every_step(document.steps):
            target = step.called
            if target is not None and target not in names:
                hint = nearest(target, names) or f"Flows are {listed(sorted(names))}"
                yield of_step(step, "unknown-flow", f"`call` names a flow, and there is no flow `{target}`", hint)
            elif target is not None and document.flow in calls.get(target, frozenset()) | {target}:
                through = "" if target == document.flow else f" through `{target}`"
                message = f"`{document.flow}` calls itself{through}, and ends when ten calls lie within each other"
                yield of_step(step, "recursive-call", message, "To begin again, use `goto`", Severity.WARNING)


def check_called_aside(step: StepKind, where: str) -> Iterator[Problem]:
    """Tell about a call in steps that are no flow, so that nothing could come back to them."""
    if step.called is not None:
        message = f"Nothing comes back to `{where}` from a `call`"
        yield of_step(step, "call-aside", message, f"Use `goto: {step.called}`")


def passable(graphs: Mapping[str, Graph]) -> frozenset[str]:
    """Find the flows that can be gone through without ever waiting."""
    found: frozenset[str] = frozenset()
    while True:
        more = frozenset(flow for flow, graph in graphs.items() if _is_passable(graph, found))
        if more == found:
            return found
        found = more


def goes_on(step: StepKind, through: frozenset[str]) -> bool:
    """Tell whether the step after a call may be reached without waiting: it is skipped, or the flow does not wait."""
    return step.called is None or step.when is not None or step.called in through


def reached(direct: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Follow what each one leads to, to the end."""
    found = dict(direct)
    while True:
        more = {
            name: next_ones.union(*(found.get(each, frozenset()) for each in next_ones))
            for name, next_ones in found.items()
        }
        if more == found:
            return found
        found = more


def _calls_of(steps: list[StepKind]) -> frozenset[str]:
    return frozenset(step.called for step in steps if step.called is not None)


def _is_passable(graph: Graph, through: frozenset[str]) -> bool:
    ways, seen = [graph.first] if graph.first else [], set[str]()
    while ways:
        address = ways.pop()
        if address in seen:
            continue
        seen.add(address)
        node, step = graph.nodes[address], graph.nodes[address].step
        if not isinstance(step, StepKind):
            continue
        ends = node.next is None and not step.waits and not step.leaves and goes_on(step, through)
        if step.returns or ends:
            return True
        ways += graph.following(address)
        if node.next is not None and not node.next.waiting and step.called and goes_on(step, through):
            ways.append(node.next.at)
    return False
