"""Put an emoji on what the contact wrote."""

from collections.abc import Iterator

from engine.content import Reaction
from engine.effects import Send
from engine.step import Outcome, Turn
from flows.emoji import is_emoji
from flows.reader import shortened
from flows.step import Fault, StepKind


class React(StepKind, frozen=True):
    """Put an emoji on the message that the contact just wrote.

    - react: "👍"

    It is no answer: the flow goes on, and nothing else about the chat changes. Where the contact did not just write,
    as after a `wait`, there is nothing to put it on, and the step is skipped.
    """

    react: str

    def run(self, turn: Turn) -> Outcome:
        """Put it there."""
        if turn.message is None:
            return Outcome(why="has no message to react to")
        return Outcome(effects=(Send(content=Reaction(turn.message.id, self.react)),), why=f"with {self.react}")

    def faults(self) -> Iterator[Fault]:
        """Check that WhatsApp can show it."""
        if not is_emoji(self.react):
            message = f"`react` takes one emoji such as `👍`, not `{shortened(self.react)}`"
            yield Fault(("react",), "emoji", message, "To say something, use `send`")
