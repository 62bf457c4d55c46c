"""What did a check find, and what is to be done about it?"""

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How bad it is: as it should be, worth a look, or in the way."""

    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


class Finding(Struct, frozen=True):
    """One line: what was looked at, how it is, and a sentence that says what to do, unless all is well."""

    about: str
    level: Level
    words: str
    advice: str = ""


def fine(about: str, words: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(about, Level.FINE, words)


def warning(about: str, words: str, advice: str = "") -> Finding:
    """Return that somebody should have a look."""
    return Finding(about, Level.WARNING, words, advice)


def wrong(about: str, words: str, advice: str = "") -> Finding:
    """Return that something is in the way."""
    return Finding(about, Level.WRONG, words, advice)


def days(span: timedelta) -> str:
    """Say how many days, as in `1 day`."""
    return f"{span.days:,} day{'' if span.days == 1 else 's'}"
