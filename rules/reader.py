"""How are messages taken apart the way the questions of an FAQ are?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from rules.everyday import Everyday, Reading, pieces
from rules.words import fold, words

SHORTEST_WHOLE = 4  # characters of a word that may be written as two
COMPOUND = [1, 1]  # as many words before and after the hyphen that makes them one


class Reader:
    """Reads questions and messages in the languages of a business; `readings` are those of the questions.

    Two neighbours that are one word of the questions are read as that: `check in` is `check-in`. Where a text may
    be in several languages, the words that it shares with other questions tell in which.
    """

    def __init__(self, phrases: Sequence[str], languages: Iterable[str]) -> None:
        """Take the questions as they are written."""
        self._everyday = Everyday(languages)
        self._wholes = {whole for each in phrases for whole in _wholes(each)}
        self._languages: Mapping[str, set[str]] = {}
        readings = [self.read(words(each)) for each in phrases]
        self._languages = _languages(each for each in readings if len(each.languages) == 1)
        self.readings = tuple(
            reading if len(reading.languages) == 1 else self.read(words(each))
            for each, reading in zip(phrases, readings, strict=True)
        )
        self._languages = _languages(self.readings)

    def read(self, said: Iterable[str]) -> Reading:
        """Take the words of a text apart."""
        joined: list[str] = []
        for piece in pieces(said):
            whole = joined[-1] + piece if joined else ""
            if whole in self._wholes and not (self._everyday.has(piece) and self._everyday.has(joined[-1])):
                joined[-1] = whole
            else:
                joined.append(piece)
        return self._everyday.read(joined, self._languages)


def _languages(readings: Iterable[Reading]) -> dict[str, set[str]]:
    """Find the languages of words by the questions that they stand in."""
    languages: dict[str, set[str]] = {}
    for reading in readings:
        for word in reading.matter:
            languages.setdefault(word, set()).update(reading.languages)
    return languages


def _wholes(phrase: str) -> Iterator[str]:
    """List the words of a phrase that may be written as two, also those that are written with a hyphen."""
    hyphened = ([words(part) for part in chunk.split("-")] for chunk in fold(phrase).split(" "))
    compounds = (chain(*parts) for parts in hyphened if [len(part) for part in parts] == COMPOUND)
    wholes = (*pieces(words(phrase)), *map("".join, compounds))
    return (whole for whole in wholes if len(whole) >= SHORTEST_WHOLE and not any(map(str.isdigit, whole)))
