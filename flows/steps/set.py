"""Keep values under names."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from engine.step import Outcome, Turn
from flows.expressions import Expression
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, UnreadableError
from flows.slots import inside, whole
from flows.step import StepKind, variable
from flows.text import Text
from rules.conditions import Type, check
from rules.source import Mistakes

LITERAL = re.compile(r"true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
Value = Text | Expression | None


def _values(reader: Reader, node: Node, name: str) -> dict[str, Value]:
    if not isinstance(node, Map):
        raise reader.wants(node, name, "names with values, such as `{discount: 0}`")
    if not node.items:
        raise reader.refuse(node.place, "empty", f"`{name}` sets nothing")
    values = {}
    failed = False
    for key, value in node.items.items():
        try:
            values[_name(reader, node, key)] = _value(reader, value, key)
        except UnreadableError:
            failed = True
    if failed:
        raise UnreadableError(name)
    return values


def _name(reader: Reader, node: Map, key: str) -> str:
    try:
        return variable(key)
    except Mistakes as wrong:
        reader.tell_mistakes(node.keys[key], wrong)
        raise UnreadableError(key) from None


def _value(reader: Reader, node: Node, name: str) -> Value:
    if isinstance(node, Scalar) and node.text is None and node.is_plain:
        return None
    source = _expression(node)
    found: Value = Text.read(reader, node, name)
    if source is None:
        return found
    return Expression(check(source, reader.scope, None))


def _expression(node: Node) -> str | None:
    """Return the expression of a value that keeps its kind: a number, true or false, or one whole `{{ … }}`."""
    if not isinstance(node, Scalar) or node.text is None:
        return None
    if node.is_plain and LITERAL.fullmatch(node.text):
        return node.text
    return inside(node.text) if whole(node.text) else None


class Set(StepKind, frozen=True):
    """Keep values under names: numbers, true or false, texts, or what an expression gives.

    - set: {discount: 0, vip: true, greeting: "Hi {{ contact.name }}", contact.orders: "{{ 1 + 1 }}"}

    Numbers, `true` and `false` are kept as such, and so is the value of a text that is one whole `{{ }}`.
    All values are worked out first, from what was known before. A name such as `contact.city` stays with the contact.
    """

    set: Annotated[dict[str, Value], By(_values, dict[str, Text | None])]

    def run(self, turn: Turn) -> Outcome:
        """Work the values out, all of them from what was known before."""
        save = {name: _worked_out(value, turn) for name, value in self.set.items()}
        return Outcome(save=save, why=f"sets {', '.join(save)}")

    @property
    def keeps(self) -> frozenset[str]:
        """All its names."""
        return frozenset(self.set)

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:
        """Tell the kinds of the values."""
        values = fields.items.get("set")
        if not isinstance(values, Map):
            return {}
        return {name: _type_of(value, type_of) for name, value in values.items.items()}


def _type_of(node: Node, type_of: Callable[[str], Type]) -> Type:
    if isinstance(node, Scalar) and node.text is None:
        return Type.ANY  # taking a value away goes with every kind
    source = _expression(node)
    return type_of(source) if source else Type.TEXT


def _worked_out(value: Value, turn: Turn) -> Any:
    match value:
        case Text():
            return value.say(turn)
        case Expression():
            return value.value(turn.facts)
        case _:
            return None
