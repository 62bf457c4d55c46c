"""Go one of several ways, by lot."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from itertools import accumulate
from typing import Annotated, Literal

from msgspec import Struct

from engine.step import Enter, Outcome, Turn
from flows.nodes import Map, Node, Scalar, Seq
from flows.question import saved_name
from flows.reader import By, Reader, UnreadableError
from flows.step import Branch, Fault, StepKind, Steps, Variable
from rules.conditions import Type

MOST_SHARE = 10_000
FEWEST = 2
WAYS = "As in `split: {Short: 1, Long: 1}`"


class Way(Struct, frozen=True):
    """One of the ways: how large its share is beside the others, and the steps on it.

    - `share`: how large its share is beside the others; 1 unless told.
    - `steps`: the steps on it.
    """

    share: int = 1
    steps: Steps = Steps()


def _ways(reader: Reader, node: Node, name: str) -> dict[str, Way]:
    if not isinstance(node, Map):
        raise reader.wants(node, name, "names, each with its steps or its share")
    ways: dict[str, Way] = {}
    for key, value in node.items.items():
        try:
            ways[key] = _way(reader, value, key)
        except UnreadableError:
            continue
    if len(ways) < len(node.items):
        raise UnreadableError(name)
    return ways


def _way(reader: Reader, node: Node, name: str) -> Way:
    if isinstance(node, Seq):
        return Way(steps=reader.read(node, Steps, name))
    if isinstance(node, Scalar):
        return Way() if node.text is None else Way(share=reader.read(node, int, name))
    found: Way = reader.fields(node, Way, name)
    return found


class Split(StepKind, frozen=True):
    """Go one of several ways, by lot: for comparing two wordings, or to offer something to a few.

    - split:
        Short:
          - send: "Cake today?"
        Long: {share: 3, steps: [{send: "We baked a lemon cake. Would you like a piece?"}]}
      save: wording

    The lot is drawn from who the contact is, so a contact goes the same way each time, and tests do, too.
    Give the step an `id`, so that this stays so when the flow changes. A test comes to the other ways with another
    phone number in `contact`.

    - `split`: names of the ways, each with its steps, with its share, or with `share` and `steps`. A way has a share
      of 1 unless told: with shares of 1 and 3 one contact in four goes the first way.
    - `save`: the name to keep the name of the way under.
    - `per`: `contact` unless told; with `run` the lot is drawn anew each time the contact comes through the flow.
    """

    split: Annotated[dict[str, Way], By(_ways, dict[str, Steps | int | Way | None])]
    save: Variable | None = None
    per: Literal["contact", "run"] = "contact"

    def run(self, turn: Turn) -> Outcome:
        """Draw the lot, and go that way."""
        name = self._drawn(turn)
        return Outcome(save={self.save: name} if self.save else {}, then=Enter(name), why=f"goes the way `{name}`")

    def _drawn(self, turn: Turn) -> str:
        ends = list(accumulate(way.share for way in self.split.values()))
        who = turn.run if self.per == "run" else turn.contact
        mark = "\0".join((who, turn.flow, self.id or self.save or turn.at))
        lot = int.from_bytes(blake2b(mark.encode(), digest_size=8).digest()) % ends[-1]
        return next(name for name, end in zip(self.split, ends, strict=True) if lot < end)

    def branches(self) -> Mapping[str, Branch]:
        """Return the steps of each way by its name."""
        total = sum(way.share for way in self.split.values())
        return {name: Branch(way.steps, title=f"{name}, {way.share} of {total}") for name, way in self.split.items()}

    @property
    def straight_on(self) -> tuple[str, ...] | None:
        """Ways without steps lead to the step that follows; if all do, that goes without saying."""
        names = tuple(name for name, way in self.split.items() if not way.steps)
        return () if len(names) == len(self.split) else names or None

    def faults(self) -> Iterator[Fault]:
        """Check that there is something to choose from."""
        if len(self.split) < FEWEST:
            yield Fault(("split",), "split", f"`split` needs at least {FEWEST} ways, each with a name", WAYS)
        for name, way in self.split.items():
            if not 0 <= way.share <= MOST_SHARE:
                message = f"The share of `{name}` is a number from 0 to {MOST_SHARE:,}, not {way.share}"
                yield Fault(("split", name), "share", message, "Write `1` for as often as the others")
        if self.split and not any(way.share for way in self.split.values()):
            yield Fault(("split",), "share", "All shares are 0, so there is no way to go", "Write `1`, or none")

    @classmethod
    def saves(cls, fields: Map, type_of: Callable[[str], Type]) -> Mapping[str, Type]:  # noqa: ARG003
        """The name of a way is text."""
        name = saved_name(fields)
        return {name: Type.TEXT} if name else {}
