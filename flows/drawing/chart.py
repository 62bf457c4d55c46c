"""Which boxes are in the picture of a flow, and which ways lead from one to another?"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from engine.ruleset import Node
from flows.coverage import Gap
from flows.drawing.boxes import Box, Chart, Manner, Role, Way
from flows.drawing.brief import details, subject
from flows.drawing.marks import Marks
from flows.drawing.starts import asked_for, starts_of
from flows.flow import FlowDocument
from flows.folder import Folder
from flows.graph import Graph
from flows.shown import written
from flows.step import StepKind, Steps
from rules.source import Problem

START, OTHERWISE = "start", "otherwise"
NOT_SO = ("else",)
ROLES = {"send": Role.SAYS, "end": Role.ENDS}


def chart_of(
    document: FlowDocument, folder: Folder, problems: Iterable[Problem] = (), gaps: Iterable[Gap] | None = None
) -> Chart:
    """Draw up one flow; `gaps` are what no transcript came to, when somebody looked."""
    marks = Marks(document, folder, problems, gaps)
    start = Box(
        id=START,
        role=Role.START,
        word="starts when",
        texts=_either(starts_of(document, folder)) or ("nothing starts it",),
        place=document.place,
        problems=marks.problems(),
    )
    sheets = [_Sheet(start, Graph(document.steps, document.sorry), "", marks)]
    sheets += [_Sheet(box, Graph(steps), f"{box.id}.", marks) for box, steps in _asides(document)]
    return Chart(
        kind="flow",
        title=document.flow,
        boxes=tuple(box for sheet in sheets for box in sheet.boxes()),
        ways=tuple(way for sheet in sheets for way in sheet.ways()),
    )


def _asides(document: FlowDocument) -> Iterator[tuple[Box, Steps]]:
    """Go through what a flow does beside its steps, each with where it begins."""
    if document.otherwise:
        box = Box(id=OTHERWISE, role=Role.START, word=OTHERWISE, texts=("nothing matched in this flow",))
        yield box, document.otherwise.steps
    for name, each in document.digressions.items():
        if each is not None:
            texts = asked_for(each)
            yield Box(id=f"digression {name}", role=Role.START, word=f"digression {name}", texts=texts), each.steps


class _Sheet:
    """The boxes and ways of steps that begin at one box; `before` keeps the ids of several sheets apart."""

    def __init__(self, start: Box, graph: Graph, before: str, marks: Marks) -> None:
        self._start = start
        self._graph = graph
        self._before = before
        self._marks = marks
        self._steps = [(at, node, node.step) for at, node in graph.nodes.items() if isinstance(node.step, StepKind)]

    def boxes(self) -> Iterator[Box]:
        """Draw the start, every step, and an end wherever the run ends without a word."""
        yield self._start
        for at, node, step in self._steps:
            yield self._box(at, step)
            if _straight_on(step) is not None and node.next is None:
                yield Box(id=self._end(at), role=Role.ENDS)

    def _box(self, at: str, step: StepKind) -> Box:
        return Box(
            id=self._before + at,
            role=_role(step),
            word=step.kind,
            name=step.id or "",
            texts=tuple(filter(None, (self._subject(step),))),
            notes=details(step),
            place=step.place,
            problems=self._marks.problems(step),
            covered=self._marks.covered(step),
        )

    def _subject(self, step: StepKind) -> str:
        if step.called is not None:
            return f"the flow {step.called}, then on from here"
        if step.target is not None and step.target not in self._graph.names:
            return f"the flow {step.target}"
        return subject(step)

    def ways(self) -> Iterator[Way]:
        """Draw the ways between them."""
        if self._graph.first is not None:
            yield Way(begins=self._start.id, ends=self._before + self._graph.first)
        for at, node, step in self._steps:
            yield from self._branches(at, node, step)
            if step.target in self._graph.names:
                yield self._way(at, self._graph.names[step.target], manner=Manner.JUMP)
            titles = _straight_on(step)
            if titles is not None:
                yield self._straight(at, node, titles)

    def _branches(self, at: str, node: Node, step: StepKind) -> Iterator[Way]:
        for name, branch in step.branches().items():
            if name in node.branches:
                manner, title = Manner.ON, branch.title or name
                if branch.after is not None:
                    manner, title = Manner.TIMED, f"no reply for {written(branch.after)}"
                covered = self._marks.covered(step, name)
                yield self._way(at, node.branches[name], (title,), manner, covered=covered)

    def _straight(self, at: str, node: Node, titles: tuple[str, ...]) -> Way:
        if node.next is None:
            return Way(begins=self._before + at, ends=self._end(at), titles=titles)
        return self._way(at, node.next.at, titles, Manner.BACK if node.next.waiting else Manner.ON)

    def _way(
        self,
        begins: str,
        ends: str,
        titles: tuple[str, ...] = (),
        manner: Manner = Manner.ON,
        *,
        covered: bool | None = None,
    ) -> Way:
        before = self._before
        return Way(begins=before + begins, ends=before + ends, titles=titles, manner=manner, covered=covered)

    def _end(self, at: str) -> str:
        return f"{self._before}{at} end"


def _either(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"or {text}" if at else text for at, text in enumerate(texts))


def _straight_on(step: StepKind) -> tuple[str, ...] | None:
    """Tell what leads to the step that follows; whatever the kind, a step with a `when` may be skipped."""
    unguarded = step.straight_on if step.when is None else replace(step, when=None).straight_on
    return NOT_SO if unguarded is None and step.when is not None else unguarded


def _role(step: StepKind) -> Role:
    if step.target is not None or step.called is not None:
        return Role.JUMPS
    if step.asks:
        return Role.ASKS
    if step.waits:
        return Role.WAITS
    if step.hands_off:
        return Role.HANDS_OFF
    if step.returns:
        return Role.ENDS
    return Role.DECIDES if step.branches() else ROLES.get(step.kind, Role.DOES)
