"""What if the store is killed, frozen, unreachable or slow?"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import redis

from tests.faults.line import Line, Way
from tests.faults.matrix import Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import Place, Post, people, place
from tests.main_job.ledgers import BUSINESS

ON_ITS_WAY_S = 0.3


@row("F13", "store killed under load, and back after 3 s")
async def killed(run: Run) -> Told:
    """Each write was synced before its 200: nothing that was acknowledged is lost."""
    crowd = people(run.many(60, 600))
    async with place(run, webs=2) as town:
        writing = asyncio.create_task(town.crowd(crowd, len(crowd) / 7))
        await asyncio.sleep(2)
        town.server.kill()
        await asyncio.sleep(3)
        await asyncio.to_thread(town.server.start)
        back_at = time.monotonic()
        await writing
        await town.rest()
        found, run_ = await town.audit(), longest_refusal(town.posts)
        good = [each.at + each.seconds for each in town.posts if each.status == 200]
        first = min(at for at in good if at > back_at) - back_at
    return Told(
        (
            at_most("first good answer after", first, 2),
            Figure("longest run of refusals", run_, unit="s"),
            Figure("in doubt", found.doubts),
        ),
        found,
    )


@row("F15", "store stopped for 20 s, then continued")
async def frozen(run: Run) -> Told:
    """The web answers in a second; workers send nothing."""
    return await _silence(
        run, 20, lambda town: town.server.signal(signal.SIGSTOP), lambda town: town.server.signal(signal.SIGCONT)
    )


@row("F19", "partition: web and store; workers and store; each in one direction only")
async def partitioned(run: Run) -> Told:
    """As with a frozen store for the side that is cut off; the other side goes on."""
    seconds, sent = run.many(6, 20), 0
    crowd = people(24 * 6)
    took: list[float] = []
    async with place(run, webs=2) as town:
        for turn, (line, ways) in enumerate(_partitions(town)):
            mine = crowd[24 * turn : 24 * turn + 24]
            writing = asyncio.create_task(town.crowd(mine, seconds))
            await asyncio.sleep(1)
            since = time.monotonic()
            line.freeze(*ways)
            await asyncio.sleep(seconds)
            until = time.monotonic()
            line.thaw()
            if line is town.web_line:
                took.append(town.answered(0.99, since, until - 1))
            else:
                sent += len(_left(town, since, until))
            await writing
            await town.rest(60)
        await town.rest()
        found = await town.audit()
    return Told(
        (
            Figure("each for", seconds, unit="s"),
            at_most("web's answer p99", max(took), 1.0),
            none_of("sends while workers were cut off", sent, 3),
            Figure("in doubt", found.doubts),
        ),
        found,
        declared=True,
    )


def _partitions(town: Place) -> Iterator[tuple[Line, tuple[Way, ...]]]:
    for line in (town.web_line, town.work_line):
        yield from ((line, ()), (line, ("up",)), (line, ("down",)))


async def _silence(run: Run, seconds: float, begin: Callable[[Place], None], end: Callable[[Place], None]) -> Told:
    crowd = people(run.many(80, 300))
    async with place(run, webs=2) as town:
        writing = asyncio.create_task(town.crowd(crowd, seconds + 4))
        await asyncio.sleep(3)
        begin(town)
        since, peak = time.monotonic(), 0
        while time.monotonic() < since + seconds:
            peak = max(peak, len(town.web_line.links))
            await asyncio.sleep(0.2)
        until = time.monotonic()
        sent = _left(town, since, until)
        end(town)
        await writing
        took = await town.rest()
        found = await town.audit()
        refused = town.refused(since, until - 1)
    return Told(
        (
            at_most("web's answer p99", town.answered(0.99, since, until - 1), 1.0),
            Figure("refused", len(refused)),
            Figure("connections of the web, peak", peak, most=200),
            none_of("sends while it was away", len(sent), len(crowd)),
            Figure("in doubt", found.doubts),
            Figure("at rest after", took, unit="s"),
        ),
        found,
    )


def _left(town: Place, since: float, until: float) -> list[float]:
    """Return the sends of a stretch of time, less those that were on their way when it began."""
    return [each.at for each in town.graph.received if since + ON_ITS_WAY_S < each.at < until]


LOSING = ("ingest", "lease", "commit", "ring", "take_numbers", "next_row", "begin", "settle", "renew", "give_back")
OF_THE_WEB = frozenset({"ingest", "lease", "commit", "ring"})


@row("F20", "the reply of each script lost after the store did the work")
async def replies_lost(run: Run) -> Told:
    """Asked again with the same token it answers the same; nothing is done twice, no lease is stuck."""
    scripts = LOSING * run.many(1, 8)
    crowd, lost = people(6 * len(scripts)), 0
    async with place(run, webs=2) as town:
        for turn, script in enumerate(scripts):
            line = town.web_line if script in OF_THE_WEB else town.work_line
            catching = asyncio.create_task(line.catch(script, "reply", seconds=12))
            await town.crowd(crowd[6 * turn : 6 * turn + 6], 0.2)
            with suppress(TimeoutError):
                link = await catching
                await asyncio.sleep(0.05)
                link.close()
                lost += 1
        took = await town.rest()
        found = await town.audit()
        stuck = [key for key in town.store.scan_iter(f"{BUSINESS}:s:*") if town.store.hexists(key, "lease")]
    return Told(
        (
            all_of("replies lost", lost, len(scripts)),
            Figure("leases stuck", len(stuck), most=0),
            Figure("in doubt", found.doubts),
            Figure("at rest after", took, unit="s"),
        ),
        found,
    )


SLOW = "local t = redis.call('TIME')[1] + tonumber(ARGV[1]) while redis.call('TIME')[1] + 0 < t do end return 1"


@row("F21", "scripts flushed ten times under load; another client runs a script for seconds")
async def scripts_gone(run: Run) -> Told:
    """Scripts are loaded again unnoticed; BUSY is treated like a frozen store."""
    crowd, seconds = people(run.many(80, 300)), run.many(4, 10)
    async with place(run, webs=2, options=("--busy-reply-threshold", "300")) as town:
        writing = asyncio.create_task(town.crowd(crowd[:40], 5))
        for _ in range(10):
            await asyncio.to_thread(town.store.script_flush)
            await asyncio.sleep(0.5)
        await writing
        refused = len(town.refused())
        writing = asyncio.create_task(town.crowd(crowd[40:], seconds + 2))
        await asyncio.sleep(1)
        since = time.monotonic()
        with suppress(redis.RedisError):
            await asyncio.to_thread(town.store.eval, SLOW, 0, seconds)
        until = time.monotonic()
        await writing
        took = await town.rest()
        found = await town.audit()
    return Told(
        (
            none_of("refused for flushed scripts", refused, 42),
            Figure("refused while busy", len(town.refused(since, until))),
            at_most("answer p99 while busy", town.answered(0.99, since, until - 1), 1.0),
            at_most("first good answer after", _first_good(town.posts, until), 2),
            Figure("in doubt", found.doubts),
            Figure("at rest after", took, unit="s"),
        ),
        found,
    )


@row("F23", "the store's log is rewritten under load")
async def log_rewritten(run: Run) -> Told:
    """The web answers as fast as ever."""
    crowd = people(run.many(120, 600))
    half = len(crowd) // 2
    async with place(run, webs=2) as town:
        town.store.execute_command("DEBUG", "POPULATE", run.many(200_000, 1_000_000), "filler", 100)
        await town.crowd(crowd[:half], half / 10)
        without, since = town.answered(0.99), time.monotonic()
        writing = asyncio.create_task(town.crowd(crowd[half:], half / 10))
        while not writing.done():
            with suppress(redis.ResponseError):  # one is under way
                await asyncio.to_thread(town.store.bgrewriteaof)
            await asyncio.sleep(0.5)
        await writing
        during = town.answered(0.99, since)
        await town.rest()
        found = await town.audit()
    return Told((Figure("answer p99 without", without, unit="s"), at_most("during", during, 1.0)), found)


def longest_refusal(posts: list[Post]) -> float:
    """Return the longest stretch in which no webhook was taken though some were posted."""
    longest, began_at = 0.0, None
    for each in sorted(posts, key=lambda post: post.at):
        if each.status == 200:
            began_at = None
            continue
        began_at = each.at if began_at is None else began_at
        longest = max(longest, each.at + each.seconds - began_at)
    return longest


def _first_good(posts: list[Post], since: float) -> float:
    good = [each.at + each.seconds for each in posts if each.status == 200]
    return min((at for at in good if at > since), default=since + 99) - since
