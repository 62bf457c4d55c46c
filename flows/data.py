"""What does an author's value come to, when it keeps its kind?"""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from engine.step import Turn
from flows.expressions import Expression
from flows.nodes import Map, Node, Scalar, Seq
from flows.reader import Reader
from flows.slots import inside, whole
from flows.text import Plain, Text
from rules.conditions import Weekday, check

LITERAL = re.compile(r"true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
Value = Text | Expression | None


class Fields(Struct, frozen=True, tag="fields"):
    """Values under names."""

    items: dict[str, "Data"]


class Items(Struct, frozen=True, tag="items"):
    """Values in a row."""

    items: tuple["Data", ...]


Data = Text | Expression | Fields | Items | None


def value_of(reader: Reader, node: Node, name: str, wanted: Any) -> Value:
    """Read one value: a number, true or false, nothing, what an expression gives, or text of the wanted kind."""
    if isinstance(node, Scalar) and node.text is None and node.is_plain:
        return None
    source = source_of(node)
    found: Value = reader.read(node, wanted, name)
    return found if source is None else Expression(check(source, reader.scope, None))


def source_of(node: Node) -> str | None:
    """Return the expression of a value that keeps its kind: a number, true or false, or one whole `{{ … }}`."""
    if not isinstance(node, Scalar) or node.text is None:
        return None
    if node.is_plain and LITERAL.fullmatch(node.text):
        return node.text
    return inside(node.text) if whole(node.text) else None


def data_of(reader: Reader, node: Node, name: str) -> Data:
    """Read values within each other."""
    match node:
        case Map(items=items):
            return Fields({key: data_of(reader, value, key) for key, value in items.items()})
        case Seq(items=values):
            return Items(tuple(data_of(reader, value, name) for value in values))
        case Scalar():
            return value_of(reader, node, name, Plain)


def worked_out(value: Value, turn: Turn) -> Any:
    """Return what a value is in a turn."""
    match value:
        case Text():
            return value.say(turn)
        case Expression():
            return value.value(turn.facts)
        case _:
            return None


def filled(data: Data, turn: Turn) -> Any:
    """Return what values within each other are in a turn, the way JSON has them."""
    match data:
        case Fields(items=fields):
            return {key: filled(value, turn) for key, value in fields.items()}
        case Items(items=values):
            return [filled(value, turn) for value in values]
        case _:
            return plain(worked_out(data, turn))


def plain(value: Any) -> Any:
    """Write a value for machines: dates and times by ISO 8601, a span in seconds."""
    match value:
        case Weekday():
            return value.name.lower()
        case timedelta():
            return Decimal(str(value.total_seconds()))
        case date() | time():  # a moment is a date, too
            return value.isoformat()
        case tuple():
            return [plain(each) for each in value]
        case _:
            return value
