"""Decide what waits in a chat's inbox: gather, decide, apply."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache

import structlog
from msgspec.structs import replace
from redis.exceptions import RedisError

from adapters.ends import Ends, new_row
from adapters.inbox import event_in, fewest, in_order, waits_for_a_send
from adapters.later import Later
from adapters.live import Live, NotLive
from adapters.records import (
    LaterSchemaError,
    new_alert,
    packed,
    packed_chat,
    read_chat,
    read_contact,
    read_number,
)
from adapters.rings import Rings
from adapters.store import NewAlert, Store
from adapters.store.records import Committed, DueRow, Entry, Leased
from adapters.turn import Turn
from adapters.wishes import as_they_wished
from engine.chat import Chat, Contact, Number, OwnSend
from engine.decide import Decision, decide
from engine.effects import Send
from engine.events import (
    ChatEvent,
    EchoReceived,
    NumberEvent,
    StatusReceived,
)
from engine.identity import same_message
from engine.number import decide_number, removed
from engine.outbox import Echoed, Evidence, Status
from engine.owner_writes import own_row
from engine.row import Row
from engine.rows import fetch_for, rows_for
from engine.ruleset import Ruleset

log = structlog.get_logger()

TRIES = 3


class Handler:
    """Drains inboxes of chats and numbers, under a lease that only one process can have."""

    def __init__(self, store: Store, live: Live, ends: Ends, rings: Rings, *, keeps_files: bool = True) -> None:
        """Work on one store; `keeps_files` says whether files of messages are to be brought."""
        self._keeps_files = keeps_files
        self._store = store
        self._live = live
        self._ends = ends
        self._rings = rings
        self.later = Later(store)

    async def drain(self, business: str, subject: str, owner: str = "") -> None:
        """Decide all that waits there, in order, an echo first; returns at once if somebody else does it.

        Who asks again after the store was away names the same `owner`, and need not wait for the end of its own lease.
        """
        owner = owner or secrets.token_hex(8)
        try:
            await self._drain(business, subject, owner)
        except (RedisError, OSError, NotLive):
            # Whoever has lost an answer, or finds no flows to decide by, is no process that an event has killed: the
            # chat is not to wait for the end of the lease, nor to be parked after three of them.
            with suppress(RedisError, OSError):
                await self._store.release(business, subject, owner)
            raise
        except LaterSchemaError:
            await self._store.release(business, subject, owner)
            await self.later.met(business)

    async def _drain(self, business: str, subject: str, owner: str) -> None:
        one_by_one = False
        while leased := await self._store.lease(business, subject, owner):
            if not leased.events or waits_for_a_send(leased) or await self._runs_ahead(business, leased):
                await self._store.release(business, subject, owner)
                return
            # One of them may have ended a process: the others are not to be parked in its place.
            one_by_one = one_by_one or leased.tries > 1
            written = await self._decide(business, subject, owner, fewest(leased) if one_by_one else leased)
            if isinstance(written, Committed) and not written.remaining:
                return

    async def _runs_ahead(self, business: str, leased: Leased) -> bool:
        """Tell whether the store's clock is so far ahead of ours that by it whatever comes in is too old to answer.

        Then it waits: what is decided stays unanswered, and the clock may be set right.
        """
        ruleset = await self._live.ruleset(business, leased.live)
        ahead = datetime.fromtimestamp(leased.now_ms / 1000, UTC) - datetime.now(UTC)
        return ahead > ruleset.business.answer_within

    async def _decide(self, business: str, subject: str, owner: str, leased: Leased) -> object:
        number, _, contact = subject.partition("/")
        if contact:
            return await self._decide_chat(business, subject, owner, leased, number)
        return await self._decide_number(business, subject, owner, leased)

    async def _decide_chat(self, business: str, subject: str, owner: str, leased: Leased, number: str) -> object:
        now = datetime.fromtimestamp(leased.now_ms / 1000, UTC)
        known = chat_of(leased, number)
        before = known
        if leased.refusals and not leased.contact_state:
            before = await as_they_wished(self._store, business, known, in_order(leased))
        ruleset = await self._live.ruleset(business, leased.live, before.run)
        turn = Turn(before, subject, len(leased.events))
        if number not in ruleset.business.numbers:
            await self._aside(business, leased.events, "its number is not live any more")
            turn.close(removed(number))
        elif leased.tries > TRIES:
            turn.decided = 1
            await self._park(business, turn, leased.events[:1], "it ended its process three times")
        else:
            await self._decide_all(business, turn, leased, ruleset, now)
        committed = await self._store.commit(
            business,
            subject,
            owner,
            secrets.token_hex(8),
            ver=leased.ver,
            contact_ver=leased.contact_ver,
            decided=turn.decided,
            state=packed_chat(turn.chat),
            contact_state=packed(turn.chat.contact) if turn.chat.contact != known.contact else None,
            rows=[new_row(row) for row in turn.rows],
            timers=turn.timers,
            drop=turn.drop,
            epoch=turn.chat.epoch,
            log=turn.log,
            alerts=turn.alerts,
            passes=turn.passes,
        )
        if isinstance(committed, Committed) and committed.rung:
            await self._rings.ring(business, number)
        if not all(isinstance(row.effect, Send) for row in turn.rows):
            await self._rings.ring_work(business)
        return committed

    async def _decide_all(self, business: str, turn: Turn, leased: Leased, ruleset: Ruleset, now: datetime) -> None:
        before = turn.chat
        unreadable = [each for each in leased.events if event_in(each) is None]
        await self._park(business, turn, unreadable, "it cannot be read")
        number = number_of(leased.number_state, ruleset.business.numbers[before.number])
        for event in in_order(leased):
            await self._settle_by(business, event, before)
            self._one(turn, event, ruleset, number, now)

    async def _park(self, business: str, turn: Turn, entries: Sequence[Entry], why: str) -> None:
        if not entries:
            return
        log.error("events_parked", business=business, why=why, count=len(entries))
        await self._aside(business, entries, why)
        turn.park(
            f"{len(entries)} of a chat's events could not be decided and are kept aside: {why}. Look into the chat."
        )

    async def _aside(self, business: str, entries: Sequence[Entry], why: str) -> None:
        await self._store.quarantine([(why, "inbox", entry.blob) for entry in entries], business)

    def _one(self, turn: Turn, event: ChatEvent, ruleset: Ruleset, number: Number, now: datetime) -> None:
        """Decide one event; one that cannot be decided stays alone, parked where people see it."""
        try:
            decision = decide(turn.chat, event, ruleset, now)
            queued = rows_for(decision, event=event, subject=turn.subject, number=number, lists=ruleset.lists, now=now)
            files = self._files(turn, decision, event, ruleset, number, now)
        except Exception:  # one bad event stays alone: it is in the log of its chat, and the owner is told
            log.exception("event_parked", kind=type(event).__name__)
            turn.park("An event could not be decided; the chat's log has it. Look into the chat.", event)
            return
        turn.add(event, decision, (*queued.rows, *files), queued.trace)

    def _files(
        self, turn: Turn, decision: Decision, event: ChatEvent, ruleset: Ruleset, number: Number, now: datetime
    ) -> tuple[Row, ...]:
        if not self._keeps_files:
            return ()
        return fetch_for(decision, event=event, subject=turn.subject, number=number, lists=ruleset.lists, now=now)

    async def _settle_by(self, business: str, event: ChatEvent, chat: Chat) -> None:
        """Let an event end the row it is about, if it is about one."""
        match event:
            case StatusReceived():
                row = event.row or next(
                    (own.row for own in chat.own if own.message_id and same_message(own.message_id, event.message_id)),
                    None,
                )
                evidence: Evidence = Status(
                    event.status, message_id=event.message_id, code=event.code, details=event.details
                )
            case EchoReceived():
                row = own_row(chat, event)
                evidence = Echoed(event.id)
            case _:
                return
        if row is not None:
            settled = await self._ends.settle(business, row, evidence, event.id)
            if isinstance(event, StatusReceived) and event.status == "failed":
                await self.drain(business, chat.number)  # it may have been told, and sends nothing until it knows
            if settled is not None and settled.remaining_rows:
                await self._rings.ring(business, chat.number)

    async def _decide_number(self, business: str, subject: str, owner: str, leased: Leased) -> object:
        now = datetime.fromtimestamp(leased.now_ms / 1000, UTC)
        ruleset = await self._live.ruleset(business, leased.live)
        written = ruleset.business.numbers.get(subject, Number(id=subject, business=business, phone="", waba=""))
        number = number_of(leased.state, written)
        alerts: list[NewAlert] = []
        for entry in leased.events:
            event = event_in(entry)
            if not isinstance(event, NumberEvent):
                await self._store.quarantine([("it is no event of a number", "inbox", entry.blob)], business)
                continue
            decision = decide_number(number, event, now)
            number = decision.number
            alerts.extend(new_alert(replace(alert, chat=subject)) for alert in decision.alerts)
        return await self._store.commit(
            business,
            subject,
            owner,
            secrets.token_hex(8),
            ver=leased.ver,
            decided=len(leased.events),
            state=packed(replace(number, locked={})),
            epoch=0,
            alerts=alerts,
        )


def chat_of(leased: Leased, number: str) -> Chat:
    """Put a chat together from its own record, its contact's, and what it sent lately."""
    contact = read_contact(leased.contact_state) if leased.contact_state else Contact(id=leased.contact_id or "")
    chat = read_chat(leased.state) if leased.state else Chat(number=number, contact=contact)
    own = tuple(OwnSend(each.row, each.message_id, each.state, each.words) for each in leased.own)
    return replace(chat, contact=contact, own=own)


def number_of(state: bytes | None, written: Number) -> Number:
    """Put a number together from what the author wrote and what Meta told since."""
    if not state:
        return written
    told = _told(state)
    return replace(
        written,
        pauses=told.pauses,
        templates=told.templates,
        quality=told.quality,
        reach=told.reach,
        reporting=told.reporting,
    )


@lru_cache(maxsize=1_000)
def _told(state: bytes) -> Number:
    """Read what Meta told of a number; it comes with every row, seldom changes, and may name thousands of templates."""
    return read_number(state)


def chat_and_number(found: DueRow, ruleset: Ruleset) -> tuple[Chat, Number]:
    """Put together what the gate reads of a row's chat and number."""
    id_ = found.subject.partition("/")[0]
    number = number_of(found.number_state, ruleset.business.numbers[id_])
    contact = read_contact(found.contact_state) if found.contact_state else Contact(id=found.contact_id)
    chat = read_chat(found.chat_state) if found.chat_state else Chat(number=id_, contact=contact)
    return replace(chat, contact=contact), number
