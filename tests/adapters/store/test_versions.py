"""What is published goes live whole, and a number has one business."""

import pytest

from adapters.store import NumberTakenError, Version

pytestmark = pytest.mark.anyio


def _publish(shop, business, version, numbers, wabas=()):
    return shop.store.publish(
        business, version, files=b"files", typed=b"typed", numbers=numbers, wabas=wabas, by="ana", lists="l"
    )


async def test_the_last_version_published_is_live(shop):
    """Earlier ones stay, for chats in the middle and for a roll back."""
    await _publish(shop, "cafe", "v1", ["2001"])
    await _publish(shop, "cafe", "v2", ["2001"])
    both = await shop.store.versions("cafe")
    await _publish(shop, "cafe", "v1", ["2001"])

    found = await shop.store.version("cafe", "v2")
    assert both == ["v2", "v1"]
    assert await shop.store.live("cafe") == "v1"
    assert found == Version("v2", b"files", b"typed", found.published_at_ms, "ana")
    assert await shop.store.version("cafe", "v3") is None
    assert await shop.store.businesses() == ["bakery", "cafe"]


@pytest.mark.parametrize(
    ("numbers", "wabas", "words"),
    [
        (["2001", "1001"], [], "The number `1001` belongs to the business `bakery`"),
        (["2001"], ["7"], "The WhatsApp Business Account `7` belongs to the business `bakery`"),
    ],
)
async def test_a_number_of_another_business_is_refused(shop, numbers, wabas, words):
    """And nothing of the folder goes live."""
    with pytest.raises(NumberTakenError, match=words):
        await _publish(shop, "cafe", "v1", numbers, wabas)

    assert await shop.store.live("cafe") is None
    assert await shop.store.numbers() == {"1001": "bakery"}


async def test_a_number_that_is_taken_out_is_free(shop):
    """For another business, in its next version."""
    await _publish(shop, "bakery", "v2", ["1002"])
    await _publish(shop, "cafe", "v1", ["1001"], ["7"])

    assert await shop.store.numbers() == {"1002": "bakery", "1001": "cafe"}
    assert await shop.store.wabas() == {"7": "cafe"}


async def test_a_store_knows_itself(shop):
    """Emptied or replaced, it is another one."""
    first, again = await shop.store.identity(), await shop.store.identity()
    await shop.store.command("FLUSHDB")

    assert first == again != await shop.store.identity()


async def test_counters_and_alerts_are_kept_for_people(shop):
    """Of a business, or of none."""
    await shop.store.count("stray", 2)
    await shop.store.count("stray", business="bakery")
    await shop.store.alert("bakery", b"one")
    await shop.store.alert("bakery", b"two")

    assert (await shop.store.counts(), await shop.store.counts("bakery")) == ({"stray": 2}, {"stray": 1})
    assert [told.blob for told in await shop.store.alerts("bakery")] == [b"two", b"one"]
