"""Go back to the flow that called this one."""  # noqa: N999 - the word that authors write is a keyword of Python

from typing import Literal

from engine.step import Outcome, Turn
from engine.step import Return as Returning
from flows.step import StepKind


class Return(StepKind, frozen=True):
    """Go back to the flow that called this one, before its last step; if none did, the flow ends.

    - return
    """

    return_: Literal["true"] | None = None

    def run(self, turn: Turn) -> Outcome:  # noqa: ARG002 - it goes back whatever the turn
        """Go back."""
        return Outcome(then=Returning())

    @property
    def leaves(self) -> bool:
        """What follows is not reached, unless the step may be skipped."""
        return self.when is None

    @property
    def returns(self) -> bool:
        """The flow is done here."""
        return True
