"""Can this text be searched for that, and if not, what was meant?"""

from rules.conditions.desk import CheckValue, Desk, Groups, Typed, kind
from rules.conditions.likeness import MOST_WORDS, likeness
from rules.conditions.literals import quoted
from rules.conditions.nodes import Compare, Group, Items, Matches, Text, reads
from rules.conditions.patterns import MOST_STEPS, PatternError, group_names, pattern, steps
from rules.conditions.syntax import Part
from rules.conditions.types import FAMILIES, Relation, Type
from rules.conditions.unlike import joined_fix
from rules.words import fold, words


class Searching:
    """Checks the operators that look into a text or a list; values inside them go back to whoever checks values."""

    def __init__(self, desk: Desk, value: CheckValue) -> None:
        """Work at a desk."""
        self.desk = desk
        self.value = value
        self.words_alike = 0
        self.steps = 0

    def texts(self, part: Part, row: Relation, known: Groups) -> Typed:
        """Check a search for texts, or for items of a list."""
        left_part, sign, right_part = part.parts
        left = self.value(left_part, known)
        if left.type not in row.left and left.type != Type.ANY:
            return self._no_text(part, row, left)
        if wrong := joined_fix(self.desk, right_part, row.word):
            return self.desk.tell(sign, "joined-values", f"`{row.word}` takes texts parted by commas", wrong)
        items = several(right_part)
        found = [self.value(each, known) for each in items]
        if row.how == "one" and (len(items) > 1 or found[0].type == Type.LIST):
            written = self.desk.source(right_part)
            hint = f"Write `{row.word} any {written}` or `{row.word} all {written}`"
            return self.desk.tell(sign, "any-or-all", f"`{row.word}` takes one; say whether any of these or all", hint)
        for each, item in zip(items, found, strict=True):
            self._item(row, left.type, each, item)
        right = Items(right_part.start, right_part.end, tuple(item.node for item in found))
        return Typed(Compare(part.start, part.end, left.node, row.word, right, left.type), Type.TRUTH)

    def _no_text(self, part: Part, row: Relation, left: Typed) -> Typed:
        left_part, sign, right_part = part.parts
        subject, written = self.desk.source(left_part), self.desk.source(right_part)
        hint = f"Write `{subject} {'in' if right_part.kind == 'items' else '='} {written}`"
        if left.type == Type.LIST:
            family, _, how = row.word.partition(" ")
            has = f"has {how}".strip() if family in FAMILIES else "has"
            hint = f"Write `{subject} {has} {written}`"
        message = f"`{subject}` is {kind(left.type)} here, and `{row.word}` looks into text"
        return self.desk.tell(sign, "wrong-kind", message, hint)

    def _item(self, row: Relation, left: Type, part: Part, item: Typed) -> None:
        source = self.desk.source(part)
        if item.type not in (Type.TEXT, Type.LIST, Type.ANY) and left != Type.LIST:
            self.desk.tell(part, "wrong-kind", f"`{row.word}` takes text", f'Put it in quotes: `"{source}"`')
        if not isinstance(item.node, Text):
            return
        if row.form in {"spaced", "alike"} and left != Type.LIST and not words(item.node.value):
            message, hint = f"There is no word in `{source}`", f"Look for characters: `contains {source}`"
            self.desk.tell(part, "no-word", message, hint)
        elif not fold(item.node.value).strip(" " if row.form == "plain" else ""):
            self.desk.tell(part, "no-word", "This text is empty, and would be found everywhere")
        elif row.form == "alike":
            self._spend(part, len(likeness(item.node.value).words))

    def _walk(self, part: Part, count: int) -> None:
        """Count the steps of patterns, and tell when they become too many."""
        had, self.steps = self.steps, self.steps + count
        if had <= MOST_STEPS < self.steps:
            message = (
                f"The patterns of one condition may take {MOST_STEPS} steps, repetitions written out; "
                f"up to here it is {self.steps:,}"
            )
            hint = "Shorten repetitions such as `{0,60}`, or look for words with `has`"
            self.desk.tell(part, "pattern-too-large", message, hint)

    def _spend(self, part: Part, count: int) -> None:
        """Count the words that `like` has to look for, and tell when they become too many."""
        had, self.words_alike = self.words_alike, self.words_alike + count
        if had <= MOST_WORDS < self.words_alike:
            message = f"The `like` of one condition may look for {MOST_WORDS} words; here that is exceeded"
            self.desk.tell(part, "too-many-words", message, "Leave out words that matter little, or use `has any`")

    def pattern(self, part: Part, known: Groups) -> Typed:
        """Check a search for a pattern."""
        left_part, sign, right_part = part.parts
        left = self.value(left_part, known)
        if left.type not in (Type.TEXT, Type.ANY):
            message = f"`{self.desk.source(left_part)}` is {kind(left.type)} here, and `matches` looks into text"
            return self.desk.tell(sign, "wrong-kind", message)
        if any(isinstance(each, Group) for each in reads(left.node)):
            return self.desk.tell(left_part, "pattern-unreadable", "A pattern cannot search what another pattern took")
        if right_part.kind != "TEXT":
            hint = 'As in `text matches "order #([0-9]+)"`'
            return self.desk.tell(right_part, "pattern-unreadable", "`matches` takes a pattern in quotes", hint)
        source = quoted(right_part.word)
        try:
            pattern(source)
        except PatternError as trouble:
            return self.desk.tell(right_part, "pattern-unreadable", str(trouble))
        self._walk(right_part, steps(source))
        return Typed(Matches(part.start, part.end, left.node, source, group_names(source)), Type.TRUTH)


def several(part: Part) -> tuple[Part, ...]:
    """List the values of a right side, one or several in brackets."""
    return part.parts if part.kind == "items" else (part,)
