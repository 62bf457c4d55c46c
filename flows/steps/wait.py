"""Go on later."""

from datetime import timedelta
from typing import Annotated

from engine.step import Outcome, Turn
from engine.step import Wait as Waiting
from flows.reader import By
from flows.step import StepKind
from flows.until import AS_WRITTEN, Until, read_until

TIMER = "wait"


class Wait(StepKind, frozen=True):
    """Wait for a span, until a time, or until the business is open; then go on.

    - wait: 20h
    - wait: 09:00
    - wait: mon 09:00
    - wait: until open
    - wait: 2 business days
    - wait: {until: today + 7d, at: 10:00}

    What the contact writes meanwhile does not end the wait. A moment that is over already is not waited for. Times are
    those of the business's time zone.

    `wait` takes:

    - a span such as `90s`, `30m`, `2h` or `1d`;
    - a time of day, which is today's or tomorrow's; with a day before it as in `mon 09:00` or `2026-12-24 09:00`;
    - `until open`, by the `hours` of the business: at once if it is open;
    - `2 business days`, which counts the days on which the business opens and keeps the time of day, or
      `2 business days 09:00`;
    - `until` with an expression that gives a date or a moment, and `at` with the time of day.
    """

    wait: Annotated[Until, By(read_until, AS_WRITTEN)]

    def run(self, turn: Turn) -> Outcome:
        """Stand here until the moment comes; go straight on if it is there, or never comes."""
        moment = self.wait.moment(turn)
        if moment is None or moment <= turn.now:
            return Outcome(why="there is nothing to wait for")
        why = f"until {moment.astimezone(turn.zone):%Y-%m-%d %H:%M}"
        return Outcome(then=Waiting(for_answer=False, timers=((TIMER, moment),)), why=why)

    def fired(self, turn: Turn, name: str) -> Outcome:  # noqa: ARG002 - the wait is over
        """Go on."""
        return Outcome(why="is over")

    @property
    def passes(self) -> timedelta:
        """A span is known; business days are whole days at least, but for the one it is."""
        return self.wait.span or timedelta(days=max(self.wait.business_days - 1, 0))

    @property
    def waits(self) -> bool:
        """A run stops here."""
        return True
