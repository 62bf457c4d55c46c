"""When do two pieces of writing say the same words?

Case, accents, width, punctuation marks of phones and digits of other scripts are folded away;
words are runs of letters, digits and their marks. Scripts written without spaces have no runs to find,
so each of their characters counts as a word: a phrase is then found wherever it occurs.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

MOST_REMEMBERED = 512  # texts; one message meets thousands of conditions, but few messages are open at once
MOST_CHARACTERS = 20_000  # a hostile contact may send every character there is

ALIKE = (
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2010\u2012\u2013\u2014\u2015\u2212", "-")
    | dict(zip("đøłħŧıð", "dolhtid", strict=True))
    | {"æ": "ae", "œ": "oe", "þ": "th"}
    # Arabic, Persian and Urdu keyboards write the same letter with different characters.
    | {"\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0640": ""}
)
SPACELESS = (  # Thai, Lao, Burmese, Khmer, Japanese kana, Chinese characters
    range(0x0E00, 0x0F00),
    range(0x1000, 0x10A0),
    range(0x1780, 0x1800),
    range(0x3005, 0x3008),
    range(0x3040, 0x3100),
    range(0x31F0, 0x3200),
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x34000),
)
VARIANTS = frozenset(  # marks that choose among shapes of one letter, and vowels that are never seen
    map(chr, (0x34F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol that are only space
JOINERS = "\u200c\u200d"  # letters of Persian and of scripts of India change their form with them
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)")


class _Characters(dict[int, str]):
    """A table for `str.translate` that finds out about a character when it is first met."""

    def __missing__(self, code: int) -> str:
        """Decide about one character, and remember it while there is room."""
        found = self.decide(chr(code))
        if len(self) < MOST_CHARACTERS:
            self[code] = found
        return found

    def decide(self, char: str) -> str:
        """Say what stands in the place of a character."""
        raise NotImplementedError


class _Folding(_Characters):
    """What a character becomes when writing is folded."""

    def decide(self, char: str) -> str:
        if char in ALIKE:
            return ALIKE[char]
        if char.isspace() or char in BLANK:
            return " "
        if _is_unseen(char) or _is_accent(char):
            return ""
        digit = unicodedata.decimal(char, None)
        return char if digit is None else str(digit)


class _Splitting(_Characters):
    """What a character is to words: a part of one, a word by itself, or a gap."""

    def decide(self, char: str) -> str:
        kind = unicodedata.category(char)
        if kind == "So" or (kind[0] in "LMN" and is_spaceless(char)):
            return f" {char} "
        return char if kind[0] in "LMN" else " "


class _Writing(_Splitting):
    """As in splitting, but what is written may hold joiners, and marks that are not seen are left out."""

    def decide(self, char: str) -> str:
        if char in JOINERS:
            return char
        return "" if _is_unseen(char) else super().decide(char)


_FOLDING = _Folding()
_SPLITTING = _Splitting()
_WRITING = _Writing()


@lru_cache(maxsize=MOST_REMEMBERED)
def fold(text: str) -> str:
    """Take away what people vary in typing: case, accents, width, invisible characters, runs of spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_FOLDING)
    return unicodedata.normalize("NFC", re.sub(" {2,}", " ", plain) if "  " in plain else plain)


def words(text: str) -> tuple[str, ...]:
    """List the folded words of a text, in order."""
    return tuple(_split(fold(text)))


def as_written(text: str) -> tuple[str, ...]:
    """List the words of a text as they are written, in order."""
    parts = unicodedata.normalize("NFC", text).translate(_WRITING).split()
    return tuple(word for part in parts if (word := part.strip(JOINERS)))


@lru_cache(maxsize=MOST_REMEMBERED)
def spaced(folded: str) -> str:
    """Write the words of a folded text with one space before, between and after them.

    A phrase occurs as whole words exactly where its spaced form occurs inside the spaced text.
    """
    found = _split(folded)
    return f" {' '.join(found)} " if found else " "


def has_words(folded_text: str, folded_phrase: str) -> bool:
    """Tell whether the words of the phrase stand in the text, whole and in a row."""
    phrase = spaced(folded_phrase)
    return phrase != " " and phrase in spaced(folded_text)


def occurrences(text: str, phrase: str) -> int:
    """Count how often the words of the phrase stand in the text, whole and in a row."""
    sought = spaced(fold(phrase))
    # Neighbours must not share the space between them.
    return spaced(fold(text)).replace(" ", "  ").count(sought.replace(" ", "  ")[1:-1]) if sought != " " else 0


def is_spaceless(word: str) -> bool:
    """Tell whether a word belongs to a script that is written without spaces, and so is a single character."""
    return len(word) == 1 and any(ord(word) in script for script in SPACELESS)


def number(text: str) -> Decimal | None:
    """Read a number: an optional sign, digits of any script, at most one decimal point or comma."""
    written = fold(text).strip().replace("\u066b", ".")
    return Decimal(written.replace(",", ".")) if NUMBER.fullmatch(written) else None


def _split(folded: str) -> list[str]:
    return folded.translate(_SPLITTING).split()


def _is_unseen(char: str) -> bool:
    """Zero-width characters, direction marks, control characters, enclosing marks, emoji variants, stray surrogates."""
    emoji_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return char in VARIANTS or emoji_tone or unicodedata.category(char) in {"Cf", "Cc", "Cs", "Me"}


def _is_accent(char: str) -> bool:
    """Marks that are left out in quick typing; vowel signs, tone marks and dakuten are letters and stay."""
    place = unicodedata.combining(char)
    overlay_or_nukta = place in {1, 7}
    hebrew_or_arabic_point = 10 <= place <= 36  # noqa: PLR2004 - Unicode's canonical combining classes
    above_or_below = place >= 200  # noqa: PLR2004
    return overlay_or_nukta or hebrew_or_arabic_point or above_or_below
