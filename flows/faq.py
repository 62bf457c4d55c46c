"""What does a `faq:` document say?"""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from flows.limits import TEXT, fits
from flows.step import Fault
from flows.targets import FlowName
from flows.text import Text
from rules.source import Severity
from rules.words import words


class Answer(Struct, frozen=True, kw_only=True):
    """Questions in several wordings, and either an answer or a flow to run."""

    id: str = ""
    questions: tuple[str, ...]
    answer: Text | None = None
    run: FlowName | None = None


class FaqDocument(Struct, frozen=True, kw_only=True):
    """A `faq:` document."""

    faq: str
    threshold: Decimal = Decimal("0.8")
    answers: tuple[Answer, ...]
    place: str = ""

    def named(self) -> Iterator[tuple[str, Answer]]:
        """Go through the answers with the ids that are unique in the business."""
        for at, answer in enumerate(self.answers):
            yield f"faq.{self.faq}.{answer.id or at}", answer

    def faults(self) -> Iterator[Fault]:
        """Find what does not go together."""
        if not 0 < self.threshold <= 1:
            yield Fault(("threshold",), "threshold", "`threshold` is a number above 0, and at most 1")
        asked: dict[tuple[str, ...], str] = {}
        ids: set[str] = set()
        for at, answer in enumerate(self.answers):
            path = ("answers", at)
            yield from _answer_faults(path, answer)
            if answer.id in ids:
                yield Fault((*path, "id"), "duplicate-id", f"Another answer has the id `{answer.id}`")
            ids |= {answer.id} - {""}
            yield from _question_faults(path, answer, asked)


def _answer_faults(path: tuple[str | int, ...], answer: Answer) -> Iterator[Fault]:
    if (answer.answer is None) == (answer.run is None):
        yield Fault(path, "answer", "An item of the FAQ needs either an `answer` or a flow to `run`")
    if not answer.questions:
        yield Fault((*path, "questions"), "questions", "`questions` is empty, so nothing leads to this answer")
    yield from fits((*path, "answer"), answer.answer, TEXT, "A text")


def _question_faults(path: tuple[str | int, ...], answer: Answer, asked: dict[tuple[str, ...], str]) -> Iterator[Fault]:
    for at, question in enumerate(answer.questions):
        said, here = words(question), (*path, "questions", at)
        if not said:
            yield Fault(here, "question", "A question needs at least one word")
        elif said in asked:
            message = f"`{question}` is asked above, too; this one is never reached"
            yield Fault(here, "duplicate-question", message, severity=Severity.WARNING)
        asked.setdefault(said, question)
