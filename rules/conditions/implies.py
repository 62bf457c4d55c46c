"""Does one condition hold wherever another does? A sure yes, or no more than a shrug."""

from msgspec.structs import replace

from rules.conditions.nodes import Both, Compare, Condition, Either, Items, Name, Node, Text
from rules.words import fold, spaced

WORDS = ("has", "has any")


def implies(condition: Condition, other: Condition) -> bool:
    """Tell whether the other surely holds wherever this one does; false where that is not plain to see."""
    return _implies(condition.tree, other.tree)


def _implies(node: Node, other: Node) -> bool:
    if _bare(node) == _bare(other):
        return True
    if isinstance(node, Either):
        return all(_implies(part, other) for part in node.parts)
    if isinstance(other, Both):
        return all(_implies(node, part) for part in other.parts)
    if isinstance(other, Either):
        return any(_implies(node, part) for part in other.parts)
    if isinstance(node, Both):
        return any(_implies(part, other) for part in node.parts)
    return _words_within(node, other)


def _words_within(node: Node, other: Node) -> bool:
    """Tell whether all that the one looks for contains something that the other looks for."""
    sought, enough = _sought(node), _sought(other)
    if not sought or not enough or sought[0] != enough[0]:
        return False
    return all(any(word in phrase for word in enough[1]) for phrase in sought[1])


def _sought(node: Node) -> tuple[str, list[str]] | None:
    """Find the name and the words of `NAME has any (…)`."""
    if not isinstance(node, Compare) or node.word not in WORDS or not isinstance(node.left, Name):
        return None
    items = node.right.items if isinstance(node.right, Items) else (node.right,)
    texts = [spaced(fold(item.value)) for item in items if isinstance(item, Text)]
    return (node.left.name, texts) if len(texts) == len(items) else None


def _bare(node: Node) -> Node:
    """Leave out where in its text a part stands."""
    return replace(node, start=0, end=0, **{name: _bared(getattr(node, name)) for name in node.__struct_fields__[2:]})


def _bared(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_bared(each) for each in value)
    return _bare(value) if hasattr(value, "start") and hasattr(value, "end") else value  # type: ignore[arg-type]
