"""Carry rows out: judge, begin in a slot, POST, settle."""

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from redis.exceptions import RedisError

from adapters.departures import Departures
from adapters.ends import BEGUN_FOR_S, Ends
from adapters.handle import Handler, chat_and_number
from adapters.live import Live
from adapters.records import LaterSchemaError, read_row
from adapters.spool import Spool
from adapters.store import Store, blames_a_record
from adapters.store.records import Begun, Idle, NextRow
from adapters.uploads import Uploads
from adapters.whatsapp import api
from adapters.whatsapp.client import TIMEOUT_SECONDS, GraphClient
from adapters.whatsapp.media import UNKNOWN_FILE
from engine import gate
from engine.effects import Send
from engine.identity import recipient
from engine.number import is_on_trial
from engine.outbox import Accepted, Evidence, FileForgotten, NotSent, Refused
from engine.row import Row

log = structlog.get_logger()

LEAD_S = 0.002
LEAD_MOST_S = 0.025  # the store gives a slot that is no more than 30 ms ahead
IDLE_S = 2.0
MENDED_BY = timedelta(minutes=1)
OTHERS_BY = timedelta(seconds=5)  # a sender of a later version, which can read what this one cannot
BROUGHT_BY = timedelta(seconds=TIMEOUT_SECONDS + 5)
TRIAL_LOOK = timedelta(milliseconds=200)


class Lane:
    """The sending of one number: many POSTs in flight, one per chat, none before its slot."""

    def __init__(
        self,
        business: str,
        number: str,
        *,
        store: Store,
        live: Live,
        ends: Ends,
        handler: Handler,
        client: GraphClient,
        token: Callable[[str], str],
        stopping: asyncio.Event,
        spool: Spool | None = None,
    ) -> None:
        """Serve one number until nothing is left, or until told to stop.

        Whoever leases the number says how long it is held: nothing leaves after `held_until`. Nothing leaves either
        while an echo waits in the spool of this machine: it may be about that very chat.
        """
        self.business = business
        self.number = number
        self.wake = asyncio.Event()
        self.held_until = math.inf
        self._given_up = False
        self._store = store
        self._live = live
        self._ends = ends
        self._handler = handler
        self._client = client
        self._token = token
        self._stopping = stopping
        self._spool = spool
        self._uploads = Uploads(business, number, store=store, client=client, token=token)
        self._departures = Departures()
        self._sent_at = datetime.min.replace(tzinfo=UTC)
        self._asking_s = 0.0
        self._flying: set[asyncio.Task[object]] = set()

    async def run(self) -> None:
        """Send what is due; ends after a while without work, and always after what is in flight.

        The next sender of the number knows the slots and not what left late: that must be a while ago.
        """
        try:
            await self._serve()
        finally:
            while self._flying:
                await asyncio.gather(*self._flying, return_exceptions=True)
            await asyncio.sleep(max(0.0, self._departures.free_at - time.monotonic()))

    async def _serve(self) -> None:
        idle_since = time.monotonic()
        while not self._is_over():
            found = await self._store.next_row(self.business, self.number)
            if isinstance(found, NextRow):
                idle_since = time.monotonic()
                await self._take_alone(found)
            elif not self._flying and time.monotonic() - idle_since > IDLE_S:
                return
            else:
                await self._rest(found)

    async def _take_alone(self, found: NextRow) -> None:
        """Take a row; one that cannot be judged or built stays alone, and its chat comes up again later."""
        try:
            await self._take(found)
        except LaterSchemaError:
            await self._handler.later.met(self.business)
            await self._come_up_in(OTHERS_BY, found)
        except Exception as error:  # whatever is the matter with this row, the others leave
            if isinstance(error, RedisError | OSError) and not blames_a_record(error):
                raise
            log.exception("row_not_taken", number=self.number)
            await self._come_up_in(MENDED_BY, found)

    async def _come_up_in(self, span: timedelta, found: NextRow) -> None:
        await self._store.delay(self.business, found.subject, _ms(datetime.now(UTC) + span))

    def stop(self) -> None:
        """Claim nothing more: another shift serves this number from now on."""
        self._given_up = True
        self.wake.set()

    def _is_over(self) -> bool:
        return self._given_up or self._stopping.is_set()

    async def _rest(self, found: Idle) -> None:
        """Wait until something rings or becomes due."""
        pause = min(max(found.soonest_ms - found.now_ms, 1) / 1000, IDLE_S) if found.soonest_ms else IDLE_S
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), pause)
        self.wake.clear()

    async def _take(self, found: NextRow) -> None:
        """Judge a row, and let it leave in the next slot if it may; `begin` notices whatever changes meanwhile."""
        slot = time.monotonic() + (found.slot_ms - found.now_ms) / 1000
        row = read_row(found.blob)
        ruleset = await self._live.ruleset(self.business, found.live)
        if self.number not in ruleset.business.numbers:
            await self._ends.drop_removed(self.business, row)
            return
        chat, number = chat_and_number(found, ruleset)
        self._departures.most = number.throughput
        now = datetime.now(UTC)
        verdict = gate.judge(row, chat, number, ruleset.lists, now, answer_within=ruleset.business.answer_within)
        match verdict:
            case gate.Wait(until=until):
                await self._store.delay(self.business, found.subject, _ms(until or now + MENDED_BY))
            case gate.Drop(reason=reason, alert=alert):
                await self._ends.drop(self.business, row, reason, alert=alert)
            case gate.LeaveAsTemplate(row=template):
                await self._ends.drop(self.business, row, "window_closed", template)
            case gate.Leave() if self._flying and is_on_trial(number, now, self._sent_at):
                await self._store.delay(self.business, found.subject, _ms(now + TRIAL_LOOK))
            case gate.Leave():
                content = await self._uploads.ready(message_of(row).content)
                if content is None:
                    await self._store.delay(self.business, found.subject, _ms(now + BROUGHT_BY))
                    self._launch(self._bring(found.subject, row))
                else:
                    body = api.body(recipient(chat.contact.ids), content, row=row.id)
                    await self._leave(found, row, body, verdict, ruleset.lists.digest, slot)

    async def _bring(self, subject: str, row: Row) -> None:
        """Upload what a message holds; then its chat comes up again, and it is judged anew."""
        missing = await self._uploads.bring(message_of(row).content)
        if missing is None:
            await self._store.delay(self.business, subject, _ms(datetime.now(UTC)))
        else:
            await self._ends.record(self.business, row, missing, secrets.token_hex(8))
            await self._handler.drain(self.business, self.number)

    async def _leave(
        self, found: NextRow, row: Row, body: api.Json, leave: gate.Leave, lists: str, slot: float
    ) -> None:
        """Begin when the next slot is near, and post in it."""
        attempt = secrets.token_hex(8)
        while await self._comes_near(slot) and not self._is_hushed():
            asked_at = time.monotonic()
            begun = await self._begin(found, row, attempt, leave, lists)
            now = time.monotonic()
            self._asking_s += (now - asked_at - self._asking_s) / 4
            ahead = (begun.slot_ms - begun.now_ms) / 1000
            slot = now + ahead
            if begun.ok and self._is_hushed():  # an echo came while the store was asked
                self._launch(self._ends.record(self.business, row, NotSent("an echo waits"), attempt))
            elif begun.ok:
                turn = partial(self._departures.turn, slot, asked_at + ahead)
                # If this process was stopped meanwhile, what was judged may hold no more.
                until = min(asked_at + BEGUN_FOR_S, self.held_until)
                token = self._token(self.number)
                post = self._client.send(leave.clearance, self.number, token, body, until=until, turn=turn)
                self._launch(self._carry(row, attempt, post, begun.slot_ms))
            if begun.why != "pace":
                return

    async def _comes_near(self, slot: float) -> bool:
        """Wait until it is time to ask for a slot; false when told to stop."""
        ahead = min(LEAD_S + self._asking_s, LEAD_MOST_S)
        await asyncio.sleep(max(0.0, max(slot, self._departures.opens_at) - ahead - time.monotonic()))
        return not self._is_over()

    def _is_hushed(self) -> bool:
        """Tell whether the owner may have answered somewhere, and the store does not know it yet."""
        return self._spool is not None and self._spool.holds_echoes()

    async def _begin(self, found: NextRow, row: Row, attempt: str, leave: gate.Leave, lists: str) -> Begun:
        try:
            return await self._store.begin(
                self.business,
                row.id,
                attempt,
                subject=found.subject,
                ver=found.ver,
                number_ver=found.number_ver,
                lists=lists,
                valid_until_ms=_ms(leave.valid_until),
                empty_inbox=not message_of(row).asked,
                writes_first=leave.writes_first,
            )
        except (RedisError, OSError):  # it may have begun all the same, but nothing has left
            self._launch(self._ends.record(self.business, row, NotSent("the store did not answer"), attempt))
            raise

    def _launch(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._flying.add(task)
        task.add_done_callback(self._landed)

    async def _carry(self, row: Row, attempt: str, post: Awaitable[Evidence], slot_ms: int) -> None:
        evidence = await post
        if isinstance(evidence, Refused) and evidence.code in UNKNOWN_FILE:
            held = await self._uploads.forget(message_of(row).content)
            evidence = FileForgotten(evidence) if held else evidence
        if isinstance(evidence, Accepted):
            self._sent_at = datetime.now(UTC)
        waited_ms = slot_ms - _ms(row.arrived_at) if message_of(row).asked else None
        settled = await self._ends.record(self.business, row, evidence, attempt, left_after_ms=waited_ms)
        if settled is not None and settled.inbox:
            await self._handler.drain(self.business, row.chat)
        if not isinstance(evidence, Accepted):
            await self._handler.drain(self.business, self.number)

    def _landed(self, task: "asyncio.Task[object]") -> None:
        self._flying.discard(task)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("send_unsettled", number=self.number, error=type(error).__name__)


def message_of(row: Row) -> Send:
    """Return the message of a row; only messages are in the outbox of a chat."""
    if not isinstance(row.effect, Send):
        raise TypeError(type(row.effect))
    return row.effect


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
