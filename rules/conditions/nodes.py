"""What is a checked condition made of?

The tree is plain data, so that it can be stored with a published version and loaded without a parser.
`start` and `end` are offsets into the text of the condition.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from rules.conditions.types import Type, Weekday, YearMonth


class _Part(Struct, frozen=True, tag_field="node"):
    start: int
    end: int


class Text(_Part, frozen=True, tag="text"):
    """Text in quotes."""

    value: str


class Number(_Part, frozen=True, tag="number"):
    """A number, exact."""

    value: Decimal


class Truth(_Part, frozen=True, tag="truth"):
    """`true` or `false`."""

    value: bool


class Span(_Part, frozen=True, tag="span"):
    """A span of time."""

    value: timedelta


class Time(_Part, frozen=True, tag="time"):
    """A time of day."""

    value: time


class Date(_Part, frozen=True, tag="date"):
    """A day in the calendar."""

    value: date


class Moment(_Part, frozen=True, tag="moment"):
    """A date and time as clocks show it in the business's zone, which is known only at run time."""

    value: datetime


class Day(_Part, frozen=True, tag="day"):
    """A weekday."""

    value: Weekday


class Month(_Part, frozen=True, tag="month"):
    """A month."""

    value: YearMonth


class Items(_Part, frozen=True, tag="items"):
    """Several values in brackets, on the right of an operator that takes them."""

    items: tuple["Node", ...]


class Name(_Part, frozen=True, tag="name"):
    """A fact, by its full dotted name."""

    name: str
    type: Type


class Group(_Part, frozen=True, tag="group"):
    """`match.NAME`: what a named group of one of these patterns took."""

    name: str
    sources: tuple["Matches", ...]


class Either(_Part, frozen=True, tag="either"):
    """Parts joined by `or`."""

    parts: tuple["Node", ...]


class Both(_Part, frozen=True, tag="both"):
    """Parts joined by `and`."""

    parts: tuple["Node", ...]


class Not(_Part, frozen=True, tag="not"):
    """`not` before a part."""

    part: "Node"


class Compare(_Part, frozen=True, tag="compare"):
    """Two values with an operator of `RELATIONS` between them, compared as values of `kind`."""

    left: "Node"
    word: str
    right: "Node"
    kind: Type


class Matches(_Part, frozen=True, tag="matches"):
    """A text and the pattern it is held against."""

    left: "Node"
    pattern: str
    groups: tuple[str, ...]


class Between(_Part, frozen=True, tag="between"):
    """A value and its two bounds, compared as values of `kind`; `word` is `between` or `not between`."""

    part: "Node"
    word: str
    low: "Node"
    high: "Node"
    kind: Type


class State(_Part, frozen=True, tag="state"):
    """`is set` and its like after a value."""

    part: "Node"
    word: str


class Arithmetic(_Part, frozen=True, tag="arithmetic"):
    """Two values with `+`, `-`, `*` or `/` between them."""

    left: "Node"
    sign: str
    right: "Node"


class Minus(_Part, frozen=True, tag="minus"):
    """A value with `-` before it."""

    part: "Node"


class Call(_Part, frozen=True, tag="call"):
    """A function with its arguments."""

    function: str
    arguments: tuple["Node", ...]


Literal: TypeAlias = Text | Number | Truth | Span | Time | Date | Day | Month
Node: TypeAlias = (
    Literal
    | Moment
    | Items
    | Name
    | Group
    | Either
    | Both
    | Not
    | Compare
    | Matches
    | Between
    | State
    | Arithmetic
    | Minus
    | Call
)
MATCH = "match."  # before the name of a group
LITERALS = {
    Text: Type.TEXT,
    Number: Type.NUMBER,
    Truth: Type.TRUTH,
    Span: Type.SPAN,
    Time: Type.TIME,
    Date: Type.DATE,
    Day: Type.WEEKDAY,
    Month: Type.MONTH,
}


class Condition(Struct, frozen=True, cache_hash=True):
    """A checked condition or expression: what the author wrote, what it means, and the kind of its value."""

    text: str
    tree: Node
    type: Type


def children(node: Node) -> tuple[Node, ...]:
    """List the parts a node is made of, in the order they are written."""
    match node:
        case Items(items=parts) | Either(parts=parts) | Both(parts=parts) | Call(arguments=parts):
            return parts
        case Not(part=part) | State(part=part) | Minus(part=part):
            return (part,)
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Between(part=part, low=low, high=high):
            return (part, low, high)
        case Matches(left=left):
            return (left,)
        case _:
            return ()


def reads(node: Node) -> Iterator[Name | Group]:
    """Find the names that a part reads, in the order they are written."""
    if isinstance(node, Name | Group):
        yield node
    for child in children(node):
        yield from reads(child)


def surely_matched(node: Node) -> dict[str, tuple[Matches, ...]]:
    """Find the named groups that are there whenever a part holds, with the patterns that may give them."""
    match node:
        case Matches(groups=groups):
            return dict.fromkeys(groups, (node,))
        case Both(parts=parts):
            return {name: found for part in parts for name, found in surely_matched(part).items()}
        case Either(parts=parts):
            first, *rest = (surely_matched(part) for part in parts)
            shared = [name for name in first if all(name in other for other in rest)]
            return {name: sum((other[name] for other in rest), first[name]) for name in shared}
        case _:
            return {}


def groups(condition: Condition) -> frozenset[str]:
    """Name what may be read wherever this condition held, as `match.NAME`."""
    return frozenset(f"{MATCH}{name}" for name in surely_matched(condition.tree))
