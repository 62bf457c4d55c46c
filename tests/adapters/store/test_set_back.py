"""What a store wrote while its clock ran ahead is made good once that was set back."""

import pytest

from adapters.store import NextRow

pytestmark = pytest.mark.anyio
B = "bakery"
AHEAD_MS = 8 * 86_400_000
PACE, SHIFT = "{bakery}:p:1001", "baton:shift:bakery:1001"


@pytest.fixture
def ahead(store):
    """Give a moment eight days ahead; the store's clock stood there when somebody looked last."""
    seconds, _ = store.time()
    found = seconds * 1000 + AHEAD_MS
    store.hset("baton:store", "clock", found)
    return found


async def set_back(shop):
    """Let somebody look, and the next sweep find it out."""
    await shop.store.look("", 0, "me")
    return await shop.store.sweep(B, older_ms=0)


async def test_an_undecided_event_is_found(shop, store, ahead):
    """Even one whose lease seems to last for days."""
    [taken] = await shop.take(shop.item("a"))
    await shop.store.lease(B, taken.subject, "dead")
    store.zadd("{bakery}:waiting", {taken.subject: ahead})
    store.hset(f"{{bakery}}:s:{taken.subject}", "lease_until", ahead)

    swept = await set_back(shop)

    assert swept.suspects == (taken.subject,)
    assert (await shop.store.lease(B, taken.subject, "another")).events


async def test_a_chat_of_that_time_does_not_stay_the_newest(shop, store, ahead):
    """What happens from now on is newer."""
    first, second = await shop.chat("p:1"), await shop.chat("p:2")
    store.zadd("{bakery}:recent", {first: ahead})

    await set_back(shop)
    await shop.decide(second, log=[b"said"])

    assert await shop.store.recent(B) == [second, first]


async def test_a_queued_message_leaves(shop, store, ahead):
    """Its number begins with a full window, and a shift that is gone holds nothing."""
    chat = await shop.chat()
    await shop.decide(chat, "a")
    store.zadd("{bakery}:ready:1001", {chat: ahead})
    store.hset(PACE, "due", ahead * 1000)
    store.zadd("{bakery}:paced:1001", {f"i{each}": ahead for each in range(20)})
    store.set(SHIFT, "dead", px=AHEAD_MS)
    store.set("baton:bell", "1", px=AHEAD_MS)

    swept = await set_back(shop)
    chosen = await shop.choose()

    assert swept.owed == ("1001",)
    assert isinstance(chosen, NextRow)
    assert 0 < chosen.slot_ms - chosen.now_ms <= 1_030
    assert store.pttl(SHIFT) <= 10_000
    assert not store.exists("baton:bell")


async def test_a_message_that_was_being_sent_is_overdue_before_long(shop, store, ahead):
    """Its sender may be gone."""
    await shop.decide(await shop.chat(), "a")
    row = await shop.begin_next()
    store.zadd("{bakery}:sending", {row: ahead})

    swept = await set_back(shop)

    assert store.zscore("{bakery}:sending", row) == swept.now_ms + 45_000


async def test_what_must_wait_waits(shop, store, ahead):
    """A retry keeps its moment, and so does a timer."""
    store.hset("{bakery}:r:h", mapping={"not_before": ahead, "state": "queued"})
    store.zadd("{bakery}:todo:http", {"h": ahead})
    store.zadd("{bakery}:timers", {"t": ahead})

    await set_back(shop)

    assert (store.zscore("{bakery}:todo:http", "h"), store.zscore("{bakery}:timers", "t")) == (ahead, ahead)


async def test_it_is_made_good_once(shop, store, ahead):
    """A chat that is put off afterwards stays so."""
    chat = await shop.chat()
    await shop.decide(chat, "a")
    await set_back(shop)
    await shop.store.delay(B, chat, ahead)

    await set_back(shop)

    assert store.zscore("{bakery}:ready:1001", chat) == ahead


async def test_a_contact_who_was_written_to_is_written_to_again(shop, store, ahead):
    """Of the burst to one contact nothing is left, so one message may leave, and the next six seconds later."""
    chat = await shop.chat()
    await shop.decide(chat, "a", "b")
    store.hset(f"{{bakery}}:s:{chat}", "pair_tat", ahead)

    await shop.settle(await shop.begin_next(), "sent")

    second = await shop.choose()
    assert 5_000 < second.soonest_ms - second.now_ms <= 6_000


async def test_a_contact_who_is_left_alone_is_so_for_the_longest_rest(shop, store, ahead):
    """When it really ends is not known."""
    chat = await shop.chat()
    await shop.decide(chat, "a")
    store.hset(f"{{bakery}}:s:{chat}", "pair_rest", ahead)

    found = await shop.choose()

    assert found.soonest_ms - found.now_ms == 1_024_000


async def test_the_lock_of_whoever_ticked_does_not_outlast_it(shop, store):
    """Another process goes on."""
    store.set("baton:tick", "dead", px=AHEAD_MS)

    assert await shop.store.lead("another")
