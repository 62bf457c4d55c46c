"""Is one word a misspelling of another?

A wrong, missing or additional letter and two neighbours that changed places count as one mistake each.
How many are forgiven depends on the length of the word that was meant: short words are too close to others,
and digits are never mistaken for each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST, LONG = 4, 8  # characters from which one mistake, and two, are forgiven
MOST = 2  # mistakes that are ever forgiven
BEGINNING = 7  # characters by which words are looked up; more would only make more entries


def most_mistakes(meant: str) -> int:
    """Return how many mistakes are forgiven in a folded word."""
    if len(meant) < SHORTEST or any(char.isdigit() for char in meant):
        return 0
    return 1 if len(meant) < LONG else 2


def mistakes(said: str, meant: str, most: int) -> int | None:
    """Count the mistakes between two folded words; nothing if there are more than `most`."""
    found = OSA.distance(said, meant, score_cutoff=most)
    return found if found <= most else None


def is_nearly(said: str, meant: str) -> bool:
    """Tell whether a folded word may be a misspelling of another, or the word itself."""
    return mistakes(said, meant, most_mistakes(meant)) is not None


def nearest(said: Sequence[str], meant: str) -> str | None:
    """Find the folded word that has the fewest mistakes, the first of equals; nothing if none is nearly the word."""
    most = most_mistakes(meant)
    if not most:
        return meant if meant in said else None
    found = process.extractOne(meant, said, scorer=OSA.distance, score_cutoff=most)
    return found[0] if found else None


class Spellings:
    """Many words, each found by its misspellings without looking at the others.

    Two words with a mistake between them are the same word once the right letters are left out of either, so that
    each word is filed under everything that is left of its beginning when letters are missing.
    """

    def __init__(self, known: Iterable[str]) -> None:
        """Take the words that may be meant."""
        self._by_rest: dict[str, list[str]] = {}
        for word in known:
            most = most_mistakes(word)
            if most:
                for rest in _rests(word, most):
                    self._by_rest.setdefault(rest, []).append(word)

    def near(self, said: str) -> dict[str, int]:
        """Find the words that may be meant, with the number of mistakes."""
        near = {word for rest in _rests(said, MOST) for word in self._by_rest.get(rest, ())}
        counted = ((word, mistakes(said, word, most_mistakes(word))) for word in sorted(near))
        return {word: count for word, count in counted if count is not None}


def _rests(word: str, missing: int) -> Iterator[str]:
    """List what is left of a word's beginning when up to so many letters are missing."""
    begun = word[:BEGINNING]
    rests = {begun}
    for count in range(1, missing + 1):
        rests.update("".join(kept) for kept in combinations(begun, max(0, len(begun) - count)))
    return iter(rests)
