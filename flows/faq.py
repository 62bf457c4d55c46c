"""What does a `faq:` document say?

    faq: bakery
    threshold: 0.8                 # from which score on a message fits a question
    languages: [en, pt]            # in which people ask; those of the business need no mention
    finds_nothing: ["how much is a taxi"]
    answers:
      - id: hours
        questions: ["When do you open?", "que horas abre"]
        finds: ["wen do u open??"]
        answer: "We open at nine."
      - questions: ["price of a cake"]
        run: order                 # start a flow instead

`finds` and `finds_nothing` are tests: messages that must lead to the answer, and messages that must lead to none.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, ClassVar

from msgspec import Struct

from flows.languages import Language
from flows.limits import TEXT, fits
from flows.nodes import Node
from flows.reader import Reader, one_or_many
from flows.step import Fault
from flows.targets import FlowName
from flows.text import Text
from rules.questions import Question, Questions
from rules.words import words


class Phrase(Struct, frozen=True, array_like=True):
    """What somebody may write, and where it stands in the author's files."""

    as_written: ClassVar = str

    text: str
    place: str

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "Phrase":
        """Read a text with its place."""
        return cls(reader.text(node, name), f"{reader.file}:{node.place.line}:{node.place.column}")


class Answer(Struct, frozen=True, kw_only=True):
    """Questions in several wordings, and either an answer or a flow to run; `finds` must lead here, too.

    - `id`: its name, for tests and reports.
    - `questions`: the question in several wordings, in all languages it is asked in.
    - `finds`: a test: messages that must lead here.
    - `answer`: what is answered.
    - `run`: the flow that is begun instead, in place of one that is going on.
    """

    id: str = ""
    questions: tuple[Phrase, ...]
    finds: Annotated[tuple[Phrase, ...], one_or_many(Phrase)] = ()
    answer: Text | None = None
    run: FlowName | None = None

    @property
    def title(self) -> str:
        """What to call it before its author: its id, or its first question."""
        return self.id or self.questions[0].text


class FaqDocument(Struct, frozen=True, kw_only=True):
    """A `faq:` document: questions in many wordings, and their answers.

    - `faq`: its name.
    - `threshold`: how well a message must fit a question, above 0 and at most 1; 0.8 unless told.
    - `languages`: in which people ask; those of the business need no mention.
    - `finds_nothing`: a test: messages that must lead to no answer.
    - `answers`: the answers.
    """

    faq: str
    threshold: Decimal = Decimal("0.8")
    languages: Annotated[tuple[str, ...], one_or_many(Language)] = ()
    finds_nothing: Annotated[tuple[Phrase, ...], one_or_many(Phrase)] = ()
    answers: tuple[Answer, ...]
    place: str = ""

    def named(self) -> Iterator[tuple[str, Answer]]:
        """Go through the answers with the ids that are unique in the business."""
        for at, answer in enumerate(self.answers):
            yield f"faq.{self.faq}.{answer.id or at}", answer

    def phrases(self) -> Iterator[tuple[str, Phrase]]:
        """Go through all questions, each with the id of its answer."""
        for name, answer in self.named():
            yield from ((name, phrase) for phrase in answer.questions)

    def faults(self) -> Iterator[Fault]:
        """Find what does not go together."""
        if not 0 < self.threshold <= 1:
            yield Fault(("threshold",), "threshold", "`threshold` is a number above 0, and at most 1", "Write `0.8`")
        ids: set[str] = set()
        for at, answer in enumerate(self.answers):
            path = ("answers", at)
            yield from _answer_faults(path, answer)
            if answer.id in ids:
                yield Fault(
                    (*path, "id"), "duplicate-id", f"Another answer has the id `{answer.id}`", "Give it another"
                )
            ids |= {answer.id} - {""}


def questions_of(faqs: Iterable[FaqDocument], languages: Iterable[str]) -> Questions:
    """Make all questions of a business ready to be found; `languages` are those it speaks."""
    faqs = tuple(faqs)
    asked_in = dict.fromkeys((*languages, *(each for faq in faqs for each in faq.languages)))
    asked = (Question(name, phrase.text, float(faq.threshold)) for faq in faqs for name, phrase in faq.phrases())
    return Questions(asked, asked_in)


def _answer_faults(path: tuple[str | int, ...], answer: Answer) -> Iterator[Fault]:
    if (answer.answer is None) == (answer.run is None):
        hint = (
            "Leave one of them out; a flow can say the answer"
            if answer.answer
            else 'As in `answer: "We open at nine."`'
        )
        yield Fault(path, "answer", "An item of the FAQ needs either an `answer` or a flow to `run`", hint)
    if not answer.questions:
        message = "`questions` is empty, so nothing leads to this answer"
        yield Fault((*path, "questions"), "questions", message, 'As in `questions: ["When do you open?"]`')
    for at, question in enumerate(answer.questions):
        if not words(question.text):
            yield Fault((*path, "questions", at), "question", "A question needs at least one word", "Write it out")
    yield from fits((*path, "answer"), answer.answer, TEXT, "A text")
