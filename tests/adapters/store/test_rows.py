"""Rows leave one after the other, and only as they were judged."""

import asyncio
import random

import pytest

from adapters.store import Idle, NextRow

pytestmark = pytest.mark.anyio
B, FAR = "bakery", 10**14


async def test_the_chat_that_is_ready_longest_comes_first(shop):
    """And each comes up once, until its row has ended."""
    for who in ("p:1", "p:2"):
        await shop.decide(await shop.chat(who), f"{who}-a", f"{who}-b")
        await asyncio.sleep(0.002)

    chosen = [await shop.choose() for _ in range(3)]

    assert [each.row for each in chosen[:2]] == ["p:1-a", "p:2-a"]
    assert isinstance(chosen[2], Idle)
    assert (chosen[2].soonest_ms or 0) > chosen[2].now_ms + 1_000


async def test_a_choice_brings_all_the_gate_needs(shop):
    """So that judging needs no second question."""
    chat = await shop.chat()
    await shop.decide("1001", state=b"number")
    await shop.decide(chat, "r", state=b"chat", contact_state=b"contact")

    chosen = await shop.choose()

    assert (chosen.chat_state, chosen.contact_state, chosen.number_state) == (b"chat", b"contact", b"number")
    assert (chosen.row, chosen.blob, chosen.subject, chosen.contact_id) == ("r", b"<r>", chat, "of-p:1")
    assert chosen.live == "v1"


async def test_nothing_is_chosen_where_nothing_waits(shop):
    """Then there is no moment to ask again, either."""
    chosen = await shop.choose()

    assert chosen.soonest_ms is None


async def test_a_row_waits_for_its_moment(shop):
    """And so does the chat behind it."""
    chat = await shop.chat()
    now = (await shop.choose()).now_ms

    committed = await shop.decide(chat, shop.row("later", not_before_ms=now + 60_000), "after")

    assert committed.ready_ms == now + 60_000
    assert (await shop.choose()).soonest_ms == now + 60_000


async def test_a_delayed_chat_waits_until_something_is_decided(shop):
    """A new decision may change the judgement."""
    chat = await shop.chat()
    await shop.decide(chat, "r")

    await shop.store.delay(B, chat, FAR)
    delayed = await shop.choose()
    await shop.decide(chat)
    chosen = await shop.choose()

    assert delayed.soonest_ms == FAR
    assert chosen.row == "r"


async def test_a_row_begins_once(shop):
    """The same attempt is answered as before, another one is refused."""
    await shop.decide(await shop.chat(), "r")
    chosen = await shop.choose()

    first = await shop.begin(chosen, attempt="one")
    again = await shop.begin(chosen, attempt="one")
    other = await shop.begin(chosen, attempt="two")

    assert (first.ok, again.ok, other.ok, other.why) == (True, True, False, "state")
    assert again.until_ms == first.until_ms == first.now_ms + 35_000


async def test_who_is_written_to_first_counts_once_a_day(shop):
    """Messages in an open window do not count, two to the same contact count as one."""
    one, two = await shop.chat("p:1"), await shop.chat("p:2")
    for name, chat, first in (("a", one, True), ("b", one, True), ("c", two, False)):
        await shop.decide(chat, name)
        await shop.begin(await shop.choose(), writes_first=first)
        await shop.settle(name, "sent")

    now_ms = (await shop.choose()).now_ms

    assert await shop.store.reached(B, now_ms) == 1
    assert await shop.store.reached(B, now_ms + 24 * 3_600_000) == 0


async def _echo(shop):
    await shop.take(shop.item("e", kind="echo"))


async def _number_told(shop):
    await shop.decide("1001")


async def _chat_decided(shop):
    await shop.decide("1001/of-p:1")


async def _contact_elsewhere(shop):
    await shop.take(shop.item("n", number="1002"))
    await shop.decide("1002/of-p:1", contact_state=b"new")


async def _lists(shop):
    await shop.store.put_lists(B, "lists-2")


async def _nothing(shop):
    await shop.take()


async def _message(shop):
    await shop.take(shop.item("m"))


@pytest.mark.parametrize(
    ("meanwhile", "changes", "why"),
    [
        (_echo, {}, "hold"),
        (_number_told, {}, "changed"),
        (_chat_decided, {}, "changed"),
        (_contact_elsewhere, {}, "changed"),
        (_lists, {}, "lists"),
        (_nothing, {"valid_until_ms": 1}, "late"),
        (_nothing, {"subject": "1001/other"}, "state"),
        (_message, {"empty_inbox": True}, "inbox"),
        (_message, {}, ""),
    ],
)
async def test_nothing_begins_that_is_not_as_it_was_judged(shop, meanwhile, changes, why):
    """Then it is judged again."""
    await shop.decide(await shop.chat(), "r")
    chosen = await shop.choose()

    await meanwhile(shop)
    begun = await shop.begin(chosen, **changes)

    assert (begun.ok, begun.why) == (not why, why)
    assert await shop.states("r") == ["queued" if why else "sending"]


async def test_after_an_echo_nothing_is_even_chosen(shop):
    """Until the echo is decided: then the chat goes on at once."""
    chat = await shop.chat()
    await shop.decide(chat, "r")
    await shop.take(shop.item("e", kind="echo"))

    held = await shop.choose()
    await shop.decide(chat)
    chosen = await shop.choose()

    assert isinstance(held, Idle)
    assert chosen.row == "r"


async def test_a_row_that_is_refused_comes_up_again_at_once(shop):
    """It does not wait for the two seconds of a crash."""
    await shop.decide(await shop.chat(), "r")

    await shop.begin(await shop.choose(), ver=7)

    assert isinstance(await shop.choose(), NextRow)


async def test_what_is_late_by_the_clock_of_the_store_alone_is_not_judged_in_a_circle(shop):
    """By the judge's clock it may still be in time, again and again."""
    await shop.decide(await shop.chat(), "r")

    refused = await shop.begin(await shop.choose(), valid_until_ms=1)
    found = await shop.choose()

    assert (refused.why, isinstance(found, Idle)) == ("late", True)
    assert found.now_ms < found.soonest_ms <= found.now_ms + 500


async def test_a_chat_sends_one_row_at_a_time_in_order(shop):
    """The second begins when the first has ended."""
    chat = await shop.chat()
    await shop.decide(chat, "a", "b")
    chosen = await shop.choose()
    await shop.begin(chosen)

    early = await shop.store.begin(
        B, "b", "t", subject=chat, ver=chosen.ver, number_ver=0, lists="lists-1", valid_until_ms=FAR
    )
    settled = await shop.settle("a", "sent", message_id="wamid.1")
    second = await shop.begin_next()

    assert early.why == "order"
    assert (settled.ok, settled.remaining_rows) == (True, 1)
    assert second == "b"


async def test_a_row_in_doubt_blocks_its_chat_until_it_ends(shop):
    """Sweeping tells when the wait is over."""
    await shop.decide(await shop.chat(), "a", "b")
    await shop.begin_next()

    await shop.settle("a", "doubt", again_at_ms=1)
    blocked, swept = await shop.choose(), await shop.store.sweep(B)
    await shop.settle("a", "parked", expect=("doubt",))
    chosen = await shop.choose()

    assert isinstance(blocked, Idle)
    assert swept.ended_doubts == ("a",)
    assert chosen.row == "b"


async def test_a_row_whose_sender_died_is_found(shop):
    """By its deadline."""
    await shop.decide(await shop.chat(), "a")
    await shop.begin(await shop.choose(), send_ms=0)

    swept = await shop.store.sweep(B)

    assert swept.overdue == ("a",)


async def test_a_burst_to_one_contact_ends_at_45(shop):
    """Then one message in six seconds."""
    began_ms = (await shop.decide(await shop.chat(), *(f"r{count}" for count in range(46)))).now_ms
    for _ in range(45):
        await shop.settle(await shop.begin_next(), "sent")

    chosen = await shop.choose()

    assert isinstance(chosen, Idle)
    took_ms = chosen.now_ms - began_ms
    assert 6_000 - took_ms <= (chosen.soonest_ms or 0) - chosen.now_ms <= 6_000


async def test_a_pair_can_be_told_to_rest(shop):
    """Only that pair waits."""
    for who in ("p:1", "p:2"):
        await shop.decide(await shop.chat(who), who)
    resting = await shop.begin_next()

    await shop.settle(resting, "queued", pair_rest_ms=60_000)
    other = await shop.begin_next()
    await shop.settle(other, "sent")
    nothing = await shop.choose()

    assert {resting, other} == {"p:1", "p:2"}
    assert 50_000 < nothing.soonest_ms - nothing.now_ms <= 60_000


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_happens_a_chat_sends_in_order(shop, seed):
    """A random walk: each row ends once, one is sent at a time, and none overtakes another."""
    chance = random.Random(seed)  # noqa: S311 - the same walk each time
    chats = [await shop.chat(f"p:{count}") for count in range(3)]
    queues: dict[str, list[str]] = {chat: [] for chat in chats}
    flying: dict[str, str] = {}
    for count in range(120):
        chat = chance.choice(chats)
        match chance.choice(("decide", "send", "send", "end", "end", "again", "echo")):
            case "decide":
                await shop.decide(chat, f"r{count}")
                queues[chat].append(f"r{count}")
            case "echo":
                await shop.take(shop.item(f"e{count}", chat.partition("of-")[2], kind="echo"))
                await shop.decide(chat)
            case "send":
                chosen = await shop.choose()
                if isinstance(chosen, NextRow):
                    assert (await shop.begin(chosen)).ok
                    assert chosen.subject not in flying
                    assert chosen.row == queues[chosen.subject][0]
                    flying[chosen.subject] = chosen.row
            case "end" if chat in flying:
                assert (await shop.settle(flying.pop(chat), chance.choice(("sent", "failed")))).ok
                queues[chat].pop(0)
            case "again" if chat in flying:
                assert (await shop.settle(flying.pop(chat), "queued")).ok

    assert {chat: list((await shop.store.subject(B, chat)).rows) for chat in chats} == queues


async def test_nothing_begins_while_the_store_is_held(shop, store):
    """It lost something; when somebody says so, the row leaves."""
    await shop.decide(await shop.chat(), "a")
    chosen = await shop.choose()
    store.hset("baton:store", "held", "rolled_back")
    refused = await shop.begin(chosen)
    was = await shop.store.go_on()
    begun = await shop.begin(chosen)

    assert (refused.ok, refused.why) == (False, "held")
    assert (was, begun.ok) == ("rolled_back", True)
