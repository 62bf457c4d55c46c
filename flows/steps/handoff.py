"""Let a person answer."""

from engine.step import HandOff as HandingOff
from engine.step import Outcome, Turn
from flows.step import StepKind
from flows.text import Plain


class Handoff(StepKind, frozen=True):
    """Give the chat to the owner, with a reason they will read, and end the run.

    - handoff: "Wants to talk about {{ text }}"

    The bot is silent then, until the owner hands the chat back, the pause runs out, or nobody came.
    """

    handoff: Plain

    def run(self, turn: Turn) -> Outcome:
        """Hand the chat off."""
        reason = self.handoff.say(turn)
        return Outcome(then=HandingOff(reason), why=reason)

    @property
    def hands_off(self) -> bool:
        """The owner has the chat from here on."""
        return True

    @property
    def leaves(self) -> bool:
        """What follows is not reached, unless the step may be skipped."""
        return self.when is None
