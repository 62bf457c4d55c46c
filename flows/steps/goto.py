"""Go on somewhere else."""

from engine.step import Goto as Going
from engine.step import Outcome, Turn
from flows.step import StepKind


class Goto(StepKind, frozen=True):
    """Go on at a step of this flow, by its `id`, or at the beginning of another flow.

    - id: again
      ask: "Your name?"
      save: name
    - goto: again
      when: length(name) < 2

    Nothing comes back from another flow, and what this one saved is forgotten there, unless the contact keeps it.
    """

    goto: str

    def run(self, turn: Turn) -> Outcome:  # noqa: ARG002 - it goes there whatever the turn
        """Go there."""
        return Outcome(then=Going(self.goto), why=f"goes to `{self.goto}`")

    @property
    def leaves(self) -> bool:
        """What follows is not reached, unless the step may be skipped."""
        return self.when is None

    @property
    def target(self) -> str | None:
        """The step or flow it goes to."""
        return self.goto
