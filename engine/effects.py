"""What to do about it, in the imperative: the decision's orders to the shell."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from engine.content import Media, Outgoing, Template
from engine.events import ContactAbsorbed
from engine.request import Request
from rules.policy.daytime import Daytime


class Speaker(StrEnum):
    """Who says a message: the bot, a person at the console, or the words of a handoff or opt-out."""

    BOT = "bot"
    PERSON = "person"
    NOTICE = "notice"


class Bulk(Struct, frozen=True):
    """What a campaign adds to its messages: its name, the hours they may leave in, and when it is over."""

    campaign: str
    hours: Daytime
    stop: datetime | None = None


class Send(Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True):
    """Say something to the contact; `fallback` leaves instead when the window is closed.

    `asked` is false for what nobody asked for just now: timers, campaigns, marketing. `bulk` makes it a campaign's:
    it leaves after everything else.
    """

    content: Outgoing
    speaker: Speaker = Speaker.BOT
    fallback: Template | None = None
    asked: bool = True
    step: str = ""
    bulk: Bulk | None = None


class Report(Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True):
    """Tell Meta about a conversion; `value` is a decimal number in text.

    `key` is the author's, `clid` the id of the click; `claim` names the conversion for good, for us and for Meta.
    """

    event: str
    value: str | None = None
    currency: str | None = None
    key: str = ""
    claim: str = ""
    clid: str | None = None
    ad: str | None = None
    step: str = ""


class Http(Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True):
    """Ask another system; the answer comes back to this wait of the run. `asked` is as of `Send`."""

    request: Request
    run: str
    wait: int
    asked: bool = True
    step: str = ""


class Fetch(Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True):
    """Bring the file of a message from Meta, and keep it; `by` is who sent it."""

    file: Media
    by: Literal["contact", "owner"]


class SetTimer(Struct, frozen=True, tag=True, kw_only=True):
    """Wake the run at a moment, if it then still waits the same wait."""

    name: str
    at: datetime
    run: str
    wait: int


class DropQueued(Struct, frozen=True, tag=True):
    """Drop what is queued in this chat and has not begun to leave."""

    reason: str
    speakers: tuple[Speaker, ...] = (Speaker.BOT, Speaker.NOTICE)


class Alert(Struct, frozen=True, tag=True):
    """Tell the owner or whoever runs Baton something they should act on.

    `chat` is the subject it is about (`number/contact`), written down where the alert is kept.
    """

    code: str
    words: str
    chat: str = ""


class PassOn(Struct, frozen=True, tag=True):
    """Tell another chat of this number; `contact` is the id of its contact."""

    contact: str
    event: ContactAbsorbed


Leaving = Send | Report | Http | Fetch
"""What gets a row in the outbox."""
Effect = Leaving | SetTimer | DropQueued | Alert | PassOn


def as_notices(effects: Iterable[Effect]) -> list[Effect]:
    """Let what is said be notices: the owner's taking the chat in this very turn does not stop them."""
    return [replace(each, speaker=Speaker.NOTICE) if isinstance(each, Send) else each for each in effects]
