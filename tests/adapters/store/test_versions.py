"""What is published goes live whole, and a number has one business."""

import pytest

from adapters.store import FilesGoneError, NewAlert, NumberTakenError, Version
from adapters.store.files import PIECE
from adapters.store.versions import KEPT

pytestmark = pytest.mark.anyio


def _publish(shop, business, version, numbers, wabas=()):
    return shop.store.publish(
        business,
        version,
        files=b"files",
        typed=b"typed",
        numbers=dict.fromkeys(numbers, 20),
        wabas=wabas,
        by="ana",
        lists="l",
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


async def test_counters_and_alerts_are_kept_for_people(shop):
    """Of a business, or of none."""
    await shop.store.count("stray", 2)
    await shop.store.count("stray", business="bakery")
    await shop.store.alert("bakery", NewAlert("number", b"one"))
    await shop.store.alert("bakery", NewAlert("number", b"two"))

    assert (await shop.store.counts(), await shop.store.counts("bakery")) == ({"stray": 2}, {"stray": 1})
    assert [told.blob for told in await shop.store.alerts("bakery")] == [b"two", b"one"]


async def test_what_is_told_again_is_one_alert_that_counts(shop):
    """It moves to the front, and keeps the moment at which it was told first."""
    for blob in (b"again", b"once", b"again"):
        await shop.store.alert("bakery", NewAlert("number", blob))

    again, once = await shop.store.alerts("bakery")

    assert (again.blob, again.count, once.blob, once.count) == (b"again", 2, b"once", 1)
    assert again.since_ms <= once.since_ms <= once.at_ms <= again.at_ms


async def test_a_flood_of_one_kind_washes_no_other_away(shop):
    """Of more than a thousand the kind that has most lets its oldest go."""
    await shop.store.alert("bakery", NewAlert("account", b"locked"))
    for batch in range(11):
        chat = await shop.chat(f"p:{batch}")
        flood = [NewAlert("late", b"%d" % each) for each in range(batch * 100, batch * 100 + 100)]
        await shop.decide(chat, alerts=flood)

    kept = await shop.store.alerts("bakery", 2_000)

    assert 900 < len(kept) <= 1_000
    assert (kept[0].blob, kept[-1].blob) == (b"1099", b"locked")
    assert len(kept) == await shop.store.command("HLEN", "{bakery}:alert")


async def _publish_with(shop, version, *digests, in_use=()):
    for digest in digests:
        if not await shop.store.has_file("cafe", digest):
            await shop.store.put_file("cafe", digest, digest.encode() * PIECE)
    await shop.store.publish(
        "cafe",
        version,
        files=b"files",
        typed=b"typed",
        numbers={"2001": 20},
        wabas=[],
        by="ana",
        digests=digests,
        in_use=in_use,
    )


async def test_a_file_is_kept_once_and_in_pieces(shop):
    """What comes out is what went in."""
    await _publish_with(shop, "v1", "a", "bc")
    await _publish_with(shop, "v2", "a")

    assert await shop.store.file("cafe", "a") == b"a" * PIECE
    assert await shop.store.file("cafe", "bc") == b"bc" * PIECE
    assert await shop.store.file("cafe", "d") is None
    assert await shop.store.command("HLEN", "{cafe}:f:bc") == 3


async def test_files_go_with_the_versions_that_need_them(shop):
    """The latest ten are kept, and those that people are in the middle of."""
    await _publish_with(shop, "v1", "old")
    await _publish_with(shop, "v2", "used")
    for each in range(3, KEPT + 2):
        await _publish_with(shop, f"v{each}", "new", in_use=("v1", "v2"))
    before = [await shop.store.has_file("cafe", each) for each in ("old", "used", "new")]

    await _publish_with(shop, "last", "new", in_use=("v2",))

    kept = await shop.store.versions("cafe")
    assert before == [True, True, True]
    assert [await shop.store.has_file("cafe", each) for each in ("old", "used", "new")] == [False, True, True]
    assert (len(kept), kept[0], kept[-1]) == (KEPT + 1, "last", "v2")
    assert [(await shop.store.version("cafe", each)) is None for each in ("v1", "v2", "v3")] == [True, False, False]


async def test_no_version_goes_while_it_is_not_known_who_needs_it(shop):
    """A chat that cannot be read may be in the middle of any."""
    names = [f"v{each}" for each in range(KEPT + 2)]
    for each in names:
        await _publish_with(shop, each, "file", in_use=None)

    assert await shop.store.versions("cafe") == names[::-1]


async def test_the_latest_version_is_the_last_whatever_the_clock_says(shop, store):
    """Or one that is live could be taken for the oldest."""
    await _publish_with(shop, "early")
    store.zadd("{cafe}:versions", {"early": 10**14})

    await _publish_with(shop, "late")

    assert await shop.store.versions("cafe") == ["late", "early"]


async def test_a_version_is_refused_while_a_file_is_missing(shop):
    """Nothing goes live, and it is told which."""
    with pytest.raises(FilesGoneError, match="lost"):
        await shop.store.publish(
            "cafe", "v1", files=b"f", typed=b"t", numbers={"2001": 20}, wabas=[], by="ana", digests=["lost"]
        )

    assert await shop.store.live("cafe") is None


async def test_half_a_file_is_none(shop):
    """Its size is written last; what nobody came to publish goes with the next version."""
    await shop.store.command("SADD", "{cafe}:files", "half")
    await shop.store.command("HSET", "{cafe}:f:half", 0, b"begun")

    found = await shop.store.has_file("cafe", "half"), await shop.store.file("cafe", "half")
    await _publish_with(shop, "v1")

    assert found == (False, None)
    assert await shop.store.command("EXISTS", "{cafe}:f:half") == 0
