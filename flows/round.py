"""What came of one thing that happened in a simulation?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from engine.effects import Alert, Http, Report
from engine.request import shown_url
from engine.trace import Line, Trace
from flows.post import Dropped, Gone, Held, Left
from flows.shown import shown
from rules.policy.handoff import Holder

NO_AD = ", which Meta is not told: the contact came by no ad"


class Round(Struct, frozen=True, kw_only=True):
    """What came of one thing that happened: what left, and everything else worth knowing.

    `holder` and `saved` are as they are afterwards; `saved` is nothing where nobody can tell.
    """

    at: datetime
    holder: Holder = Holder.BOT
    saved: Mapping[str, Any] | None = None
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
            case Http(request=request):
                self.note(Line("http", f"{request.method} {shown_url(request)} is asked"))
            case Report():
                self.reports.append(gone)
                self.note(Line("report", f"`{gone.event}` is reported{'' if gone.ad else NO_AD}"))

    def note(self, *lines: Line) -> None:
        """Remember reasons."""
        self.trace = Trace((*self.trace.lines, *lines))

    def round(self, at: datetime, holder: Holder, saved: Mapping[str, Any]) -> Round:
        """Close the list."""
        return Round(
            at=at,
            holder=holder,
            saved=saved,
            left=tuple(self.left),
            dropped=tuple(self.dropped),
            held=tuple(self.held),
            reports=tuple(self.reports),
            alerts=tuple(self.alerts),
            trace=self.trace,
        )
