"""What may a transcript say, line by line?"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo

from msgspec import Struct

from engine.content import Content
from engine.events import Referral
from engine.request import Answer
from flows.expected import Expected
from flows.nodes import Place
from rules.policy.handoff import Holder

AT_ONCE = timedelta(0)


class Person(Struct, frozen=True, kw_only=True):
    """Who writes in a transcript.

    - `name`: the name on their profile.
    - `phone`: the number they write from.
    - `bsuid`: Meta's id for them, where it tells no number.
    """

    name: str | None = None
    phone: str | None = None
    bsuid: str | None = None


class ContactWrites(Struct, frozen=True):
    """The contact sends something, after a click on an ad with a referral; `late` is how long it is on its way."""

    content: Content
    referral: Referral | None = None
    late: timedelta = AT_ONCE


class ContactTaps(Struct, frozen=True):
    """The contact taps what a message offers."""

    title: str


class OwnerWrites(Struct, frozen=True):
    """The owner sends something from the phone; `late` is how long its echo is on its way."""

    content: Content
    late: timedelta = AT_ONCE


class TimePasses(Struct, frozen=True):
    """The clock moves on; timers fire on the way."""

    span: timedelta


class ClockReaches(Struct, frozen=True):
    """The clock moves on to a moment, or to the next time that it shows a time of day."""

    at: datetime | time


class Redelivered(Struct, frozen=True):
    """What came in last comes in once more."""


class EchoOfBot(Struct, frozen=True):
    """The latest message of the bot comes back as an echo."""


class Fails(Struct, frozen=True):
    """Meta refuses the message of the bot that was expected last, with an error code."""

    code: int


class HttpAnswers(Struct, frozen=True):
    """Another system answers what it was asked, or fails to; `asked` is the address that must have been asked."""

    answer: Answer
    asked: str | None = None


Act = (
    ContactWrites
    | ContactTaps
    | OwnerWrites
    | TimePasses
    | ClockReaches
    | Redelivered
    | EchoOfBot
    | Fails
    | HttpAnswers
)
"""What a line lets happen."""


class BotSays(Struct, frozen=True):
    """The next message that left must be this one."""

    message: Expected


class Silence(Struct, frozen=True):
    """No message may have left that was not expected yet."""


class HolderIs(Struct, frozen=True):
    """This one must hold the chat."""

    holder: Holder


class SavedIs(Struct, frozen=True):
    """Steps must have saved these values, written as text."""

    values: Mapping[str, str]


class WasReported(Struct, frozen=True, kw_only=True):
    """A conversion must have been reported, and not been expected yet.

    - `event`: the event, by Meta's name for it.
    - `value`: what it is worth.
    - `currency`: the currency of the value.
    """

    event: str
    value: str | None = None
    currency: str | None = None


class WasNotified(Struct, frozen=True):
    """The owner must have been told these words, and no line have expected them yet."""

    words: str


Expectation = BotSays | Silence | HolderIs | SavedIs | WasReported | WasNotified
"""What a line expects of what happened."""


class Line(Struct, frozen=True):
    """One line of a transcript: where it stands, how it begins, and what it says."""

    place: Place
    verb: str
    doing: Act | Expectation


class Transcript(Struct, frozen=True, kw_only=True):
    """A chat as a test, in the `zone` of the business. `number` is nothing for the business's first."""

    file: str
    name: str
    place: Place
    zone: tzinfo = UTC
    begins_at: datetime
    contact: Person
    number: str | None
    lines: tuple[Line, ...]
