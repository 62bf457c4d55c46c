"""Which names do the steps of flows give values, and of which kinds?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from engine.facts import NAMES
from flows.calls import reached
from flows.kinds import kinds
from flows.nodes import Map, Node, Scalar, Seq
from rules.conditions import Scope, Type, check, groups
from rules.conditions.types import TYPES
from rules.source import Mistakes, Problem, Severity

CONTACT = "contact."
CALL = "call"  # flows that call each other share the variables of a run
Key = tuple[str, int] | None
NAMED_GROUP = "(?"  # no group of a pattern has a name without these signs
ROUNDS = 5  # a value may be worked out of others that are set further down


class Written(Protocol):
    """A document in its file."""

    @property
    def file(self) -> str:
        """The file's path."""

    @property
    def root(self) -> Map:
        """The fields."""


def saved_names(flows: Sequence[Written], known: Scope, problems: list[Problem]) -> dict[Key, dict[str, Type]]:
    """Find the names in scope of each flow, by its file and the place it begins; under nothing those of all.

    What is kept with the contact is in scope everywhere, all else in its own flow, and those it calls or is called by.
    """
    own: dict[str, dict[str, Type]] = {_name(each): {} for each in flows}
    calls = reached({_name(each): _calls_of(each) for each in flows})
    callers = _callers(calls)
    shared: dict[str, Type] = {}
    for _ in range(ROUNDS):
        before = (dict(shared), dict(own) if any(calls.values()) else {})
        own |= _by_name(
            (_name(each), _of_flow(each, known, _in_scope(_name(each), own, calls, callers, shared))) for each in flows
        )
        shared |= {name: kind for found in own.values() for name, kind in found.items() if name.startswith(CONTACT)}
        if before == (shared, own if any(calls.values()) else {}):
            break
    scopes = {_key(each): {**known, **_in_scope(_name(each), own, calls, callers, shared)} for each in flows}
    _tell_differing(flows, scopes, problems)
    return {None: {**known, **shared}, **scopes}


def _by_name(found: Iterable[tuple[str, dict[str, Type]]]) -> dict[str, dict[str, Type]]:
    """Put the names together that flows of one name save: there should be one of each, which is told elsewhere."""
    joined: dict[str, dict[str, Type]] = {}
    for flow, names in found:
        joined.setdefault(flow, {}).update(names)
    return joined


def _callers(calls: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """Turn around which flow calls which, leaving out those that call each other."""
    found: dict[str, list[str]] = {}
    for caller, called in calls.items():
        for each in called:
            if caller not in calls.get(each, ()):
                found.setdefault(each, []).append(caller)
    return found


def _in_scope(
    flow: str,
    own: Mapping[str, Mapping[str, Type]],
    calls: Mapping[str, frozenset[str]],
    callers: Mapping[str, list[str]],
    shared: Scope,
) -> dict[str, Type]:
    """Put the names together that a flow can read; those of flows that call it may be of any of their kinds."""
    called = calls.get(flow, frozenset())
    found: dict[str, Type] = {}
    for each in callers.get(flow, ()):
        for name, kind in own[each].items():
            found[name] = kind if found.get(name, kind) is kind else Type.ANY
    of_called = {name: kind for each in sorted(called - {flow}) for name, kind in own.get(each, {}).items()}
    return {**found, **shared, **own[flow], **of_called}


def steps_in(node: Node) -> Iterator[Map]:
    """Go through everything that looks like a step, in the order it is written."""
    match node:
        case Seq(items=items):
            for each in items:
                if isinstance(each, Map) and any(key in kinds() for key in each.items):
                    yield each
                yield from steps_in(each)
        case Map(items=fields):
            for value in fields.values():
                yield from steps_in(value)
        case Scalar():
            return


def _name(written: Written) -> str:
    node = written.root.items.get("flow")
    return (node.text or "") if isinstance(node, Scalar) else ""


def _key(written: Written) -> Key:
    return written.file, written.root.start


def _calls_of(written: Written) -> frozenset[str]:
    called = (step.items.get(CALL) for step in steps_in(written.root))
    return frozenset(node.text for node in called if isinstance(node, Scalar) and node.text)


def _of_flow(written: Written, known: Scope, others: Scope) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for _ in range(ROUNDS):
        before = dict(found)
        for step in steps_in(written.root):
            for name, kind in _saves(step, {**known, **others, **found}).items():
                if found.get(name, Type.ANY) is Type.ANY:
                    found[name] = kind
        for condition in _conditions(written.root):
            found |= dict.fromkeys(_groups(condition, {**known, **found}), Type.TEXT)
        if before == found:
            break
    return {name: kind for name, kind in found.items() if name not in known or name.startswith(CONTACT)}


def _conditions(root: Map) -> Iterator[str]:
    """Go through the conditions whose patterns keep what they took: those of `start`, `if`, and a step's `when`."""
    start = root.items.get("start")
    triggers = [each for each in (start.items if isinstance(start, Seq) else [start]) if isinstance(each, Map)]
    of_steps = (step.items.get(word) for step in steps_in(root) for word in ("if", "when"))
    for node in (*(each.items.get("when") for each in triggers), *of_steps):
        if isinstance(node, Scalar) and NAMED_GROUP in (node.text or ""):
            yield node.text or ""


def _groups(source: str, scope: Scope) -> frozenset[str]:
    try:
        return groups(check(source, scope))
    except Mistakes:
        return frozenset()  # told when the condition is read


def _saves(step: Map, scope: Scope) -> Mapping[str, Type]:
    def type_of(source: str) -> Type:
        try:
            return check(source, scope, None).type
        except Mistakes:
            return Type.ANY  # told when the step is read

    word = next(key for key in step.items if key in kinds())
    saves: Mapping[str, Type] = kinds()[word].saves(step, type_of)
    return saves


def _tell_differing(flows: Sequence[Written], scopes: Mapping[Key, Scope], problems: list[Problem]) -> None:
    """Tell when one name is given values of two kinds."""
    for written in flows:
        scope = scopes[_key(written)]
        for step in steps_in(written.root):
            for name, kind in _saves(step, scope).items():
                first = Type.ANY if name in NAMES else scope.get(name, kind)  # that was told already
                if Type.ANY not in (first, kind) and first is not kind:
                    place = step.place
                    message = f"`{name}` is kept as {TYPES[kind][0]} here, and as {TYPES[first][0]} elsewhere"
                    hint = "Use a name of its own for each"
                    problem = Problem(
                        written.file, place.line, place.column, Severity.ERROR, "two-kinds", message, hint
                    )
                    problems.append(problem)
