"""What is a step as authors write it, whatever its kind?"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from msgspec import Struct

from engine.facts import NAMES
from engine.request import Answer
from engine.step import Outcome, Turn
from flows.expressions import When
from flows.fields import fields_of
from flows.hints import STEPS_MEANT, as_name, as_steps
from flows.kinds import kinds
from flows.nodes import Map, Node, Scalar, Seq, place_in
from flows.reader import Reader, UnreadableError, nearest, of_text, shortened
from rules.conditions import Type
from rules.conditions.types import BUILT_IN
from rules.source import Mistake, Mistakes, Severity

NAME = re.compile(r"[^\W\d]\w*")
CONTACT = "contact."
NOTHING: Mapping[str, Any] = {}
RESERVED = frozenset({"and", "or", "not", "in", "is", "has", "true", "false", "between", "contains", "matches", "like"})


def name_of_step(text: str) -> str:
    """Check the name of a step."""
    if not NAME.fullmatch(text):
        message = f"The name of a step is made of letters, digits and `_`, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "name", message, as_name(text, "step")))
    return text


class Steps:
    """Steps in a row. A class of its own, so that a published version can tell the kind of each."""

    __slots__ = ("items",)

    def __init__(self, items: tuple["StepKind", ...] = ()) -> None:
        """Keep them in order."""
        self.items = items

    def __iter__(self) -> Iterator["StepKind"]:
        """Go through them."""
        return iter(self.items)

    def __len__(self) -> int:
        """Count them."""
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        """Compare what they are made of."""
        return isinstance(other, Steps) and self.items == other.items

    def __hash__(self) -> int:
        """Count as their items."""
        return hash(self.items)

    def __repr__(self) -> str:
        """Show the items."""
        return f"Steps({self.items!r})"

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "Steps":
        """Read a list of steps, each with exactly one key that names a kind."""
        if not isinstance(node, Seq):
            raise reader.wants(node, name, "a list of steps, each after a `-`", as_steps(node))
        if not node.items:
            hint = 'Write at least one, such as `- send: "Hi!"`, or leave it out'
            raise reader.refuse(node.place, "no-steps", f"`{name}` has no steps", hint)
        return cls(reader.all_of((each, AnyStep, name) for each in node.items))


class Fault(Struct, frozen=True):
    """Something wrong with a step as a whole; `path` leads from the step to the value it is about."""

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR


class Branch(Struct, frozen=True):
    """Steps inside a step; `back` when the step goes on waiting after them.

    In a step that asks, `after` is how long no answer comes before them; without it they follow an answer.
    `title` is what a picture calls the way there, when that is not the branch's name.
    """

    steps: Steps
    back: bool = False
    after: timedelta | None = None
    title: str = ""


def _word(name: str) -> str:
    return name.lower()


def _key(name: str) -> str:
    return name.rstrip("_")


class StepKind(Struct, frozen=True, kw_only=True, tag_field="kind", tag=_word, rename=_key):
    """The base of every kind of step. Give a kind its fields, `run`, and whatever else it needs of the rest.

    The word is the same in the module's name, the class, the first field and the case file.

    - `id`: the name of the step, for `goto`.
    - `when`: a condition; the step is skipped unless it holds.
    """

    id: Annotated[str, of_text(name_of_step, "a name")] | None = None
    when: When | None = None
    place: str = ""

    @property
    def kind(self) -> str:
        """The word that names the kind, as authors write it."""
        return type(self).__name__.lower()

    def taken(self, turn: Turn) -> Mapping[str, Any] | None:
        """Return what the groups of its own `when` took; nothing if it does not hold: the step is skipped."""
        if self.when is None:
            return NOTHING
        return self.when.taken(turn.facts) if self.when.holds(turn.facts) else None

    def run(self, turn: Turn) -> Outcome:
        """Do the step, on reaching it."""
        raise NotImplementedError

    def answer(self, turn: Turn) -> Outcome | None:  # noqa: ARG002 - kinds that wait for an answer need the turn
        """Take the contact's message while the run waits here; nothing if the step does not accept it."""
        return None

    def sorry(self, turn: Turn) -> Outcome | None:  # noqa: ARG002 - as `answer`
        """Say that an answer was not understood; nothing if the step has no words for it."""
        return None

    def fired(self, turn: Turn, name: str) -> Outcome:  # noqa: ARG002 - as `answer`
        """Go on after a timer of this step."""
        return Outcome()

    def answered(self, turn: Turn, answer: Answer) -> Outcome:  # noqa: ARG002 - for kinds that ask another system
        """Go on after another system answered."""
        return Outcome()

    def interrupted(self, turn: Turn) -> Outcome:  # noqa: ARG002 - as `answered`
        """Go on after the owner stepped in while the run waited here, but not for the contact."""
        return Outcome(why="counts as over: the owner stepped in")

    @property
    def waits(self) -> bool:
        """Tell whether a run stops here until something happens."""
        return False

    @property
    def asks(self) -> bool:
        """Tell whether it waits for an answer of the contact."""
        return False

    @property
    def passes(self) -> timedelta:
        """How long it takes at least until the step that follows."""
        return timedelta()

    @property
    def free_form(self) -> bool:
        """Tell whether it says something that needs an open window, and names nothing to take its place."""
        return False

    @property
    def hands_off(self) -> bool:
        """Tell whether it gives the chat to the owner."""
        return False

    @property
    def keeps(self) -> frozenset[str]:
        """The names that it may give values: that of its field `save`, if it has one."""
        name: str | None = getattr(self, "save", None)
        return frozenset({name} if name else ())

    @property
    def leaves(self) -> bool:
        """Tell whether the step that follows is never reached from here."""
        return False

    @property
    def target(self) -> str | None:
        """The step or flow it jumps to, if it jumps."""
        return None

    @property
    def called(self) -> str | None:
        """The flow it goes through before the step that follows, if it calls one."""
        return None

    @property
    def returns(self) -> bool:
        """Tell whether the flow is done here, for whoever called it."""
        return False

    @property
    def straight_on(self) -> tuple[str, ...] | None:
        """What pictures call the way to the step that follows: no words if it needs none, nothing if there is none."""
        return None if self.leaves else ()

    def branches(self) -> Mapping[str, Branch]:
        """Return the steps inside, by the names that `run` or `answer` enters them by."""
        return {}

    def faults(self) -> Iterator[Fault]:
        """Find what is wrong with the step as a whole, once its fields are fine."""
        yield from ()

    def with_sorry(self, words: Any) -> "StepKind":  # noqa: ARG002 - kinds that ask take the words
        """Return the step with the flow's words for answers that are not understood, if it has none of its own."""
        return self

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003 - for kinds that save
        """Tell which names the step gives values of which kind, before its fields are read."""
        return {}


class AnyStep:
    """A step of the kind that its one key names."""

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> StepKind:
        """Read a step of any kind."""
        if isinstance(node, Scalar) and node.text is not None and node.text in kinds() and node.is_plain:
            return _bare(reader, node, node.text)
        if not isinstance(node, Map):
            raise reader.refuse(node.place, "step", needs_one(), _meant(node))
        words = [key for key in node.items if key in kinds()]
        if len(words) > 1:
            message = f"A step does one thing, and this is `{words[0]}` and `{words[1]}`"
            raise reader.refuse(node.place_of(words[1]), "step", message, f"Begin a step of its own: `- {words[1]}: …`")
        if not words:
            key = next(iter(node.items), name)
            raise reader.refuse(node.place_of(key), "step", needs_one(), nearest(key, kinds()) or STEPS_MEANT.get(key))
        return _of_kind(reader, node, words[0])


def variable(text: str) -> str:
    """Check the name that a value is kept under."""
    known = text in NAMES or text in BUILT_IN or text in RESERVED
    if known:
        message = f"`{text}` is a word of Baton's own; keep the value under another name"
        hint = "Such as `answer`, or `contact.answer` to keep it with the contact"
        raise Mistakes(Mistake(1, 1, "reserved-name", message, hint))
    if not NAME.fullmatch(text.removeprefix(CONTACT)):
        message = f"A name is made of letters, digits and `_`, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "name", message, "Write `city`, or `contact.city` to keep it with the contact"))
    return text


Variable = Annotated[str, of_text(variable, "a name such as `city`")]


def _of_kind(reader: Reader, node: Map, word: str) -> StepKind:
    kind: Callable[..., StepKind] = kinds()[word]
    found, complete = reader.values(node, kinds()[word], word)
    if not complete:
        raise UnreadableError(word)
    place = node.place_of(word)
    step = kind(**found, place=f"{reader.file}:{place.line}:{place.column}")
    for each in step.faults():
        reader.tell(place_in(node, each.path), each.code, each.message, each.hint, each.severity)
    return step


def _bare(reader: Reader, node: Scalar, word: str) -> StepKind:
    """Read a step that is only its word, such as `- end`."""
    kind: type[Struct] = kinds()[word]
    if any(field.required for field in fields_of(kind).values()):
        message = f"`{word}` needs a value after a colon"
        raise reader.refuse(node.place, "missing-field", message, f"Write `{word}: …`")
    made: Callable[..., StepKind] = kinds()[word]
    return made(place=f"{reader.file}:{node.place.line}:{node.place.column}")


def needs_one() -> str:
    """Say what a step needs."""
    return f"A step needs exactly one of: {', '.join(kinds())}"


def _meant(node: Node) -> str | None:
    """Say what step a text or a list may be meant for."""
    if not isinstance(node, Scalar) or node.text is None:
        return "Write `- ` and its kind with a colon, as in `- send: …`"
    word, colon, rest = node.text.partition(":")
    if colon and word in kinds():
        return f"Write a space after the colon: `{word}: {shortened(rest)}`"
    return nearest(node.text, kinds()) or f'Did you mean `send: "{shortened(node.text)}"`?'
