"""Which answer of the FAQ fits what somebody wrote?"""

from collections.abc import Iterable

from msgspec import Struct

from rules.words import words


class Question(Struct, frozen=True):
    """One way to ask for an answer, as its author wrote it."""

    id: str
    phrase: str


class Match(Struct, frozen=True):
    """The answer that fits, the phrase that led to it, how well it fits from 0 to 1, and why."""

    answer: str
    phrase: str
    score: float
    why: str


class Questions:
    """All questions of a business, found by their words.

    Looking one up takes the same time for ten questions as for ten thousand.
    """

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        """Take pairs of an answer's id and a phrase; of two phrases with the same words the first counts."""
        self._by_words: dict[tuple[str, ...], Question] = {}
        for answer_id, phrase in items:
            self._by_words.setdefault(words(phrase), Question(answer_id, phrase))
        self._by_words.pop((), None)

    def best(self, text: str) -> Match | None:
        """Find the question that has exactly the words of the text, in the same order."""
        found = self._by_words.get(words(text))
        if found is None:
            return None
        return Match(found.id, found.phrase, 1.0, f"the same words as the question “{found.phrase}”")
