"""What is live is looked up once, and nobody is turned away while that is under way."""

import asyncio

import redis.asyncio

from adapters.live import Live
from adapters.publish import publish
from adapters.store import Store
from rules.policy import restrictions

BUSINESS = """
business: shop
timezone: UTC
language: en
numbers: [{{id: "1", phone: "+55 11 91234-5671", waba: "100"}}]
otherwise: {{steps: [{{send: "{word}"}}]}}
"""


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


def test_only_the_latest_versions_stay_compiled(store, store_url, tmp_path):  # noqa: ARG001 - it empties the store
    """Or a process that runs for months would hold all that was ever published."""

    async def scene():
        async with redis.asyncio.Redis.from_url(store_url) as client:
            live, names, made = Live(Store(client), restrictions.DEFAULT), [], []
            for word in ("one", "two", "three", "four"):
                (tmp_path / "business.yaml").write_text(BUSINESS.format(word=word))
                await publish(Store(client), tmp_path, restrictions.DEFAULT, by="me")
                names.append(await Store(client).live("shop"))
                made.append(await live.ruleset("shop", names[-1]))
            return [
                await live.ruleset("shop", name) is known for name, known in reversed([*zip(names, made, strict=True)])
            ]

    assert asyncio.run(scene()) == [True, True, True, False]
