"""What did an author mean who compares two values that cannot be compared?"""

import re

from rules.conditions.desk import Desk, Typed
from rules.conditions.nodes import Number, Text
from rules.conditions.syntax import Part
from rules.conditions.types import FAMILIES, MONTH_WORDS, WEEKDAY_WORDS, Type

Side = tuple[Part, Typed]
_CLOCK = frozenset({Type.TIME, Type.DATE, Type.MOMENT, Type.WEEKDAY, Type.SPAN})
_BARE = re.compile(
    r"[0-9]{1,2}:[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2})?|([0-9.]+[smhd])+|true|false"
)


def unlike_fix(desk: Desk, word: str, left: Side, right: Side) -> str | None:
    """Write the comparison of two kinds as it was probably meant."""
    kinds = {left[1].type, right[1].type}
    if kinds == {Type.TEXT, Type.NUMBER}:
        return _with_numbers(desk, word, left, right)
    if kinds == {Type.SPAN, Type.NUMBER}:
        return "Write spans with their unit, as in `2h` or `30m`"
    if Type.NUMBER in kinds and kinds & {Type.TIME, Type.MOMENT}:
        return "Write times with their minutes, as in `09:00`"
    if Type.LIST in kinds:
        subject, item = (left, right) if left[1].type == Type.LIST else (right, left)
        return f"Write `{desk.source(subject[0])} has {desk.source(item[0])}`"
    if Type.TEXT in kinds and kinds & (_CLOCK | {Type.TRUTH}):
        return _without_quotes(desk, word, left, right)
    return None


def ordered_fix(desk: Desk, word: str, left: Side, right: Side) -> str | None:
    """Write a comparison of more and less, or of lists, as it was probably meant."""
    shared, subject = left[1].type, desk.source(left[0])
    if shared == Type.TEXT and word not in {"=", "!="}:
        return f"Write `{desk.as_kind(*left, Type.NUMBER)} {word} {desk.as_kind(*right, Type.NUMBER)}`"
    if Type.LIST in (shared, right[1].type):
        return f'Write `{subject} has "…"`'
    if Type.TRUTH in (shared, right[1].type):
        return None
    return f"Write `{subject} between … and …`"


def joined_fix(desk: Desk, part: Part, word: str) -> str | None:
    """Give the fix for `has ("a" or "b")`, or None if the part is nothing like it."""
    inner = part.parts[0] if part.kind == "bracket" else part
    values = [each for each in inner.parts[::2] if each.kind not in {"comparison", "between", "state", "not"}]
    if inner.kind not in {"either", "both"} or not values:
        return None
    how = " any" if inner.kind == "either" else " all"
    first = word.split(maxsplit=1)[0]
    right_word = first + how if first in FAMILIES else word
    return f"Write `{right_word} ({', '.join(desk.source(each) for each in inner.parts[::2])})`"


def _with_numbers(desk: Desk, word: str, left: Side, right: Side) -> str | None:
    text, count = (left, right) if left[1].type == Type.TEXT else (right, left)
    if word in {"=", "!="} and isinstance(count[1].node, Number) and not isinstance(text[1].node, Text):
        return f'Write `{desk.source(text[0])} {word} "{desk.source(count[0])}"`'
    written = desk.as_kind(*text, Type.NUMBER)
    if written == desk.source(text[0]):
        return None
    sides = (written, desk.source(count[0])) if text is left else (desk.source(count[0]), written)
    return f"Write `{sides[0]} {word} {sides[1]}`"


def _without_quotes(desk: Desk, word: str, left: Side, right: Side) -> str | None:
    written = [_on_clock(desk, *side, beside[1].type) for side, beside in ((left, right), (right, left))]
    if written == [desk.source(left[0]), desk.source(right[0])]:
        return None
    return f"Write `{written[0]} {word} {written[1]}`"


def _on_clock(desk: Desk, part: Part, found: Typed, beside: Type) -> str:
    """Write text as a value of the clock or calendar, true or false, if it is one or can be read as one."""
    if isinstance(found.node, Text):
        return found.node.value if _is_bare(found.node.value) else desk.source(part)
    return desk.as_kind(part, found, beside)


def _is_bare(text: str) -> bool:
    return bool(_BARE.fullmatch(text)) or text.casefold() in WEEKDAY_WORDS or text.casefold() in MONTH_WORDS
