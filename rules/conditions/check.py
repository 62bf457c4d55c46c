"""Does a condition make sense, with these names in scope?"""

from rules.conditions.comparing import Comparing
from rules.conditions.desk import READ_BY, Desk, Groups, Typed, kind
from rules.conditions.functions import FUNCTIONS, Function
from rules.conditions.literals import literal
from rules.conditions.meant import function_meant, name_meant
from rules.conditions.nodes import (
    MATCH,
    Arithmetic,
    Both,
    Call,
    Condition,
    Either,
    Group,
    Minus,
    Name,
    Not,
    Number,
    surely_matched,
)
from rules.conditions.syntax import Part, parsed
from rules.conditions.types import (
    ARITHMETIC,
    BUILT_IN,
    ORDERED,
    Scope,
    Type,
)
from rules.source import Mistakes


def check(text: str, scope: Scope, wants: Type | None = Type.TRUTH) -> Condition:
    """Check a condition, or with another `wants` an expression of that kind (None: of any kind).

    Raises Mistakes with everything that is wrong, placed inside the text.
    """
    part, mistakes = parsed(text)
    desk = Desk(text, scope)
    checking = _Checking(desk)
    found = checking.value(part, {})
    checking.wanted(part, found, wants)
    if mistakes or desk.mistakes:
        raise Mistakes(*mistakes, *desk.mistakes)
    return Condition(text, found.node, found.type)


class _Checking:
    """Walks through the parts of a text and gives each its kind."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.comparing = Comparing(desk, self.value)

    def value(self, part: Part, known: Groups) -> Typed:
        """Check one part; `known` are the groups that are sure to be there when it is read."""
        match part.kind:
            case "bracket":
                return self.value(part.parts[0], known)
            case "NAME":
                return self._name(part, known)
            case "either" | "both":
                return self._joined(part, known)
            case "not":
                return self._not(part, known)
            case "comparison" | "between" | "state":
                return self.comparing.check(part, known)
            case "arithmetic":
                return self._arithmetic(part, known)
            case "minus":
                return self._minus(part, known)
            case "call":
                return self._call(part, known)
            case "items":
                return self._stray_items(part, known)
            case _:
                return literal(self.desk, part)

    def wanted(self, part: Part, found: Typed, wants: Type | None) -> None:
        """Tell when the whole is not of the kind that its place needs."""
        if wants is None or Type.ANY in (wants, found.type) or wants == found.type:
            return
        if wants == Type.TRUTH:
            self._told_to_compare(part, found)
            return
        message = f"{kind(wants).capitalize()} is needed here; this is {kind(found.type)}"
        self.desk.tell(part, "wrong-kind", message, self._read_as(part, found, frozenset({wants})))

    def _name(self, part: Part, known: Groups) -> Typed:
        name, scope = part.word, self.desk.scope
        group = name.removeprefix(MATCH)
        if name.startswith(MATCH) and group in known:
            return Typed(Group(part.start, part.end, group, known[group]), Type.TEXT)
        found = scope.get(name) or BUILT_IN.get(name)
        if found is not None:
            return Typed(Name(part.start, part.end, name, found), found)
        if name.startswith(MATCH) and not any(each.startswith(MATCH) for each in scope):
            message = f"`{name}` is known only after a `matches` with this group that must hold"
            hint = f'As in `text matches "(?P<{group}>…)" and {name} = …`'
            return self.desk.tell(part, "unknown-name", message, hint)
        return self.desk.tell(part, "unknown-name", f"Nothing is called `{name}`", name_meant(name, scope))

    def _joined(self, part: Part, known: Groups) -> Typed:
        known, nodes, orphans = dict(known), [], []
        compared: Part | None = None
        for operand in part.parts[::2]:
            found = self.value(operand, known)
            nodes.append(found.node)
            if found.type not in (Type.TRUTH, Type.ANY):
                orphans.append((operand, found))
            elif not orphans and operand.kind == "comparison":
                compared = operand
            if part.kind == "both":
                known |= surely_matched(found.node)
        if orphans and compared and compared.start < orphans[0][0].start:
            self.comparing.tell_repeated(part.parts[1].word, compared, [operand for operand, _ in orphans])
        else:
            for operand, found in orphans:
                self._told_to_compare(operand, found)
        join = Either if part.kind == "either" else Both
        return Typed(join(part.start, part.end, tuple(nodes)), Type.TRUTH)

    def _told_to_compare(self, part: Part, found: Typed) -> None:
        source, example = self.desk.source(part), "3" if found.type == Type.NUMBER else "…"
        hint = f"Compare it, as in `{source} = {example}`"
        if part.kind == "TEXT":
            hint = f"Say what has it, as in `text has {source}`"
        message = f"A condition is true or false; `{source}` is {kind(found.type)}"
        self.desk.tell(part, "not-a-condition", message, hint)

    def _not(self, part: Part, known: Groups) -> Typed:
        found = self.value(part.parts[1], known)
        if found.type not in (Type.TRUTH, Type.ANY):
            self._told_to_compare(part.parts[1], found)
        return Typed(Not(part.start, part.end, found.node), Type.TRUTH)

    def _arithmetic(self, part: Part, known: Groups) -> Typed:
        left_part, sign, right_part = part.parts
        left, right = self.value(left_part, known), self.value(right_part, known)
        node = Arithmetic(part.start, part.end, left.node, sign.word, right.node)
        table = ARITHMETIC[sign.word]
        if Type.ANY in (left.type, right.type):
            return Typed(node, Type.ANY)
        if (left.type, right.type) in table:
            return Typed(node, table[left.type, right.type])
        message = f"`{sign.word}` cannot take {kind(left.type)} and {kind(right.type)}"
        hint = None
        if left.type == right.type == Type.TEXT and sign.word == "+":
            hint = "Put texts together in a `send` or `set`, as in `{{ first }} {{ last }}`"
        elif {left.type, right.type} <= {Type.TEXT, Type.NUMBER}:
            number = Type.NUMBER
            numbers = self.desk.as_kind(left_part, left, number), self.desk.as_kind(right_part, right, number)
            hint = f"Write `{numbers[0]} {sign.word} {numbers[1]}`"
        elif Type.NUMBER in (left.type, right.type) and {left.type, right.type} & {Type.SPAN, Type.DATE, Type.MOMENT}:
            hint = "Write spans with their unit, as in `2h` or `1d`"
        return self.desk.tell(sign, "wrong-kind", message, hint)

    def _minus(self, part: Part, known: Groups) -> Typed:
        found = self.value(part.parts[1], known)
        if isinstance(found.node, Number):
            return Typed(Number(part.start, part.end, -found.node.value), Type.NUMBER)
        if found.type not in (Type.NUMBER, Type.SPAN, Type.ANY):
            return self.desk.tell(part, "wrong-kind", f"`-` cannot stand before {kind(found.type)}")
        return Typed(Minus(part.start, part.end, found.node), found.type)

    def _call(self, part: Part, known: Groups) -> Typed:
        name, *rest = part.parts
        arguments = [self.value(each, known) for each in rest]
        function = FUNCTIONS.get(name.word.lower())
        if function is None:
            return self._no_function(name)
        least, most = len(function.takes) - function.optional, len(function.takes)
        if len(rest) < least or (len(rest) > most and not function.endless):
            counts = f"{least} or more" if function.endless else " or ".join(map(str, range(least, most + 1)))
            message = f"`{function.name}` takes {counts} in its brackets, not {len(rest)}"
            return self.desk.tell(name, "wrong-count", message)
        for index, (each, found) in enumerate(zip(rest, arguments, strict=True)):
            self._argument(function, function.takes[min(index, most - 1)], each, found)
        call = Call(part.start, part.end, function.name, tuple(found.node for found in arguments))
        return Typed(call, self._given(function, rest, arguments))

    def _no_function(self, name: Part) -> Typed:
        word = name.word
        hint = function_meant(word, self.desk.scope)
        return self.desk.tell(name, "unknown-function", f"There is no function `{word}`", hint)

    def _argument(self, function: Function, takes: frozenset[Type], part: Part, found: Typed) -> None:
        if found.type in takes or found.type == Type.ANY:
            return
        kinds = kind(Type.NUMBER) if takes == ORDERED else " or ".join(sorted(kind(each) for each in takes))
        message = f"`{function.name}` takes {kinds}; `{self.desk.source(part)}` is {kind(found.type)}"
        self.desk.tell(part, "wrong-kind", message, self._read_as(part, found, takes))

    def _read_as(self, part: Part, found: Typed, wanted: frozenset[Type]) -> str | None:
        """Write a text as one of the kinds wanted, if it can be read as one."""
        source = self.desk.source(part)
        written = [self.desk.as_kind(part, found, each) for each in READ_BY if each in wanted]
        return next((f"Write `{each}`" for each in written if each != source), None)

    def _given(self, function: Function, rest: list[Part], arguments: list[Typed]) -> Type:
        """Find the kind of a function's value."""
        match function.gives:
            case Type():
                return function.gives
            case None:
                return self._shared(function, rest, arguments)
            case by_kind:
                return by_kind.get(arguments[0].type, Type.ANY)

    def _shared(self, function: Function, rest: list[Part], arguments: list[Typed]) -> Type:
        kinds = {found.type for found in arguments}
        if len(kinds) == 1:
            return kinds.pop()
        if Type.ANY not in kinds and kinds <= function.takes[0]:
            message = f"`{function.name}` takes values of one kind; these are {' and '.join(sorted(map(kind, kinds)))}"
            self.desk.tell(rest[0], "wrong-kind", message)
        return Type.ANY

    def _stray_items(self, part: Part, known: Groups) -> Typed:
        for each in part.parts:
            self.value(each, known)
        message = "Several values in brackets can stand only after `in`, `has any` and the like"
        return self.desk.tell(part, "stray-list", message)
