"""Which steps and branches did simulations go through?"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.request import Answer
from engine.ruleset import Digression, Flow, Ruleset
from engine.step import Enter, Outcome, Step, Turn

Digressions = Mapping[str, Digression | None]
Spot = tuple[str, str, str]
"""A flow, the address of a step in it, and a branch of that step (nothing for the step itself)."""


class Share(Struct, frozen=True):
    """How many of how many."""

    covered: int
    total: int


class Gap(Struct, frozen=True):
    """A step that no simulation came to, or a branch that none took."""

    flow: str
    kind: str
    place: str
    branch: str = ""


class Coverage(Struct, frozen=True):
    """What simulations of a ruleset went through, and what they left out, in the order of the flows."""

    steps: Share
    branches: Share
    gaps: tuple[Gap, ...] = ()


class Watch:
    """Looks on while a simulation goes through the steps of `ruleset`, which is the given one with eyes.

    `seen` are the spots it came to; `saved` is what steps saved last, which a run forgets when it ends.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        """Put an observer before each step."""
        self.seen: set[Spot] = set()
        self.saved: dict[str, Any] = {}
        self.ruleset = replace(
            ruleset,
            flows={
                name: replace(self._flow(name, flow), digressions=self._digressions(name, flow.digressions))
                for name, flow in ruleset.flows.items()
            },
            asides={name: self._flow(name, flow) for name, flow in ruleset.asides.items()},
            digressions=self._digressions("", ruleset.digressions),
        )

    def _digressions(self, of: str, digressions: Digressions) -> dict[str, Digression | None]:
        """Look on at what contacts ask for at any time, here or in one flow."""
        return {
            name: replace(each, aside=self._flow(_aside_of(of, name), each.aside)) if each and each.aside else each
            for name, each in digressions.items()
        }

    def _flow(self, name: str, flow: Flow) -> Flow:
        nodes = {at: replace(node, step=_Watched(node.step, (name, at), self)) for at, node in flow.nodes.items()}
        return replace(flow, nodes=nodes)


def measure(ruleset: Ruleset, seen: Container[Spot]) -> Coverage:
    """Count what was seen of a ruleset; the answers of its FAQ are data, and not counted."""
    spots = tuple(_spots(ruleset))
    steps = [spot for spot in spots if not spot[2]]
    branches = [spot for spot in spots if spot[2]]
    gaps = tuple(_gap(ruleset, spot) for spot in spots if spot not in seen)
    return Coverage(_share(steps, seen), _share(branches, seen), gaps)


class _Watched:
    """A step that tells a watch what it does."""

    def __init__(self, step: Step, spot: tuple[str, str], watch: Watch) -> None:
        self._step = step
        self._spot = spot
        self._watch = watch

    @property
    def kind(self) -> str:
        """The word that names the kind."""
        return self._step.kind

    def taken(self, turn: Turn) -> Mapping[str, Any] | None:
        """Return what the groups of the step's own `when` took, if it holds."""
        return self._step.taken(turn)

    def run(self, turn: Turn) -> Outcome:
        """Do the step, and count it."""
        self._watch.seen.add((*self._spot, ""))
        return self._told(self._step.run(turn))

    def answer(self, turn: Turn) -> Outcome | None:
        """Take the answer, and count the branch it leads to."""
        outcome = self._step.answer(turn)
        return None if outcome is None else self._told(outcome)

    def sorry(self, turn: Turn) -> Outcome | None:
        """Say that the answer was not understood."""
        outcome = self._step.sorry(turn)
        return None if outcome is None else self._told(outcome)

    def fired(self, turn: Turn, name: str) -> Outcome:
        """Go on after a timer, and count the branch it leads to."""
        return self._told(self._step.fired(turn, name))

    def answered(self, turn: Turn, answer: Answer) -> Outcome:
        """Go on after another system answered."""
        return self._told(self._step.answered(turn, answer))

    def interrupted(self, turn: Turn) -> Outcome:
        """Go on after the owner stepped in."""
        return self._told(self._step.interrupted(turn))

    def _told(self, outcome: Outcome) -> Outcome:
        self._watch.saved.update(outcome.save)
        if isinstance(outcome.then, Enter):
            self._watch.seen.add((*self._spot, outcome.then.branch))
        return outcome


def _counted(ruleset: Ruleset) -> dict[str, Flow]:
    answers = {name for kind, name in ruleset.answers.values() if kind == "aside"}
    asides = {name: flow for name, flow in ruleset.asides.items() if name not in answers}
    digressions = {**_asides("", ruleset.digressions)}
    for name, flow in ruleset.flows.items():
        digressions |= _asides(name, flow.digressions)
    return {**ruleset.flows, **asides, **digressions}


def _asides(of: str, digressions: Digressions) -> dict[str, Flow]:
    return {_aside_of(of, name): each.aside for name, each in digressions.items() if each and each.aside}


def _aside_of(flow: str, digression: str) -> str:
    """Name the steps of a digression, which several flows may have under one name."""
    return f"{flow} digression {digression}".lstrip()


def _spots(ruleset: Ruleset) -> Iterator[Spot]:
    for name, flow in _counted(ruleset).items():
        for at, node in flow.nodes.items():
            yield name, at, ""
            yield from ((name, at, branch) for branch in node.branches)


def _share(spots: Iterable[Spot], seen: Container[Spot]) -> Share:
    every = list(spots)
    return Share(sum(spot in seen for spot in every), len(every))


def _gap(ruleset: Ruleset, spot: Spot) -> Gap:
    name, at, branch = spot
    node = _counted(ruleset)[name].nodes[at]
    return Gap(name, node.step.kind, node.place, branch)
