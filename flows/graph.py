"""Which step follows which, in the flat form the engine walks through?"""

from collections.abc import Iterator
from typing import Any

from engine.ruleset import Jump, Node
from flows.step import StepKind, Steps


class Graph:
    """The steps of one flow by address; addresses are made of the way to the step, such as `3.then.0`."""

    def __init__(self, steps: Steps, sorry: Any = None) -> None:
        """Lay the steps out; `sorry` are the flow's words for questions without words of their own."""
        self.nodes: dict[str, Node] = {}
        self.names: dict[str, str] = {}
        self.first = "0" if steps else None
        self._sorry = sorry
        self._lay_out(steps, "", None)

    def _lay_out(self, steps: Steps, before: str, after: Jump | None) -> None:
        for at, step in enumerate(steps):
            address = f"{before}{at}"
            following = Jump(f"{before}{at + 1}") if at + 1 < len(steps) else after
            self._add(step, address, following)

    def _add(self, step: StepKind, address: str, following: Jump | None) -> None:
        branches = {name: branch for name, branch in step.branches().items() if branch.steps}
        starts = {name: f"{address}.{name}.0" for name in branches}
        own = step.with_sorry(self._sorry)
        self.nodes[address] = Node(own, following, starts, step.id, step.place)
        if step.id:
            self.names.setdefault(step.id, address)
        for name, branch in branches.items():
            self._lay_out(branch.steps, f"{address}.{name}.", Jump(address, waiting=True) if branch.back else following)

    def following(self, address: str) -> Iterator[str]:
        """Go through the steps of this flow that may come right after one, without anything happening in between.

        What follows a call is not among them: that depends on the flow it calls.
        """
        node = self.nodes[address]
        step = node.step
        if not isinstance(step, StepKind) or step.waits:
            return
        yield from node.branches.values()
        if step.target in self.names:
            yield self.names[step.target]
        if step.called is None and not step.leaves and node.next is not None and not node.next.waiting:
            yield node.next.at


def every_step(steps: Steps) -> Iterator[StepKind]:
    """Go through steps and all steps inside them, in order."""
    for step in steps:
        yield step
        for branch in step.branches().values():
            yield from every_step(branch.steps)
