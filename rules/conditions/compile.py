"""How is a checked condition evaluated, again and again, at little cost?"""

from collections.abc import Iterator
from functools import lru_cache

from rules.conditions.generate import expression
from rules.conditions.nodes import MATCH, Both, Condition, Either, Matches, Name, Node, reads
from rules.conditions.patterns import pattern, taken
from rules.conditions.reasons import reason
from rules.conditions.types import Facts, Type, Value


class Compiled:
    """A condition as Python code: nothing is parsed when it is evaluated, and no facts make it raise."""

    __slots__ = ("_condition", "_evaluate", "_patterns", "names")

    def __init__(self, condition: Condition) -> None:
        """Generate the code; use `compiled`, which does so once for equal conditions."""
        self._condition = condition
        self._evaluate = expression(condition.tree, condition.type)
        self._patterns = tuple(each for each in _patterns(condition.tree) if each.groups)
        read = [each.name for each in reads(condition.tree) if isinstance(each, Name)]
        self.names = frozenset("now" if name == "today" else name for name in read)

    def value(self, facts: Facts) -> Value:
        """Evaluate; None is nothing."""
        return self._evaluate(facts)

    def holds(self, facts: Facts) -> bool:
        """Tell whether the condition holds; nothing does not hold."""
        return self._evaluate(facts) is True

    def why(self, facts: Facts) -> str:
        """Explain in words: what made it hold, or the part that failed."""
        return reason(self._condition, facts)

    def taken(self, facts: Facts) -> dict[str, str]:
        """Give what the named groups of the patterns took that made the condition hold, as `match.NAME`; else none."""
        if not self._patterns or not self.holds(facts):
            return {}
        found: dict[str, str] = {}
        for each in self._patterns:
            found |= taken(pattern(each.pattern), expression(each.left, Type.ANY)(facts))
        return {f"{MATCH}{name}": value for name, value in found.items()}


@lru_cache(maxsize=65_536)
def compiled(condition: Condition) -> Compiled:
    """Compile a condition, once for equal ones."""
    return Compiled(condition)


def _patterns(node: Node) -> Iterator[Matches]:
    """Find the patterns that stand where they may have made the condition hold, not under `not`."""
    match node:
        case Matches():
            yield node
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from _patterns(part)
        case _:
            return
