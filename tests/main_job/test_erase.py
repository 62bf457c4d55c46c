"""Is somebody gone for good, while real processes send to them and Meta goes on telling of it?"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.adapters.known import ANA, BEA, left_of
from tests.main_job.town import Town, said

SHOP = Path(__file__).parent / "shop"
SLOW_S, LATER_S = 6.0, 12.0


@pytest.mark.long
def test_a_message_on_its_way_arrives_and_leaves_no_trace(
    store: redis.Redis, store_url: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """What was queued behind it never leaves, statuses that come later create nothing, others get all of theirs."""

    async def scene() -> None:
        town = Town(store_url, free_port(), tmp_path / "log")
        try:
            await town.start(SHOP)
            town.graph.change(latency=SLOW_S, status_delay=LATER_S, statuses=("delivered",))
            async with town.meta:
                for who in (ANA, BEA):
                    await town.writes(who.person, f"count for {who.secret}")
                await town.until(lambda: bool(town.heard_by(ANA.person)))
                told = await town.does("erase", f"+{ANA.phone}", "--yes")
                town.graph.change(latency=0, status_delay=0)
                await town.until(lambda: len(town.heard_by(BEA.person)) == 3)
                await town.graph.quiet()

            assert told.startswith("Erased: 1 contact, 1 chat, ")
            assert [said(each) for each in town.heard_by(ANA.person)] == ["one"]
            assert left_of(store, ANA) == {}
            assert left_of(store, BEA) != {}
        finally:
            await town.stop()

    asyncio.run(scene())
