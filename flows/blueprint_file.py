"""What does a `blueprint:` document say?"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from flows.step import Fault

Kind = Literal["text", "number", "timezone", "language", "languages", "phone", "id", "time"]


class Input(Struct, frozen=True, kw_only=True):
    """Something a blueprint asks; without a default it has to be answered.

    - `name`: what the files call the answer, in `[[ ]]`.
    - `question`: what is asked.
    - `kind`: what the answer has to be; a text unless told.
    - `default`: the answer that is suggested.
    - `help`: what else is good to know.
    """

    name: str
    question: str
    kind: Kind = "text"
    default: str | None = None
    help: str = ""


class BlueprintDocument(Struct, frozen=True, kw_only=True):
    """A `blueprint:` document: its name, a line about it, and what it asks.

    - `blueprint`: the name, by which `baton new` finds it.
    - `about`: what the bot that it makes is for, in a line.
    - `inputs`: what is asked before it is made.
    """

    blueprint: str
    about: str
    inputs: tuple[Input, ...] = ()
    place: str = ""

    def faults(self) -> Iterator[Fault]:
        """Find what is asked twice."""
        names = [each.name for each in self.inputs]
        for at, name in enumerate(names):
            if name in names[:at]:
                message = f"Two inputs are called `{name}`"
                yield Fault(("inputs", at, "name"), "duplicate-name", message, "Give one of them another name")
