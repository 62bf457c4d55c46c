"""Which ways lead through all flows of a folder, and what is known for sure on each of them?"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from heapq import heappop, heappush
from typing import cast

from msgspec import Struct

from flows.flow import FlowDocument
from flows.folder import Folder
from flows.graph import Graph
from flows.step import StepKind

At = tuple[str, str]  # a flow, and an address in it
NONE = timedelta()


class Way(Struct, frozen=True):
    """From one step to one that may follow it; `silence` is how long nobody writes meanwhile, if nobody does."""

    to: At
    silence: timedelta | None = NONE


class Paths:
    """The steps of all flows, and the ways between them."""

    def __init__(self, folder: Folder) -> None:
        """Lay every flow out."""
        self._documents = {document.flow: document for document in folder.flows}
        self._graphs = {document.flow: Graph(document.steps) for document in folder.flows}
        named = {each.run for each in folder.digressions()} | {each.run for faq in folder.faqs for each in faq.answers}
        begun = (document.flow for document in folder.flows if document.start or document.flow in named)
        self._starts = [at for name in begun for at in self._first_of(name)]
        self._calls: defaultdict[str, list[At]] = defaultdict(list)
        for at in self.everywhere():
            self._calls[self.step(at).called or ""].append(at)
        self._backs = {name: frozenset(self._back_from(name, set())) for name in self._graphs}

    def step(self, at: At) -> StepKind:
        """Return the step at a place."""
        return cast("StepKind", self._graphs[at[0]].nodes[at[1]].step)

    def document(self, at: At) -> FlowDocument:
        """Return the flow of a place."""
        return self._documents[at[0]]

    def everywhere(self) -> Iterator[At]:
        """Go through all steps, in the order of the flows."""
        for name, graph in self._graphs.items():
            yield from ((name, address) for address in graph.nodes)

    def silences(self) -> Mapping[At, timedelta]:
        """Tell how long at least the contact has not written, at every step that is ever reached."""
        found: dict[At, timedelta] = {}
        waiting = [(NONE, at) for at in self._starts]
        while waiting:
            silence, at = heappop(waiting)
            if at in found:
                continue
            found[at] = silence
            for way in self._ways(at):
                heappush(waiting, (NONE if way.silence is None else silence + way.silence, way.to))
        return found

    def saved_before(self) -> Mapping[At, frozenset[str]]:
        """Tell what may have been saved before each step of its flow; nobody knows what a caller saved."""
        found: dict[At, frozenset[str]] = {}
        waiting = [(at, frozenset[str]()) for name in self._graphs for at in self._first_of(name)]
        while waiting:
            at, names = waiting.pop()
            known = found.get(at)
            if known is not None and names <= known:
                continue
            found[at] = names | (known or frozenset())
            after = found[at] | self.step(at).keeps
            ways = [*(way.to for way in self._ways(at)), *(self._after(at) if self.step(at).called else ())]
            waiting += [(to, after) for to in ways if to[0] == at[0]]
        return found

    def _ways(self, at: At) -> Iterator[Way]:
        flow, address = at
        graph = self._graphs[flow]
        node, step = graph.nodes[address], self.step(at)
        if step.when is not None:
            yield from map(Way, self._after(at))
        for name, branch in step.branches().items():
            if name in node.branches:
                yield Way((flow, node.branches[name]), branch.after if step.asks else NONE)
        if step.target is not None:
            own = graph.names.get(step.target)
            yield from [Way((flow, own))] if own else self._into(step.target)
        if step.returns:
            yield from map(Way, self._backs[flow])
        elif step.called in self._graphs:
            yield from self._into(step.called) or map(Way, self._after(at))
        elif step.straight_on is not None:
            yield from (Way(to, None if step.asks else step.passes) for to in self._after(at))

    def _after(self, at: At) -> Collection[At]:
        """Find what comes after a step: the next one, else where its flow was called."""
        flow, address = at
        following = self._graphs[flow].nodes[address].next
        return [(flow, following.at)] if following is not None else self._backs[flow]

    def _back_from(self, flow: str, seen: set[str]) -> Iterator[At]:
        """Find where it goes on after a flow; what calls it as its last step goes back in turn."""
        seen.add(flow)
        for caller, address in self._calls[flow]:
            following = self._graphs[caller].nodes[address].next
            if following is not None:
                yield caller, following.at
            elif caller not in seen:
                yield from self._back_from(caller, seen)

    def _into(self, flow: str) -> list[Way]:
        return [Way(at) for at in self._first_of(flow)]

    def _first_of(self, flow: str) -> list[At]:
        graph = self._graphs.get(flow)
        return [(flow, graph.first)] if graph is not None and graph.first is not None else []
