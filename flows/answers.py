"""What did the contact answer, as a value of the kind a question expects?"""

import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

from msgspec import Struct

from engine.content import Content, Location, Media, words_of
from engine.content import Text as Words
from engine.step import Turn
from flows.dates import day_in
from rules.conditions import Type
from rules.words import fold, number

EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}")
PHONE = re.compile(r"\+?[0-9]{7,15}")
IN_PHONES = str.maketrans("", "", " ().-/")
CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:\s*[:.h]\s*(?P<minute>[0-9]{2}))?\s*h?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?")
NOON = 12


class Expected(Struct, frozen=True):
    """What a question expects: the kind of the value that is saved, and how it is read from a message."""

    type: Type
    read: Callable[[Content, Turn], Any]


def _text(content: Content, _: Turn) -> str | None:
    return (content.body.strip() or None) if isinstance(content, Words) else None


def _number(content: Content, _: Turn) -> Any:
    return number(words_of(content))


def _email(content: Content, _: Turn) -> str | None:
    found = EMAIL.findall(words_of(content))
    return found[0] if len(found) == 1 else None


def _phone(content: Content, _: Turn) -> str | None:
    written = fold(words_of(content)).strip().translate(IN_PHONES)
    return written if PHONE.fullmatch(written) else None


def _date(content: Content, turn: Turn) -> date | None:
    return day_in(words_of(content), turn.language, turn.now.astimezone(turn.zone).date())


def _time(content: Content, _: Turn) -> time | None:
    found = CLOCK.fullmatch(fold(words_of(content)).strip())
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half := found["half"]:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half.startswith("p") else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _location(content: Content, _: Turn) -> str | None:
    return f"{content.latitude},{content.longitude}" if isinstance(content, Location) else None


def _media(kind: str) -> Callable[[Content, Turn], str | None]:
    def read(content: Content, _: Turn) -> str | None:
        return content.id or content.link if isinstance(content, Media) and content.kind == kind else None

    return read


def _any(content: Content, turn: Turn) -> str | None:
    if isinstance(content, Media):
        return content.caption or content.id or content.link
    return _location(content, turn) or words_of(content).strip() or type(content).__name__.lower()


EXPECTED = {
    "text": Expected(Type.TEXT, _text),
    "number": Expected(Type.NUMBER, _number),
    "email": Expected(Type.TEXT, _email),
    "phone": Expected(Type.TEXT, _phone),
    "date": Expected(Type.DATE, _date),
    "time": Expected(Type.TIME, _time),
    "location": Expected(Type.TEXT, _location),
    "image": Expected(Type.TEXT, _media("image")),
    "document": Expected(Type.TEXT, _media("document")),
    "any": Expected(Type.TEXT, _any),
}
