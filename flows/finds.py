"""Do messages find the answers that the authors of an FAQ say they find?"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from flows.faq import Answer, FaqDocument, Phrase
from rules.questions import Match, Questions


class Find(Struct, frozen=True, kw_only=True):
    """A message that was looked up: where its author wrote it, and what is wrong with what it finds, if anything."""

    faq: str
    file: str
    line: int
    failure: str | None


def look_up(faqs: Iterable[FaqDocument], questions: Questions) -> Iterator[Find]:
    """Look up all messages under `finds` and `finds_nothing`."""
    faqs = tuple(faqs)
    answers = {name: answer for faq in faqs for name, answer in faq.named()}
    for faq in faqs:
        for name, answer in faq.named():
            yield from (_find(faq, phrase, name, questions, answers) for phrase in answer.finds)
        yield from (_find(faq, phrase, None, questions, answers) for phrase in faq.finds_nothing)


def _find(
    faq: FaqDocument, phrase: Phrase, expected: str | None, questions: Questions, answers: dict[str, Answer]
) -> Find:
    file, line, _ = phrase.place.rsplit(":", 2)
    found = questions.best(phrase.text)
    failure = None
    if (found.answer if found else None) != expected:
        wanted = f"`{answers[expected].title}`" if expected else "nothing"
        failure = f"`{phrase.text}` should find {wanted}, and finds {_told(phrase, found, questions, answers)}"
    return Find(faq=faq.faq, file=file, line=int(line), failure=failure)


def _told(phrase: Phrase, found: Match | None, questions: Questions, answers: dict[str, Answer]) -> str:
    """Say what was found and why, or what came nearest."""
    if found:
        return f"`{answers[found.answer].title}`: {found.why}"
    near = questions.nearest(phrase.text, 1)
    if not near:
        return "nothing"
    return f"nothing; `{answers[near[0].answer].title}` comes nearest: {near[0].why}"
