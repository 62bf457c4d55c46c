"""What if time, settings, flows or the machine itself play tricks?"""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

from adapters import site
from adapters.settings import read
from adapters.whatsapp.meta import Person
from rules.policy import restrictions
from tests.benchmarks.figures import percentile
from tests.faults.matrix import Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import Place, changed_shop, people, place
from tests.main_job.ledgers import BUSINESS
from tests.main_job.town import SECRETS, said

TIMERS = f"{BUSINESS}:timers"
LATER = """
---
flow: later
start:
  - when: text has "later"
steps:
  - wait: 1h
  - send: "it is time"
"""


@row("F50", "many timers due at the same moment")
async def timers_at_once(run: Run) -> Told:
    """Each fires once; what they say is spread by the pace."""
    crowd = people(run.many(300, 10_000))
    shop = changed_shop(run, flows=LATER)
    async with place(run, webs=2, shop=shop) as town:
        await _wait_all(town, crowd)
        due_at = _put_due(town, 2)
        await town.until(lambda: not town.store.zcard(TIMERS), 120)
        fired = time.time() - due_at
        await town.rest(len(crowd) / 15 + 60)
        once = sum(town.heard(each) == 1 for each in crowd)
        found = await town.audit()
    last = max(each.wall for each in town.graph.received) - due_at
    return Told(
        (
            all_of("fired once", once, len(crowd)),
            at_most("all fired after", fired, 5),
            Figure("all said after", last, unit="s"),
        ),
        found,
    )


@row("F51", "every ticking process stopped while timers are due; then three of them at once")
async def nobody_ticks(run: Run) -> Told:
    """They fire late and once."""
    seconds, crowd = run.many(12, 300), people(run.many(60, 400))
    half = len(crowd) // 2
    shop = changed_shop(run, flows=LATER)
    async with place(run, works=2, webs=2, shop=shop) as town:
        await _wait_all(town, crowd[:half])
        due_at = _put_due(town, 1)
        parents = town.pids("serve", "work")
        for pid in parents:
            os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        early = sum(map(town.heard, crowd))
        for pid in parents:
            os.kill(pid, signal.SIGCONT)
        await town.until(lambda: all(town.heard(each) for each in crowd[:half]), 60)
        late = [each.wall - due_at - seconds for each in town.graph.received[1:]]
        await _wait_all(town, crowd[half:])
        _put_due(town, 1)
        ends_at = time.monotonic() + 6
        while time.monotonic() < ends_at:
            town.store.delete("baton:tick")  # so that all of them take themselves for the one that ticks
            await asyncio.sleep(0.01)
        await town.rest()
        once = sum(town.heard(each) == 1 for each in crowd)
        found = await town.audit()
    return Told(
        (
            Figure("stopped for", seconds, unit="s"),
            Figure("said while nobody ticked", early),
            at_most("late after the wake-up p99", percentile(late, 0.99), 15),
            all_of("fired once", once, len(crowd)),
        ),
        found,
    )


async def _wait_all(town: Place, crowd: list[Person]) -> None:
    await asyncio.gather(*(town.write(each, "later") for each in crowd))
    await town.until(lambda: town.store.zcard(TIMERS) >= len(crowd), 60)
    for each in crowd:
        town.talk(each).more.append("it is time")


def _put_due(town: Place, seconds: float) -> float:
    """Let every timer be due at the same moment from now; returns it."""
    now = town.store.time()
    at = now[0] + now[1] / 1e6 + seconds
    names: Any = town.store.zrange(TIMERS, 0, -1)
    town.store.zadd(TIMERS, dict.fromkeys(names, round(at * 1000)), xx=True)
    return at


@row("F53", "flows published again and again under load, one of them broken")
async def published_again(run: Run) -> Told:
    """The old version stays for the broken one; whoever is in the middle keeps theirs."""
    versions, crowd = run.many(8, 100), people(run.many(40, 400))
    mixed, refused = 0, 0
    async with place(run, webs=2) as town:
        settings = read({**SECRETS, "BATON_REDIS_URL": town.server.url})

        async def order(place_: int, person: Person) -> bool:
            await asyncio.sleep(place_ * 0.2)
            await town.write(person, "order")
            await town.until(lambda: town.heard(person) == 1, 30)
            await asyncio.sleep(1.5)
            await town.write(person, "3")
            await town.until(lambda: town.heard(person) == 2, 30)
            first, second = (said(each) for each in town.heard_by(person))
            town.talk(person).more += [first, second]
            return first.partition("#")[2] != second.partition("#")[2]

        running = [asyncio.create_task(order(place_, person)) for place_, person in enumerate(crowd)]
        for version in range(versions):
            shop = changed_shop(run, **({"flows": "\n  oops: [\n"} if version == versions // 2 else {}))
            flows = shop / "flows.yaml"
            text = (
                flows.read_text().replace("How many?", f"How many? #{version}").replace("it is.", f"it is. #{version}")
            )
            flows.write_text(text)
            done = await site.go_live(settings, shop, only_if_nothing_is_live=False)
            refused += done.version is None
            await asyncio.sleep(0.5)
        mixed = sum(await asyncio.gather(*running))
        await town.rest()
        found = await town.audit()
    return Told(
        (
            Figure("published", versions - refused, n=versions),
            all_of("broken ones refused", refused, 1),
            none_of("runs of mixed versions", mixed, len(crowd)),
            none_of("webhooks refused", len(town.refused()), len(town.posts)),
        ),
        found,
    )


@row("F54", "the country lists changed while messages wait")
async def lists_changed(run: Run) -> Told:
    """Every one is checked again."""
    count = run.many(60, 1000)
    mine, theirs = people(count // 2), [Person(phone=f"4477009{each:05}") for each in range(count // 2)]
    lists = run.folder / "lists.csv"
    lists.write_text(restrictions.DEFAULT_TEXT + "anyone,44,GB,United Kingdom,2026-01-01,a test,refuse,\n")
    async with place(run, works=0) as town:
        await town.crowd([*mine, *theirs], 2)
        await town.until(lambda: not town.store.exists(f"{BUSINESS}:waiting"), 20)
        town.environ["BATON_RESTRICTIONS"] = str(lists)
        town.work()
        await town.rest(count / 5 + 60)
        blocked = sum(town.heard(each) for each in theirs)
        found = await town.audit("restricted_country")
    return Told((none_of("blocked sends", blocked, 3 * len(theirs)), Figure("rows checked", found.rows)), found)


@row("F55", "the access token changed under load")
async def token_changed(run: Run) -> Told:
    """No send is lost, none is in doubt."""
    crowd = people(run.many(60, 300))
    async with place(run) as town:
        writing = asyncio.create_task(town.crowd(crowd, 4))
        await asyncio.sleep(2)
        town.graph.change(tokens=("another",))
        await asyncio.sleep(1)
        town.environ["BATON_ACCESS_TOKEN"] = "another"
        for pid in town.pids("work"):
            os.kill(pid, signal.SIGTERM)
        await writing
        took = await town.rest(120)
        refused = sum(each.status == 401 for each in town.graph.received)
        found = await town.audit()
    figures = (
        none_of("in doubt", found.doubts, found.rows),
        Figure("refused with 401", refused),
        Figure("at rest after", took, unit="s"),
    )
    return Told(figures, found)


@row("F56", "256 file descriptors for the web, and 400 connections that say nothing")
async def few_descriptors(run: Run) -> Told:
    """No crash; it recovers by itself."""
    crowd = people(run.many(30, 100))
    async with place(run) as town:
        [web] = town.pids("web")
        resource.prlimit(web, resource.RLIMIT_NOFILE, (256, 256))
        with ExitStack() as opened:
            for _ in range(400):
                opened.enter_context(closing(socket.create_connection(("127.0.0.1", town.port))))
            since = time.monotonic()
            await town.crowd(crowd, 8)
        recovered = max((each.at + each.seconds for each in town.refused(since)), default=since) - since
        await town.rest()
        found = await town.audit()
        same = town.pids("web") == [web]
    return Told(
        (
            Figure("refused", len(town.refused(since)), n=len(town.posts)),
            at_most("recovered after", recovered, 15),
            all_of("the same process", int(same), 1),
        ),
        found,
    )


@row("F57", "two busy loops beside everything, at the same priority")
async def busy_machine(run: Run) -> Told:
    """No lease is lost, and webhooks are answered within a second."""
    crowd, seconds = people(run.many(60, 600)), run.many(12, 120)
    async with place(run, works=2, webs=2) as town:
        loops = [_busy() for _ in range(2)]
        try:
            await town.crowd(crowd, seconds)
            await town.rest()
        finally:
            for each in loops:
                each.kill()
                each.wait()
        found = await town.audit()
        # A number that is passed on while its shift is up was lost to another one.
        losses = town.logged().count(b"lane_ended")
    return Told(
        (none_of("lanes lost", losses, found.rows), at_most("answer p99", town.answered(0.99), 1.0)),
        found,
    )


def _busy() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


@row("F58", "the log's target is full")
async def log_full(run: Run) -> Told:
    """The service goes on."""
    crowd = people(run.many(40, 200))
    async with place(run, webs=2, log=Path("/dev/full")) as town:
        for pid in town.pids("web"):
            os.kill(pid, signal.SIGKILL)  # so that there is something to log
        await town.crowd(crowd, 3)
        town.server.signal(signal.SIGSTOP)
        writing = asyncio.create_task(town.write(crowd[0], "ping"))
        await asyncio.sleep(1.5)
        town.server.signal(signal.SIGCONT)
        await writing
        await town.rest()
        found = await town.audit()
    return Told((none_of("lost", len(found.lost), found.acked),), found)


@row("F59", "500 clients that send a byte a second")
async def slow_clients(run: Run) -> Told:
    """Others are answered within a second."""
    crowd = people(run.many(60, 300))
    async with place(run) as town:
        slow = [asyncio.create_task(_drip(town.port)) for _ in range(500)]
        await asyncio.sleep(1)
        await town.crowd(crowd, 10)
        p99 = town.answered(0.99)
        for each in slow:
            each.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await town.rest()
        found = await town.audit()
    return Told((Figure("slow", 500), at_most("others' answer p99", p99, 1.0)), found)


async def _drip(port: int) -> None:
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                for byte in b"POST /webhook HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 60:
                    writer.write(bytes((byte,)))
                    await writer.drain()
                    await asyncio.sleep(1)
            finally:
                writer.close()
