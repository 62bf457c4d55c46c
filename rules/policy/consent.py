"""Did the contact just ask for no more offers, or for offers again?"""

from collections.abc import Iterable
from enum import StrEnum

from rules.words import words


class Wish(StrEnum):
    """What a contact asks for with one of the business's words."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


def wish(text: str, out_words: Iterable[str], in_words: Iterable[str]) -> Wish | None:
    """Return the wish when the whole message is one of the words, however it is written; else nothing.

    A word that is on both lists opts out.
    """
    said = words(text)
    if not said:
        return None
    if any(words(each) == said for each in out_words):
        return Wish.OPT_OUT
    if any(words(each) == said for each in in_words):
        return Wish.OPT_IN
    return None
