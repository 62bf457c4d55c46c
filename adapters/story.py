"""What is known of one chat: its records, what waits there and what the gate says of it now, and what was said?"""

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from adapters.finding import UNREADABLE, Meant, told_number
from adapters.live import Live, NotLive
from adapters.records import LogEntry, read_event, read_log, read_row
from adapters.store import Row as Kept
from adapters.store import Store
from engine.chat import Number, Run
from engine.content import Outgoing
from engine.effects import Send
from engine.events import TimerFired
from engine.gate import Judgement, judge
from engine.row import Row, RowState
from engine.ruleset import Ruleset
from engine.wake_ups import is_awaited

OPEN = frozenset({RowState.QUEUED, RowState.SENDING, RowState.DOUBT, RowState.PARKED})


class Pending(Struct, frozen=True, kw_only=True):
    """A row that has not ended; without a `row` it cannot be read. `verdict` is what the gate says of a queued one.

    It is `behind` another message of the chat, or its campaign rests: then it waits whatever the gate says.
    """

    kept: Kept
    row: Row | None = None
    verdict: Judgement | None = None
    behind: bool = False
    campaign_rests: bool = False


class Instead(Struct, frozen=True):
    """A template that was queued in the place of another message."""

    kept: Kept
    content: Outgoing


class Story(Struct, frozen=True, kw_only=True):
    """One chat, as it is now.

    `ended` are the rows of the log that have, by their id; `instead` those that took another's place, by its id.
    Each of `turns` is what one decision wrote down, nothing if that cannot be read. `all_timers` tells whether every
    timer was looked at, `store_held` why the store lets nothing leave.
    """

    meant: Meant
    number: Number
    ruleset: Ruleset
    run_is_known: bool
    now: datetime
    store_held: str
    held: bool
    undecided: int
    pending: tuple[Pending, ...]
    ended: dict[str, Kept]
    instead: dict[str, Instead]
    timers: tuple[TimerFired, ...]
    all_timers: bool
    turns: tuple[tuple[LogEntry, ...] | None, ...]


class _Case(Struct, frozen=True):
    """What the gate reads, and the line of the chat's messages."""

    meant: Meant
    ruleset: Ruleset
    number: Number
    now: datetime
    line: tuple[str, ...]


async def story(store: Store, live: Live, meant: Meant, turns: int) -> Story:
    """Gather it all; nothing is changed."""
    business, subject, chat = meant.business, meant.subject, meant.chat
    now = datetime.now(UTC)
    ruleset, run_is_known = await _ruleset(store, live, meant, chat.run if chat else None)
    number = await told_number(store, meant.line)
    found = await store.subject(business, subject)
    said = [_turn(blob) for blob in await store.log(business, subject, turns)] if turns else []
    logged = [entry.row for turn in said for entry in turn or () if entry.row]
    line = found.rows if found else ()
    names = dict.fromkeys((*line, *logged, *await store.own_rows(business, subject)))
    rows = await store.rows(business, [*names, *await _parked(store, business, [*names])])
    own = [row for row in rows if row.subject == subject]
    case = _Case(meant, ruleset, number, now, line)
    timers = await store.timers_of(business, subject)
    fired = [event for blob in timers.blobs if (event := _timer(blob))]
    return Story(
        meant=meant,
        number=number,
        ruleset=ruleset,
        run_is_known=run_is_known,
        now=now,
        store_held=await store.held(),
        held=found is not None and found.hold is not None,
        undecided=found.inbox if found else 0,
        pending=tuple([await _pending(store, row, case) for row in own if row.state in OPEN]),
        ended={row.id: row for row in own if row.state not in OPEN},
        instead=_instead(own),
        timers=tuple(sorted((each for each in fired if chat and is_awaited(each, chat)), key=lambda each: each.at)),
        all_timers=timers.all,
        turns=tuple(said),
    )


async def _ruleset(store: Store, live: Live, meant: Meant, run: Run | None) -> tuple[Ruleset, bool]:
    """Return the flows, those of an older version with them where somebody is in one that is still there."""
    ruleset = meant.line.ruleset
    if run is not None and run.version not in await store.versions(meant.business):
        return ruleset, False
    try:
        return await live.ruleset(meant.business, ruleset.version, run), True
    except NotLive:
        return ruleset, False


async def _parked(store: Store, business: str, known: Iterable[str]) -> list[str]:
    """Return what is parked in the business and may be of a turn that the log has forgotten."""
    return sorted(set(await store.parked(business)) - set(known))


async def _pending(store: Store, kept: Kept, case: _Case) -> Pending:
    row, behind, chat = _row(kept), kept.id in case.line[1:], case.meant.chat
    if row is None or chat is None or kept.state is not RowState.QUEUED:
        return Pending(kept=kept, row=row, behind=behind)
    ruleset = case.ruleset
    verdict = judge(row, chat, case.number, ruleset.lists, case.now, answer_within=ruleset.business.answer_within)
    rests = await _campaign_rests(store, row)
    return Pending(kept=kept, row=row, verdict=verdict, behind=behind, campaign_rests=rests)


async def _campaign_rests(store: Store, row: Row) -> bool:
    if not isinstance(row.effect, Send) or row.effect.bulk is None:
        return False
    campaign = await store.campaign(row.business, row.effect.bulk.campaign)
    return campaign is None or campaign.state != "running"


def _instead(rows: Iterable[Kept]) -> dict[str, Instead]:
    """Find the templates that left, or will, in the place of what was refused."""
    found = {}
    for kept in rows:
        row = _row(kept)
        if row is not None and row.replaces and isinstance(row.effect, Send):
            found[row.replaces] = Instead(kept, row.effect.content)
    return found


def _row(kept: Kept) -> Row | None:
    try:
        return read_row(kept.blob)
    except UNREADABLE:
        return None


def _turn(blob: bytes) -> tuple[LogEntry, ...] | None:
    try:
        return read_log(blob)
    except (*UNREADABLE, zlib.error):
        return None


def _timer(blob: bytes) -> TimerFired | None:
    try:
        event = read_event(blob)
    except UNREADABLE:
        return None
    return event if isinstance(event, TimerFired) else None
