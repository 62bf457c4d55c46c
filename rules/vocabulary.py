"""Which words has an FAQ, how much does each tell, and which of them does a word of a message stand for?

A word weighs the more the fewer answers it leads to: 1 if it is only one, and less than half of that if it is
every second of many. Forms of one word count together.
"""

import math
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from rules.spelling import Spellings
from rules.stems import stem

FORM = 0.95  # how much of a word is said by another form of it
UNKNOWN = 0.8  # the weight of a word that the FAQ has nowhere: it may be about something else, and may be chatter


class Use(Struct, frozen=True):
    """Where the FAQ has a word: in the questions of which answers, and in which languages those are."""

    answers: frozenset[int]
    languages: frozenset[str]


class Meaning(Struct, frozen=True):
    """What a word of a message stands for: words of the FAQ, each with how much of it is said, from 0 to 1."""

    word: str
    weight: float
    meant: Mapping[str, float]


class Vocabulary:
    """All words of an FAQ that carry its matter."""

    def __init__(self, uses: Mapping[str, Use]) -> None:
        """Take the words with where they are used."""
        self._uses = uses
        self._stems: dict[tuple[str, str], list[str]] = {}
        for word, use in uses.items():
            for language in use.languages:
                self._stems.setdefault((language, stem(word, language)), []).append(word)
        self._forms = {word: self._forms_of(word, use.languages) for word, use in uses.items()}
        self.weights = self._weights()
        self._spellings = Spellings(uses)

    def meaning(self, said: str, languages: Collection[str]) -> Meaning:
        """Find what a word stands for: itself, forms of it, or else what it may be a misspelling of."""
        if said in self._uses:
            return self._meaning(said, dict.fromkeys(self._forms[said], FORM) | {said: 1.0})
        if said.isdigit():
            return Meaning(said, UNKNOWN, {})
        if forms := self._forms_of(said, languages):
            return self._meaning(said, dict.fromkeys(forms, FORM))
        if meant := self._misspelt(said, languages):
            return self._meaning(said, meant)
        return Meaning(said, UNKNOWN, {})

    def _meaning(self, said: str, meant: Mapping[str, float]) -> Meaning:
        best = max(meant.values())
        return Meaning(said, max(self.weights[word] for word, part in meant.items() if part == best), meant)

    def _forms_of(self, word: str, languages: Iterable[str]) -> set[str]:
        return {form for each in languages for form in self._stems.get((each, stem(word, each)), ())}

    def _misspelt(self, said: str, languages: Collection[str]) -> dict[str, float]:
        """Find the words that come nearest, with all their forms; a word of another language is none of them."""
        near = {
            word: 1 - mistakes / max(len(word), len(said))
            for word, mistakes in self._spellings.near(said).items()
            if not self._uses[word].languages.isdisjoint(languages)
        }
        most = max(near.values(), default=0)
        nearest = {word: part for word, part in near.items() if part == most}
        return {form: most * FORM for word in nearest for form in self._forms[word]} | nearest

    def _weights(self) -> dict[str, float]:
        answers = len(frozenset[int]().union(*(use.answers for use in self._uses.values())))
        return {word: _rarity(self._leads_to(forms), answers) for word, forms in self._forms.items()}

    def _leads_to(self, forms: Iterable[str]) -> int:
        return len(frozenset[int]().union(*(self._uses[form].answers for form in forms)))


def _rarity(leads_to: int, answers: int) -> float:
    return math.log(1 + answers / leads_to) / math.log(1 + answers)
