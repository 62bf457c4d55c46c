"""Why does a condition hold, or not? In words, with the values that decided it."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from rules.conditions.generate import expression
from rules.conditions.nodes import MATCH, Both, Compare, Condition, Either, Items, Name, Node, Not, reads
from rules.conditions.types import RELATIONS, Facts, Type, Value, Weekday, YearMonth
from rules.conditions.values import value_of
from rules.conditions.wording import on_one_line

MOST_SHOWN = 60  # characters of a text
MOST_PARTS = 3
MOST_DIGITS = 30


def reason(condition: Condition, facts: Facts) -> str:
    """Explain the value of a condition or expression for these facts."""
    if condition.type == Type.TRUTH:
        return _because(condition, condition.tree, facts)
    value = expression(condition.tree, condition.type)(facts)
    readings = "" if isinstance(condition.tree, Name) else _readings(condition.tree, facts)
    return f"`{_source(condition, condition.tree)}` is {shown(value)}" + (f": {readings}" if readings else "")


def shown(value: Value) -> str:
    """Write a value as an author would."""
    match value:
        case None:
            return "nothing"
        case str():
            return f'"{value if len(value) <= MOST_SHOWN else value[: MOST_SHOWN - 1] + "…"}"'
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < MOST_DIGITS else str(value)
        case tuple():
            items = [shown(value_of(each)) for each in value[:MOST_PARTS]]
            return f"({', '.join([*items, '…'] if value[MOST_PARTS:] else items)})"
        case _:
            return _shown_time(value)


def _shown_time(value: timedelta | time | date | Weekday | YearMonth) -> str:
    match value:
        case timedelta():
            return _span(value)
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
        case _:
            return value.name.lower()


def _because(condition: Condition, node: Node, facts: Facts) -> str:
    match node:
        case Both(parts=parts) | Either(parts=parts):
            return _joined(condition, node, parts, facts)
        case Not(part=part):
            return _because(condition, part, facts)
        case Name(name=name):
            return f"`{name}` is {shown(expression(node, Type.ANY)(facts))}"
        case Compare(right=Items()) if RELATIONS[node.word].form and _holds(node, facts):
            return _found(condition, node, facts)
        case _:
            verdict = "holds" if _holds(node, facts) else "does not hold"
            readings = _readings(node, facts)
            return f"`{_source(condition, node)}` {verdict}" + (f": {readings}" if readings else "")


def _joined(condition: Condition, node: Both | Either, parts: tuple[Node, ...], facts: Facts) -> str:
    holds = _holds(node, facts)
    deciding = [part for part in parts if _holds(part, facts) == holds]
    if isinstance(node, Both) != holds:
        deciding = deciding[:1]  # one part that fails decides an `and`, one that holds an `or`
    reasons = list(dict.fromkeys(_because(condition, part, facts) for part in deciding))
    rest = f"; and {len(reasons) - MOST_PARTS} more" if len(reasons) > MOST_PARTS else ""
    return "; ".join(reasons[:MOST_PARTS]) + rest


def _found(condition: Condition, node: Compare, facts: Facts) -> str:
    """Say which of several words were found."""
    items = node.right.items if isinstance(node.right, Items) else ()
    each = [
        (item, Compare(node.start, node.end, node.left, node.word, Items(0, 0, (item,)), node.kind)) for item in items
    ]
    found = [_source(condition, item) for item, alone in each if _holds(alone, facts)]
    listed = ", ".join(found[:MOST_PARTS]) + (", …" if found[MOST_PARTS:] else "")
    verb = node.word.removesuffix(" any").removesuffix(" all").replace(" none", " none of")
    verb = verb.replace("like", "is like")
    return f"`{_source(condition, node.left)}` {verb} {listed}"


def _holds(node: Node, facts: Facts) -> bool:
    return expression(node, Type.ANY)(facts) is True


def _readings(node: Node, facts: Facts) -> str:
    read = {("" if isinstance(each, Name) else MATCH) + each.name: each for each in reads(node)}
    return ", ".join(f"`{name}` is {shown(expression(each, Type.ANY)(facts))}" for name, each in read.items())


def _source(condition: Condition, node: Node) -> str:
    return on_one_line(condition.text[node.start : node.end])


def _span(value: timedelta) -> str:
    sign, seconds = ("-", -value) if value < timedelta() else ("", value)
    hours, rest = divmod(seconds.seconds, 3_600)
    minutes, left = divmod(rest, 60)
    parts = ((seconds.days, "d"), (hours, "h"), (minutes, "m"), (left, "s"))
    return sign + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0s")
