"""Which problems belong to which step, and which steps did no transcript come to?"""

from collections.abc import Iterable, Iterator

from flows.business import BusinessDocument
from flows.coverage import Gap
from flows.flow import FlowDocument
from flows.folder import Folder
from flows.graph import every_step
from flows.step import StepKind, Steps
from rules.source import Problem

Spot = tuple[int, int]


class Marks:
    """What is drawn beside the steps of one flow."""

    def __init__(
        self, document: FlowDocument, folder: Folder, problems: Iterable[Problem], gaps: Iterable[Gap] | None
    ) -> None:
        """Sort problems by the step they are in; `gaps` are nothing when nobody looked."""
        self._gaps = None if gaps is None else {(gap.place, gap.branch) for gap in gaps}
        self._uncounted = {step.place for _, steps in digressions_of(document) for step in every_step(steps)}
        self._problems: dict[str, list[Problem]] = {}
        steps = sorted((_spot(step.place), step.place) for step in steps_of(document))
        for each in problems:
            text = folder.files.get(each.file, "")
            if _is_in(each, document.place, text):
                self._problems.setdefault(_step_at(steps, each, _indented(text, each)), []).append(each)

    def problems(self, step: StepKind | None = None) -> tuple[Problem, ...]:
        """Return what is wrong with a step, or with the flow outside of its steps."""
        return tuple(self._problems.get(step.place if step else "", ()))

    def every_problem(self) -> tuple[Problem, ...]:
        """Return all that is wrong with the flow."""
        return tuple(each for found in self._problems.values() for each in found)

    def covered(self, step: StepKind, branch: str = "") -> bool | None:
        """Tell whether a transcript came to a step, or took a branch of it; digressions are not counted."""
        if self._gaps is None or step.place in self._uncounted:
            return None
        return (step.place, branch) not in self._gaps


def steps_of(document: FlowDocument) -> Iterator[StepKind]:
    """Go through all steps of a flow, those of its `otherwise` and its digressions included."""
    yield from every_step(document.steps)
    yield from every_step(document.otherwise.steps if document.otherwise else Steps())
    for _, steps in digressions_of(document):
        yield from every_step(steps)


def digressions_of(document: FlowDocument | BusinessDocument) -> Iterator[tuple[str, Steps]]:
    """Go through the digressions of a document that do steps."""
    yield from ((name, each.steps) for name, each in document.digressions.items() if each and each.steps)


def _spot(place: str) -> Spot:
    _, line, column = place.rsplit(":", 2)
    return int(line), int(column)


def _is_in(problem: Problem, place: str, text: str) -> bool:
    """Tell whether a problem is in the document that begins at a place: no `---` stands between."""
    file, _, begins = place.rpartition(":")
    between = text.splitlines()[int(begins) - 1 : problem.line]
    return problem.file == file and bool(between) and not any(line.startswith("---") for line in between)


def _indented(text: str, problem: Problem) -> int:
    """Find the column at which a problem's line begins."""
    line = "".join(text.removeprefix("\ufeff").splitlines()[problem.line - 1 : problem.line])
    return len(line) - len(line.lstrip()) + 1 if line.strip() else problem.column


def _step_at(steps: list[tuple[Spot, str]], problem: Problem, begins: int) -> str:
    """Find the step that a problem is in; on later lines a step reaches as far as what is not to its left."""
    for (line, column), place in reversed(steps):
        before = (line, column) <= (problem.line, problem.column)
        if before and (line == problem.line or column <= begins):
            return place
    return ""
