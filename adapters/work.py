"""Do what is due and no message: judge it, begin, ask another system, bring a file or report a conversion, settle.

A system that answers slowly gets no more than `OF_ONE_HOST` requests at a time. What is due for it meanwhile is held
here until one of them ends, so that it takes no place of the requests to others; what is held too long comes up again
in the store.
"""

import asyncio
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from msgspec import DecodeError
from redis.exceptions import RedisError

from adapters.conversions import Reporter
from adapters.ends import BEGUN_FOR_S, Ends
from adapters.files import Files
from adapters.handle import Handler, chat_and_number
from adapters.live import Live
from adapters.outside import Outside
from adapters.records import LaterSchemaError, UnknownSchemaError, read_row
from adapters.store import DueRow, Store, blames_a_record
from adapters.store.keys import number_of
from adapters.whatsapp.client import TIMEOUT_SECONDS
from adapters.whatsapp.downloads import SECONDS
from engine import gate
from engine.chat import Number
from engine.effects import Fetch, Http, Report
from engine.evidence import Evidence, NotSent, Reported
from engine.request import shown_url, target_of
from engine.row import Row

log = structlog.get_logger()

KINDS = ("http", "fetch", "report")
META = "Meta"  # whom files are brought from; no host is called so
ADS = "Meta's ads"  # whom conversions are told
RINGING = ""  # what is under way for no business
LENGTH_S = 30.0
IDLE_S = 2.0
LOOK_S = 0.5
ATTENDED_S = 3.0
AT_ONCE = 100
OF_ONE_BUSINESS = 20
OF_ONE_HOST = 10
FILES_AT_ONCE = 3  # each is held in memory whole
HELD_MOST = 100
HELD_S = 1.5  # a row comes up again in the store after 2 s
RESTS_S = 60.0
LOOKS_MOST = 50
MARGIN_S = 10.0


class Errand(NamedTuple):
    """A row that is due, read, and all that the gate reads."""

    business: str
    due: DueRow
    row: Row


class Held(NamedTuple):
    """An errand that waits for its host, and since when."""

    errand: Errand
    since: float


class Errands:
    """A stretch of work in one process; ends by its own clock, after a while of nothing, or when told to."""

    def __init__(
        self,
        store: Store,
        live: Live,
        ends: Ends,
        handler: Handler,
        outside: Outside,
        files: Files,
        reporter: Reporter,
    ) -> None:
        """Begin with nothing under way."""
        self._store = store
        self._live = live
        self._ends = ends
        self._handler = handler
        self._outside = outside
        self._files = files
        self._reporter = reporter
        self._stopping = False
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._more: set[str] = set()
        self._at_host: Counter[str] = Counter()
        self._held: defaultdict[str, deque[Held]] = defaultdict(lambda: deque(maxlen=HELD_MOST))

    def stop(self) -> None:
        """Begin nothing more; what is under way still ends."""
        self._stopping = True

    async def run(self, idle_s: float = IDLE_S) -> bool:
        """Work until nothing was due for so long; tell whether some may be left."""
        try:
            await self._serve(idle_s)
        finally:
            while self._under_way:
                await asyncio.gather(*self._under_way, return_exceptions=True)
            left = await self._store.leave()
        return left

    async def _serve(self, idle_s: float) -> None:
        ends_at, idle_since = time.monotonic() + LENGTH_S, time.monotonic()
        while not self._stopping and time.monotonic() < ends_at:
            await self._store.attend(ATTENDED_S)
            business = await self._store.wait_for_work(LOOK_S)
            if business is not None:
                idle_since = time.monotonic()
                await self._take(business)
            elif not self._under_way and time.monotonic() - idle_since > idle_s:
                return

    async def _take(self, business: str) -> None:
        """Begin what is due of a business, no more than its part; the rest when some of it has ended."""
        for _ in range(LOOKS_MOST):
            room = self._room(business)
            found = await self._store.due_rows(business, KINDS, room) if room else []
            for due in found:
                self._read(business, due)
            if len(found) < room:
                return
            if not room:
                break
        self._more.add(business)

    def _room(self, business: str) -> int:
        mine = Counter(self._under_way.values())[business]
        return max(0, min(AT_ONCE - len(self._under_way), OF_ONE_BUSINESS - mine))

    def _read(self, business: str, due: DueRow) -> None:
        """Begin with a row; one that this Baton cannot read rests."""
        try:
            errand = Errand(business, due, read_row(due.blob))
        except (DecodeError, UnknownSchemaError) as error:
            self._launch(business, self._put_off(business, due, error))
        else:
            self._start(errand)

    def _start(self, errand: Errand) -> None:
        """Begin with an errand, or hold it until its host has room."""
        host = _host_of(errand.row)
        if self._at_host[host] < (FILES_AT_ONCE if host == META else OF_ONE_HOST):
            self._at_host[host] += 1
            self._launch(errand.business, self._perform_at(host, errand))
        else:
            self._held[host].append(Held(errand, time.monotonic()))

    async def _perform_at(self, host: str, errand: Errand) -> None:
        try:
            await self._perform_alone(errand)
        finally:
            self._at_host[host] -= 1
            self._start_held(host)

    def _start_held(self, host: str) -> None:
        held = self._held[host]
        while held and not self._stopping:
            each = held.popleft()
            if time.monotonic() - each.since < HELD_S:
                self._start(each.errand)
                return
            self._more.add(each.errand.business)

    def _launch(self, business: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way[task] = business
        task.add_done_callback(self._landed)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        business = self._under_way.pop(task)
        if business in self._more:
            self._more.discard(business)
            self._launch(RINGING, self._ring(business))
        if not task.cancelled() and (error := task.exception()):
            log.error("work_failed", exc_info=error)

    async def _ring(self, business: str) -> None:
        await self._store.ring_work(business)

    async def _put_off(self, business: str, due: DueRow, error: Exception) -> None:
        if isinstance(error, LaterSchemaError):
            await self._handler.later.met(business)
        else:
            log.error("row_not_taken", business=business, row=due.row, exc_info=error)
        await self._store.put_off(business, KINDS, due.row, RESTS_S)

    async def _perform_alone(self, errand: Errand) -> None:
        """Do it; one that cannot be judged or done rests, whatever is the matter with it."""
        try:
            await self._perform(*errand)
        except Exception as error:
            if isinstance(error, RedisError | OSError) and not blames_a_record(error):
                raise
            await self._put_off(errand.business, errand.due, error)

    async def _perform(self, business: str, due: DueRow, row: Row) -> None:
        """Judge a row, and do it if it may be done."""
        ruleset = await self._live.ruleset(business, due.live)
        if number_of(row.chat) not in ruleset.business.numbers:
            await self._ends.drop_removed(business, row)
            return
        chat, number = chat_and_number(due, ruleset)
        now, within = datetime.now(UTC), ruleset.business.answer_within
        verdict = gate.judge(row, chat, number, ruleset.lists, now, answer_within=within)
        match verdict:
            case gate.Drop(reason=reason):
                await self._ends.drop(business, row, reason)
            case gate.Leave() if isinstance(row.effect, Report) and (why := self._reporter.withheld(row, row.effect)):
                await self._ends.drop(business, row, why)
            case gate.Leave():
                await self._carry_out(business, due, row, number, verdict, ruleset.lists.digest)
            case gate.Wait(until=datetime() as until):
                await self._store.put_off(business, KINDS, row.id, (until - now).total_seconds())
            case gate.Wait() | gate.LeaveAsTemplate():
                return  # messages alone wait for somebody or are replaced

    async def _carry_out(
        self, business: str, due: DueRow, row: Row, number: Number, leave: gate.Leave, lists: str
    ) -> None:
        attempt, asked_at = secrets.token_hex(8), time.monotonic()
        try:
            begun = await self._store.begin(
                business,
                row.id,
                attempt,
                subject=due.subject,
                ver=due.ver,
                number_ver=due.number_ver,
                lists=lists,
                valid_until_ms=round(leave.valid_until.timestamp() * 1000),
                send_ms=round((_longest(row) + MARGIN_S) * 1000),
            )
        except (RedisError, OSError):  # it may have begun all the same, but nothing was asked
            await self._ends.record(business, row, NotSent("the store did not answer"), attempt)
            raise
        if not begun.ok:
            return
        evidence = await self._evidence(business, row, number, leave, asked_at + BEGUN_FOR_S)
        await self._ends.record(business, row, evidence, attempt)
        if not isinstance(row.effect, Report):
            await self._handler.drain(business, row.chat)
        elif evidence != Reported(taken=True):
            await self._handler.drain(business, row.number)  # it may have been told what is the matter

    async def _evidence(self, business: str, row: Row, number: Number, leave: gate.Leave, until: float) -> Evidence:
        match row.effect:
            case Fetch():
                return await self._files.fetch(leave.clearance, business, row, row.effect)
            case Report():
                return await self._reporter.report(leave.clearance, row, row.effect, number, until)
            case _:
                return await self._outside.ask(leave.clearance, request_of(row).request, row.id, until=until)


def _longest(row: Row) -> float:
    match row.effect:
        case Fetch():
            return SECONDS
        case Report():
            return TIMEOUT_SECONDS
        case _:
            return request_of(row).request.timeout.total_seconds()


def request_of(row: Row) -> Http:
    """Return the request of a row that holds one."""
    if not isinstance(row.effect, Http):
        raise TypeError(type(row.effect))
    return row.effect


def _host_of(row: Row) -> str:
    """Return which system a row asks, as far as that can be read without its secrets."""
    if isinstance(row.effect, Fetch):
        return META
    if isinstance(row.effect, Report):
        return ADS
    try:
        found = target_of(shown_url(request_of(row).request))
    except Exception:  # noqa: BLE001 - whatever is the matter with this row, it comes out where it stays alone
        return ""
    return found.shown if found else ""
