"""How are many measurements told in a few figures?"""

import math
import sys
from collections.abc import Iterable, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def busiest_second(moments: Iterable[float]) -> int:
    """Count the most moments that fall into any one second."""
    ordered = sorted(moments)
    first, most = 0, 0
    for last, moment in enumerate(ordered):
        while ordered[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def tell(words: str = "") -> None:
    """Print a line at once, so that whoever waits sees how far it is."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: words to the left, figures to the right."""
    whole = [head, *rows]
    widths = [max(len(row[place]) for row in whole) for place in range(len(head))]
    for row in whole:
        first, *rest = (
            word.ljust(width) if place == 0 else word.rjust(width)
            for place, (word, width) in enumerate(zip(row, widths, strict=True))
        )
        tell("  ".join((first, *rest)))
