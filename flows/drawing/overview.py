"""Which flows does a business have, and which leads to which?"""

from collections.abc import Iterable, Iterator

from flows.coverage import Gap
from flows.drawing.boxes import Box, Chart, Manner, Role, Way, counted
from flows.drawing.marks import Marks, steps_of
from flows.drawing.starts import asked_for, targets_of, triggers_of
from flows.faq import FaqDocument
from flows.flow import FlowDocument
from flows.folder import Folder
from flows.graph import every_step
from flows.shown import written
from flows.step import Steps
from rules.source import Problem

OWNER, OTHERWISE, NOBODY_CAME, DIGRESSION = "owner", "otherwise", "nobody_came", "digression"


def overview_of(folder: Folder, problems: Iterable[Problem] = (), gaps: Iterable[Gap] | None = None) -> Chart:
    """Draw up all flows of a folder, its FAQ, what is said otherwise, and the owner."""
    problems, gaps = tuple(problems), None if gaps is None else tuple(gaps)
    ways = tuple(_ways(folder))
    boxes = [
        *(_flow(each, Marks(each, folder, problems, gaps)) for each in folder.flows),
        *(_faq(each) for each in folder.faqs),
        *_asides(folder),
    ]
    if any(OWNER in (way.begins, way.ends) for way in ways):
        boxes.append(Box(id=OWNER, role=Role.OWNER, word=OWNER, texts=("answers from the app",)))
    return Chart(kind="business", title=folder.business.business, boxes=tuple(boxes), ways=ways)


def _flow(document: FlowDocument, marks: Marks) -> Box:
    steps = list(steps_of(document))
    came = [found for step in steps if (found := marks.covered(step)) is not None]
    return Box(
        id=f"flow {document.flow}",
        role=Role.FLOW,
        word="flow",
        texts=(document.flow,),
        notes=(*triggers_of(document), ", ".join((counted(len(steps), "step"), *_covered(came)))),
        place=document.place,
        problems=marks.every_problem(),
        covered=came[0] if came and len(set(came)) == 1 else None,
    )


def _covered(came: list[bool]) -> tuple[str, ...]:
    return (f"{came.count(True)} covered",) if came else ()


def _faq(faq: FaqDocument) -> Box:
    notes = (counted(len(faq.answers), "answer"),)
    return Box(id=f"faq {faq.faq}", role=Role.QUESTIONS, word="faq", texts=(faq.faq,), notes=notes, place=faq.place)


def _asides(folder: Folder) -> Iterator[Box]:
    business = folder.business
    if business.otherwise:
        yield Box(id=OTHERWISE, role=Role.START, word=OTHERWISE, texts=("nothing matched",), place=business.place)
    for name, each in business.digressions.items():
        if each is not None:
            yield Box(id=f"{DIGRESSION} {name}", role=Role.START, word=f"{DIGRESSION} {name}", texts=asked_for(each))
    if business.handoff.nobody_came:
        yield Box(id=NOBODY_CAME, role=Role.WAITS, word=NOBODY_CAME, texts=("the owner did not come",))


def _ways(folder: Folder) -> Iterator[Way]:
    flows, business = {each.flow for each in folder.flows}, folder.business
    for document in folder.flows:
        yield from (_jump(f"flow {document.flow}", each) for each in targets_of(document) if each in flows)
        if any(step.hands_off for step in steps_of(document)):
            yield Way(begins=f"flow {document.flow}", ends=OWNER)
    for name, each in business.digressions.items():
        if each is not None:
            yield from _of_steps(f"{DIGRESSION} {name}", each.steps, flows, each.run)
    for faq in folder.faqs:
        runs = dict.fromkeys(answer.run for answer in faq.answers if answer.run)
        yield from (_jump(f"faq {faq.faq}", each) for each in runs if each in flows)
    if business.otherwise:
        yield from _of_steps(OTHERWISE, business.otherwise.steps, flows)
        if business.otherwise.handoff_after:
            yield Way(begins=OTHERWISE, ends=OWNER, titles=(f"{business.otherwise.handoff_after} times in a row",))
    if nobody := business.handoff.nobody_came:
        titles = (f"no message for {written(nobody.after)}",)
        yield Way(begins=OWNER, ends=NOBODY_CAME, titles=titles, manner=Manner.TIMED)
        yield from _of_steps(NOBODY_CAME, nobody.steps, flows)


def _of_steps(begins: str, steps: Steps, flows: set[str], run: str | None = None) -> Iterator[Way]:
    targets = dict.fromkeys((run, *(step.target for step in every_step(steps))))
    yield from (_jump(begins, each) for each in targets if each in flows and each is not None)
    if any(step.hands_off for step in every_step(steps)):
        yield Way(begins=begins, ends=OWNER)


def _jump(begins: str, flow: str) -> Way:
    return Way(begins=begins, ends=f"flow {flow}", manner=Manner.JUMP)
