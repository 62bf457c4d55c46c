"""Without what, to be seen in the facts, can a condition not hold?

What is found must be sure: a condition is evaluated only where something it needs is seen. Comparing with nothing is
false, so a comparison needs its value; `not` turns that around, so what stands under it needs nothing that is known.
"""

from rules.conditions import values
from rules.conditions.likeness import Likeness, likeness
from rules.conditions.nodes import Both, Compare, Either, Items, Literal, Matches, Name, Node, Text
from rules.conditions.patterns import letters
from rules.conditions.remains import remains
from rules.conditions.required import required
from rules.conditions.signs import Form, Key, Need, Sign, each_of, one_of, sign
from rules.conditions.types import BUILT_IN, RELATIONS, Type

_EQUAL = {Type.TEXT: Form.TEXT, Type.NUMBER: Form.NUMBER, Type.TRUTH: Form.TRUTH}


def need_of(node: Node) -> Need | None:
    """Say what has to be seen for a part to hold; None if nothing is known of it."""
    match node:
        case Both(parts=parts):
            return each_of(need_of(part) for part in parts)
        case Either(parts=parts):
            return one_of(need_of(part) for part in parts)
        case Name(name=name) if name not in BUILT_IN:
            return Sign(Key(name, Form.TRUTH, True), proves=True)  # noqa: FBT003 - the value itself
        case Matches(left=Name(name=name), pattern=pattern) if name not in BUILT_IN:
            return required(pattern, lambda row: sign(name, Form.LETTERS, letters(row)))
        case Compare():
            return _compared(node)
        case _:
            return None


def _compared(node: Compare) -> Need | None:
    match node:
        case Compare(left=Name(name=name), right=Items(items=items)) if RELATIONS[node.word].form:
            return None if name in BUILT_IN else _found(node, name, items)
        case Compare(left=Name(name=name), word="in", right=Items(items=items)):
            return one_of(_equal(name, item, node.kind) for item in items)
        case Compare(left=Name(name=name), word="=", right=other):
            return _equal(name, other, node.kind)
        case Compare(left=other, word="=", right=Name(name=name)):
            return _equal(name, other, node.kind)
        case _:
            return None


def _equal(name: str, node: Node, kind: Type) -> Need | None:
    if name in BUILT_IN or kind not in _EQUAL or not isinstance(node, Literal):
        return None
    return Sign(Key(name, _EQUAL[kind], values.as_kind(kind, node.value, {})), proves=True)


def _found(node: Compare, name: str, items: tuple[Node, ...]) -> Need | None:
    """Say what a search of a text or a list has to find."""
    row = RELATIONS[node.word]
    texts = [item.value for item in items if isinstance(item, Text)]
    if row.how == "none" or len(texts) < len(items):
        return None
    if row.form == "spaced" and node.kind == Type.LIST:
        needs: list[Need | None] = [Sign(Key(name, Form.ITEM, values.plain(text)), proves=True) for text in texts]
    elif row.form == "spaced" and node.kind != Type.TEXT:
        return None  # whether it is a text or a list shows only when it is evaluated
    else:
        needs = [_sought(row.form, name, text) for text in texts]
    return each_of(needs) if row.how == "all" else one_of(needs)


def _sought(form: str, name: str, text: str) -> Need | None:
    """Say what has to be seen where a relation looks for a text, which it prepares in this form."""
    match form:
        case "spaced":
            return sign(name, Form.WORDS, values.spaced(text), proves=True)
        case "folded":
            return sign(name, Form.CHARACTERS, values.folded(text), proves=True)
        case "plain":
            return sign(name, Form.CHARACTERS, values.plain(text))
        case "alike":
            return _alike(name, likeness(text))
        case _:
            return None


def _alike(name: str, phrase: Likeness) -> Need | None:
    runs = [sign(name, Form.WORDS, run) for run in phrase.runs]
    words = [one_of(sign(name, Form.WORDS, piece) for piece in remains(word)) for word in phrase.words]
    return each_of([*runs, *words])
