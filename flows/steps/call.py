"""Go through another flow, and come back."""

from engine.step import Call as Calling
from engine.step import Outcome, Turn
from flows.step import StepKind


class Call(StepKind, frozen=True):
    """Go through another flow from its beginning, then go on here.

    - call: other
    - send: "Where were we?"

    `call` is the name of a flow. It is done after its last step, or at a `return`.
    An `end`, a `handoff` or a `goto` to a third flow in it leaves for good: nothing comes back here.
    What either of them saves, both can read. Ten flows may lie within each other, not more.
    """

    call: str

    def run(self, turn: Turn) -> Outcome:  # noqa: ARG002 - it goes there whatever the turn
        """Go there."""
        return Outcome(then=Calling(self.call), why=f"goes through `{self.call}`")

    @property
    def called(self) -> str | None:
        """The flow it goes through."""
        return self.call
