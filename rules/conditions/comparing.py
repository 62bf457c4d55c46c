"""Can these two values be compared this way, and if not, what was meant?"""

from rules.conditions.desk import CheckValue, Desk, Groups, Typed, kind
from rules.conditions.literals import calendar_word, is_calendar_word
from rules.conditions.nodes import Between, Both, Compare, Either, Items, Node, State
from rules.conditions.searching import Searching, several
from rules.conditions.syntax import Part
from rules.conditions.types import CYCLIC, FAMILIES, ORDERED, RELATIONS, Relation, Right, Type, meet
from rules.conditions.unlike import joined_fix, ordered_fix, unlike_fix


class Comparing:
    """Checks comparisons, `between` and `is set`; values inside them go back to whoever checks values."""

    def __init__(self, desk: Desk, value: CheckValue) -> None:
        """Work at a desk."""
        self.desk = desk
        self.value = value
        self.searching = Searching(desk, value)

    def check(self, part: Part, known: Groups) -> Typed:
        """Check a part that is true or false by comparing."""
        match part.kind:
            case "between":
                return self._between(part, known)
            case "state":
                found = self.value(part.parts[0], known)
                return Typed(State(part.start, part.end, found.node, part.parts[1].word), Type.TRUTH)
            case _:
                return self._comparison(part, known)

    def tell_repeated(self, joint: str, compared: Part, orphans: list[Part]) -> None:
        """Tell what `a = 1 or 2` should be."""
        left, sign, right = compared.parts[:3]
        texts = [self.desk.source(each) for each in (right, *orphans)]
        inside = ", ".join(text.removeprefix("(").removesuffix(")") if text == texts[0] else text for text in texts)
        subject, word = self.desk.source(left), sign.word
        first_word = word.split()[0]
        if (word, joint) in {("=", "or"), ("in", "or")}:
            fix = f"{subject} in ({inside})"
        elif word in {"!=", "not in"}:
            fix = f"{subject} not in ({inside})"
        elif first_word in FAMILIES:
            fix = f"{subject} {first_word} {'any' if joint == 'or' else 'all'} ({inside})"
        else:
            fix = f" {joint} ".join(f"{subject} {word} {text}" for text in texts)
        message = f"Each side of `{joint}` must be a condition; `{texts[1]}` is only a value"
        self.desk.tell(orphans[0], "not-a-condition", message, f"Write `{fix}`")

    def _comparison(self, part: Part, known: Groups) -> Typed:
        if part.parts[3:]:
            return self._chained(part, known)
        row = RELATIONS[part.parts[1].word]
        match row.right:
            case Right.SAME:
                return self._same(part, row, known)
            case Right.ONE_OF:
                return self._one_of(part, row, known)
            case Right.TEXTS:
                return self.searching.texts(part, row, known)
            case Right.PATTERN:
                return self.searching.pattern(part, known)

    def _chained(self, part: Part, known: Groups) -> Typed:
        for each in part.parts[::2]:
            if not is_calendar_word(each):
                self.value(each, known)
        written = [self.desk.source(each) for each in part.parts]
        pairs = [" ".join(written[at : at + 3]) for at in range(0, len(written) - 2, 2)]
        message, hint = "Two comparisons cannot share a value", f"Write `{' and '.join(pairs)}`"
        return self.desk.tell(part.parts[3], "chained-comparison", message, hint)

    def _same(self, part: Part, row: Relation, known: Groups) -> Typed:
        left_part, sign, right_part = part.parts
        if right_part.kind == "items" and row.word in {"=", "!="}:
            word = "in" if row.word == "=" else "not in"
            hint = f"Write `{self.desk.source(left_part)} {word} {self.desk.source(right_part)}`"
            return self.desk.tell(sign, "stray-list", f"`{row.word}` takes one value", hint)
        if is_calendar_word(left_part):
            right = self.value(right_part, known)
            left = self._beside(left_part, right.type, known)
        else:
            left = self.value(left_part, known)
            right = self._beside(right_part, left.type, known)
        shared = meet(left.type, right.type)
        if shared is None:
            return self._unlike(sign, (left_part, left), (right_part, right), row.word)
        if shared != Type.ANY and shared not in row.left:
            fix = ordered_fix(self.desk, row.word, (left_part, left), (right_part, right))
            message = f"`{row.word}` cannot compare {kind(shared)}"
            if shared == Type.TEXT:
                message = f"`{self.desk.source(left_part)}` is text here, and `{row.word}` compares numbers and times"
            return self.desk.tell(sign, "wrong-kind", message, fix)
        return Typed(Compare(part.start, part.end, left.node, row.word, right.node, shared), Type.TRUTH)

    def _beside(self, part: Part, other: Type, known: Groups) -> Typed:
        """Check a value beside another: there `mon` may be a word."""
        if other == Type.ANY and part.word not in self.desk.scope:
            other = Type.DATE  # it may turn out to be one
        return calendar_word(part, other) or self.value(part, known)

    def _unlike(self, sign: Part, left: tuple[Part, Typed], right: tuple[Part, Typed], word: str) -> Typed:
        names = [f"`{self.desk.source(part)}` is {kind(found.type)}" for part, found in (left, right)]
        message = f"{names[0]} here and {names[1]}; they cannot be compared"
        return self.desk.tell(sign, "wrong-kind", message, unlike_fix(self.desk, word, left, right))

    def _one_of(self, part: Part, row: Relation, known: Groups) -> Typed:
        left_part, sign, right_part = part.parts
        left = self.value(left_part, known)
        if wrong := joined_fix(self.desk, right_part, row.word):
            return self.desk.tell(right_part, "joined-values", "Values in a list are parted by commas", wrong)
        items = several(right_part)
        found = [self._beside(each, left.type, known) for each in items]
        if right_part.kind not in {"items", "bracket"} and found[0].type in (Type.LIST, Type.ANY):
            node = Compare(part.start, part.end, left.node, row.word, found[0].node, found[0].type)
            return Typed(node, Type.TRUTH)
        if right_part.kind == "NAME" and left.type == found[0].type == Type.TEXT:
            negation = "not " if row.word == "not in" else ""
            fix = f"{negation}{right_part.word} has {self.desk.source(left_part)}"
            message = f"`{right_part.word}` is text, not a list"
            return self.desk.tell(sign, "wrong-kind", message, f"Write `{fix}`")
        return self._listed(part, row, (left_part, left), list(zip(items, found, strict=True)))

    def _listed(self, part: Part, row: Relation, left: tuple[Part, Typed], items: list[tuple[Part, Typed]]) -> Typed:
        """Compare with each item as its kind asks: `today in (mon, 2026-12-25)` asks for a weekday and a date."""
        by_kind: dict[Type, list[Node]] = {}
        for each, found in items:
            shared = meet(left[1].type, found.type)
            if shared is None or shared == Type.LIST:
                self._unlike(each, left, (each, found), "=" if row.word == "in" else "!=")
            else:
                by_kind.setdefault(shared, []).append(found.node)
        start, end = part.start, part.end
        nodes = tuple(
            Compare(start, end, left[1].node, row.word, Items(start, end, tuple(each)), shared)
            for shared, each in by_kind.items()
        )
        if len(nodes) == 1:
            return Typed(nodes[0], Type.TRUTH)
        if not nodes:
            return Typed(left[1].node, Type.ANY)
        join = Either if row.word == "in" else Both
        return Typed(join(start, end, nodes), Type.TRUTH)

    def _between(self, part: Part, known: Groups) -> Typed:
        left_part, sign, low_part, _, high_part = part.parts
        left = self.value(left_part, known)
        low, high = (self._beside(each, left.type, known) for each in (low_part, high_part))
        kinds = [meet(left.type, each.type) for each in (low, high)]
        for each, found, shared in zip((low_part, high_part), (low, high), kinds, strict=True):
            if shared is None:
                return self._unlike(each, (left_part, left), (each, found), ">")
        shared = Type.ANY if Type.ANY in kinds else kinds[0]
        if shared is None or (shared != Type.ANY and (kinds[0] != kinds[1] or shared not in ORDERED | CYCLIC)):
            message = f"`{sign.word}` takes numbers, spans, times or days of one kind"
            return self.desk.tell(sign, "wrong-kind", message)
        node = Between(part.start, part.end, left.node, sign.word, low.node, high.node, shared)
        return Typed(node, Type.TRUTH)
