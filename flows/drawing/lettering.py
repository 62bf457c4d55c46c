"""How wide is a text, and how is it broken into lines?

Nothing here knows the reader's fonts: the widths are those of the commonest sans-serif letters, rounded up,
and whoever draws leaves some room.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

NARROW, MIDDLING, BROAD = "ijl.,:;!|'`", 'frtI()[]{}/\\-" ', "mwMW@%—…"
CAPITALS_EM, NARROW_EM, MIDDLING_EM, BROAD_EM, FULL_EM, USUAL_EM = 0.72, 0.26, 0.37, 0.92, 1.05, 0.57
WIDE = ("W", "F")
WITHOUT_WIDTH = ("Mn", "Me", "Cf")
RIGHT_TO_LEFT = ("R", "AL")
WORD = re.compile(r"\S+")


def width(text: str, size: float) -> float:
    """Estimate how wide a line is, in pixels, at a size of letters in pixels."""
    return sum(map(_em, text)) * size


def lines(text: str, size: float, most_width: float, most_lines: int) -> tuple[str, ...]:
    """Break a text into lines that fit; what is too much ends with `…`."""
    found: list[str] = []
    for paragraph in text.splitlines():
        for line in _wrapped(paragraph, size, most_width):
            if len(found) == most_lines:
                found[-1] = _clipped(found[-1], size, most_width)
                return tuple(found)
            found.append(line)
    return tuple(found)


def is_right_to_left(text: str) -> bool:
    """Tell whether a text runs from right to left: its first letter says so."""
    kinds = (unicodedata.bidirectional(each) for each in text)
    return next((kind in RIGHT_TO_LEFT for kind in kinds if kind == "L" or kind in RIGHT_TO_LEFT), False)


def _wrapped(paragraph: str, size: float, most: float) -> Iterator[str]:
    line = ""
    for word in WORD.findall(paragraph):
        longer = f"{line} {word}" if line else word
        if width(longer, size) <= most:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, size, most)
        yield from full
    if line:
        yield line


def _pieces(word: str, size: float, most: float) -> Iterator[str]:
    """Break a word that is wider than a line; marks stay with their letters."""
    piece = ""
    for letter in word:
        if piece and _em(letter) and width(piece + letter, size) > most:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _clipped(line: str, size: float, most: float) -> str:
    while line and width(f"{line}…", size) > most:
        line = line[:-1]
    return f"{line.rstrip()}…"


@cache
def _em(letter: str) -> float:
    if letter in NARROW:
        return NARROW_EM
    if letter in MIDDLING:
        return MIDDLING_EM
    if unicodedata.category(letter) in WITHOUT_WIDTH:
        return 0
    if unicodedata.east_asian_width(letter) in WIDE:
        return FULL_EM
    if letter in BROAD:
        return BROAD_EM
    return CAPITALS_EM if letter.isupper() else USUAL_EM
