"""Does a stop end what is in flight, and does a sender that was stopped for a while wake up without harm?

The figures are printed: `pytest -rP`.
"""

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import redis

from adapters.whatsapp.meta import Person
from tests.main_job import family
from tests.main_job.ledgers import BUSINESS, balance, is_at_rest, row_of_post
from tests.main_job.senders import count_please, crowd
from tests.main_job.town import LINE, Town

SHOP = Path(__file__).parent / "shop"
SLOW_S = 2.0
STOPPING_S = 60.0
SOON_S = 8.0
SECOND_STOP_S = 1.2  # RQ takes a second stop within one second for the same
ON_ITS_WAY_S = 0.05
MOST_A_SECOND = 20
AFTER_S = 80.0  # a row whose beginning nobody knows of is resent after 35 s and the wait of a doubt

pytestmark = family.NEEDS_PROC


@pytest.mark.parametrize(
    "whom",
    [
        "the parent, then everyone",
        pytest.param("the parent", marks=pytest.mark.long),
        pytest.param("everyone", marks=pytest.mark.long),
    ],
)
def test_a_stop_lets_what_is_in_flight_end_and_records_it(harmed_town: Any, store: redis.Redis, whom: str) -> None:
    """SIGTERM to `baton work`: nothing new is claimed, the answers under way are written down, and it exits with 0."""
    people = crowd(15)

    async def scene() -> None:
        async with harmed_town() as (town, mark):
            town.graph.change(latency=SLOW_S, statuses=())  # so that only the answer tells what became of a send
            town.serve(SHOP)
            await town.until(town.is_ready)
            work = town.work()
            await count_please(town, people, 0.1)
            await town.until(lambda: len(town.graph.received) >= 10)

            asked_at = time.monotonic()
            everyone = family.of_role(mark, "work", "worker", "shift", "asker", "importer")
            family.send(signal.SIGTERM, everyone if whom == "everyone" else everyone[:1])
            if whom == "the parent, then everyone":
                await asyncio.sleep(SECOND_STOP_S)
                family.send(signal.SIGTERM, everyone)
            code = await asyncio.to_thread(work.wait, family.END_S)
            took, posted = time.monotonic() - asked_at, list(town.graph.received)

            late = max(each.at for each in posted) - asked_at
            after = balance(store, posted, people)
            say(
                f"SIGTERM to {whom}: exit {code} after {took:.1f} s, {len(posted)} were in flight, "
                f"{after.sent} recorded, in doubt {after.doubts}, last POST {late * 1000:.0f} ms after the signal"
            )
            assert (len(everyone), code) == (5, 0)
            assert after.sent == len(posted)
            assert after.doubts == store.zcard(f"{BUSINESS}:sending") == 0
            assert late < 1
            assert family.of_role(mark, "work", "worker", "shift", "asker", "importer") == []

            town.graph.change(latency=0)
            town.work()
            await town.until(lambda: is_at_rest(store, 3 * len(people)))
            found = balance(store, town.graph.received, people)
            assert (found.lost, found.doubled, found.disordered) == ([], [], [])

    asyncio.run(scene())


@pytest.mark.long
def test_a_stop_at_any_moment_of_a_worker_ends_it_soon(harmed_town: Any, store: redis.Redis) -> None:
    """While it starts, waits, takes a job, sends or ends a shift: `baton work` ends within seconds; nothing is lost."""
    chance, people = random.Random(1), crowd(150)  # noqa: S311 - it should be foreseen
    took: list[float] = []

    async def scene() -> None:
        async with harmed_town() as (town, _):
            town.serve(SHOP)
            await town.until(town.is_ready)
            writing = asyncio.create_task(count_please(town, people, STOPPING_S))
            ends_at = time.monotonic() + STOPPING_S
            await asyncio.gather(*(work_and_stop(town, ends_at) for _ in range(4)))
            await writing
            town.work()
            await town.until(lambda: is_at_rest(store, 3 * len(people)), AFTER_S)
            found = balance(store, town.graph.received, people)
            say(f"{len(took)} stops, the slowest took {max(took):.1f} s; {found}")
            assert max(took) < SOON_S
            assert found.doubts == 0
            assert (found.lost, found.doubled, found.disordered) == ([], [], [])

    async def work_and_stop(town: Town, ends_at: float) -> None:
        while time.monotonic() < ends_at:
            work = town.work()
            await asyncio.sleep(chance.uniform(0.8, 6))
            asked_at = time.monotonic()
            work.terminate()
            assert await asyncio.to_thread(work.wait, family.END_S + 5) in {0, -signal.SIGTERM}
            took.append(time.monotonic() - asked_at)

    asyncio.run(scene())


async def stopped_at_the_fence(town: Town, store: Any, mark: str) -> tuple[int, set[str]]:
    """Stop the shift between `begin` and the POST; returns its id, and the rows that hang there."""
    for _ in range(40):
        await town.until(lambda: bool(family.of_role(mark, "shift")))
        shift = family.of_role(mark, "shift")
        if await asyncio.to_thread(family.at_script, store, "begin", signal.SIGSTOP, shift):
            await asyncio.sleep(0.3)
            begun = {each.decode() for each in store.zrange(f"{BUSINESS}:sending", 0, -1)}
            if hanging := begun - {row_of_post(each) for each in town.graph.received}:
                return shift[0], hanging
            family.send(signal.SIGCONT, shift)
    pytest.fail("no shift could be stopped between `begin` and the POST")


def contact_of(store: Any, people: list[Person], row: str) -> Person:
    """Return whom a row is for."""
    subject = store.hget(f"{BUSINESS}:r:{row}", "subject") or b""
    cid = subject.partition(b"/")[2]
    return next(each for each in people if store.hget(f"{BUSINESS}:alias", f"p:{each.phone}") == cid)


async def silenced(town: Town, people: list[Person]) -> dict[str | None, float]:
    """Let the owner write to contacts; returns when each echo was taken."""
    at: dict[str | None, float] = {}
    for person in people:
        assert await town.echoes(person, "I am here") == 200
        at[person.phone] = time.monotonic()
    return at


@pytest.mark.parametrize(("stops", "seconds"), [(1, 15), pytest.param(6, 7, marks=pytest.mark.long)])
def test_a_sender_that_slept_sends_nothing_late(harmed_town: Any, store: redis.Redis, stops: int, seconds: int) -> None:
    """Stopped between `begin` and the POST while the owner writes, it sends nothing on waking; others go on."""
    people = crowd(40)
    at: dict[str | None, float] = {}
    hung: set[str] = set()

    async def scene() -> None:
        async with harmed_town() as (town, mark):
            town.serve(SHOP)
            await town.until(town.is_ready)
            town.work()
            await count_please(town, people, 0.5)
            await town.until(lambda: len(town.graph.received) >= 3)

            for stop in range(stops):
                shift, hanging = await stopped_at_the_fence(town, store, mark)
                if stop == stops - 1:
                    town.work()  # takes over when the lease has ended
                silent = [*people[stop * 6 : stop * 6 + 5], *(contact_of(store, people, row) for row in hanging)]
                at.update({**await silenced(town, silent), **at})
                hung.update(hanging)
                await asyncio.sleep(seconds)
                family.send(signal.SIGCONT, [shift])
            await town.until(lambda: is_at_rest(store, 3 * len(people)), AFTER_S)

            heard = [(each.at, at.get(each.body["to"].lstrip("+"))) for each in town.graph.received]
            late = [moment - echo for moment, echo in heard if echo and moment > echo + ON_ITS_WAY_S]
            posts = Counter(row_of_post(each) for each in town.graph.received)
            found = balance(store, town.graph.received, [each for each in people if each.phone not in at])
            say(
                f"SIGSTOP between `begin` and POST, {stops} times for {seconds} s: rows hanging {len(hung)}, "
                f"silenced chats {len(at)}, late sends {len(late)} of {len(hung)}, "
                f"said twice {sum(each > 1 for each in posts.values())} of {len(posts)}; {found}; "
                f"busiest second {town.graph.busiest_second(LINE.phone_number_id)}"
            )
            assert late == []
            assert max(posts.values()) == 1
            assert (found.lost, found.doubled, found.disordered) == ([], [], [])
            assert {store.hget(f"{BUSINESS}:r:{row}", "reason") for row in hung} == {b"owner_replied"}
            assert town.graph.busiest_second(LINE.phone_number_id) <= MOST_A_SECOND

    asyncio.run(scene())


@pytest.mark.long
def test_a_sender_that_wakes_up_does_not_undo_what_another_one_does(harmed_town: Any, store: redis.Redis) -> None:
    """The row that hung in it is just being sent by another one: it is sent once."""
    people = crowd(10)

    async def scene() -> None:
        async with harmed_town() as (town, mark):
            town.serve(SHOP)
            await town.until(town.is_ready)
            town.work()
            await count_please(town, people, 0.1)
            shift, hanging = await stopped_at_the_fence(town, store, mark)
            town.work()
            await asyncio.sleep(20)
            town.graph.change(latency=5, statuses=())
            await town.until(lambda: hanging <= {row_of_post(each) for each in town.graph.received}, 60)

            family.send(signal.SIGCONT, [shift])
            await asyncio.sleep(1)
            town.graph.change(latency=0)
            await town.until(lambda: is_at_rest(store, 3 * len(people)), AFTER_S)

            posts = Counter(row_of_post(each) for each in town.graph.received)
            found = balance(store, town.graph.received, people)
            say(f"woken while {len(hanging)} rows are resent: {[posts[row] for row in hanging]} POSTs; {found}")
            assert {posts[row] for row in hanging} == {1}
            assert (found.lost, found.doubled, found.disordered) == ([], [], [])

    asyncio.run(scene())


def say(line: str) -> None:
    """Print figures."""
    sys.stdout.write(f"{line}\n")
