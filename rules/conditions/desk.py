"""Where does a checker keep the text before it and the mistakes found so far?"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple

from rules.conditions.nodes import Matches, Node, Text, Truth
from rules.conditions.syntax import Part, mistake
from rules.conditions.types import TYPES, Scope, Type
from rules.conditions.wording import on_one_line
from rules.source import Mistake
from rules.words import number

Groups = dict[str, tuple[Matches, ...]]  # the named groups that are sure to be there at a place


class Typed(NamedTuple):
    """A checked part and the kind of its value."""

    node: Node
    type: Type


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

    def as_number(self, part: Part, typed: Typed) -> str:
        """Write a text so that it is a number: without its quotes, or with `number()`."""
        if typed.type != Type.TEXT:
            return self.source(part)
        if not isinstance(typed.node, Text):
            return f"number({self.source(part)})"
        return typed.node.value if number(typed.node.value) is not None else self.source(part)


def kind(type_: Type) -> str:
    """Call a type as in a sentence."""
    return TYPES[type_][0]


def nearest(word: str, among: list[str]) -> str | None:
    """Find the name that was probably meant."""
    folded = {name.casefold(): name for name in sorted(among)}
    last = "." + word.casefold().rpartition(".")[2]
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.7)
    if not found and "." in word:
        found = get_close_matches(word.casefold(), [name for name in folded if name.endswith(last)], n=1, cutoff=0)
    return folded[found[0]] if found else None
