"""Does a shift hear what rings for it, also after it lost the connection it listens on?"""

import asyncio

import pytest

from adapters.settings import read
from adapters.wiring import parts

B, NUMBER = "bakery", "1001"


async def deaf(client):
    """Wait until somebody listens, and end that connection alone."""
    while not (ears := [each["id"] for each in await client.client_list() if each["cmd"] == "blpop"]):  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.01)
    for ear in ears:
        await client.client_kill_filter(_id=ear)


@pytest.mark.usefixtures("store")
def test_a_shift_that_lost_the_connection_it_listens_on_listens_again(store_url):
    """Its numbers would answer seconds later, for as long as it lasts."""

    async def scene():
        async with parts(read({"BATON_REDIS_URL": store_url})) as built:
            shift, client = built.shift(), built.store.client
            running = asyncio.create_task(shift.run())
            await deaf(client)
            wake = f"baton:wake:{shift.name}"
            await client.rpush(wake, f"{B} {NUMBER}")
            while await client.exists(wake) and not running.done():  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
            heard = not running.done()
            shift.stop()
            await running
            return heard

    assert asyncio.run(scene())
