"""What is no longer true of the contact?"""

from typing import Annotated

from engine.step import Outcome, Turn
from flows.reader import one_or_many
from flows.step import StepKind
from flows.text import Plain, Text


class Untag(StepKind, frozen=True):
    """Take tags off the contact.

    - untag: wholesale
    """

    untag: Annotated[tuple[Text, ...], one_or_many(Plain)]

    def run(self, turn: Turn) -> Outcome:
        """Take them off."""
        tags = tuple(filter(None, (text.say(turn).strip() for text in self.untag)))
        return Outcome(untag=tags, why=", ".join(tags))
