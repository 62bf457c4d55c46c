"""How near does a condition that does not hold come to holding?

Only to put what was probably meant before the rest: 1 holds, 0 has nothing of it.
"""

from rules.conditions.generate import expression
from rules.conditions.likeness import likeness, share
from rules.conditions.nodes import Both, Compare, Either, Items, Node, Text
from rules.conditions.types import RELATIONS, Facts, Type

MISSED = 0.9  # what all words of a phrase count when they are only nearly there, or not in a row


def nearness(node: Node, facts: Facts) -> float:
    """Tell how much of a condition holds."""
    if expression(node, Type.ANY)(facts) is True:
        return 1.0
    match node:
        case Both(parts=parts):
            return sum(nearness(part, facts) for part in parts) / len(parts)
        case Either(parts=parts):
            return max(nearness(part, facts) for part in parts)
        case Compare(right=Items(items=items)) if RELATIONS[node.word].form and RELATIONS[node.word].how != "none":
            return _searched(node, [item.value for item in items if isinstance(item, Text)], facts)
        case _:
            return 0.0


def _searched(node: Compare, phrases: list[str], facts: Facts) -> float:
    text = expression(node.left, Type.ANY)(facts)
    if not isinstance(text, str) or not phrases:
        return 0.0
    shares = [share(likeness(text), likeness(phrase)) for phrase in phrases]
    return MISSED * (sum(shares) / len(shares) if RELATIONS[node.word].how == "all" else max(shares))
