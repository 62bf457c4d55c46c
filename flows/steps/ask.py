"""Ask the contact something, and remember the answer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from engine.content import FreeForm, LocationRequest
from engine.content import Text as Words
from engine.step import Outcome, Turn
from flows.answers import EXPECTED
from flows.expressions import When, With
from flows.limits import BUTTONS_BODY, TEXT, fits
from flows.nodes import Map, Scalar
from flows.question import Question, saved_name
from flows.step import Fault, Variable
from flows.text import Text
from rules.conditions import Type

Expect = Literal["text", "number", "email", "phone", "date", "time", "location", "image", "document", "any"]
EXPECTED_FIRST: Expect = "text"
PLACE: Expect = "location"


class Ask(Question, frozen=True):
    """Ask a question, wait, and remember the answer.

    - ask: "How many?"
      save: qty
      expect: number
      where: qty between 1 and 500
      sorry: "A number from 1 to 500, please."

    What is not understood is no answer: triggers and the FAQ come first, then the step says `sorry`.

    - `ask`: the question.
    - `save`: the name to keep the answer under; `contact.city` keeps it with the contact for later flows.
    - `expect`: what counts as an answer. `text` (unless told) takes words; `number`, `email`, `phone`, `date` and
      `time` are read from the words, the way they are written in the contact's language; `location` (with a
      button that opens the map), `image` and `document` take such a message; `any` takes every message.
    - `where`: a condition that the answer must fit, too.
    - `sorry`: what is said to an answer that is not understood; the flow's own `sorry` if it is left out.
    - `tries`: after so many of them the flow's or the business's `otherwise` is said instead; 3 unless told.
    - `no_reply`: `after` a span without an answer do these `steps`; then the step goes on waiting, unless they leave.
    """

    ask: Text
    expect: Expect = EXPECTED_FIRST
    where: When | None = None
    save: Variable | None = None

    def question(self) -> Text:
        """Return the words of the question."""
        return self.ask

    def message(self, words: Text, turn: Turn) -> FreeForm:
        """Say the words, with a button that opens the map where a place is wanted."""
        return LocationRequest(words.say(turn, self._most)) if self.expect == PLACE else Words(words.say(turn))

    def answer(self, turn: Turn) -> Outcome | None:
        """Take the message if it is what is expected, and fits `where`."""
        value = EXPECTED[self.expect].read(turn.message.content, turn) if turn.message else None
        if value is None or not self._fits(value, turn):
            return None
        return Outcome(save={self.save: value} if self.save else {}, why=f"takes {self.expect}")

    def _fits(self, value: object, turn: Turn) -> bool:
        facts = With(turn.facts, self.save, value) if self.save else turn.facts
        return self.where is None or self.where.holds(facts)

    def faults(self) -> Iterator[Fault]:
        """Check lengths."""
        yield from super().faults()
        what = "A text above a button" if self.expect == PLACE else "A text"
        yield from fits(("ask",), self.ask, self._most, what)
        yield from fits(("sorry",), self.sorry_, self._most, what)

    @property
    def _most(self) -> int:
        return BUTTONS_BODY if self.expect == PLACE else TEXT

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003
        """Tell the kind of the answer that is expected."""
        name, expect = saved_name(fields), fields.items.get("expect")
        word = expect.text if isinstance(expect, Scalar) else EXPECTED_FIRST
        expected = EXPECTED.get(word or EXPECTED_FIRST)
        kind = expected.type if expected else Type.ANY  # the wrong word is told where the field is read
        return {name: kind} if name else {}
