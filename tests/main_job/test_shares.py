"""Do worker processes share many numbers evenly, do others take over, and is a shift that is up woken without a job?"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.benchmarks import send, shares
from tests.main_job import family
from tests.main_job.senders import crowd
from tests.main_job.town import said

SHOP = Path(__file__).parent / "shop"
PROCESSES = 3
CHATS = 1
UNEVEN_MOST = 0.1

pytestmark = family.NEEDS_PROC


@pytest.mark.parametrize("numbers", [90, pytest.param(500, marks=pytest.mark.long)])
def test_three_processes_share_many_numbers_and_take_over_from_one_that_is_killed(numbers: int) -> None:
    """Each has about a third, though the first one that came up had them all; a killed one's go to the others."""
    with send.town(numbers, statuses=False, latency=shares.LATENCY_S) as place:
        found = shares.measure(place, numbers, PROCESSES, CHATS)

    assert len(found.numbers) == PROCESSES
    assert sum(found.numbers) >= numbers * (1 - UNEVEN_MOST)
    assert max(found.numbers) - min(found.numbers) <= numbers * UNEVEN_MOST


def test_a_number_that_rings_while_a_shift_serves_it_needs_no_job(harmed_town: Any, store: redis.Redis) -> None:
    """The answer leaves in the same shift, and no job was made."""
    people = crowd(3)

    async def scene() -> None:
        async with harmed_town() as (town, mark):
            town.serve(SHOP)
            await town.until(town.is_ready)
            town.work()
            assert await town.writes(people[0], "count please") == 200
            await town.until(lambda: len(town.heard_by(people[0])) == 3)
            shift, jobs = family.of_role(mark, "shift"), set(store.keys("rq:job:*"))

            for person in people[1:]:
                assert await town.writes(person, "count please") == 200
                await town.until(lambda: len(town.heard_by(person)) == 3)  # noqa: B023 - it is over before the next one

            assert [said(each) for each in town.heard_by(people[2])] == ["one", "two", "three"]
            assert set(store.keys("rq:job:*")) <= jobs
            assert family.of_role(mark, "shift") == shift

    asyncio.run(scene())
