"""What of a word is left in a text, whatever mistakes are forgiven in it?"""

from collections.abc import Iterator
from itertools import combinations, pairwise

from rules.spelling import most_mistakes


def remains(word: str) -> frozenset[str]:
    """Give pieces of a folded word, one of which stands in every spaced text that has the word or a misspelling.

    A word in which two mistakes are forgiven is cut into three: each mistake spoils one piece at most, so one is left.
    Only two letters that changed places across a cut spoil both sides; then the cut is not made, and that mistake is
    none of those which may spoil what is left.
    """
    most = most_mistakes(word)
    cuts = [len(word) * part // (most + 1) for part in range(1, most + 1)]
    crossings = (crossed for count in range(most + 1) for crossed in combinations(cuts, count))
    return frozenset(piece for crossed in crossings for piece in _pieces(word, cuts, crossed))


def _pieces(word: str, cuts: list[int], crossed: tuple[int, ...]) -> Iterator[str]:
    """Cut a word, but where letters changed places across the cut; its ends keep the space beside them."""
    for cut in crossed:
        word = word[: cut - 1] + word[cut] + word[cut - 1] + word[cut + 1 :]
    kept = [cut + 1 for cut in cuts if cut not in crossed]
    for start, end in pairwise([0, *kept, len(word) + 2]):
        yield f" {word} "[start:end]
