"""What does a text for another system say: an address, or a header?

It is the same in every language. Values are written for machines, and a secret of the operator's stands in it by its
name alone.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

from msgspec import Struct

from engine.request import Parts, Secret
from engine.step import Turn
from flows.data import plain
from flows.links import KEPT
from flows.nodes import Node, Scalar
from flows.reader import Reader
from flows.slots import Slot, divided
from flows.text import words
from rules.conditions import Type
from rules.conditions.nodes import Name, reads

SECRET = "secret."  # noqa: S105 - how the name of a secret begins
_SECRETS = re.compile(r"\bsecret\.[A-Z][A-Z0-9_]*")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
STEPS_UP = frozenset({".", ".."})


class Wire(Struct, frozen=True, tag="wire"):
    """Words, slots and secrets in a row."""

    as_written: ClassVar = str

    parts: tuple[str | Slot | Secret, ...]

    def address(self, turn: Turn) -> Parts | None:
        """Write an address, its values in code; nothing if a value is missing, or leads elsewhere in a path."""
        found = [_in_code(part, turn) for part in self.parts]
        path = "".join(each if isinstance(each, str) else each.name for each in found).partition("?")[0]
        return None if "" in found or STEPS_UP & set(path.split("/")) else _joined(found)

    def header(self, turn: Turn) -> Parts | None:
        """Write a header; nothing if a value has a line end or the like in it."""
        found = [_written(part, turn) if isinstance(part, Slot) else part for part in self.parts]
        return None if any(isinstance(each, str) and _UNSEEN.search(each) for each in found) else _joined(found)

    @property
    def head(self) -> str:
        """The words it begins with, up to the first value."""
        return self.parts[0] if isinstance(self.parts[0], str) else ""

    @property
    def is_constant(self) -> bool:
        """Tell whether nothing is filled in."""
        return len(self.parts) == 1 and isinstance(self.parts[0], str)

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "Wire":
        """Read a text whose slots may name secrets."""
        if not isinstance(node, Scalar):
            raise reader.wants(node, name, "text")
        text = words(reader, node, name)
        names = dict.fromkeys(_SECRETS.findall(text), Type.TEXT)
        knowing = reader.beside(reader.file)
        knowing.scope = {**reader.scope, **names}
        wording = divided(knowing, node, text.strip())
        return cls(tuple(each if isinstance(each, str) else _part(reader, node, each) for each in wording.parts))


def _part(reader: Reader, node: Node, slot: Slot) -> Slot | Secret:
    tree = slot.expression.condition.tree
    secrets = [each.name for each in reads(tree) if isinstance(each, Name) and each.name.startswith(SECRET)]
    if not secrets:
        return slot
    if not isinstance(tree, Name) or slot.filters:
        message = f"`{secrets[0]}` stands alone in its slot, as in `{{{{ {secrets[0]} }}}}`"
        raise reader.refuse(node.place, "secret", message, "Take away what stands beside it")
    return Secret(tree.name.removeprefix(SECRET))


def _in_code(part: str | Slot | Secret, turn: Turn) -> str | Secret:
    match part:
        case str():
            return quote(part, safe=KEPT)
        case Slot():
            return quote(_written(part, turn), safe="")
        case Secret():
            return part


def _written(slot: Slot, turn: Turn) -> str:
    """Write a value for a machine, unless the author says how."""
    return slot.say(turn) if slot.filters else _text(plain(slot.expression.value(turn.facts)))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case list():
            return ",".join(map(_text, value))
        case _:
            return str(value)


def _joined(parts: list[str | Secret]) -> Parts:
    return tuple(_runs(parts))


def _runs(parts: list[str | Secret]) -> Iterator[str | Secret]:
    words = ""
    for part in parts:
        if isinstance(part, str):
            words += part
            continue
        if words:
            yield words
        yield part
        words = ""
    if words:
        yield words
