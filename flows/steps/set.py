"""Keep values under names."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from engine.step import Outcome, Turn
from flows.data import Value, source_of, value_of, worked_out
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, UnreadableError
from flows.step import StepKind, variable
from flows.text import Plain, Text
from rules.conditions import Type
from rules.source import Mistakes


def _values(reader: Reader, node: Node, name: str) -> dict[str, Value]:
    if not isinstance(node, Map):
        raise reader.wants(node, name, "names with values, such as `{discount: 0}`")
    if not node.items:
        raise reader.refuse(node.place, "empty", f"`{name}` sets nothing", "As in `set: {discount: 0}`")
    values = {}
    failed = False
    for key, value in node.items.items():
        try:
            values[_name(reader, node, key)] = value_of(reader, value, key, _text_of(value))
        except UnreadableError:
            failed = True
    if failed:
        raise UnreadableError(name)
    return values


def _text_of(node: Node) -> Any:
    """Take a single word for one that conditions ask for, which is the same in every language."""
    return Plain if isinstance(node, Scalar) and len((node.text or "").split()) == 1 else Text


def _name(reader: Reader, node: Map, key: str) -> str:
    try:
        return variable(key)
    except Mistakes as wrong:
        reader.tell_mistakes(node.keys[key], wrong)
        raise UnreadableError(key) from None


class Set(StepKind, frozen=True):
    """Keep values under names: numbers, true or false, texts, or what an expression gives.

    - set: {discount: 0, vip: true, greeting: "Hi {{ contact.name }}", contact.orders: "{{ 1 + 1 }}"}

    Numbers, `true` and `false` are kept as such, and so is the value of a text that is one whole `{{ }}`. A single word
    is kept as it is, whatever the contact's language; write `{en: …, pt_BR: …}` for one that is said.
    All values are worked out first, from what was known before. A name such as `contact.city` stays with the contact.
    """

    set: Annotated[dict[str, Value], By(_values, dict[str, Text | None])]

    def run(self, turn: Turn) -> Outcome:
        """Work the values out, all of them from what was known before."""
        save = {name: worked_out(value, turn) for name, value in self.set.items()}
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
    source = source_of(node)
    return type_of(source) if source else Type.TEXT
