"""Go on later."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from msgspec import Struct

from engine.step import Outcome, Turn
from engine.step import Wait as Waiting
from flows.nodes import Node
from flows.reader import By, Reader, UnreadableError
from flows.spans import A_SPAN, A_TIME, clock, span
from flows.step import StepKind
from rules.source import Mistakes

OPEN = "until open"
TIMER = "wait"


class Until(Struct, frozen=True):
    """When to go on: after a span, at a time of day, or (neither) when the business opens."""

    span: timedelta | None = None
    clock: time | None = None

    def moment(self, turn: Turn) -> datetime | None:
        """Find the moment; nothing if it never comes."""
        if self.span is not None:
            return turn.now + self.span
        if self.clock is not None:
            return _next(self.clock, turn)
        return turn.hours.opens_at(turn.now) if turn.hours else None


def _next(clock: time, turn: Turn) -> datetime:
    today = turn.now.astimezone(turn.zone).date()
    for day in (today, today + timedelta(days=1)):
        moment = datetime.combine(day, clock, turn.zone).astimezone(UTC)
        if moment > turn.now:
            return moment
    return turn.now + timedelta(days=1)


def _until(reader: Reader, node: Node, name: str) -> Until:
    text = reader.text(node, name, f"{A_SPAN}, {A_TIME}, or `{OPEN}`").strip()
    if text == OPEN:
        if not reader.has_hours:
            message = f"`{OPEN}` needs the `hours` of the business, and business.yaml has none"
            raise reader.refuse(node.place, "no-hours", message)
        return Until()
    try:
        return Until(clock=clock(text)) if ":" in text else Until(span=span(text))
    except Mistakes as wrong:
        first = wrong.mistakes[0]
        hint = first.hint or f"Write {A_SPAN}, {A_TIME}, or `{OPEN}`"
        reader.tell(node.place, first.code, first.message, hint)
        raise UnreadableError(name) from None


class Wait(StepKind, frozen=True):
    """Wait for a span, until a time of day, or until the business is open; then go on.

    - wait: 20h
    - wait: 09:00
    """

    wait: Annotated[Until, By(_until)]

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
    def waits(self) -> bool:
        """A run stops here."""
        return True
