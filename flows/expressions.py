"""What does an author's condition or expression come to in a turn?"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from msgspec import Struct

from flows.accidents import comment_over_lines, swallowed
from flows.nodes import Node, Scalar
from flows.reader import By, Reader, UnreadableError
from rules.conditions import Compiled, Condition, Type, check, compiled, lint
from rules.source import Mistakes

UNFINISHED = frozenset({"condition-incomplete", "condition-unreadable"})


class Expression(Struct, frozen=True, dict=True, tag="expression"):
    """A checked expression; compiled when it is first asked for its value."""

    condition: Condition

    @cached_property
    def _compiled(self) -> Compiled:
        return compiled(self.condition)

    @property
    def type(self) -> Type:
        """The kind of its value."""
        return self.condition.type

    def value(self, facts: Mapping[str, Any]) -> Any:
        """Return its value, nothing where something it needs is unknown."""
        return self._compiled.value(facts)


class When(Struct, frozen=True, dict=True, tag="when"):
    """A checked condition; compiled when it is first asked."""

    as_written: ClassVar = str

    condition: Condition

    @cached_property
    def compiled(self) -> Compiled:
        """The condition, ready to be asked."""
        return compiled(self.condition)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether it is true."""
        return self.compiled.holds(facts)

    def why(self, facts: Mapping[str, Any]) -> str:
        """Explain in words why it is true, or not."""
        return self.compiled.why(facts)

    def taken(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what named groups of patterns took, under `match.NAME`, if it is true."""
        return self.compiled.taken(facts)

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "When":
        """Read a condition and check it."""
        return cls(checked(reader, node, name, Type.TRUTH))


class With(Mapping[str, Any]):
    """Facts with one more value, such as an answer that is not kept yet."""

    def __init__(self, facts: Mapping[str, Any], name: str, value: Any) -> None:
        """Lay the value over the facts."""
        self._facts = facts
        self._name = name
        self._value = value

    def __getitem__(self, name: str) -> Any:
        """Return the value under a name."""
        return self._value if name == self._name else self._facts[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        yield self._name
        yield from (name for name in self._facts if name != self._name)

    def __len__(self) -> int:
        """Count the names."""
        return sum(1 for _ in self)


def checked(reader: Reader, node: Node, name: str, wants: Type | None) -> Condition:
    """Read and check a condition, or an expression of a kind; what is right and surprising is told, too."""
    what = "a condition" if wants is Type.TRUTH else "an expression"
    text = reader.text(node, name, what)
    if not isinstance(node, Scalar):
        raise UnreadableError(name)
    if swallowing := comment_over_lines(node):
        reader.tell_mistake(swallowing)
        raise UnreadableError(name)
    try:
        condition = check(text, reader.scope, wants)
    except Mistakes as wrong:
        _tell(reader, node, wrong)
        raise UnreadableError(name) from None
    reader.tell_mistakes(node, Mistakes(*lint(text)))
    return condition


def _tell(reader: Reader, node: Scalar, wrong: Mistakes) -> None:
    """Tell what is wrong, or that YAML took the end of the condition for a comment when that is all."""
    lost = swallowed(node) if node.is_on_one_line else None
    if lost is not None and wrong.mistakes[0].code in UNFINISHED:
        whole = node.source.rest_of_line(node.start)
        try:
            check(whole, reader.scope, None)
        except Mistakes as still_wrong:
            wrong = still_wrong
        else:
            reader.tell_mistake(lost)
            return
    reader.tell_mistakes(node, wrong)


def _number(reader: Reader, node: Node, name: str) -> Expression:
    return Expression(checked(reader, node, name, Type.NUMBER))


NumberExpression = Annotated[Expression, By(_number, str)]
