"""Do the documents of a folder fit together?"""

from collections.abc import Iterator, Mapping
from itertools import chain

from msgspec import Struct

from flows.calls import check_called_aside, check_calls, goes_on, passable
from flows.contents import ProductMessage
from flows.folder import Folder
from flows.graph import Graph, every_step
from flows.problems import of_place, of_step
from flows.reader import listed, nearest
from flows.step import StepKind, Steps
from flows.steps.send import Send
from rules.source import Problem, Severity

ANOTHER_ID = "Give the step another `id`"
At = tuple[str, str]  # a flow, and an address in it


def check_folder(folder: Folder, names: frozenset[str]) -> list[Problem]:
    """Find what is wrong between documents; `names` are those of all flows, also of those that could not be read."""
    found = (
        _check_flows(folder, names),
        check_calls(folder, names),
        _check_products(folder),
        _check_asides(folder, names),
        _check_campaigns(folder),
    )
    return [*chain.from_iterable(found), *_check_loops(folder)]


def _check_flows(folder: Folder, names: frozenset[str]) -> Iterator[Problem]:
    for document in folder.flows:
        steps = list(every_step(document.steps))
        ids = {step.id for step in steps if step.id}
        yield from _twice(steps)
        targets = {step.target for step in steps if step.target}
        yield from _unreached(document.steps, targets)
        if document.on_publish == "move":
            yield from _unmovable(steps)
        for step in steps:
            yield from _check_target(step, ids, names)


def _check_products(folder: Folder) -> Iterator[Problem]:
    """Tell that nobody knows whether products can be sent from a number that the app is used with."""
    if not any(number.coexistence for number in folder.business.numbers):
        return
    for step in chain.from_iterable(every_step(document.steps) for document in folder.flows):
        if isinstance(step, Send) and isinstance(step.send, ProductMessage):
            message = "Meta does not say whether a number that the app is used with can send a product"
            yield of_step(step, "product", message, "Try it first, or send a link", severity=Severity.WARNING)


def _twice(steps: list[StepKind]) -> Iterator[Problem]:
    seen: dict[str, StepKind] = {}
    for step in steps:
        if step.id and seen.setdefault(step.id, step) is not step:
            line = seen[step.id].place.rsplit(":", 2)[1]
            yield of_step(step, "duplicate-id", f"The step on line {line} has the `id` `{step.id}`, too", ANOTHER_ID)


def _unmovable(steps: list[StepKind]) -> Iterator[Problem]:
    """Find where people wait whom a new version cannot take over."""
    for step in steps:
        if (step.waits or step.called) and not step.id:
            message = f"`on_publish: move` finds a step by its `id`, and this `{step.kind}` has none"
            hint = "Give it an `id`; otherwise whoever is here stays in the old version"
            yield of_step(step, "no-id", message, hint, severity=Severity.WARNING)


def _check_target(step: StepKind, ids: set[str], names: frozenset[str]) -> Iterator[Problem]:
    target = step.target
    if target is None:
        return
    if target in ids and target in names:
        message = f"`{target}` is a step of this flow and a flow, too"
        yield of_step(step, "ambiguous-target", message, ANOTHER_ID)
    elif target not in ids and target not in names:
        message = f"`{target}` is neither a step of this flow nor a flow"
        known = sorted(ids | names)
        yield of_step(step, "unknown-target", message, nearest(target, known) or f"Known are {listed(known)}")


def _unreached(steps: Steps, targets: set[str]) -> Iterator[Problem]:
    before: StepKind | None = None
    for step in steps:
        if before is not None and before.leaves and step.id not in targets:
            message = f"This step is never reached: the `{before.kind}` before it does not go on here"
            hint = "Delete it, or give it an `id` that a `goto` leads to"
            yield of_step(step, "unreachable", message, hint, severity=Severity.WARNING)
        before = step
        for branch in step.branches().values():
            yield from _unreached(branch.steps, targets)


def _check_asides(folder: Folder, names: frozenset[str]) -> Iterator[Problem]:
    for where, steps, ids in _asides(folder):
        for step in every_step(steps):
            if step.waits:
                message = f"`{step.kind}` waits, and `{where}` is said while nothing waits for it"
                yield of_step(step, "waits-aside", message, "Put it into a flow, and `goto` there")
            yield from check_called_aside(step, where)
            if step.target is not None and step.target not in ids:
                yield from _check_target(step, set(), names)


def _asides(folder: Folder) -> Iterator[tuple[str, Steps, set[str]]]:
    business = folder.business
    if business.otherwise:
        yield "otherwise", business.otherwise.steps, set()
    if business.handoff.nobody_came:
        yield "nobody_came", business.handoff.nobody_came.steps, set()
    for digressions in (business.digressions, *(document.digressions for document in folder.flows)):
        yield from ((name, each.steps, set()) for name, each in digressions.items() if each)
    for document in folder.flows:
        if document.otherwise:
            yield "otherwise", document.otherwise.steps, set()


def _check_campaigns(folder: Folder) -> Iterator[Problem]:
    """Compare campaigns with each other, and with the business whose numbers send them."""
    business, names = folder.business, [each.campaign for each in folder.campaigns]
    numbers = [each.id for each in business.numbers]
    for each in folder.campaigns:
        if each.from_ is None and len(numbers) > 1:
            hint = f"Write `from:` with one of {listed(numbers)}"
            yield of_place(each.place, "campaign-number", "Which number sends this campaign?", hint, Severity.ERROR)
        elif each.from_ is not None and each.from_ not in numbers:
            message = f"The business has no number `{each.from_}`"
            there = nearest(each.from_, numbers) or f"It has {listed(numbers)}"
            yield of_place(each.place, "campaign-number", message, there, Severity.ERROR)
        for name in each.exclude.had:
            if name not in names:
                message = f"No campaign is called `{name}`"
                yield of_place(each.place, "unknown-campaign", message, nearest(name, names), Severity.WARNING)


def _check_loops(folder: Folder) -> Iterator[Problem]:
    graphs = {document.flow: Graph(document.steps) for document in folder.flows}
    ways = _Ways(graphs, passable(graphs))
    open_, done = set[At](), set[At]()
    for flow, graph in graphs.items():
        for address in graph.nodes:
            yield from _loops_from((flow, address), ways, open_, done)


def _loops_from(start: At, known: "_Ways", open_: set[At], done: set[At]) -> Iterator[Problem]:
    """Walk on from a step, deepest first; a step that leads to one that is still open closes a loop."""
    if start in done:
        return
    open_.add(start)
    ways = [(start, known.following(start))]
    while ways:
        here, onward = ways[-1]
        there = next(onward, None)
        if there is None:
            ways.pop()
            open_.discard(here)
            done.add(here)
        elif there in open_:
            step = known.graphs[here[0]].nodes[here[1]].step
            if isinstance(step, StepKind):
                message = "The steps go round in a circle from here, without ever waiting for the contact"
                yield of_step(step, "endless-loop", message, "Put an `ask`, a `choose` or a `wait` into the circle")
        elif there not in done:
            open_.add(there)
            ways.append((there, known.following(there)))


class _Ways(Struct, frozen=True):
    """The ways through flows without a wait; `through` are the flows that can be passed on one."""

    graphs: Mapping[str, Graph]
    through: frozenset[str]

    def following(self, at: At) -> Iterator[At]:
        flow, address = at
        graph = self.graphs[flow]
        yield from ((flow, each) for each in graph.following(address))
        node = graph.nodes[address]
        step = node.step
        if not isinstance(step, StepKind):
            return
        yield from self._first_of(None if step.target in graph.names else step.target)
        yield from self._first_of(step.called)
        if step.called and node.next and not node.next.waiting and goes_on(step, self.through):
            yield flow, node.next.at

    def _first_of(self, flow: str | None) -> Iterator[At]:
        if flow in self.graphs and flow is not None and (first := self.graphs[flow].first) is not None:
            yield flow, first
