"""What a step is to the engine: a turn goes in, an outcome comes out."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from msgspec import Struct

from engine.effects import Effect
from engine.events import AdClick, MessageReceived
from engine.request import Answer, Request
from rules.policy.consent import Consent


class Turn(Struct, frozen=True, kw_only=True):
    """What a step may know while one event is handled.

    `facts` are the names a condition can read, under their full dotted names; `now` is in UTC and `zone`
    is the business's; `language` is the contact's, else the business's; `message` is what the contact wrote;
    `ad` is their last click on one, and `claims` are the conversions that were reported;
    `wait_key` belongs behind buttons, so that a late tap is known to be late. Lots are drawn from the ids of
    `contact` and `run` (the event's where there is no run), since there is no chance in the engine.
    """

    facts: Mapping[str, Any]
    now: datetime
    zone: tzinfo
    language: str
    at: str
    tries: int = 0
    message: MessageReceived | None = None
    ad: AdClick | None = None
    claims: tuple[str, ...] = ()
    wait_key: str = ""
    hours: "Hours | None" = None
    contact: str = ""
    flow: str = ""
    run: str = ""


class Hours(Protocol):
    """Opening hours, asked by steps that wait for them."""

    def is_open(self, at: datetime) -> bool:
        """Tell whether the business is open at an aware moment."""

    def opens_at(self, after: datetime) -> datetime | None:
        """Return the next moment, at or after the given one, at which it is open."""

    def business_day(self, after: date, count: int) -> date | None:
        """Return the so many-th day after the given one on which the business opens."""


class Next(Struct, frozen=True, tag=True):
    """Go on with the step that follows."""


class Enter(Struct, frozen=True, tag=True):
    """Go on inside a branch of this step, then with the step that follows."""

    branch: str


class Wait(Struct, frozen=True, tag=True):
    """Stand here until the contact answers (`for_answer`), the system asked does, or a timer of this step fires."""

    for_answer: bool = True
    timers: tuple[tuple[str, datetime], ...] = ()
    request: Request | None = None


class Goto(Struct, frozen=True, tag=True):
    """Go on at a step of this flow, else at the beginning of another flow."""

    target: str


class Call(Struct, frozen=True, tag=True):
    """Go through another flow, then on with the step that follows."""

    flow: str


class Return(Struct, frozen=True, tag=True):
    """Go back to the flow that called this one; end the run if none did."""


class End(Struct, frozen=True, tag=True):
    """End the run, whoever called."""


class HandOff(Struct, frozen=True, tag=True):
    """End the run and give the chat to the owner."""

    reason: str


Then = Next | Enter | Wait | Goto | Call | Return | End | HandOff
NEXT = Next()


class Outcome(Struct, frozen=True, kw_only=True):
    """What a step did: effects to carry out, values to keep, and where to go on.

    `save` keeps values under names; a name that begins with `contact.` is kept with the contact.
    `marketing` is the contact's own answer to whether they want it.
    `why` are words for the trace.
    """

    effects: tuple[Effect, ...] = ()
    save: Mapping[str, Any] = {}
    tag: tuple[str, ...] = ()
    untag: tuple[str, ...] = ()
    marketing: Consent | None = None
    then: Then = NEXT
    why: str = ""


class Step(Protocol):
    """A step of a flow, whatever its kind."""

    @property
    def kind(self) -> str:
        """The word that names the kind, as authors write it."""

    def taken(self, turn: Turn) -> Mapping[str, Any] | None:
        """Return what the groups of the step's own `when` took; nothing if it does not hold: it is skipped."""

    def run(self, turn: Turn) -> Outcome:
        """Do the step, on reaching it."""

    def answer(self, turn: Turn) -> Outcome | None:
        """Take the contact's message while the run waits here; nothing if the step does not accept it."""

    def sorry(self, turn: Turn) -> Outcome | None:
        """Say that an answer was not understood (`turn.tries` counts it); nothing if the step has no words for it."""

    def fired(self, turn: Turn, name: str) -> Outcome:
        """Go on after a timer of this step."""

    def answered(self, turn: Turn, answer: Answer) -> Outcome:
        """Go on after the answer to the `request` of its wait."""

    def interrupted(self, turn: Turn) -> Outcome:
        """Go on after the owner stepped in, where the wait was not for the contact."""
