"""What is live is looked up once, and nobody is turned away while that is under way."""

import asyncio

import redis.asyncio

from adapters.live import Live
from adapters.store import Store
from rules.policy import restrictions


async def publish_and_ask(url, *questions):
    """Publish one business, then ask a process that knows nothing yet for all of these at the same moment."""
    async with redis.asyncio.Redis.from_url(url) as client:
        store = Store(client)
        await store.publish("shop", "v1", files=b"f", typed=b"t", numbers={"1001": 20}, wabas=["7"], by="me", lists="l")
        live = Live(store, restrictions.read(restrictions.DEFAULT_TEXT, "refuse"))
        return await asyncio.gather(*(live.business_of(*question) for question in questions))


def test_whoever_asks_during_the_first_look_up_waits_for_it(store, store_url):  # noqa: ARG001 - it empties the store
    """The first webhooks of a new process come together, and each finds its business."""
    found = asyncio.run(publish_and_ask(store_url, ("1001", None), ("1001", None), (None, "7"), ("1002", "7")))

    assert found == ["shop", "shop", "shop", None]
