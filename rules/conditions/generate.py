"""Which Python does a checked condition become?

The source holds operators and places only: names and literals are constants passed in, so text of an author
never becomes code, and conditions of one shape share one compiled source.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, TypeGuard, assert_never

from rules.conditions import likeness, nodes, operations, patterns, values
from rules.conditions.functions import FUNCTIONS
from rules.conditions.nodes import LITERALS, Literal, Node
from rules.conditions.types import RELATIONS, Facts, Relation, Type, Value

Evaluate = Callable[[Facts], Value]

AS_KIND = {  # how a value is made one of a kind before it is compared
    Type.TEXT: "plain({})",
    Type.NUMBER: "number_of({})",
    Type.TRUTH: "truth_of({})",
    Type.SPAN: "span_of({})",
    Type.TIME: "time_of({}, f)",
    Type.DATE: "date_of({}, f)",
    Type.MOMENT: "instant_of({})",
    Type.WEEKDAY: "weekday_of({}, f)",
    Type.MONTH: "month_of({}, f)",
    Type.LIST: "list_of({})",
    Type.ANY: "value_of({})",
}
AS_RESULT = AS_KIND | {Type.TEXT: "text_of({})", Type.MOMENT: "moment_of({})"}
ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
STATES = {
    "is set": "({} is not None)",
    "is not set": "({} is None)",
    "is empty": "is_empty({})",
    "is not empty": "(not is_empty({}))",
}
FITS = {"one": "any", "any": "any", "all": "all", "none": "none"}
GIVES_TRUTH = nodes.Either | nodes.Both | nodes.Not | nodes.Compare | nodes.Matches | nodes.Between | nodes.State
MOST_NESTED = 8  # Python refuses 200 open brackets; a part this deep becomes a function of its own

_GLOBALS: dict[str, Any] = {
    **vars(values),
    **vars(operations),
    **{f"do_{row.name}": row.work_out for row in FUNCTIONS.values()},
    "fits": patterns.fits,
    "is_like": likeness.is_like,
}


@lru_cache(maxsize=65_536)
def expression(node: Node, kind: Type) -> Evaluate:
    """Make a function that evaluates a part as a value of a kind."""
    writer = _Writer()
    result = writer.value(node)
    if kind != Type.TRUTH or not isinstance(node, GIVES_TRUTH):
        result = AS_RESULT[kind].format(result)
    arguments = ", ".join(f"k{i}" for i in range(len(writer.constants)))
    functions = [*writer.functions, ("value", result)]
    lines = [f"    def {name}(f):\n        get = f.get\n        return {code}" for name, code in functions]
    made: Evaluate = _maker("\n".join([f"def make({arguments}):", *lines, "    return value"]))(*writer.constants)
    return made


@cache
def search(word: str) -> Callable[[Value, Value], bool]:
    """Make a function that looks for one text in another, or for an item in a list, as an operator does."""
    row = RELATIONS[word]
    if row.form == "spaced":
        return lambda left, item: operations.has(left, (item,), any)
    form, test = getattr(values, row.form), eval(f"lambda a, b: {row.code.format(a='a', b='b')}", _GLOBALS)  # noqa: S307
    return lambda left, item: operations.searched(left, (item,), form, test, any)


@lru_cache(maxsize=4_096)
def _maker(source: str) -> Callable[..., Evaluate]:
    made: dict[str, Callable[..., Evaluate]] = {}
    exec(compile(source, "<condition>", "exec"), _GLOBALS, made)  # noqa: S102 - made of the templates above only
    return made["make"]


def _is_known(node: Node, kind: Type) -> TypeGuard[Literal]:
    """Tell whether a part is a literal of the kind it is compared in, so that it can be prepared now."""
    return isinstance(node, Literal) and LITERALS[type(node)] == kind


class _Writer:
    """Writes the source of one function, and collects the constants it needs."""

    def __init__(self) -> None:
        self.constants: list[object] = []
        self.functions: list[tuple[str, str]] = []
        self.depth = 0
        self.variables = 0

    def value(self, node: Node) -> str:
        """Write a part; whoever uses its value asks for the kind it needs."""
        self.depth += 1
        code = self._written(node)
        if self.depth % MOST_NESTED == 0:
            name = f"s{len(self.functions)}"
            self.functions.append((name, code))
            code = f"{name}(f)"
        self.depth -= 1
        return code

    def truth(self, node: Node) -> str:
        """Write a part that is asked whether it holds; nothing does not."""
        code = self.value(node)
        return code if isinstance(node, GIVES_TRUTH) else f"({code} is True)"

    def _written(self, node: Node) -> str:  # noqa: C901, PLR0912 - one line for each kind of part
        match node:
            case nodes.Name(name="now"):
                return "moment_of(get('now'))"
            case nodes.Name(name="today"):
                return "today(f)"
            case nodes.Name(name=name):
                return f"get({self._constant(name)})"
            case nodes.Moment(value=value):
                return f"in_zone({self._constant(value)}, f)"
            case nodes.Items(items=items):
                return self._tuple([self.value(item) for item in items])
            case nodes.Group(name=name, sources=sources):
                pairs = [f"({self._pattern(each)}, {self.value(each.left)})" for each in sources]
                return f"group({self._constant(name)}, {self._tuple(pairs)})"
            case nodes.Either(parts=parts):
                return f"({' or '.join(self.truth(part) for part in parts)})"
            case nodes.Both(parts=parts):
                return f"({' and '.join(self.truth(part) for part in parts)})"
            case nodes.Not(part=part):
                return f"(not {self.truth(part)})"
            case nodes.Compare():
                return self._compare(node)
            case nodes.Matches(left=left, pattern=source):
                return f"fits({self._constant(patterns.finder(source))}, {self.value(left)})"
            case nodes.Between():
                return self._between(node)
            case nodes.State(part=part, word=word):
                return STATES[word].format(self.value(part))
            case nodes.Arithmetic(left=left, sign=sign, right=right):
                return f"{ARITHMETIC[sign]}({self.value(left)}, {self.value(right)})"
            case nodes.Minus(part=part):
                return f"minus({self.value(part)})"
            case nodes.Call(function=function, arguments=arguments):
                return f"do_{function}({', '.join(['f', *(self.value(each) for each in arguments)])})"
            case (
                nodes.Text() | nodes.Number() | nodes.Truth() | nodes.Span() | nodes.Time() | nodes.Date()
                | nodes.Day() | nodes.Month()
            ):  # fmt: skip
                return self._constant(node.value)
            case _:
                assert_never(node)

    def _compare(self, node: nodes.Compare) -> str:
        row, kind = RELATIONS[node.word], node.kind
        if row.form:
            return self._search(node, row)
        if node.word in {"in", "not in"}:
            return self._membership(node)
        if kind == Type.ANY:
            left, right = self.value(node.left), self.value(node.right)
            if node.word in {"=", "!="}:
                return f"{'same' if node.word == '=' else 'differ'}({left}, {right}, f)"
            return f"ordered({left}, {right}, f, lambda a, b: {row.code.format(a='a', b='b')})"
        checks, (left, right) = self._there(kind, node.left, node.right)
        return f"({' and '.join([*checks, row.code.format(a=left, b=right)])})"

    def _there(self, kind: Type, *parts: Node) -> tuple[list[str], list[str]]:
        """Write checks that values are there as their kind, and how they are called after that."""
        checks, called = [], []
        for part in parts:
            if _is_known(part, kind):
                called.append(self._constant(values.as_kind(kind, part.value, {})))
                continue
            name = self._variable()
            checks.append(f"({name} := {AS_KIND[kind].format(self.value(part))}) is not None")
            called.append(name)
        return checks, called

    def _membership(self, node: nodes.Compare) -> str:
        negated, kind, items = node.word == "not in", node.kind, node.right
        if kind in (Type.ANY, Type.LIST) or not isinstance(items, nodes.Items):
            return f"{'unlisted' if negated else 'listed'}({self.value(node.left)}, {self.value(items)}, f)"
        checks, (left,) = self._there(kind, node.left)
        known = [values.as_kind(kind, item.value, {}) for item in items.items if _is_known(item, kind)]
        if len(known) == len(items.items):
            among = self._constant(frozenset(known))
            return f"({' and '.join([*checks, RELATIONS[node.word].code.format(a=left, b=among)])})"
        others = [self._there(kind, item) for item in items.items]
        if negated:
            tests = [" and ".join([*there, f"{left} != {called[0]}"]) for there, called in others]
            return f"({' and '.join([*checks, *tests])})"
        tests = [f"({' and '.join([*there, f'{left} == {called[0]}'])})" for there, called in others]
        return f"({' and '.join([*checks, ''])}({' or '.join(tests)}))"

    def _search(self, node: nodes.Compare, row: Relation) -> str:
        parts = node.right.items if isinstance(node.right, nodes.Items) else (node.right,)
        if all(isinstance(part, nodes.Text) for part in parts) and (row.form != "spaced" or node.kind != Type.ANY):
            return self._search_known(node, row, [part.value for part in parts if isinstance(part, nodes.Text)])
        left, right = self.value(node.left), self.value(node.right)
        if row.form == "spaced" and node.kind != Type.TEXT:
            return f"has({left}, {right}, {FITS[row.how]})"
        test = f"lambda a, b: {row.code.format(a='a', b='b')}"
        return f"searched({left}, {right}, {row.form}, {test}, {FITS[row.how]})"

    def _search_known(self, node: nodes.Compare, row: Relation, texts: list[str]) -> str:
        """Search for literals, which are prepared now."""
        in_list, name = node.kind == Type.LIST, self._variable()
        prepare = values.plain if in_list else getattr(values, row.form)
        tests = [row.code.format(a=name, b=self._constant(prepare(text))) for text in texts]
        joined = (" and " if row.how == "all" else " or ").join(tests)
        there = f"({name} := {'items' if in_list else row.form}({self.value(node.left)})) is not None"
        return f"({there} and {'not ' if row.how == 'none' else ''}({joined}))"

    def _between(self, node: nodes.Between) -> str:
        expected = "False" if node.word == "not between" else "True"
        if node.kind == Type.ANY:
            bounds = ", ".join(self.value(part) for part in (node.part, node.low, node.high))
            return f"(between({bounds}, f) is {expected})"
        checks, (value, low, high) = self._there(node.kind, node.part, node.low, node.high)
        test = f"{low} <= {value} <= {high}"
        if node.kind == Type.TIME:
            test = f"within({value}, {low}, {high})"
        elif node.kind in (Type.WEEKDAY, Type.MONTH):
            test = f"around({value}, {low}, {high})"
        return f"({' and '.join([*checks, f'({test}) is {expected}'])})"

    def _pattern(self, node: nodes.Matches) -> str:
        return self._constant(patterns.pattern(node.pattern))

    def _constant(self, value: object) -> str:
        self.constants.append(value)
        return f"k{len(self.constants) - 1}"

    def _variable(self) -> str:
        self.variables += 1
        return f"t{self.variables}"

    @staticmethod
    def _tuple(codes: list[str]) -> str:
        return f"({''.join(f'{code}, ' for code in codes)})"
