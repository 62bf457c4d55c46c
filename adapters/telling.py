"""How is told what has not left yet, what was said, and why?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from adapters.chat.clock import time_on, with_local_times
from adapters.records import LogEntry
from adapters.store import Row as Kept
from adapters.story import Pending, Story
from adapters.terminal import harmless
from adapters.turn import by_whom
from engine.effects import Send, Speaker
from engine.gate import Drop, Judgement, Leave, LeaveAsTemplate, Wait
from engine.row import RowState
from flows.shown import shown

WORDS_MOST = 300
SPEAKERS = frozenset(Speaker)
EVENTS = {
    "MessageUnreadable": "message that only the app shows",
    "ReactionReceived": "reaction",
    "MessageChanged": "change of an earlier message",
    "OtherSenderWrote": "another sender",
    "FileRecalled": "file of the phone's past",
    "StatusReceived": "status",
    "RowEnded": "refusal by Meta",
    "TimerFired": "timer",
    "HttpAnswered": "answer of another system",
    "IdentityChanged": "new number or user id",
    "PreferenceChanged": "wish about marketing",
    "ContactJoined": "joined to another contact",
    "ContactAbsorbed": "joined with another contact",
    "CampaignReached": "campaign",
    "ChatTaken": "taken by hand",
    "ChatHandedBack": "handed back by hand",
}
"""What whoever made an entry in a log is called, where it is nobody who speaks."""


def row_lines(told: Story) -> Iterator[str]:
    """Write what has not ended, each with what becomes of it."""
    if not told.pending:
        return
    yield ""
    yield "Not yet left, or not known whether it did:"
    for pending in told.pending:
        yield f"  {pending.kept.id}  {harmless(_content(pending), WORDS_MOST)}"
        yield from (f"      {each}" for each in _state(told, pending))


def _content(pending: Pending) -> str:
    if pending.row is None:
        return "it cannot be read by this version"
    who, words = by_whom(pending.row.effect)
    return f"{who}: {words or shown(pending.row.effect.content) if isinstance(pending.row.effect, Send) else words}"


def log_lines(told: Story) -> Iterator[str]:
    """Write what was said lately, with the reasons of each decision."""
    if not told.turns:
        return
    yield ""
    yield "What was said, and why:"
    for turn in told.turns:
        if turn is None:
            yield "  a turn that cannot be read by this version"
            continue
        for _, entries in groupby(turn, key=lambda entry: entry.event):
            yield from _event(told, list(entries))


def _event(told: Story, entries: Sequence[LogEntry]) -> Iterator[str]:
    for entry in entries:
        yield f"  {_at(told, entry.at)}  {_entry(entry)}{_end(told, entry)}"
        for line in entry.why:
            place = f" ({line.place})" if line.place else ""
            yield f"      {line.about}: {harmless(_local(told, line.words))}{place}"
        if entry.row is not None and (template := told.instead.get(entry.row)):
            yield f"      instead: {harmless(shown(template.content), WORDS_MOST)}{_ended(template.kept)}"
    live = entries[0].who == "contact" and entries[0].imported is None
    if live and not any(entry.who in SPEAKERS for entry in entries):
        yield "      nothing was said to that"


def _entry(entry: LogEntry) -> str:
    who = EVENTS.get(entry.who, entry.who)
    if entry.words:
        return f"{who}: {harmless(entry.words, WORDS_MOST)}"
    return who if entry.who in EVENTS else f"{who}, without words"


def _end(told: Story, entry: LogEntry) -> str:
    if entry.imported is not None:
        return f"  [from the phone's history{entry.imported and ', '}{entry.imported}]"
    if entry.row is None:
        return ""
    if any(each.kept.id == entry.row for each in told.pending):
        return "  [see above]"
    row = told.ended.get(entry.row)
    return _ended(row) if row else ""


def _ended(row: Kept) -> str:
    why = ", ".join(each for each in (row.reason, f"code {row.code}" if row.code else "") if each)
    reached = f", {row.delivery}" if row.delivery and row.delivery != row.state else ""
    return f"  [{row.state}{reached}{f': {why}' if why else ''}]"


def _state(told: Story, pending: Pending) -> Iterator[str]:
    row = pending.kept
    match row.state:
        case RowState.SENDING:
            yield f"It is being sent; what became of it is known by {_time(told, row.until_ms)}."
        case RowState.DOUBT:
            yield f"Nobody knows yet whether it arrived. It is looked at again at {_time(told, row.not_before_ms)}."
        case RowState.PARKED:
            yield f"Nobody knows whether it arrived. Look into the chat on the phone, then: {_parked(told, row)}"
        case _:
            yield from _queued(told, pending)


def _queued(told: Story, pending: Pending) -> Iterator[str]:
    if pending.kept.reason:
        yield f"Last try: {pending.kept.reason}."
    if pending.behind:
        yield "It waits for the one before it."
    if pending.campaign_rests:
        yield "Its campaign does not run, so it waits."
    if _moment(pending.kept.not_before_ms) > told.now:
        yield f"It is not tried before {_time(told, pending.kept.not_before_ms)}."
    if pending.verdict is not None:
        yield f"{_verdict(told, pending.verdict)} {_local(told, pending.verdict.words)}"


def _verdict(told: Story, verdict: Judgement) -> str:
    match verdict:
        case Leave():
            return "By the gate it leaves now:"
        case LeaveAsTemplate():
            return "By the gate a template leaves now in its place:"
        case Wait(until=until):
            return f"By the gate it waits{f' until {_at(told, until)}' if until else ''}:"
        case Drop(reason=reason):
            return f"By the gate it is dropped now ({reason}):"


def _parked(told: Story, row: Kept) -> str:
    return f"baton parked --send {row.id} (or --drop) --business {told.meant.business}"


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC)


def _time(told: Story, ms: int) -> str:
    return _at(told, _moment(ms))


def _at(told: Story, moment: datetime) -> str:
    return time_on(moment, told.now, told.ruleset.business.zone)


def _local(told: Story, words: str) -> str:
    return with_local_times(words, told.ruleset.business.zone)
