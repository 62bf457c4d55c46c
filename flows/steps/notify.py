"""Tell the owner something they should know."""

from engine.effects import Alert
from engine.step import Outcome, Turn
from flows.step import StepKind
from flows.text import Plain

NOTIFIED = "notified"


class Notify(StepKind, frozen=True):
    """Leave the owner a note about this chat; the contact sees nothing, and the flow goes on.

    - notify: "Big order from {{ contact.name }}"

    The note is kept with the chat it is about, among the other things the owner has to know, newest first.
    It is no WhatsApp message, and it does not hand the chat over; `handoff` does.
    """

    notify: Plain

    def run(self, turn: Turn) -> Outcome:
        """Leave the note; there is none without words."""
        words = self.notify.say(turn).strip()
        return Outcome(effects=(Alert(NOTIFIED, words),) if words else (), why=words or "has nothing to say")
