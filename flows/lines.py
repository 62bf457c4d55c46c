"""What may a transcript say, line by line?"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from engine.content import Content
from engine.events import Referral
from flows.nodes import Place
from flows.shown import Expected
from rules.policy.handoff import Holder


class Person(Struct, frozen=True, kw_only=True):
    """Who writes in a transcript."""

    name: str | None = None
    phone: str | None = None
    bsuid: str | None = None


class ContactWrites(Struct, frozen=True):
    """The contact sends something."""

    content: Content
    referral: Referral | None = None


class ContactTaps(Struct, frozen=True):
    """The contact taps what a message offers."""

    title: str


class OwnerWrites(Struct, frozen=True):
    """The owner sends something from the phone."""

    content: Content


class BotSays(Struct, frozen=True):
    """The next message that left must be this one."""

    message: Expected


class Silence(Struct, frozen=True):
    """No message may have left that was not expected yet."""


class TimePasses(Struct, frozen=True):
    """The clock moves on; timers fire on the way."""

    span: timedelta


class Redelivered(Struct, frozen=True):
    """What came in last comes in once more."""


class EchoOfBot(Struct, frozen=True):
    """The latest message of the bot comes back as an echo."""


class Fails(Struct, frozen=True):
    """Meta refuses the latest message of the bot with an error code."""

    code: int


class HolderIs(Struct, frozen=True):
    """This one must hold the chat."""

    holder: Holder


class SavedIs(Struct, frozen=True):
    """Steps must have saved these values, written as text."""

    values: Mapping[str, str]


class WasReported(Struct, frozen=True, kw_only=True):
    """A conversion must have been reported, and not been expected yet."""

    event: str
    value: str | None = None
    currency: str | None = None


class WasNotified(Struct, frozen=True):
    """The owner must have been told these words, and no line have expected them yet."""

    words: str


Doing = (
    ContactWrites
    | ContactTaps
    | OwnerWrites
    | BotSays
    | Silence
    | TimePasses
    | Redelivered
    | EchoOfBot
    | Fails
    | HolderIs
    | SavedIs
    | WasReported
    | WasNotified
)


class Line(Struct, frozen=True):
    """One line of a transcript: where it stands, how it begins, and what it says."""

    place: Place
    verb: str
    doing: Doing


class Transcript(Struct, frozen=True, kw_only=True):
    """A chat as a test. `number` is nothing for the business's first."""

    file: str
    name: str
    place: Place
    begins_at: datetime
    contact: Person
    number: str | None
    lines: tuple[Line, ...]
