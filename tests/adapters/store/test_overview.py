"""Are chats found that matter now, without going through all of them?"""

import pytest

from adapters.store import NewTimer
from adapters.store.overview import Glance

pytestmark = pytest.mark.anyio
B = "bakery"


async def test_the_chats_in_which_something_was_said_come_newest_first(shop):
    """Where nothing was said nothing is newer."""
    first, second, third = [await shop.chat(f"p:{each}") for each in (1, 2, 3)]

    for chat in (second, third, first, third):
        await shop.decide(chat, log=[b"said"])
    await shop.decide(second)

    assert await shop.store.recent(B) == [third, first, second]
    assert await shop.store.recent(B, 1) == [third]


async def test_no_more_than_a_thousand_are_kept(shop, store):
    """So that a million chats take no more room than a thousand."""
    chat = await shop.chat()
    store.zadd("{bakery}:recent", {f"1001/{each}": each for each in range(1_000)})

    await shop.decide(chat, log=[b"said"])
    found = await shop.store.recent(B)

    assert (len(found), found[0], found[-1]) == (1_000, chat, "1001/1")


async def test_chats_in_which_something_waits_are_found(shop):
    """Undecided events and messages to send; the inbox of a number is no chat."""
    undecided, queued, quiet = [await shop.chat(f"p:{each}") for each in (1, 2, 3)]
    await shop.take(shop.item("a", "p:1"), shop.item("b", kind="number"))
    await shop.decide(queued, "row")

    found = await shop.store.unfinished(B)

    assert found == [undecided, queued]
    assert quiet not in found


async def test_a_glance_tells_what_waits(shop, store):
    """A chat that is gone, or goes on as another, is none."""
    chat, other = await shop.chat("p:1"), await shop.chat("p:2")
    await shop.decide(chat, "row", contact_state=b"contact")
    await shop.take(shop.item("echo", "p:1", kind="echo"))
    store.hset("{bakery}:c:of-p:2", "into", "of-p:1")

    found = await shop.store.glances(B, [chat, other, "1001/nobody"])

    assert found == [Glance(chat, b"chat", b"contact", hold=True, undecided=1, unsent=1)]


async def test_every_chat_is_found_by_going_through_all(shop):
    """Of this business only, and no numbers."""
    chats = [await shop.chat(f"p:{each}") for each in range(5)]
    await shop.store.publish("other", "v1", files=b"f", typed=b"t", numbers={"2002": 20}, wabas=[], by="me")
    await shop.store.ingest("other", [shop.item("a", number="2002")])

    found = [subject async for some in shop.store.every_chat(B) for subject in some]

    assert sorted(found) == chats


async def test_the_timers_of_a_chat_are_told_from_others(shop):
    """By the whole name of the chat; where there are too many of all it is said that not all were looked at."""
    chat, longer = await shop.chat("p:1"), await shop.chat("p:11")
    for subject, name in ((chat, "a"), (longer, "b")):
        await shop.decide(subject, timers=[NewTimer(name, 10**14, name.encode())])

    assert await shop.store.timers_of(B, chat) == ((b"a",), True)
    assert await shop.store.timers_of(B, chat, most=0) == ((), False)


async def test_rows_are_read_together(shop):
    """What is forgotten is left out."""
    chat = await shop.chat()
    await shop.decide(chat, "a", "b")
    begun = await shop.begin_next()

    found = await shop.store.rows(B, ["a", "nothing", "b"])

    assert [(row.id, row.state) for row in found] == [("a", "sending"), ("b", "queued")]
    assert await shop.store.own_rows(B, chat) == [begun] == ["a"]
    assert await shop.store.rows(B, []) == []
