"""Is one word a misspelling of another?

A wrong, missing or additional letter and two neighbours that changed places count as one mistake each.
How many are forgiven depends on the length of the word that was meant: short words are too close to others,
and digits are never mistaken for each other.
"""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST, LONG = 4, 8  # characters from which one mistake, and two, are forgiven


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
