"""Which names do the steps of flows give values, and of which kinds?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from flows.kinds import kinds
from flows.nodes import Map, Node, Scalar, Seq
from rules.conditions import Scope, Type, check
from rules.conditions.types import TYPES
from rules.source import Mistakes, Problem, Severity

CONTACT = "contact."
Key = tuple[str, int] | None
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

    What is kept with the contact is in scope everywhere, all else in its own flow.
    """
    scopes: dict[Key, dict[str, Type]] = {}
    shared: dict[str, Type] = {}
    for _ in range(ROUNDS):
        before = dict(shared)
        for each in flows:
            found = _of_flow(each, {**known, **shared})
            scopes[each.file, each.root.start] = found
            shared |= {name: kind for name, kind in found.items() if name.startswith(CONTACT)}
        if before == shared:
            break
    _tell_differing(flows, scopes, {**known, **shared}, problems)
    return {None: {**known, **shared}} | {key: {**known, **shared, **found} for key, found in scopes.items()}


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


def _of_flow(written: Written, known: Scope) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for _ in range(ROUNDS):
        before = dict(found)
        for step in steps_in(written.root):
            for name, kind in _saves(step, {**known, **found}).items():
                if found.get(name, Type.ANY) is Type.ANY:
                    found[name] = kind
        if before == found:
            break
    return {name: kind for name, kind in found.items() if name not in known or name.startswith(CONTACT)}


def _saves(step: Map, scope: Scope) -> Mapping[str, Type]:
    def type_of(source: str) -> Type:
        try:
            return check(source, scope, None).type
        except Mistakes:
            return Type.ANY  # told when the step is read

    word = next(key for key in step.items if key in kinds())
    saves: Mapping[str, Type] = kinds()[word].saves(step, type_of)
    return saves


def _tell_differing(
    flows: Sequence[Written], scopes: Mapping[Key, Scope], shared: Scope, problems: list[Problem]
) -> None:
    """Tell when one name is given values of two kinds."""
    for written in flows:
        scope = {**shared, **scopes[written.file, written.root.start]}
        for step in steps_in(written.root):
            for name, kind in _saves(step, scope).items():
                first = scope.get(name, kind)
                if Type.ANY not in (first, kind) and first is not kind:
                    place = step.place
                    message = f"`{name}` is kept as {TYPES[kind][0]} here, and as {TYPES[first][0]} elsewhere"
                    hint = "Use a name of its own for each"
                    problem = Problem(
                        written.file, place.line, place.column, Severity.ERROR, "two-kinds", message, hint
                    )
                    problems.append(problem)
