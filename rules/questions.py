"""Which answer of the FAQ fits what somebody wrote?

A message with the words of a question fits it, by 1. Any other is read as people talk: greetings and little words
such as `the` or `do` are left out (`everyday.py`), forms of a word are the same word (`stems.py`), mistakes are
forgiven (`spelling.py`), and rare words tell more than frequent ones (`vocabulary.py`). Two shares are then taken.

- What is *explained*: how much of the message's matter is found in the questions of an answer.
- What is *said*: how much of a question the message says. All questions of an answer are one matter, so of
  “Do you take pets?” and “Can I bring my dog?” a message may take `take` and `dog`.

The score is the root of their product: both must be high. Of the answers that reach their threshold the one that
explains most of the message wins; then the higher score, then the one written first.
Numbers are never alike: each that is written must be in the answer's questions, and each of a question must be said.
Nor is a message that says no ever a question that does not, or the other way round.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import sqrt

from msgspec import Struct

from rules.everyday import Reading
from rules.reader import Reader
from rules.vocabulary import Meaning, Use, Vocabulary
from rules.words import words

THRESHOLD = 0.8
LEAST = 0.3  # the score below which nothing was near at all
MOST_WORDS = 256  # of a message; who writes more is not asking one question
MOST_MATTER = 48  # words of a message that carry its matter
DIGITS = 4  # of a score; what differs less is a tie
LONGEST_SHOWN = 60  # characters of a message


class Question(Struct, frozen=True):
    """One way to ask for an answer, as its author wrote it, and from which score on a message fits."""

    answer: str
    phrase: str
    threshold: float = THRESHOLD


class Match(Struct, frozen=True):
    """The answer that fits, the phrase that led to it, how well it fits from 0 to 1, and why."""

    answer: str
    phrase: str
    score: float
    why: str


class _Asked(Struct, frozen=True):
    """A question, taken apart."""

    question: Question
    reading: Reading


class _Said(Struct, frozen=True):
    """A message, taken apart, with what each word of its matter stands for."""

    text: str
    reading: Reading
    meanings: tuple[Meaning, ...]


class _Near(Struct, frozen=True):
    """An answer that comes near to a message: how much of that it explains, and how much of a question is said."""

    answer: int
    explained: float
    said: float

    @property
    def score(self) -> float:
        """How well it fits, from 0 to 1."""
        return round(sqrt(self.explained * min(1, self.said)), DIGITS)


class Questions:
    """All questions of a business.

    A message with the words of a question is found at once. For any other only those answers are looked at that
    share a telling word with it, so that thousands of questions take little longer than a few.
    """

    def __init__(self, questions: Iterable[Question], languages: Iterable[str] = ()) -> None:
        """Take the questions in their order, and the languages they are asked in."""
        asked = [each for each in questions if words(each.phrase)]
        self._reader = Reader([each.phrase for each in asked], languages)
        self._same: dict[tuple[str, ...], Question] = {}
        self._core: dict[tuple[str, ...], Question] = {}
        answers: dict[str, list[_Asked]] = {}
        for each, reading in zip(asked, self._reader.readings, strict=True):
            self._same.setdefault(words(each.phrase), each)
            if reading.core:
                self._core.setdefault(reading.core, each)
            if reading.matter:
                answers.setdefault(each.answer, []).append(_Asked(each, reading))
        self._answers = tuple(answers.values())
        self._vocabulary = Vocabulary(_uses(self._answers))
        self._shares = _shares(self._answers, self._vocabulary.weights)
        self._lowest = min((each.threshold for each in asked), default=THRESHOLD)

    def best(self, text: str) -> Match | None:
        """Find the question that fits a message best, if one fits well enough."""
        if not self._same:
            return None
        same = self._same.get(words(text))
        if same is not None:
            return Match(same.answer, same.phrase, 1.0, f"the same words as the question “{same.phrase}”")
        said = self._said(text)
        if said is None:
            return None
        core = self._core.get(said.reading.core)
        if core is not None:
            return Match(core.answer, core.phrase, 1.0, f"the same words as “{core.phrase}”, as people chat")
        for near in sorted(self._near(said, self._lowest), key=_most_explained):
            asked = self._asked(said, near.answer)
            if asked is not None and near.score >= asked.question.threshold:
                return self._match(said, asked, near)
        return None

    def nearest(self, text: str, most: int = 3, least: float = LEAST) -> list[Match]:
        """List the answers that come nearest to a message by this score or more, whatever their threshold."""
        said = self._said(text)
        if said is None:
            return []
        ranked = ((near, self._asked(said, near.answer)) for near in sorted(self._near(said, least), key=_best_score))
        return list(islice((self._match(said, asked, near) for near, asked in ranked if asked), most))

    def _said(self, text: str) -> _Said | None:
        """Read a message; nothing if it has too many words for a question, or a number that no question has."""
        said = words(text)
        if len(said) > MOST_WORDS:
            return None
        reading = self._reader.read(said)
        if len(reading.matter) > MOST_MATTER:
            return None
        meanings = tuple(self._vocabulary.meaning(word, reading.languages) for word in reading.matter)
        if any(each.word.isdigit() and not each.meant for each in meanings):
            return None
        return _Said(text, reading, meanings)

    def _near(self, said: _Said, least: float) -> list[_Near]:
        """Find the answers that fit at least so well, beginning with what the message's rarest words lead to.

        An answer that explains too little is never looked at: none is taken up after more than that was missed.
        """
        total = left = sum(each.weight for each in said.meanings)
        explained: dict[int, float] = {}
        shares: dict[int, float] = {}
        for meaning in sorted(said.meanings, key=lambda each: -each.weight):
            is_late = left < round(total * least * least, DIGITS)
            for answer, (part, share) in self._led_to(meaning).items():
                if not (is_late and answer not in explained):
                    explained[answer] = explained.get(answer, 0) + part * meaning.weight
                    shares[answer] = shares.get(answer, 0) + share
            left -= meaning.weight
        near = [_Near(each, whole / total, shares[each]) for each, whole in explained.items()]
        return [each for each in near if each.score >= least]

    def _led_to(self, meaning: Meaning) -> dict[int, tuple[float, float]]:
        """Find the answers a word leads to: how much of the word is in one, and its share of a question there."""
        found: dict[int, tuple[float, float]] = {}
        for word, part in meaning.meant.items():
            for answer, share in self._shares[word].items():
                before = found.get(answer, (0.0, 0.0))
                found[answer] = (max(before[0], part), max(before[1], part * share))
        return found

    def _asked(self, said: _Said, answer: int) -> _Asked | None:
        """Choose the question of an answer that the message says most of; numbers and denials must agree."""
        parts = _parts(said.meanings)
        fitting = [
            each
            for each in self._answers[answer]
            if each.reading.denies == said.reading.denies
            and all(word in parts for word in each.reading.matter if word.isdigit())
        ]
        return max(fitting, key=lambda each: self._share(each.reading.matter, parts), default=None)

    def _share(self, matter: Iterable[str], parts: Mapping[str, float]) -> float:
        weights = self._vocabulary.weights
        return sum(weights[word] * parts.get(word, 0) for word in matter) / sum(weights[word] for word in matter)

    def _match(self, said: _Said, asked: _Asked, near: _Near) -> Match:
        question = asked.question
        notes = "; ".join(self._notes(said.meanings, asked.reading.matter, near.answer))
        why = f"`{_shortened(said.text)}` fits “{question.phrase}” by {near.score:.2f}: {notes or 'it asks the same'}"
        return Match(question.answer, question.phrase, near.score, why)

    def _notes(self, meanings: Iterable[Meaning], matter: Iterable[str], answer: int) -> Iterator[str]:
        """Say what of a message was not taken as it stands, and what of a question it leaves out."""
        for each in meanings:
            here = {word: part for word, part in each.meant.items() if answer in self._shares[word]}
            word = max(here, key=lambda meant: (here[meant], meant), default=None)
            if word is None:
                yield f"`{each.word}` is not asked there"
            elif word != each.word:
                yield f"`{each.word}` read as `{word}`"
        parts = _parts(meanings)
        yield from (f"`{word}` is not said" for word in matter if word not in parts)


def _most_explained(near: _Near) -> tuple[float, float, int]:
    return -round(near.explained, DIGITS), -near.score, near.answer


def _best_score(near: _Near) -> tuple[float, float, int]:
    return -near.score, -round(near.explained, DIGITS), near.answer


def _parts(meanings: Iterable[Meaning]) -> dict[str, float]:
    """Tell how much of each word of the FAQ is said."""
    parts: dict[str, float] = {}
    for meaning in meanings:
        for word, part in meaning.meant.items():
            parts[word] = max(parts.get(word, 0), part)
    return parts


def _uses(answers: Sequence[Sequence[_Asked]]) -> dict[str, Use]:
    leads: dict[str, set[int]] = {}
    languages: dict[str, set[str]] = {}
    for answer, questions in enumerate(answers):
        for each in questions:
            for word in each.reading.matter:
                leads.setdefault(word, set()).add(answer)
                languages.setdefault(word, set()).update(each.reading.languages)
    return {word: Use(frozenset(leads[word]), frozenset(languages[word])) for word in leads}


def _shares(answers: Sequence[Sequence[_Asked]], weights: Mapping[str, float]) -> dict[str, dict[int, float]]:
    """Find for each word the answers it leads to, with the largest share it has in one of their questions."""
    shares: dict[str, dict[int, float]] = {word: {} for word in weights}
    for answer, questions in enumerate(answers):
        for each in questions:
            whole = sum(weights[word] for word in each.reading.matter)
            for word in each.reading.matter:
                shares[word][answer] = max(shares[word].get(answer, 0), weights[word] / whole)
    return shares


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"
