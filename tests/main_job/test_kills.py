"""Is nothing lost and nothing said twice when processes are killed at any moment, and started again?

Three ledgers are compared: what was acknowledged, what the fake Graph accepted, and what the store says. A message
may be said twice only if its row declares that it was resent in doubt, and be missing only if its row is parked.
The figures are printed: `pytest -rP`.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from adapters.embedded import EmbeddedStore
from tests.main_job import family
from tests.main_job.ledgers import Balance, balance, is_at_rest, row_of_post
from tests.main_job.senders import count_please, crowd
from tests.main_job.town import LINE

SHOP = Path(__file__).parent / "shop"
SEEDS = int(os.environ.get("KILLS_SEEDS", "10"))
AFTER_S = 80.0  # a row that was begun and never posted is resent after 35 s and the wait of a doubt

Point = tuple[str, family.Role]

# Points in the life of a message, and who is killed there: right after the script ran, before its answer is used.
POINTS: list[Point] = [
    ("ingest", "web"),
    ("lease", "web"),
    ("commit", "web"),
    ("take_numbers", "shift"),
    ("next_row", "shift"),
    ("settle", "shift"),
    ("sweep", "serve"),
]
FENCE: Point = ("begin", "shift")
ROLES: list[family.Role] = ["web", "worker", "shift", "serve", "work"]

pytestmark = family.NEEDS_PROC


async def kill_some(store: redis.Redis, mark: str, chance: random.Random, kills: int, points: list[Point]) -> Any:
    """Kill processes at random moments, and right after scripts; returns what was killed, and how often."""
    killed: Counter[str] = Counter()
    for _ in range(20 * kills):
        await asyncio.sleep(chance.uniform(0, 1.5))
        if chance.random() < 0.5:
            script, role = chance.choice(points)
            pids = family.of_role(mark, role)[:1]
            hit = bool(pids) and await asyncio.to_thread(family.at_script, store, script, signal.SIGKILL, pids)
            killed[f"{role} at {script}"] += hit
        else:
            role = chance.choice(ROLES)
            killed[role] += bool(family.send(signal.SIGKILL, family.of_role(mark, role)[:1]))
        if killed.total() >= kills:
            break
    return +killed


async def riot(
    open_town: Any, store: redis.Redis, seed: int, *, contacts: int, kills: int, points: list[Point]
) -> Balance:
    """Let contacts write while processes are killed; returns the balance when everything is at rest."""
    chance, people = random.Random(seed), crowd(contacts)  # noqa: S311 - it should be foreseen
    async with open_town() as (town, mark):
        services = family.Services({"serve": lambda: town.serve(SHOP), "work 1": town.work, "work 2": town.work})
        async with services.keep_up():
            await town.until(town.is_ready)
            killing = asyncio.create_task(kill_some(store, mark, chance, kills, points))
            again = await count_please(town, people, kills)
            killed, killed_at = await killing, time.monotonic()
            with suppress(AssertionError):  # the ledgers tell better what is missing
                await town.until(lambda: is_at_rest(store, 3 * contacts), AFTER_S)
        rested_at = time.monotonic()
        await town.graph.quiet()
        codes = await services.exit_codes()
        left = family.family(mark)
        found = balance(store, town.graph.received, people)
        say(
            f"seed {seed}: kills {killed.total()} {dict(killed)}, starts {dict(services.starts)}, "
            f"webhooks posted again {again} of {contacts}; {found}; "
            f"busiest second {town.graph.busiest_second(LINE.phone_number_id)}; "
            f"at rest {rested_at - killed_at:.1f} s after the last kill",
            *found.parked,
        )
        assert codes == [0, 0, 0]
        assert left == []
    return found


def say(*lines: str) -> None:
    """Print figures."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("seed", [1])
def test_kills_lose_nothing_and_double_nothing(harmed_town: Any, store: redis.Redis, seed: int) -> None:
    """Each contact hears one, two, three, whoever dies and is started again meanwhile."""
    found = asyncio.run(riot(harmed_town, store, seed, contacts=60, kills=6, points=POINTS))

    assert (found.lost, found.undeclared, found.disordered) == ([], [], [])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 2 + SEEDS))
def test_many_kills_lose_nothing_and_double_nothing(harmed_town: Any, store: redis.Redis, seed: int) -> None:
    """The same with more kills, some between `begin` and the POST; `KILLS_SEEDS` of the environment says how often."""
    found = asyncio.run(riot(harmed_town, store, seed, contacts=60, kills=12, points=[*POINTS, FENCE, FENCE]))

    assert (found.lost, found.undeclared, found.disordered) == ([], [], [])


@pytest.mark.long
def test_without_statuses_a_message_in_flight_at_a_kill_is_sent_once_more(harmed_town: Any, store: redis.Redis) -> None:
    """Nobody can know what became of it: the row was in doubt and says that it was resent; no other is doubled."""
    people = crowd(20)

    async def scene() -> None:
        async with harmed_town() as (town, mark):
            town.graph.change(latency=1, statuses=())
            town.serve(SHOP)
            await town.until(town.is_ready)
            town.work()
            await count_please(town, people, 0.1)
            await town.until(lambda: len(town.graph.received) >= 8)
            flying = {row_of_post(each) for each in town.graph.received}
            family.send(signal.SIGKILL, family.of_role(mark, "shift"))
            town.graph.change(latency=0)
            await town.until(lambda: is_at_rest(store, 3 * len(people)), AFTER_S)

            posts = Counter(row_of_post(each) for each in town.graph.received)
            found = balance(store, town.graph.received, people)
            say(f"killed with {len(flying)} in flight, and no statuses: {found}")
            assert (found.lost, found.undeclared, found.disordered, found.parked) == ([], [], [], [])
            assert found.doubts == len(found.doubled) > 0
            assert {row for row, count in posts.items() if count > 1} <= flying

    asyncio.run(scene())


def test_everything_killed_at_once_comes_back_with_its_own_store(harmed_town: Any, tmp_path: Path) -> None:
    """`baton run` on its own data, killed with store and guard the moment webhooks were taken: all are answered."""
    people = crowd(20)

    async def scene() -> None:
        async with harmed_town("", BATON_DATA=str(tmp_path / "data")) as (town, mark):
            killed = []
            for part in (people[:10], people[10:]):
                town.run(SHOP)
                await town.until(town.is_ready)
                await count_please(town, part, 0.2)
                killed.append(family.end_all(mark))
            town.run(SHOP)
            await town.until(town.is_ready)
            with EmbeddedStore(tmp_path / "data") as embedded, redis.Redis.from_url(embedded.url) as store:
                with suppress(AssertionError):
                    await town.until(lambda: is_at_rest(store, 3 * len(people)), AFTER_S)
                found = balance(store, town.graph.received, people)
            say(f"kills {sum(killed)} in {len(killed)} rounds; {found}", *found.parked)

        assert min(killed) >= 5
        assert (found.lost, found.undeclared, found.disordered) == ([], [], [])
        assert family.family(mark) == []

    asyncio.run(scene())
