"""Slots of a number are spaced, and what comes in counts."""

import pytest

pytestmark = pytest.mark.anyio
B, NUMBER = "bakery", "1001"


async def test_slots_are_evenly_spaced_and_never_in_the_past(shop):
    """The first is now; every call goes on where the last one ended."""
    first = await shop.store.book(B, NUMBER, 3)
    second = await shop.store.book(B, NUMBER, 9)

    start = first.now_ms
    assert first.slots_ms == (start, start + 52, start + 104)
    assert second.slots_ms[0] == start + 156
    assert all(slot <= second.now_ms + 5 * 52 for slot in second.slots_ms)


async def test_there_is_always_a_slot(shop):
    """However far ahead: whoever asks again and again waits longer and longer."""
    booked = [await shop.store.book(B, NUMBER, 5) for _ in range(20)]

    slots = [slot for each in booked for slot in each.slots_ms]
    assert slots == [slots[0] + 52 * count for count in range(len(slots))]
    assert len(booked[-1].slots_ms) == 1


async def test_what_comes_in_takes_at_most_half(shop):
    """Ten of thirty messages at once count against the pace."""
    await shop.take(*(shop.item(f"k{count}", inbound=True) for count in range(30)))

    booked = await shop.store.book(B, NUMBER, 1)

    ahead = booked.slots_ms[0] - booked.now_ms
    assert 9 * 52 < ahead <= 11 * 52


async def test_a_number_that_was_refused_for_its_pace_slows_down(shop):
    """It rests a second and goes on half as fast; several refusals at once count as one."""
    chats = [await shop.chat(f"p:{count}") for count in range(2)]
    for count, chat in enumerate(chats):
        await shop.decide(chat, f"r{count}")
    rows = [await shop.begin_next() for _ in chats]

    for row in rows:
        await shop.settle(row, "queued", slow=True)
    booked = await shop.store.book(B, NUMBER, 2)

    assert booked.slots_ms[0] >= booked.now_ms + 900
    later = await shop.store.book(B, NUMBER, 1)
    assert later.slots_ms[0] - booked.slots_ms[-1] == 104
