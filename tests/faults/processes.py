"""What if a process is killed, at the very point where it hurts?"""

import asyncio
import os
import signal
import time
from contextlib import suppress

from adapters.records import read_row
from adapters.store.rows import SEND_MS
from adapters.whatsapp.meta import Person
from tests.benchmarks.figures import percentile
from tests.faults.audit import contact_id, rows_by_chat
from tests.faults.line import Line, Where
from tests.faults.matrix import Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import Place, people, place
from tests.main_job.ledgers import BUSINESS
from tests.main_job.town import LINE

RESUME_S = 15.0
DRAIN_POINTS: list[tuple[str, Where]] = [
    ("lease", "request"),
    ("lease", "reply"),
    ("commit", "request"),
    ("commit", "reply"),
    ("ring", "request"),
    ("ring", "reply"),
]


@row("F01", "web process killed before the append reached the store, then posted again")
async def killed_before_the_append(run: Run) -> Told:
    """No effect of the first try; redelivery has one effect."""
    kills, effects = run.many(6, 40), 0
    async with place(run, webs=2) as town:
        for person in people(kills):
            before = town.count("event.chat")
            catching = asyncio.create_task(town.web_line.catch("ingest", "request", also=b"count"))
            writing = asyncio.create_task(town.write(person, "count please"))
            (await catching).kill()
            effects += town.count("event.chat") - before
            await writing
        await town.crowd([], 0)
        await town.rest()
        found = await town.audit()
        again = sum(each.status != 200 for each in town.posts)
    return Told(
        (Figure("kills", kills), none_of("effects before", effects, kills), Figure("tries in vain", again)), found
    )


@row("F02", "web process killed after the append, before its 200, then posted again")
async def killed_before_the_answer(run: Run) -> Told:
    """Redelivery is answered with 200 and has no second effect."""
    kills = run.many(6, 40)
    async with place(run, webs=2) as town:
        for person in people(kills):
            catching = asyncio.create_task(town.web_line.catch("ingest", "reply", also=b"count"))
            writing = asyncio.create_task(town.write(person, "count please"))
            link = await catching
            await asyncio.sleep(0.1)
            link.kill()
            await writing
        await town.crowd([], 0)
        await town.rest()
        found, repeats = await town.audit(), town.count("event.dup")
    return Told((Figure("kills", kills), all_of("taken for repeats", min(repeats, kills), kills)), found)


@row("F04", "whoever drains killed before and after each call of the store")
async def killed_while_deciding(run: Run) -> Told:
    """The lease ends, the work is done again, and it makes the same rows."""
    points = DRAIN_POINTS * run.many(1, 6)
    took: list[float] = []
    async with place(run, webs=2) as town:
        town.graph.change(statuses=())  # they are decided, too, and another chat's lease would be caught

        async def resumed(person: Person, since: float) -> None:
            with suppress(AssertionError):
                await town.until(lambda: town.heard(person) >= 1, 60)
                took.append(time.monotonic() - since)

        waiting = []
        for (script, where), person in zip(points, people(len(points)), strict=True):
            catching = asyncio.create_task(town.web_line.catch(script, where))
            writing = asyncio.create_task(town.write(person, "count please"))
            link = await catching
            await asyncio.sleep(0.05)
            link.kill()
            waiting.append(asyncio.create_task(resumed(person, time.monotonic())))
            await writing
        await asyncio.gather(*waiting)
        await town.rest()
        found = await town.audit()
    return Told(
        (
            all_of("points killed at", len(took), len(points)),
            Figure("resumed p50", percentile(took or [99.0], 0.5), unit="s"),
            at_most("p99", percentile(took or [99.0], 0.99), RESUME_S),
        ),
        found,
    )


@row("F05", "sender killed before the fence, behind it, during POSTs, and before the record")
async def killed_while_sending(run: Run) -> Told:
    """Before the fence another one sends it; behind it, it is in doubt: solved by its status, or declared resent."""
    rounds, kills = run.many(2, 12), 0
    crowd = people(5 * 4 * rounds)
    async with place(run, works=2) as town:
        for turn in range(rounds):
            for place_, point in enumerate(("before", "behind", "posting", "recording")):
                first = 5 * (4 * turn + place_)
                killing = asyncio.create_task(kill_sender(town, point))
                await town.crowd(crowd[first : first + 5], 0.2)
                kills += await killing
        at = time.monotonic()
        await town.rest(SEND_MS / 1000 + 60)
        took = time.monotonic() - at
        found = await town.audit()
        doubts, parked = found.doubts, found.ends.get("parked", 0)
        declared = len(found.doubled)
        resent = _resent(town)
    return Told(
        (
            Figure("kills", kills),
            Figure("in doubt", doubts),
            Figure("solved by status", 100 * (doubts - resent) / doubts if doubts else 100, unit="%"),
            Figure("resent, declared", resent),
            Figure("declared doubles", declared),
            Figure("parked", parked),
            at_most("solved after", took, SEND_MS / 1000 + 25),
        ),
        found,
        declared=True,
    )


async def kill_sender(town: Place, point: str) -> int:
    """Kill the shift at a point of the life of a message; returns how many were."""
    match point:
        case "before":
            (await town.work_line.catch("begin", "request")).kill()
        case "behind":
            link = await town.work_line.catch("begin", "reply")
            await asyncio.sleep(0.05)
            link.kill()
        case "recording":
            (await town.work_line.catch("settle", "request")).kill()
        case _:
            town.graph.change(latency=1.5)
            before = len(town.graph.received)
            await town.until(lambda: len(town.graph.received) >= before + 3, 30)
            for pid in town.pids("shift"):
                os.kill(pid, signal.SIGKILL)
            town.graph.change(latency=0.1)
    return 1


def _resent(town: Place) -> int:
    rows = [row for found in rows_by_chat(town.store).values() for row in found]
    return sum(read_row(row.blob).doubts > 0 for row in rows)


@row("F10", "one chat's event kills its process each time it is decided")
async def an_event_kills(run: Run) -> Told:
    """After three tries the event is kept aside where people see it; other chats are answered as ever."""
    bad, *others = people(run.many(30, 200))
    async with place(run, webs=2) as town:
        await town.write(bad, "ping")
        await town.rest()
        subject, kills = f"{LINE.phone_number_id}/{contact_id(town.store, bad)}", 0

        async def killing(line: Line) -> None:
            nonlocal kills
            while True:
                link = await line.catch("lease", "reply", also=subject.encode(), seconds=120)
                await asyncio.sleep(0.1)
                if int(town.store.hget(f"{BUSINESS}:s:{subject}", "tries") or 0) > kills:
                    kills += bool(link.kill())
                else:  # somebody else has the lease
                    link.release()

        tasks = [asyncio.create_task(killing(line)) for line in (town.web_line, town.work_line)]
        await town.write(bad, "no answer to this")
        town.talks[str(bad.phone)].wrote.pop()
        await town.crowd(others, 20)
        await town.until(lambda: kills >= 3, 60)
        for task in tasks:
            task.cancel()
        took = await town.rest(60)
        found = await town.audit()
        aside = town.count("event.quarantined")
        told = sum(b"kept aside" in each for each in town.alerts())
    return Told(
        (
            Figure("tries", kills, most=3, least=3),
            all_of("kept aside", aside, 1),
            Figure("owner told", told, least=1),
            Figure("others' webhooks answered p99", town.answered(0.99), unit="s"),
            at_most("at rest after", took, 30),
        ),
        found,
    )
