"""Whoever has something to send rings, and a hundred who do so together ring once."""

import asyncio

import pytest
import redis
import redis.asyncio

from adapters.rings import Rings
from adapters.store import Store

pytestmark = pytest.mark.anyio
SHIFT = "baton:shift:bakery:1001"
HEARD = "baton:wake:a-shift"


async def test_those_who_ring_together_ring_once(store_url, store):
    """The one ring comes after all of them asked; whoever asks later rings anew."""
    client = redis.asyncio.Redis.from_url(store_url)
    rings = Rings(Store(client), redis.Redis.from_url(store_url))
    store.set(SHIFT, "a-shift")

    await asyncio.gather(*(rings.ring("bakery", "1001") for _ in range(100)))
    together = store.llen(HEARD)
    await rings.ring("bakery", "1001")

    assert (together, store.llen(HEARD)) == (1, 2)
    await client.aclose()


async def test_a_ring_that_fails_fails_for_all_who_asked(store_url, store):
    """And the next one is asked anew."""
    client = redis.asyncio.Redis.from_url(store_url)
    rings = Rings(Store(client), redis.Redis.from_url(store_url))
    store.set(SHIFT, "a-shift")
    store.set(HEARD, "no list")

    found = await asyncio.gather(*(rings.ring("bakery", "1001") for _ in range(2)), return_exceptions=True)
    store.delete(HEARD)
    await rings.ring("bakery", "1001")

    assert [type(each) for each in found] == [redis.exceptions.ResponseError] * 2
    assert store.llen(HEARD) == 1
    await client.aclose()


@pytest.fixture
def anyio_backend():
    """Run on asyncio, which is what we ship on."""
    return "asyncio"
