"""What of what is typed lets something happen in the chat?"""

import re
import shlex
from collections.abc import Callable
from datetime import timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.chat.session import Session
from engine.content import Content, Form, Location, Text
from engine.events import Referral
from flows.http_lines import answer_of
from flows.lines import (
    Act,
    ClockReaches,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Fails,
    OwnerWrites,
    Redelivered,
    TimePasses,
)
from flows.moments import A_MOMENT_OR_TIME, moment_or_time
from flows.spans import span
from flows.verbs import PREFILLED, sent_file
from rules.source import Mistakes

FILES = {
    "image": "send a picture; CAPTION can be left out",
    "video": "send a video",
    "audio": "send an audio file",
    "voice": "send a voice note",
    "document": "send a document",
    "sticker": "send a sticker",
}
NAME_FIRST = re.compile(r'(?:"(?P<quoted>[^"]+)"|(?P<bare>\S+))\s*(?P<rest>.*)', re.DOTALL)
PLACE = re.compile(r"(?P<latitude>[-+]?[0-9.]+)\s*,\s*(?P<longitude>[-+]?[0-9.]+)\s*")


class MisunderstoodError(Exception):
    """What was typed after a word that begins with `/` means nothing; the words say what is expected."""


class Doing(Struct, frozen=True):
    """A word that lets something happen: what may follow it, what it does, and how its act is made."""

    usage: str
    means: str
    make: Callable[[str, Session], Act]


def said(words: str, session: Session) -> Act:
    """Read a line that lets something happen; what does not begin with `/` is what the contact writes."""
    if not words.startswith("/") or words.startswith("//"):
        return ContactWrites(Text(words.removeprefix("/")))
    word, _, rest = words.partition(" ")
    if word not in DOINGS:
        raise MisunderstoodError(f"{word} is nothing that somebody can do here.")
    return DOINGS[word].make(rest.strip(), session)


def _tap(words: str, session: Session) -> Act:
    offered = session.simulation.offered()
    if not words:
        raise MisunderstoodError("Write which one, as in /tap 2, or its title.")
    if words.isdecimal() and not 0 < int(words) <= len(offered):
        count = f"only {len(offered)}" if offered else "nothing"
        raise MisunderstoodError(f"There is no number {words} to tap: the bot's messages offer {count}.")
    if words.isdecimal():
        return ContactTaps(offered[int(words) - 1])
    begun = [title for title in offered if title.casefold().startswith(words.casefold())]
    return ContactTaps(begun[0] if len(begun) == 1 else words)


def _file(kind: str) -> Callable[[str, Session], Act]:
    def make(words: str, _: Session) -> Act:
        return ContactWrites(_content(kind, words))

    return make


def _content(kind: str, words: str) -> Content:
    found = NAME_FIRST.fullmatch(words)
    if found is None:
        raise MisunderstoodError(f"Write the name of a file, as in /{kind} {EXAMPLES[kind]}")
    return sent_file(kind, found["quoted"] or found["bare"], found["rest"] or None)


EXAMPLES = {
    "image": "cake.jpg This one?",
    "video": "oven.mp4",
    "audio": "song.mp3",
    "voice": "note.ogg",
    "document": "order.pdf",
    "sticker": "smile.webp",
}


def _location(words: str, _: Session) -> Act:
    found = PLACE.fullmatch(words)
    try:
        if found is not None:
            return ContactWrites(Location(float(found["latitude"]), float(found["longitude"])))
    except ValueError:
        pass
    raise MisunderstoodError("Write a latitude and a longitude, as in /location -23.55, -46.63")


def _form(words: str, _: Session) -> Act:
    try:
        pairs = [each.partition("=") for each in shlex.split(words)]
    except ValueError:
        pairs = []
    if not pairs or not all(name and sign for name, sign, _ in pairs):
        raise MisunderstoodError('Write what is filled in, as in /form day=2026-03-07 name="Ana Lima"')
    return ContactWrites(Form("flow", msgspec.json.encode({name: value for name, _, value in pairs}).decode()))


def _owner(words: str, session: Session) -> Act:
    if not words:
        raise MisunderstoodError("Write what the owner says, as in /owner I'll take this one")
    act = said(words, session)
    if not isinstance(act, ContactWrites) or act.referral or act.late:
        raise MisunderstoodError("The owner writes a text, or sends a file as in /owner /image cake.jpg")
    return OwnerWrites(act.content)


def _ad(words: str, _: Session) -> Act:
    ad, _space, text = words.partition(" ")
    if not ad:
        raise MisunderstoodError("Write the id of the ad, as in /ad 120330000000001")
    return ContactWrites(Text(text.strip() or PREFILLED), Referral("ad", ad, f"click-{ad}"))


def _late(words: str, session: Session) -> Act:
    long, _, rest = words.partition(" ")
    if not rest.strip():
        raise MisunderstoodError("Write how late, and what is said, as in /late 3h hello, or /late 40m /owner hello")
    act = said(rest.strip(), session)
    if not isinstance(act, ContactWrites | OwnerWrites):
        raise MisunderstoodError("Only what the contact or the owner sends can be late.")
    return replace(act, late=_span(long, "/late 3h hello"))


def _after(words: str, _: Session) -> Act:
    return TimePasses(_span(words, "/after 25h"))


def _span(words: str, example: str) -> timedelta:
    try:
        return span(words)
    except Mistakes as wrong:
        raise MisunderstoodError(f"{wrong.mistakes[0].message}, as in {example}") from None


def _at(words: str, session: Session) -> Act:
    found = moment_or_time(words, session.beginning.zone)
    if found is None:
        raise MisunderstoodError(f"This takes {A_MOMENT_OR_TIME}, not `{words}`.")
    return ClockReaches(found)


def _http(words: str, _: Session) -> Act:
    found = answer_of(words)
    if found is None:
        raise MisunderstoodError('Write what another system answers, as in /http {"eta": "noon"} or /http 404')
    return found


def _fails(words: str, _: Session) -> Act:
    if not words.isdecimal() or not words.isascii():
        raise MisunderstoodError("Write one of Meta's codes, as in /fails 131047 (the window is closed)")
    return Fails(int(words))


def _bare(act: Act) -> Callable[[str, Session], Act]:
    return lambda _words, _session: act


CONTACT = {
    "/tap": Doing("2", "tap the second thing offered, or write its title", _tap),
    **{f"/{kind}": Doing("FILE CAPTION", means, _file(kind)) for kind, means in FILES.items()},
    "/location": Doing("LAT, LONG", "send a place on the map", _location),
    "/form": Doing("NAME=VALUE", "fill in the bot's form, as many as it has", _form),
    "/ad": Doing("ID TEXT", "come from an ad, which suggests a text itself", _ad),
    "/late": Doing("3h TEXT", "what arrives so late; also /late 40m /owner TEXT", _late),
}
OWNER_AND_META = {
    "/owner": Doing("TEXT", "the owner writes: a text, #stop, #bot, /image FILE", _owner),
    "/again": Doing("", "Meta delivers what came in last once more", _bare(Redelivered())),
    "/echo": Doing("", "the bot's latest message comes back as an echo", _bare(EchoOfBot())),
    "/http": Doing("JSON", "another system answers; also /http 404, or /http", _http),
    "/fails": Doing("131047", "Meta could not deliver it, with this code", _fails),
}
TIME = {
    "/after": Doing("25h", "time passes, and timers fire on the way", _after),
    "/at": Doing("09:00", "time passes until then; also 2026-03-02 10:00", _at),
}
DOINGS = {**CONTACT, **OWNER_AND_META, **TIME}
"""Every word that lets something happen."""
