"""Why does a condition hold, or not? In words, with the values that decided it."""

from collections.abc import Callable, Iterator

from rules.conditions.generate import expression, search
from rules.conditions.likeness import is_like, likeness, misspelt
from rules.conditions.nodes import (
    MATCH,
    Arithmetic,
    Between,
    Both,
    Call,
    Compare,
    Condition,
    Either,
    Group,
    Items,
    Matches,
    Minus,
    Name,
    Node,
    Not,
    State,
    Text,
    children,
    reads,
)
from rules.conditions.patterns import fitting, pattern
from rules.conditions.shown import shown
from rules.conditions.types import CYCLIC, RELATIONS, Facts, Type, Value
from rules.conditions.values import as_kind, in_clock, moment_of
from rules.conditions.wording import on_one_line

MOST_PARTS = 3


def reason(condition: Condition, facts: Facts) -> str:
    """Explain the value of a condition or expression for these facts."""
    why = _Reason(condition.text, facts)
    if condition.type == Type.TRUTH:
        return why.because(condition.tree)
    of_whole = why.reading(condition.tree, Type.ANY)
    readings = [] if isinstance(condition.tree, Name) else why.names(condition.tree)
    return _after(of_whole, ": ", readings)


class _Reason:
    """Explains parts of one text for one set of facts."""

    def __init__(self, text: str, facts: Facts) -> None:
        self.text = text
        self.facts = facts

    def because(self, node: Node) -> str:
        match node:
            case Both(parts=parts) | Either(parts=parts) if not _is_one(node):
                return self._joined(node, parts)
            case Not(part=part):
                return self.because(part)
            case Name():
                return self.reading(node, Type.ANY)
            case State(part=part):
                return ", ".join(self._side(part, Type.ANY)) or self._verdict(node, [])
            case Compare(right=Items()) if RELATIONS[node.word].form:
                return self._search(node)
            case Matches():
                return self._match(node)
            case _:
                return self._verdict(node, self._readings(node))

    def reading(self, node: Node, kind: Type) -> str:
        """Say what a part is, as the kind in which it is compared."""
        name = f"{MATCH}{node.name}" if isinstance(node, Group) else self._source(node)
        value = self._value(node)
        if kind in CYCLIC or kind in (Type.DATE, Type.TIME):
            value = as_kind(kind, value, self.facts)
        return f"`{name}` is {self._shown(value)}"

    def names(self, node: Node) -> list[str]:
        """Say what the names in a part are, each once."""
        return list(dict.fromkeys(self.reading(each, Type.ANY) for each in reads(node)))

    def _joined(self, node: Both | Either, parts: tuple[Node, ...]) -> str:
        holds = self._holds(node)
        if isinstance(node, Both) != holds:  # one part that fails decides an `and`, one that holds an `or`
            return self.because(next(part for part in parts if self._holds(part) == holds))
        reasons: dict[str, None] = {}
        for count, part in enumerate(parts, start=1):
            reasons[self.because(part)] = None
            if len(reasons) == MOST_PARTS and count < len(parts):
                return f"{'; '.join(reasons)}; and {len(parts) - count} more"
        return "; ".join(reasons)

    def _search(self, node: Compare) -> str:
        """Say which of several texts were found, or not."""
        row, left = RELATIONS[node.word], f"`{self._source(node.left)}`"
        value = self._value(node.left)
        if value is None:
            return self.reading(node.left, Type.ANY)
        found, missing = self._found(node)
        says, denies = row.says
        unknown = [each for item in _items(node) for each in self.names(item)]
        if self._holds(node) != (row.how == "none"):
            return _after(f"{left} {says} {self._list(node, found, self._spelling)}", ", ", unknown)
        verb = denies if row.how == "all" or len(missing) == 1 else f"{says} none of"
        told = f"{left} {verb} {self._list(node, missing, self._nearly)}"
        return _after(told, ", ", unknown) if self._holds(node) else _after(told, ": ", [self._it_is(node), *unknown])

    def _found(self, node: Compare) -> tuple[list[Node], list[Node]]:
        found: list[Node] = []
        missing: list[Node] = []
        left, is_found = self._value(node.left), search(node.word)
        for item in _items(node):
            (found if is_found(left, self._value(item)) else missing).append(item)
        return found, missing

    def _list(self, node: Compare, items: list[Node], note: Callable[[Compare, Value, Value], str]) -> str:
        """Write the first few of several texts, with a note beside each that has one."""
        left = self._value(node.left)
        told = [f"{self._quoted(item)}{note(node, left, self._value(item))}" for item in items[:MOST_PARTS]]
        return ", ".join(told) + (", …" if items[MOST_PARTS:] else "")

    def _quoted(self, item: Node) -> str:
        return self._source(item) if isinstance(item, Text) else f"`{self._source(item)}`"

    @staticmethod
    def _spelling(node: Compare, said: Value, meant: Value) -> str:
        if RELATIONS[node.word].form != "alike" or not isinstance(said, str) or not isinstance(meant, str):
            return ""
        wrong = misspelt(likeness(said), likeness(meant))
        return f" ({', '.join(f'“{theirs}” for “{ours}”' for ours, theirs in wrong.items())})" if wrong else ""

    @staticmethod
    def _nearly(node: Compare, said: Value, meant: Value) -> str:
        """Say which misspelt words `like` would have taken for those that are missing."""
        if RELATIONS[node.word].form != "spaced" or not isinstance(said, str) or not isinstance(meant, str):
            return ""
        text, phrase = likeness(said), likeness(meant)
        wrong = misspelt(text, phrase) if is_like(text, phrase) else {}
        return f" (only {', '.join(f'“{theirs}”' for theirs in wrong.values())})" if wrong else ""

    def _it_is(self, node: Compare) -> str:
        return f"it is {self._shown(self._value(node.left))}"

    def _match(self, node: Matches) -> str:
        part = fitting(pattern(node.pattern), self._value(node.left))
        return self._verdict(node, self._side(node.left, Type.ANY) if part is None else [f"it fits {shown(part)}"])

    def _verdict(self, node: Node, readings: list[str]) -> str:
        verdict = "holds" if self._holds(node) else "does not hold"
        return _after(f"`{self._source(node)}` {verdict}", ": ", readings)

    def _readings(self, node: Node) -> list[str]:
        """Say what the sides of a comparison are."""
        kind = node.kind if isinstance(node, Compare | Between) else Type.ANY
        sides = [each for child in children(node) for each in _sides(child)]
        if isinstance(node, Both | Either):
            return list(dict.fromkeys(each for child in children(node) for each in self._readings(child)))
        return list(dict.fromkeys(each for side in sides for each in self._side(side, kind)))

    def _side(self, node: Node, kind: Type) -> list[str]:
        """Say what a side is, and the names it is worked out of; a literal needs no words."""
        match node:
            case Name() | Group():
                return [self.reading(node, kind)]
            case Arithmetic() | Minus() | Call():
                return [self.reading(node, Type.ANY), *self.names(node)]
            case _:
                return self.names(node)

    def _value(self, node: Node) -> Value:
        return node.value if isinstance(node, Text) else expression(node, Type.ANY)(self.facts)

    def _holds(self, node: Node) -> bool:
        return self._value(node) is True

    def _shown(self, value: Value) -> str:
        """Write a value; a moment as clocks show it in the business's zone, if that is known."""
        moment = moment_of(value)
        return shown(in_clock(moment, self.facts) if moment else value)

    def _source(self, node: Node) -> str:
        return on_one_line(self.text[node.start : node.end])


def _is_one(node: Both | Either) -> bool:
    """Tell whether it is one comparison, divided by the kinds of its values, as in `today in (mon, 2026-12-25)`."""
    return all((part.start, part.end) == (node.start, node.end) for part in node.parts)


def _sides(node: Node) -> Iterator[Node]:
    yield from node.items if isinstance(node, Items) else (node,)


def _items(node: Compare) -> tuple[Node, ...]:
    return node.right.items if isinstance(node.right, Items) else (node.right,)


def _after(words: str, joint: str, readings: list[str]) -> str:
    return words + (joint + ", ".join(readings) if readings else "")
