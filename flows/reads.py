"""Which names does a step read, in its conditions, expressions and texts?"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from flows.step import StepKind, Steps
from rules.conditions import Condition
from rules.conditions.nodes import Name, reads


def names_read(step: StepKind) -> frozenset[str]:
    """Find them, not those of the steps inside it."""
    found = (each for value in _fields(step) for each in _conditions(value))
    return frozenset(each.name for one in found for each in reads(one.tree) if isinstance(each, Name))


def _fields(value: Struct) -> Iterator[Any]:
    yield from (getattr(value, name) for name in value.__struct_fields__)


def _conditions(value: Any) -> Iterator[Condition]:
    """Find every condition in a value, however deep."""
    match value:
        case Condition():
            yield value
        case Steps():
            return
        case Struct():
            for each in _fields(value):
                yield from _conditions(each)
        case Mapping():
            for each in value.values():
                yield from _conditions(each)
        case tuple() | list():
            for each in value:
                yield from _conditions(each)
        case _:
            return
