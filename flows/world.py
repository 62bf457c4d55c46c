"""Where is a transcript played, and how does it let happen what its lines say?"""

from datetime import datetime, time, timedelta
from typing import Protocol, TypeVar, assert_never

from engine.content import Content
from engine.events import Referral
from engine.request import Answer
from flows.lines import (
    AT_ONCE,
    Act,
    ClockReaches,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Fails,
    HttpAnswers,
    OwnerWrites,
    Redelivered,
    TimePasses,
)
from flows.post import Left

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class CannotHappenError(Exception):
    """What is asked for is not possible at this point; the words say why, in a sentence."""


class World(Protocol[T_co]):
    """A chat with its contact, its owner, Meta and a clock; `T_co` is what each thing that happens leads to.

    Each method raises `CannotHappenError` where it cannot be done. `late` is how long a message is on its way.
    """

    def contact(self, content: Content, referral: Referral | None = None, *, late: timedelta = AT_ONCE) -> T_co:
        """The contact sends something; after a click on an ad there is a referral."""

    def tap(self, title: str) -> T_co:
        """The contact taps what the latest message with that title offers."""

    def owner(self, content: Content, *, late: timedelta = AT_ONCE) -> T_co:
        """The owner sends something from the phone."""

    def after(self, span: timedelta) -> T_co:
        """Time passes."""

    def until(self, at: datetime | time) -> T_co:
        """Time passes until a moment, or until the clock next shows a time of day."""

    def redeliver(self) -> T_co:
        """What came in last comes in once more."""

    def echo_of_bot(self) -> T_co:
        """The latest message of the bot comes back as an echo."""

    def fails(self, code: int, left: Left | None = None) -> T_co:
        """Meta could not deliver a message of the bot, the latest unless told."""

    def answers(self, answer: Answer, asked: str | None = None) -> T_co:
        """Another system answers what it was asked; `asked` is the address that must have been asked."""


def let_happen(act: Act, world: World[T], expected_last: Left | None = None) -> T:
    """Let a line's act happen; `expected_last` is the message that the line above it was about."""
    match act:
        case ContactWrites(content=content, referral=referral, late=late):
            return world.contact(content, referral, late=late)
        case ContactTaps(title=title):
            return world.tap(title)
        case OwnerWrites(content=content, late=late):
            return world.owner(content, late=late)
        case TimePasses(span=span):
            return world.after(span)
        case ClockReaches(at=at):
            return world.until(at)
        case Redelivered():
            return world.redeliver()
        case EchoOfBot():
            return world.echo_of_bot()
        case Fails(code=code):
            return world.fails(code, expected_last)
        case HttpAnswers(answer=answer, asked=asked):
            return world.answers(answer, asked)
        case _:
            assert_never(act)
