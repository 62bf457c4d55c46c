"""What is a picture of flows made of, whatever it is drawn with?"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from rules.source import Problem, Severity

NOT_COVERED = "not covered"
SEVERITIES = {Severity.ERROR: "Problem", Severity.WARNING: "Warning", Severity.HINT: "Hint"}


class Role(StrEnum):
    """What a box stands for; each looks different."""

    START = "starts"
    SAYS = "says"
    ASKS = "asks"
    DECIDES = "decides"
    WAITS = "waits"
    DOES = "does"
    JUMPS = "goes elsewhere"
    HANDS_OFF = "hands off"
    ENDS = "ends"
    FLOW = "flow"
    QUESTIONS = "FAQ"
    OWNER = "owner"


class Manner(StrEnum):
    """How a way is taken."""

    ON = "goes on"
    TIMED = "when time is over"
    BACK = "goes on waiting"
    JUMP = "goes elsewhere"


class Look(StrEnum):
    """What is the matter with a box."""

    WRONG = "a problem"
    DOUBTFUL = "a warning or a hint"
    MISSED = "no transcript comes here"


class Box(Struct, frozen=True, kw_only=True):
    """A box: what it says, what is wrong there, and whether a transcript came there (nothing: nobody looked).

    `word` is what the author wrote to have it, and nothing where a run ends without a word; `name` is what others
    call it.
    """

    id: str
    role: Role
    word: str = ""
    name: str = ""
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    place: str = ""
    problems: tuple[Problem, ...] = ()
    covered: bool | None = None

    @property
    def look(self) -> Look | None:
        """What is the matter with it; nothing if all is well, or nobody looked."""
        if self.problems:
            wrong = any(each.severity is Severity.ERROR for each in self.problems)
            return Look.WRONG if wrong else Look.DOUBTFUL
        return Look.MISSED if self.covered is False else None


class Way(Struct, frozen=True, kw_only=True):
    """A way from one box to another, and what leads there."""

    begins: str
    ends: str
    titles: tuple[str, ...] = ()
    manner: Manner = Manner.ON
    covered: bool | None = None


class Chart(Struct, frozen=True, kw_only=True):
    """What a picture shows, in the order in which it was written: a flow, or all of a business."""

    kind: Literal["flow", "business"]
    title: str
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]

    @property
    def steps(self) -> tuple[Box, ...]:
        """The boxes that stand for something an author wrote."""
        return tuple(box for box in self.boxes if box.word and box.role is not Role.START)

    @property
    def flows(self) -> tuple[Box, ...]:
        """The boxes that stand for whole flows."""
        return tuple(box for box in self.boxes if box.role is Role.FLOW)

    @property
    def about(self) -> str:
        """What it shows, in numbers."""
        what, parts = ("step", self.steps) if self.kind == "flow" else ("flow", self.flows)
        problems = sum(len(box.problems) for box in self.boxes)
        missed = sum(box.covered is False for box in self.boxes)
        looked = any(box.covered is not None for box in self.boxes)
        return ", ".join(
            (
                counted(len(parts), what),
                *((counted(problems, "problem"),) if problems else ()),
                *((f"{missed} not covered" if missed else "all covered",) if looked else ()),
            )
        )


def told(problem: Problem) -> str:
    """Write a problem in one line."""
    return f"{SEVERITIES[problem.severity]}: {problem.message}"


def counted(number: int, what: str) -> str:
    """Say how many, as in `1 step` or `2 steps`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
