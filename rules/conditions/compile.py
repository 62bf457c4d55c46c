"""How is a checked condition evaluated, again and again, at little cost?"""

from collections.abc import Iterator
from functools import lru_cache

from rules.conditions.generate import Evaluate, expression
from rules.conditions.nearness import nearness
from rules.conditions.nodes import MATCH, Both, Condition, Either, Matches, Name, Node, reads
from rules.conditions.patterns import pattern, taken
from rules.conditions.reasons import reason
from rules.conditions.types import Facts, Type, Value


class Compiled:
    """A condition as Python code, made when it is first evaluated: nothing is parsed, and no facts make it raise."""

    __slots__ = ("_evaluate", "condition")

    def __init__(self, condition: Condition) -> None:
        """Remember the condition; use `compiled`, which does so once for equal ones."""
        self.condition = condition
        self._evaluate: Evaluate = self._first

    @property
    def names(self) -> frozenset[str]:
        """The names it reads; `today` is read from `now`."""
        read = [each.name for each in reads(self.condition.tree) if isinstance(each, Name)]
        return frozenset("now" if name == "today" else name for name in read)

    def value(self, facts: Facts) -> Value:
        """Evaluate; None is nothing."""
        return self._evaluate(facts)

    def holds(self, facts: Facts) -> bool:
        """Tell whether the condition holds; nothing does not hold."""
        return self._evaluate(facts) is True

    def why(self, facts: Facts) -> str:
        """Explain in words: what made it hold, or the part that failed."""
        return reason(self.condition, facts)

    def nearness(self, facts: Facts) -> float:
        """Tell how near it comes to holding, from 0 to 1."""
        return nearness(self.condition.tree, facts)

    def taken(self, facts: Facts) -> dict[str, str]:
        """Give what the named groups of the patterns took that made the condition hold, as `match.NAME`; else none."""
        patterns = [each for each in _patterns(self.condition.tree) if each.groups]
        if not patterns or not self.holds(facts):
            return {}
        found: dict[str, str] = {}
        for each in patterns:
            found |= taken(pattern(each.pattern), expression(each.left, Type.ANY)(facts))
        return {f"{MATCH}{name}": value for name, value in found.items()}

    def _first(self, facts: Facts) -> Value:
        """Generate the code, which takes the place of this, and evaluate it."""
        self._evaluate = expression(self.condition.tree, self.condition.type)
        return self._evaluate(facts)


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
