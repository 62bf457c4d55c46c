"""A number keeps its pace, whoever sends for it: what the scripts do is what `rules/policy/pace.py` says."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from adapters.store.scripts import load
from rules.policy import pace
from rules.policy.pace import Pace

B, NUMBER = "bakery", "1001"
SLOT, WINDOW = 52, 1030
SLOT_US = 52_000
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)

CASE = """
local number, what, now, id = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
if what == 'comes in' then return heard('{bakery}', number, id, now) end
local at = next_slot('{bakery}', number, now)
return {at, select(2, take_slot('{bakery}', number, id, what == 'asks' and now or at)) and 1 or 0}
"""

moves = some.lists(
    some.tuples(some.integers(0, 60) | some.integers(0, 2000), some.sampled_from(["comes in", "asks", "waits"])),
    max_size=150,
)
numbers = itertools.count()


paces = some.sampled_from([1, 2, 7, 20, 33, 80, 1000])


@given(moves, paces)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_scripts_do_what_the_rules_say(store, scripts, steps, most):
    """Slot by slot, for every interleaving of what comes in and of senders that ask, however many a number may send."""
    script = store.register_script("#!lua\n" + (scripts / "parts" / "pace.lua").read_text() + CASE)
    number, known, now = f"of-case-{next(numbers)}", Pace(most), NOON
    store.hset(f"{{bakery}}:p:{number}", "most", most)

    for place, (later, what) in enumerate(steps):
        now += later * MS
        found = script(args=[number, what, round(now.timestamp() * 1000), place])
        if what == "comes in":
            known = pace.heard(known, now)
            continue
        at, after = pace.booked(known, now)
        now = at if what == "waits" else now
        taken = at <= now + pace.AHEAD
        known = after if taken else known
        assert found == [round(at.timestamp() * 1000), int(taken)]


@pytest.fixture
async def queue(shop):
    """Give the chosen rows of 45 chats."""
    for count in range(45):
        await shop.decide(await shop.chat(f"p:{count}"), f"r{count}")
    return [await shop.choose() for _ in range(45)]


async def begun(shop, chosen):
    """Begin rows as senders do, several at once, each when its slot is near; return the slots."""
    waiting, slots = list(reversed(chosen)), []

    async def sender():
        while waiting:
            row = waiting.pop()
            while (answer := await shop.begin(row, rested=False)).why == "pace":  # noqa: ASYNC110 - a moment, no event
                await asyncio.sleep((answer.slot_ms - answer.now_ms) / 1000 - 0.01)
            assert answer.ok, answer
            slots.append((answer.slot_ms, answer.now_ms))

    await asyncio.gather(*(sender() for _ in range(4)))
    return sorted(slots)


@pytest.mark.anyio
async def test_several_senders_of_a_number_share_its_pace(shop, queue):
    """No window has more than twenty slots, and none of them is far ahead."""
    found = await begun(shop, queue)

    slots = [slot for slot, _ in found]
    assert all(later - earlier >= WINDOW for earlier, later in zip(slots, slots[20:], strict=False))
    assert all(now <= slot <= now + 30 for slot, now in found)


@pytest.mark.anyio
async def test_an_answer_may_leave_at_once(shop):
    """What came in takes no slot while there is room."""
    chat = await shop.chat()
    await shop.decide(chat, "r")

    chosen = await shop.choose()
    begun = await shop.begin(chosen, rested=False)

    assert (chosen.slot_ms, begun.slot_ms) == (chosen.now_ms, begun.now_ms)


@pytest.mark.anyio
async def test_the_same_beginning_has_the_same_slot(shop):
    """A lost answer is asked for again, and takes no second one."""
    await shop.decide(await shop.chat(), "r")
    chosen = await shop.choose()

    first = await shop.begin(chosen, rested=False, attempt="one")
    again = await shop.begin(chosen, rested=False, attempt="one")

    assert again.slot_ms == first.slot_ms
    assert (await shop.store.command("ZCOUNT", "{bakery}:paced:1001", "-inf", "+inf")) == 1


@pytest.mark.anyio
async def test_what_comes_in_takes_at_most_half(shop):
    """Ten of thirty messages at once count against the pace."""
    await shop.take(*(shop.item(f"k{count}", inbound=True) for count in range(30)))

    assert await shop.store.command("ZCARD", "{bakery}:paced:1001") == 10


@pytest.mark.anyio
async def test_a_number_that_was_refused_for_its_pace_slows_down(shop):
    """It rests a second and goes on half as fast; what left before that says nothing new."""
    rows = await begin_two(shop)

    for row in rows:
        await shop.settle(row, "queued", slow=True)

    assert await slowness(shop) == SLOT_US * 2
    assert (await shop.choose()).slot_ms >= (await shop.choose()).now_ms + 900


@pytest.mark.anyio
async def test_a_slow_number_that_is_refused_again_goes_slower_yet(shop):
    """What left after the rest counts anew."""
    first, second = await begin_two(shop)
    await shop.settle(first, "queued", slow=True)
    now = (await shop.choose()).now_ms

    await shop.store.command("HSET", f"{{bakery}}:r:{second}", "slot", now + 1100)
    await shop.settle(second, "queued", slow=True)

    assert await slowness(shop) == SLOT_US * 4


@pytest.mark.anyio
async def test_a_slow_number_recovers(shop, queue):
    """Half a minute without a refusal, and its slots are as near to each other as ever."""
    now = queue[0].now_ms
    await shop.store.command("HSET", "{bakery}:p:1001", "slow_until", now - 1, "slow_us", 832_000)

    slots = [slot for slot, _ in await begun(shop, queue[:10])]

    assert slots[-1] - slots[0] < 12 * SLOT


async def begin_two(shop):
    """Let two rows begin to leave; return them."""
    for count in range(2):
        await shop.decide(await shop.chat(f"p:{count}"), f"r{count}")
    return [await shop.begin_next() for _ in range(2)]


async def slowness(shop):
    """Return how many microseconds apart the slots of a slow number are."""
    return int(await shop.store.command("HGET", "{bakery}:p:1001", "slow_us"))


def test_the_parts_of_the_scripts_have_the_figures_of_the_rules():
    """How many unless told, how evenly, what is forgiven, the window, and how far ahead a slot may be."""
    spans = (pace.EVENLY, pace.FORGIVEN, pace.WINDOW, pace.AHEAD)
    figures = [pace.COEXISTENCE_PER_SECOND, *(span // MS for span in spans)]

    assert f"AHEAD = {', '.join(map(str, figures))}\n" in load("begin").text
