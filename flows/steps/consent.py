"""Ask whether the contact wants marketing, and keep to the answer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from engine.content import Button, Buttons, Tap, words_of
from engine.step import Outcome, Turn
from flows.limits import BUTTON_TITLE, BUTTONS_BODY, fits
from flows.nodes import Map, Node, Scalar
from flows.question import Question, saved_name
from flows.reader import By, Reader
from flows.step import Fault, Variable
from flows.text import Text
from rules.conditions import Type
from rules.policy.consent import Consent as Marketing
from rules.words import words

GIVEN, REFUSED = Marketing.GIVEN, Marketing.REFUSED
KNOWN = "contact.marketing"
LEAVE = "Leave it out, or write the question after `consent:`"


def _asked(reader: Reader, node: Node, name: str) -> Text | None:
    said = node.text if isinstance(node, Scalar) else None
    if said == REFUSED:
        return None
    if said == GIVEN:
        message = "Only the contact can give consent, so there is nothing to set"
        raise reader.refuse(node.place, "consent", message, f"Write the question after `{name}:`, and `yes:` and `no:`")
    return Text.read(reader, node, name)


class Consent(Question, frozen=True):
    """Ask the contact whether they want offers, with two buttons, and keep the answer with them.

    - consent: "May we send you our offers, about twice a month?"
      yes: "Yes, please"
      no: "No, thanks"

    Whoever said yes or no before is not asked again. Who opted out stays out, even if they tap an old `yes`: only a
    word of the business's `opt_in` opts in again. Conditions read the answer as `contact.marketing`, which is
    `unknown`, `given` or `refused`; marketing templates never go to who refused.

    - `consent`: the question, which says what they would get; or `refused`, to note a no that they gave otherwise.
    - `yes`: the title of the button that gives consent.
    - `no`: the title of the button that refuses it.
    - `save`: the name to keep `given` or `refused` under, too.
    - `sorry`: what is said to any other answer, with the buttons once more.
    - `tries`: after so many of them the flow's or the business's `otherwise` is said instead; 3 unless told.
    - `no_reply`: `after` a span without an answer do these `steps`; then the step goes on waiting, unless they leave.
    """

    consent: Annotated[Text | None, By(_asked, Text)]
    yes: Text | None = None
    no: Text | None = None
    save: Variable | None = None

    def question(self) -> Text:
        """Return the words of the question."""
        if self.consent is None:
            raise TypeError("`consent: refused` asks nothing")
        return self.consent

    def message(self, words: Text, turn: Turn) -> Buttons:
        """Make the two buttons."""
        buttons = tuple(Button(f"{turn.wait_key}.{wish}", title) for wish, title in self._titles(turn))
        return Buttons(words.say(turn, BUTTONS_BODY), buttons)

    def run(self, turn: Turn) -> Outcome:
        """Ask who has not said yet; note a refusal."""
        known = turn.facts.get(KNOWN)
        if self.consent is None:
            return self._kept(REFUSED)
        if known in (GIVEN, REFUSED):
            save = {self.save: str(known)} if self.save else {}
            return Outcome(save=save, why=f"is not asked: it is {known} already")
        return super().run(turn)

    def answer(self, turn: Turn) -> Outcome | None:
        """Take a tap on one of the buttons, or the words on it."""
        content = turn.message.content if turn.message else None
        if content is None:
            return None
        if isinstance(content, Tap) and content.source != "template":
            found = (wish for wish in (GIVEN, REFUSED) if content.payload == f"{turn.wait_key}.{wish}")
        else:
            said = words(words_of(content))
            found = (wish for wish, title in self._titles(turn) if said and said == words(title))
        wish = next(found, None)
        return self._kept(wish) if wish else None

    def _kept(self, wish: Marketing) -> Outcome:
        return Outcome(save={self.save: str(wish)} if self.save else {}, marketing=wish, why=f"is {wish}")

    def _titles(self, turn: Turn) -> Iterator[tuple[Marketing, str]]:
        for wish, title in ((GIVEN, self.yes), (REFUSED, self.no)):
            if title is not None:
                yield wish, title.say(turn, BUTTON_TITLE)

    @property
    def waits(self) -> bool:
        """A run stops at the question."""
        return self.consent is not None

    def faults(self) -> Iterator[Fault]:
        """Check that there is a way to say yes and a way to say no."""
        yield from super().faults()
        for name, title in (("yes", self.yes), ("no", self.no)):
            if self.consent is None and title is not None:
                yield Fault((name,), "consent", f"`{REFUSED}` asks nothing, so there is no `{name}`", LEAVE)
            elif self.consent is not None and title is None:
                message = f"`consent` needs `{name}`, the title of a button"
                yield Fault(("consent",), "missing-field", message, f"Add `{name}: …`")
            yield from fits((name,), title, BUTTON_TITLE, "A title on a button")
        if self.yes and self.no and _are_alike(self.yes, self.no):
            message = "`yes` and `no` are the same words"
            yield Fault(("no",), "ambiguous-option", message, "Write other words for one of them")
        yield from fits(("consent",), self.consent, BUTTONS_BODY, "A text above buttons")
        yield from fits(("sorry",), self.sorry_, BUTTONS_BODY, "A text above buttons")

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003
        """The answer is text."""
        name = saved_name(fields)
        return {name: Type.TEXT} if name else {}


def _are_alike(yes: Text, no: Text) -> bool:
    """Tell whether nobody could know, in one of the languages, which of the two was meant."""
    said = ((yes.languages[each], no.languages[each]) for each in yes.languages if each in no.languages)
    return any(words(one.least) == words(other.least) for one, other in said)
