"""What may a contact ask for at any time, whatever is going on?"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from msgspec import Struct

from flows.expressions import When
from flows.languages import Language
from flows.nodes import Node, Scalar
from flows.reader import By, Reader, nearest, one_or_many
from flows.step import Fault, Steps
from flows.targets import FlowName
from rules.words import words

OFF = "off"
_WORDS = "As in `words: [person, human]`"


class Digression(Struct, frozen=True, kw_only=True):
    """Something a contact may ask for at any time, by `words` that are the whole message or by a condition.

    It goes to another flow for good, or does some steps, after which the open question is asked again;
    `language` is the contact's from then on.

    - `words`: what the contact writes, each a whole message.
    - `when`: a condition on the message instead.
    - `run`: the flow that is begun, for good.
    - `steps`: the steps that are done, after which the open question is asked again; they cannot wait.
    - `language`: the language that is spoken with the contact from then on.
    """

    words: Annotated[tuple[str, ...], one_or_many(str)] = ()
    when: When | None = None
    run: FlowName | None = None
    steps: Steps = Steps()
    language: Language | None = None

    def faults(self, name: str) -> Iterator[Fault]:
        """Find what is missing or too much."""
        if not self.words and self.when is None:
            yield Fault((), "digression", f"`{name}` needs `words` or a `when`: what does the contact write?", _WORDS)
        yield from wordless(("words",), self.words)
        if self.run is None and not self.steps and self.language is None:
            hint = 'As in `steps: [{handoff: "Wants to talk"}]`'
            yield Fault((), "digression", f"`{name}` needs a flow to `run`, or `steps`, or a `language`", hint)
        if self.run is not None and self.steps:
            message = "`run` goes to another flow for good, so `steps` have no place here"
            yield Fault(("run",), "digression", message, "Leave one of them out, or put the steps into that flow")


def _read(reader: Reader, node: Node, name: str) -> Digression | None:
    if isinstance(node, Scalar) and node.text == OFF:
        return None
    found: Digression = reader.fields(node, Digression, name)
    return found


Digressions = dict[str, Annotated[Digression | None, By(_read, Literal["off"] | Digression)]]


Written = Mapping[str, Digression | None]


def faults_of(digressions: Written) -> Iterator[Fault]:
    """Find what is wrong with the field `digressions` of a document."""
    for name, each in digressions.items():
        for fault in each.faults(name) if each else ():
            yield Fault(("digressions", name, *fault.path), fault.code, fault.message, fault.hint, fault.severity)


def wordless(path: tuple[str | int, ...], texts: tuple[str, ...]) -> Iterator[Fault]:
    """Find texts in which there is no word that a message could be compared with."""
    for at, each in enumerate(texts):
        if not words(each):
            message = f"There is no word in `{each}`"
            yield Fault((*path, at), "no-word", message, "Write letters or digits, as in `menu`")


def off_for_nothing(of_flow: Written, of_business: Written) -> Iterator[Fault]:
    """Find what a flow turns off that the business does not have."""
    for name, each in of_flow.items():
        if each is None and name not in of_business:
            message = f"The business has no digression `{name}` that could be off"
            yield Fault(("digressions", name), "digression", message, nearest(name, of_business))
