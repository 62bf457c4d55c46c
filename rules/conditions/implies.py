"""Does one condition hold wherever another does? A sure yes, or no more than a shrug."""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from rules.conditions.nodes import Both, Compare, Condition, Either, Items, Name, Node, Text
from rules.conditions.types import Type
from rules.words import fold, spaced

WORDS = ("has", "has any")


class Plain(Struct, frozen=True):
    """A part of which is known only that it implies itself, wherever it stands in a text."""

    node: Node


class Sought(Struct, frozen=True):
    """`NAME has any (…)`: one of the phrases stands in a text, each with a space around every word."""

    name: str
    phrases: tuple[str, ...]


class Every(Struct, frozen=True):
    """All of these hold."""

    parts: tuple["Claim", ...]


class Some(Struct, frozen=True):
    """One of these holds."""

    parts: tuple["Claim", ...]


Claim: TypeAlias = Plain | Sought | Every | Some


def claim_of(condition: Condition) -> Claim:
    """Take from a condition what it claims."""
    return _claim(condition.tree)


def implies(claim: Claim, other: Claim) -> bool:
    """Tell whether the other surely holds wherever this one does; false where that is not plain to see."""
    if claim == other:
        return True
    if isinstance(claim, Some):
        return all(implies(part, other) for part in claim.parts)
    if isinstance(other, Every):
        return all(implies(claim, part) for part in other.parts)
    if isinstance(other, Some):
        return any(implies(claim, part) for part in other.parts)
    if isinstance(claim, Every):
        return any(implies(part, other) for part in claim.parts)
    return isinstance(claim, Sought) and isinstance(other, Sought) and _is_within(claim, other)


def _is_within(claim: Sought, other: Sought) -> bool:
    """Tell whether all that the one looks for contains something that the other looks for."""
    return claim.name == other.name and all(
        any(wanted in phrase for wanted in other.phrases) for phrase in claim.phrases
    )


def _claim(node: Node) -> Claim:
    match node:
        case Both(parts=parts):
            return Every(tuple(_claim(part) for part in parts))
        case Either(parts=parts):
            return Some(tuple(_claim(part) for part in parts))
        case Compare(left=Name(name=name), right=Items(items=items), kind=Type.TEXT) if node.word in WORDS:
            texts = [item.value for item in items if isinstance(item, Text)]
            if len(texts) == len(items):
                return Sought(name, tuple(spaced(fold(text)) for text in texts))
    return Plain(_bare(node))


def _bare(node: Node) -> Node:
    """Leave out where in its text a part stands."""
    return replace(node, start=0, end=0, **{name: _bared(getattr(node, name)) for name in node.__struct_fields__[2:]})


def _bared(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_bared(each) for each in value)
    return _bare(value) if hasattr(value, "start") and hasattr(value, "end") else value  # type: ignore[arg-type]
