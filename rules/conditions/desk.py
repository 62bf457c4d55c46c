"""Where does a checker keep the text before it and the mistakes found so far?"""

import re
from collections.abc import Callable
from typing import NamedTuple

from rules.conditions.nodes import Matches, Node, Text, Truth
from rules.conditions.syntax import Part, mistake
from rules.conditions.types import TYPES, Scope, Type
from rules.conditions.wording import on_one_line
from rules.source import Mistake

Groups = dict[str, tuple[Matches, ...]]  # the named groups that are sure to be there at a place


class Typed(NamedTuple):
    """A checked part and the kind of its value."""

    node: Node
    type: Type


READ_BY = {Type.NUMBER: "number", Type.DATE: "date", Type.TIME: "time", Type.MOMENT: "moment"}
BARE = {
    Type.NUMBER: re.compile(r"-?[0-9]+(\.[0-9]+)?"),
    Type.DATE: re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"),
    Type.TIME: re.compile(r"[0-9]{1,2}:[0-9]{2}"),
    Type.MOMENT: re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{2}"),
}
CheckValue = Callable[[Part, Groups], Typed]


class Desk:
    """One text under check: its words, its scope and its mistakes."""

    def __init__(self, text: str, scope: Scope) -> None:
        """Start with no mistakes."""
        self.text = text
        self.scope = scope
        self.mistakes: list[Mistake] = []

    def tell(self, part: Part, code: str, message: str, hint: str | None = None) -> Typed:
        """Note a mistake, and give a value of any kind in the place of the part, so that checking goes on."""
        self.mistakes.append(mistake(self.text, part.start, code, message, hint))
        return Typed(Truth(part.start, part.end, value=False), Type.ANY)

    def source(self, part: Part) -> str:
        """Give a part as its author wrote it, on one line."""
        return on_one_line(self.text[part.start : part.end])

    def as_kind(self, part: Part, typed: Typed, wanted: Type) -> str:
        """Write a text so that it is of another kind: without its quotes, or with the function that reads it."""
        source = self.source(part)
        if typed.type != Type.TEXT or wanted not in READ_BY:
            return source
        if not isinstance(typed.node, Text):
            return f"{READ_BY[wanted]}({source})"
        bare = typed.node.value.strip()
        return bare if BARE[wanted].fullmatch(bare) else source


def kind(type_: Type) -> str:
    """Call a type as in a sentence."""
    return TYPES[type_][0]
