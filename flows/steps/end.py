"""Stop here."""

from typing import Literal

from engine.step import End as Ending
from engine.step import Outcome, Turn
from flows.step import StepKind


class End(StepKind, frozen=True):
    """End the flow for this contact.

    - end

    In a flow that another one called, it ends that one as well; `return` goes back to it.
    """

    end: Literal["true"] | None = None

    def run(self, turn: Turn) -> Outcome:  # noqa: ARG002 - it ends whatever the turn
        """End the run."""
        return Outcome(then=Ending())

    @property
    def leaves(self) -> bool:
        """What follows is not reached, unless the step may be skipped."""
        return self.when is None
