"""Numbers with work find a shift, and shifts share them fairly."""

import asyncio

import pytest

from adapters.store import calls

pytestmark = pytest.mark.anyio
B = "bakery"


async def _due(shop, count):
    numbers = [(B, f"{1001 + place}") for place in range(count)]
    for number in numbers:
        await shop.store.ring(*number)
    return numbers


async def _take(shop, shift, ms=10_000):
    return list((await shop.store.take_numbers(shift, 10, ms)).numbers)


async def test_a_ring_asks_for_a_job_once_a_second(shop):
    """Whoever rings more often is heard already."""
    rung = [await shop.store.ring(B, "1001"), await shop.store.ring(B, "1001")]

    assert rung == [True, False]


async def test_a_ring_wakes_the_shift_that_has_the_number(shop):
    """No job is needed then."""
    [number] = await _due(shop, 1)
    await shop.store.take_numbers("shift", 10)

    rung = await shop.store.ring(*number)
    woken = await shop.store.wait_for_wake("shift", 1)
    quiet = await shop.store.wait_for_wake("shift", 0.01)

    assert not rung
    assert woken == number
    assert quiet is None


async def test_waiting_for_a_wake_may_be_broken_off(shop):
    """The connection is not left with somebody else's answer."""
    waiting = asyncio.ensure_future(shop.store.wait_for_wake("shift", 5))
    await asyncio.sleep(0.02)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await _due(shop, 1)

    assert await _take(shop, "shift") == [(B, "1001")]


async def test_a_wake_that_comes_too_late_is_nobodys(shop, monkeypatch):
    """A store that stalls must not answer the next question with the last one's answer."""
    monkeypatch.setattr(calls, "GRACE_S", 0.01)

    woken = await shop.store.wait_for_wake("shift", 0)  # the server waits for ever, we do not
    await shop.store.ring(B, "1001")
    await shop.store.take_numbers("shift", 10)
    await shop.store.ring(B, "1001")

    assert woken is None
    assert await shop.store.live(B) == "v1"


async def test_a_number_has_one_shift(shop):
    """Until its lease ends; then it is due for others."""
    [number] = await _due(shop, 1)

    first = await _take(shop, "one", ms=40)
    second = await _take(shop, "two", ms=40)
    await asyncio.sleep(0.05)
    third = await _take(shop, "two", ms=1_000)
    lost = await shop.store.renew("one", first)

    assert (first, second, third) == ([number], [], [number])
    assert lost.held == ()


async def test_shifts_share_what_is_due(shop):
    """Each takes its part and no more."""
    await _due(shop, 5)
    await shop.store.take_numbers("two", 0)

    one = await _take(shop, "one")
    more = await _take(shop, "one")
    two = await _take(shop, "two")
    renewed = await shop.store.renew("one", one)

    assert (len(one), more, len(two)) == (3, [], 2)
    assert (renewed.held, renewed.share) == (tuple(one), 3)


async def test_a_newcomer_is_told_that_others_have_more_than_their_share(shop):
    """Until they gave it back; a shift that has just its share keeps nobody waiting."""
    await _due(shop, 4)
    all_of_them = await _take(shop, "one")

    early = await shop.store.take_numbers("two", 10)
    await shop.store.give_back("one", all_of_them[2:])
    for _, number in all_of_them[2:]:
        await shop.store.ring(B, number)
    mine = await shop.store.take_numbers("two", 10)
    later = await shop.store.take_numbers("two", 10)

    assert (early.numbers, early.more_to_come) == ((), True)
    assert (set(mine.numbers), mine.more_to_come) == (set(all_of_them[2:]), False)
    assert (later.numbers, later.more_to_come) == ((), False)


async def test_a_shift_that_ended_has_no_share(shop):
    """The others take all."""
    await _due(shop, 3)
    await shop.store.take_numbers("gone", 0)

    await shop.store.end_shift("gone")

    assert len(await _take(shop, "one")) == 3


async def test_a_number_given_back_is_due_when_it_has_work(shop):
    """At once, later, or not at all."""
    await _due(shop, 1)
    taken = await _take(shop, "one")
    nothing = await shop.store.give_back("one", taken)
    idle = await _take(shop, "one")
    await shop.decide(await shop.chat(), "r")
    await _due(shop, 1)
    taken = await _take(shop, "one")
    owed = await shop.store.give_back("one", taken)
    again = await _take(shop, "two")

    assert (nothing, idle) == (0, [])
    assert (owed, again) == (1, taken)


async def test_one_process_leads(shop):
    """Until its time is over."""
    answers = [await shop.store.lead(owner, ms=40) for owner in ("one", "two", "one")]
    await asyncio.sleep(0.05)

    assert answers == [True, False, True]
    assert await shop.store.lead("two")
