"""Does a chat go as its transcript says? Plays it with no network and compares."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, assert_never

from msgspec import Struct

from engine.effects import Report
from engine.identity import ids_from
from engine.kept import value_of
from engine.ruleset import Ruleset
from engine.trace import Trace
from flows.coverage import Spot, Watch
from flows.lines import (
    BotSays,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Fails,
    HolderIs,
    Line,
    OwnerWrites,
    Redelivered,
    SavedIs,
    Silence,
    TimePasses,
    Transcript,
    WasNotified,
    WasReported,
)
from flows.post import Left
from flows.round import Round
from flows.shown import folded, is_it, quoted, shown, written
from flows.simulation import Simulation
from rules.policy.handoff import holder_at


class Failure(Struct, frozen=True, kw_only=True):
    """Where a chat went another way than its transcript says, and why it did."""

    file: str
    line: int
    test: str
    message: str
    trace: Trace = Trace()


class Exchange(Struct, frozen=True):
    """A line that made something happen, and what happened."""

    line: Line
    round: Round


class Played(Struct, frozen=True, kw_only=True):
    """How a transcript went: up to its end, or up to the first failure."""

    transcript: Transcript
    exchanges: tuple[Exchange, ...]
    failure: Failure | None
    seen: frozenset[Spot]


def play(transcript: Transcript, ruleset: Ruleset) -> Played:
    """Play a transcript against the flows."""
    player = _Player(transcript, Watch(ruleset))
    failure = player.play()
    return Played(
        transcript=transcript,
        exchanges=tuple(player.exchanges),
        failure=failure,
        seen=frozenset(player.watch.seen),
    )


class _Player:
    """Goes through a transcript; `_pending` are messages that left and that no line expected yet."""

    def __init__(self, transcript: Transcript, watch: Watch) -> None:
        self.watch = watch
        self.exchanges: list[Exchange] = []
        self._transcript = transcript
        self._pending: deque[tuple[Line, Left]] = deque()
        self._reports: list[Report] = []
        self._alerts: list[str] = []
        self._matched: Left | None = None
        who = transcript.contact
        self._simulation = Simulation(
            watch.ruleset,
            begins_at=transcript.begins_at,
            number=transcript.number,
            name=who.name,
            ids=ids_from([who.phone], [who.bsuid]),
        )

    def play(self) -> Failure | None:
        """Go through the lines; return the first failure."""
        for line in self._transcript.lines:
            if failure := self._line(line):
                return failure
        return self._unexpected()

    def _line(self, line: Line) -> Failure | None:
        match line.doing:
            case BotSays() | Silence() | HolderIs() | SavedIs() | WasReported() | WasNotified():
                message = self._compare(line.doing)
                return self._failure(line, message) if message else None
            case Fails():
                return self._act(line)
            case _:
                return self._unexpected() or self._act(line)

    def _act(self, line: Line) -> Failure | None:
        happened = self._do(line)
        if isinstance(happened, str):
            return self._failure(line, happened)
        self.exchanges.append(Exchange(line, happened))
        self._pending.extend((line, left) for left in happened.left)
        self._reports.extend(happened.reports)
        self._alerts.extend(folded(alert.words) for alert in happened.alerts)
        return None

    def _do(self, line: Line) -> Round | str:
        simulation, last = self._simulation, self._matched
        match line.doing:
            case ContactWrites(content=content, referral=referral):
                return simulation.contact(content, referral)
            case ContactTaps(title=title):
                return simulation.tap(title) or _no_button(title, simulation.offered())
            case OwnerWrites(content=content):
                return simulation.owner(content)
            case TimePasses(span=span):
                return simulation.after(span)
            case Redelivered():
                return simulation.redeliver() or "Nothing came in yet that could come in once more."
            case EchoOfBot():
                return simulation.echo_of_bot() or "The bot said nothing yet that could come back."
            case Fails(code=code):
                return simulation.fails(code, last) or "The bot said nothing yet that could fail."
            case _:
                raise TypeError(line.verb)

    def _compare(self, expected: BotSays | Silence | HolderIs | SavedIs | WasReported | WasNotified) -> str | None:
        match expected:
            case BotSays():
                return self._says(expected)
            case Silence():
                return f"Expected silence, got {shown(self._pending[0][1].content)}." if self._pending else None
            case HolderIs(holder=holder):
                found = holder_at(self._simulation.chat.holding, self._simulation.now)
                return None if found is holder else f"Expected the {holder} to hold the chat, but the {found} does."
            case SavedIs(values=values):
                saved = self._saved()
                wrong = (name for name, text in values.items() if not _same(saved.get(name), text))
                return next((f"Expected `{n}` to be {values[n]}, got {written(saved.get(n))}." for n in wrong), None)
            case WasReported():
                return self._was_reported(expected)
            case WasNotified(words=words):
                return self._was_notified(words)
            case _:
                assert_never(expected)

    def _says(self, expected: BotSays) -> str | None:
        if not self._pending:
            return f"Expected {shown(expected.message)}, but nothing left.{self._held_back()}"
        _, left = self._pending[0]
        if not is_it(expected.message, left.content):
            return f"Expected {shown(expected.message)}, got {shown(left.content)}."
        self._pending.popleft()
        self._matched = left
        return None

    def _held_back(self) -> str:
        dropped = self.exchanges[-1].round.dropped if self.exchanges else ()
        return "".join(f" {shown(each.content)} was dropped: {each.reason}." for each in dropped)

    def _was_reported(self, expected: WasReported) -> str | None:
        for report in self._reports:
            if _is_reported(expected, report):
                self._reports.remove(report)
                return None
        others = ", ".join(f"`{report.event}`" for report in self._reports) or "nothing"
        return f"Expected `{expected.event}` to be reported, got {others}."

    def _was_notified(self, words: str) -> str | None:
        if folded(words) in self._alerts:
            self._alerts.remove(folded(words))
            return None
        others = ", ".join(map(quoted, self._alerts)) or "nothing"
        return f"Expected the owner to be told {quoted(words)}, got {others}."

    def _saved(self) -> dict[str, Any]:
        chat = self._simulation.chat
        own = {f"contact.{name}": value_of(value) for name, value in chat.contact.attributes.items()}
        run = {name: value_of(value) for name, value in chat.run.variables.items()} if chat.run else {}
        return {**self.watch.saved, **own, **run}

    def _unexpected(self) -> Failure | None:
        if not self._pending:
            return None
        line, left = self._pending[0]
        return self._failure(line, f"Nothing was expected any more after this line, got {shown(left.content)}.")

    def _failure(self, line: Line, message: str) -> Failure:
        script = self._transcript
        return Failure(file=script.file, line=line.place.line, test=script.name, message=message, trace=self._trace())

    def _trace(self) -> Trace:
        return self.exchanges[-1].round.trace if self.exchanges else Trace()


def _same(value: Any, text: str) -> bool:
    if isinstance(value, Decimal):
        try:
            return value == Decimal(text)
        except InvalidOperation:
            return False
    return written(value) == text


def _is_reported(expected: WasReported, report: Report) -> bool:
    if expected.event != report.event:
        return False
    right_value = expected.value is None or (report.value is not None and _same(Decimal(report.value), expected.value))
    return right_value and expected.currency in (None, report.currency)


def _no_button(title: str, offered: Iterable[str]) -> str:
    known = ", ".join(f"`{each}`" for each in offered) or "nothing"
    return f"There is no `{title}` to tap; the bot's messages offer {known}."
