"""A question of the FAQ that is asked twice.

A message with the words of both finds the first, by file and line; the second is never reached by its own words.

Bad:

    faq: bakery
    answers:
      - {id: hours, questions: ["When do you open?"], answer: "At nine."}
      - {id: sunday, questions: ["when do you open"], answer: "On Sunday we sleep."}

Good:

    faq: bakery
    answers:
      - {id: hours, questions: ["When do you open?"], answer: "At nine."}
      - {id: sunday, questions: ["are you open on sunday"], answer: "On Sunday we sleep."}
"""

from collections.abc import Iterator

from flows.faq import Phrase
from flows.folder import Folder
from flows.problems import of_spot
from rules.source import Problem, Severity
from rules.words import words


def find(folder: Folder) -> Iterator[Problem]:
    """Find the second and any further."""
    asked: dict[tuple[str, ...], Phrase] = {}
    for _, phrase in (each for faq in folder.faqs for each in faq.phrases()):
        first = asked.setdefault(words(phrase.text), phrase)
        if first is not phrase:
            message = f"`{phrase.text}` is asked {_where(first, phrase)}, too; this one is never reached"
            yield of_spot(phrase.place, "duplicate-question", message, None, Severity.WARNING)


def _where(first: Phrase, second: Phrase) -> str:
    file, line, _ = first.place.rsplit(":", 2)
    return f"on line {line}" if second.place.startswith(f"{file}:") else f"in `{file}` line {line}"
