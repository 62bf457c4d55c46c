"""Does nothing leave by a store that lost what had happened, until somebody says so?

The figures are printed: `pytest -rP`.
"""

import asyncio
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import redis

from adapters.embedded import EmbeddedStore
from tests.main_job import family
from tests.main_job.senders import count_please, crowd
from tests.main_job.town import LINE, Town

SHOP = Path(__file__).parent / "shop"
LOOKED_S = 3.0

pytestmark = family.NEEDS_PROC


async def rolled_back(town: Town, embedded: EmbeddedStore, data: Path, contacts: int = 10) -> dict[str, Any]:
    """F18: messages leave, then an older copy of the store takes its place, in which they still wait.

    Returns how many had left, how many left again, and after how many seconds it was noticed.
    """
    copy = data.parent / "older"
    with redis.Redis.from_url(embedded.url) as store:
        town.serve(SHOP)
        await town.until(town.is_ready)
        await count_please(town, crowd(contacts), 0.1)
        await town.until(lambda: store.zcard(f"{{corner-shop}}:ready:{LINE.phone_number_id}") == contacts)
        shutil.copytree(data, copy)
        town.work()
        await town.until(lambda: len(town.graph.received) == 3 * contacts)
        await asyncio.sleep(1)
        os.kill(int(store.info("server")["process_id"]), signal.SIGKILL)
    await asyncio.to_thread(embedded.close)
    shutil.rmtree(data / "appendonlydir")
    shutil.copytree(copy / "appendonlydir", data / "appendonlydir")
    left, back_at = len(town.graph.received), time.monotonic()
    embedded.ensure()
    return {"left": left, **await _noticed(town, embedded, back_at)}


async def emptied(town: Town, embedded: EmbeddedStore, contacts: int = 10) -> dict[str, Any]:
    """F25: the store is emptied while messages wait in it."""
    with redis.Redis.from_url(embedded.url) as store:
        town.serve(SHOP)
        await town.until(town.is_ready)
        await count_please(town, crowd(contacts), 0.1)
        await town.until(lambda: store.zcard(f"{{corner-shop}}:ready:{LINE.phone_number_id}") == contacts)
        town.work()
        await town.until(lambda: len(town.graph.received) >= 1)
        store.flushall()
    back_at = time.monotonic()
    await asyncio.sleep(0.5)  # what was on its way
    left = len(town.graph.received)
    found = {"left": left, **await _noticed(town, embedded, back_at)}
    statuses = [await town.writes(person, "count please") for person in crowd(3)]
    return {**found, "again": len(town.graph.received) - left, "refused": statuses.count(503)}


async def _noticed(town: Town, embedded: EmbeddedStore, back_at: float) -> dict[str, Any]:
    before = len(town.graph.received)
    with redis.Redis.from_url(embedded.url) as store:
        await town.until(lambda: store.hexists("baton:store", "held"))
        noticed_s = time.monotonic() - back_at
        why = (store.hget("baton:store", "held") or b"").decode()
    await asyncio.sleep(LOOKED_S)
    return {"why": why, "noticed_s": round(noticed_s, 2), "again": len(town.graph.received) - before}


def play(open_town: Any, data: Path, scene: Any) -> Any:
    """Run a scene in a town on a store of its own."""

    async def played() -> Any:
        with EmbeddedStore(data) as embedded:
            async with open_town(embedded.url) as (town, mark):
                try:
                    return await scene(town, embedded)
                finally:
                    family.end_all(mark)

    return asyncio.run(played())


def test_by_an_older_copy_of_the_store_nothing_leaves_a_second_time(harmed_town: Any, tmp_path: Path) -> None:
    """Sending is held as soon as anybody looks."""
    data = tmp_path / "data"

    found = play(harmed_town, data, lambda town, embedded: rolled_back(town, embedded, data))
    sys.stdout.write(f"{found}\n")

    assert (found["left"], found["again"], found["why"]) == (30, 0, "rolled_back")


def test_by_a_store_that_was_emptied_nothing_leaves_and_nothing_is_taken(harmed_town: Any, tmp_path: Path) -> None:
    """Meta keeps what it is refused."""
    found = play(harmed_town, tmp_path / "data", emptied)
    sys.stdout.write(f"{found}\n")

    assert (found["again"], found["why"], found["refused"]) == (0, "emptied", 3)
