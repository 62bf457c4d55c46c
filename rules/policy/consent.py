"""Does the contact want offers, and did they just say so?"""

from collections.abc import Iterable
from enum import StrEnum

from rules.words import words


class Consent(StrEnum):
    """Whether the contact wants marketing; `UNKNOWN` until they said something."""

    UNKNOWN = "unknown"
    GIVEN = "given"
    REFUSED = "refused"


class Wish(StrEnum):
    """What a contact asks for with one of the business's words."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


def answered(known: Consent, said: Consent) -> Consent:
    """Return what stands after an answer to a question of ours.

    A no always counts. A yes does not bring back who opted out: they do that with a word of their own accord.
    """
    return Consent.REFUSED if Consent.REFUSED in (known, said) else said


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
