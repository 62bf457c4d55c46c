"""What came of one thing that happened in a simulation?"""

from datetime import datetime

from msgspec import Struct

from engine.effects import Alert, Report
from engine.trace import Line, Trace
from flows.post import Dropped, Gone, Held, Left
from flows.shown import shown


class Round(Struct, frozen=True, kw_only=True):
    """What came of one thing that happened: what left, and everything else worth knowing."""

    at: datetime
    left: tuple[Left, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    held: tuple[Held, ...] = ()
    reports: tuple[Report, ...] = ()
    alerts: tuple[Alert, ...] = ()
    trace: Trace = Trace()


class SoFar:
    """What came of what is happening, so far."""

    def __init__(self) -> None:
        self.left: list[Left] = []
        self.dropped: list[Dropped] = []
        self.held: list[Held] = []
        self.reports: list[Report] = []
        self.alerts: list[Alert] = []
        self.trace = Trace()

    def add(self, gone: Gone) -> None:
        """Take in what became of a row, and why."""
        match gone:
            case Left():
                self.left.append(gone)
                self.note(Line("gate", f"{shown(gone.content)} leaves. {gone.why}"))
            case Dropped():
                self.dropped.append(gone)
                self.note(Line("gate", f"{shown(gone.content)} is dropped. {gone.why}"))
            case Held():
                self.held.append(gone)
                self.note(Line("gate", f"{shown(gone.content)} waits. {gone.why}"))
            case Report():
                self.reports.append(gone)
                self.note(Line("report", f"`{gone.event}` is reported"))

    def note(self, *lines: Line) -> None:
        """Remember reasons."""
        self.trace = Trace((*self.trace.lines, *lines))

    def round(self, at: datetime) -> Round:
        """Close the list."""
        return Round(
            at=at,
            left=tuple(self.left),
            dropped=tuple(self.dropped),
            held=tuple(self.held),
            reports=tuple(self.reports),
            alerts=tuple(self.alerts),
            trace=self.trace,
        )
