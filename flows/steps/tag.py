"""What should be remembered about the contact?"""

from typing import Annotated

from engine.step import Outcome, Turn
from flows.reader import one_or_many
from flows.step import StepKind
from flows.text import Plain, Text


class Tag(StepKind, frozen=True):
    """Put tags on the contact.

    - tag: [wholesale, "from {{ contact.country }}"]
    """

    tag: Annotated[tuple[Text, ...], one_or_many(Plain)]

    def run(self, turn: Turn) -> Outcome:
        """Put them on."""
        tags = tuple(filter(None, (text.say(turn).strip() for text in self.tag)))
        return Outcome(tag=tags, why=", ".join(tags))
