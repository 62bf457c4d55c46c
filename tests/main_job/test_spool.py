"""When the owner answers while the store is away, does nothing more leave once it is back?

The figures are printed: `pytest -rP`.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import redis

from adapters.embedded import EmbeddedStore
from tests.main_job import family
from tests.main_job.senders import count_please, crowd
from tests.main_job.town import Town

SHOP = Path(__file__).parent / "shop"
AWAY_S = 1.5
LOOKED_S = 3.0

pytestmark = family.NEEDS_PROC


async def owner_answers_while_it_sends(town: Town, store: redis.Redis, spool: Path, contacts: int) -> dict[str, int]:
    """F44: the store freezes in the middle of sending, the owner answers everybody, and it goes on.

    Returns how many echoes were acknowledged, how many messages had left before them, and how many left after.
    """
    people = crowd(contacts)
    town.graph.change(latency=0.05)
    town.serve(SHOP)
    await town.until(town.is_ready)
    town.work()
    await count_please(town, people, 0.2)
    await town.until(lambda: len(town.graph.received) >= contacts // 2)
    server = int(store.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        await asyncio.sleep(0.5)  # what had begun arrives
        before = len(town.graph.received)
        statuses = await asyncio.gather(*(town.echoes(person, "I am here") for person in people))
        await asyncio.sleep(AWAY_S)
    finally:
        os.kill(server, signal.SIGCONT)
    await town.until(lambda: not [*spool.glob("*.e*s")])
    await asyncio.sleep(LOOKED_S)
    return {"acked": statuses.count(200), "left": before, "left_after": len(town.graph.received) - before}


def test_nothing_leaves_after_an_echo_that_waits_on_disk(harmed_town: Any, tmp_path: Path) -> None:
    """Neither what was queued nor what was just beginning."""
    spool = tmp_path / "spool"

    async def scene(url: str, store: redis.Redis) -> dict[str, int]:
        async with harmed_town(url, BATON_SPOOL=str(spool)) as (town, mark):
            try:
                return await owner_answers_while_it_sends(town, store, spool, 30)
            finally:
                family.end_all(mark)

    with EmbeddedStore(tmp_path / "data") as embedded, redis.Redis.from_url(embedded.url) as store:
        found = asyncio.run(scene(embedded.url, store))
    sys.stdout.write(f"{found}\n")

    assert (found["acked"], found["left_after"]) == (30, 0)
    assert found["left"] < 90
