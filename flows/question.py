"""How does a step ask the contact something and wait for the answer?"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from engine.content import FreeForm, Template
from engine.effects import Send
from engine.step import Enter, Outcome, Turn, Wait
from flows.nodes import Map, Scalar
from flows.spans import Duration
from flows.step import Branch, Fault, StepKind, Steps
from flows.text import Text

NO_REPLY = "no_reply"
MOST_TRIES = 20


class NoReply(Struct, frozen=True):
    """What is done when no answer comes for a while; then the step goes on waiting.

    - `after`: how long no answer comes.
    - `steps`: the steps that are done then.
    """

    after: Duration
    steps: Steps


class Question(StepKind, frozen=True, kw_only=True):
    """The base of kinds that wait for an answer.

    An answer that is not understood is told so with `sorry`, until `tries` of them; then the flow's
    or the business's `otherwise` takes its turn.
    """

    sorry_: Text | None = None
    tries: int = 3
    no_reply: NoReply | None = None

    @abstractmethod
    def question(self) -> Text:
        """Return the words of the question."""

    @abstractmethod
    def message(self, words: Text, turn: Turn) -> FreeForm:
        """Make the message that says these words."""

    def fallback(self, turn: Turn) -> Template | None:  # noqa: ARG002 - kinds that name a template need the turn
        """Return the template that leaves instead when the window is closed; nothing for the business's."""
        return None

    def run(self, turn: Turn) -> Outcome:
        """Ask, and wait."""
        timers = ((NO_REPLY, turn.now + self.no_reply.after),) if self.no_reply else ()
        send = Send(content=self.message(self.question(), turn), fallback=self.fallback(turn))
        return Outcome(effects=(send,), then=Wait(timers=timers), why="asks and waits")

    def sorry(self, turn: Turn) -> Outcome | None:
        """Say that the answer was not understood, unless it was one too many."""
        if self.sorry_ is None or turn.tries >= self.tries:
            return None
        why = f"asks again, try {turn.tries} of {self.tries}"
        return Outcome(effects=(Send(content=self.message(self.sorry_, turn)),), why=why)

    def fired(self, turn: Turn, name: str) -> Outcome:  # noqa: ARG002 - a question has one timer
        """Do what is done when no answer came."""
        return Outcome(then=Enter(NO_REPLY), why="no reply came")

    @property
    def asks(self) -> bool:
        """It asks the contact."""
        return self.waits

    @property
    def free_form(self) -> bool:
        """A question is no template."""
        return self.waits

    @property
    def waits(self) -> bool:
        """A run stops at a question."""
        return True

    def branches(self) -> Mapping[str, Branch]:
        """Return the steps for no reply."""
        return {NO_REPLY: Branch(self.no_reply.steps, back=True, after=self.no_reply.after)} if self.no_reply else {}

    def faults(self) -> Iterator[Fault]:
        """Check how often is asked again."""
        if not 1 <= self.tries <= MOST_TRIES:
            yield Fault(
                ("tries",), "tries", f"`tries` is a number from 1 to {MOST_TRIES}", "Write `3`, or leave it out"
            )

    def with_sorry(self, words: Any) -> Self:
        """Take the flow's words where there are none."""
        return self if self.sorry_ is not None or words is None else replace(self, sorry_=words)


def saved_name(fields: Map) -> str | None:
    """Return what a question saves its answer under, before its fields are read."""
    node = fields.items.get("save")
    return node.text if isinstance(node, Scalar) else None
