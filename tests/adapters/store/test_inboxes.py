"""Events are appended once, to the right chat."""

import asyncio

import pytest
from redis.exceptions import ResponseError

from adapters.store import Entry, NewTimer, Quarantined, Taken

pytestmark = pytest.mark.anyio
B = "bakery"


async def test_an_event_is_appended_once(shop):
    """A repeat changes nothing, and still says whose inbox to drain."""
    item = shop.item("a")

    first, twice = await shop.take(item, item), await shop.take(item)

    subject = "1001/of-p:1"
    assert first == [Taken(subject, fresh=True, why="appended"), Taken(subject, fresh=False, why="dup")]
    assert twice == [Taken(subject, fresh=False, why="dup")]
    assert (await shop.store.subject(B, subject)).inbox == 1


async def test_an_emptied_store_takes_nothing(shop, store):
    """It knows no version of the business: what it took would be acknowledged and lost."""
    store.flushdb()

    with pytest.raises(ResponseError, match="Nothing is published here"):
        await shop.take(shop.item("a"))

    assert store.dbsize() == 0


async def test_the_same_key_in_another_bucket_is_another_event(shop):
    """Keys are compared within a day of the events' own timestamps."""
    taken = await shop.take(shop.item("a"), shop.item("a", bucket=20_001))

    assert [each.fresh for each in taken] == [True, True]


async def test_the_first_alias_that_is_known_finds_the_contact(shop):
    """A message by user id only, or with another spelling of the number, belongs to the same chat."""
    await shop.take(shop.item("a", own_aliases=("u:BR.1", "p:5511987654321")))

    taken = await shop.take(
        shop.item("b", aliases=("u:BR.1",), own_aliases=()),
        shop.item("c", aliases=("p:551187654321", "p:5511987654321"), own_aliases=("p:551187654321",)),
        shop.item("d", aliases=("p:551187654321",)),
        shop.item("e", aliases=("p:nobody",), new_contact="another"),
    )

    chat = "1001/of-p:1"
    assert [each.subject for each in taken] == [chat, chat, chat, "1001/another"]
    assert await shop.store.contact_of(B, ("p:new", "u:BR.1")) == "of-p:1"
    assert await shop.store.contact_of(B, ("p:new",)) is None


async def test_one_contact_has_a_chat_for_every_number(shop):
    """They share the contact, not the chat."""
    taken = await shop.take(shop.item("a"), shop.item("b", number="1002"))

    assert [each.subject for each in taken] == ["1001/of-p:1", "1002/of-p:1"]
    assert await shop.store.contact(B, "of-p:1") == (None, ("1001/of-p:1", "1002/of-p:1"))


async def test_old_aliases_end(shop):
    """After a change of number the old one belongs to whoever has it next."""
    await shop.take(shop.item("a", own_aliases=("p:1", "u:1")))

    moved = shop.item("b", aliases=("p:2", "u:1"), own_aliases=("p:2",), drop_aliases=("p:1",))
    taken = await shop.take(moved, shop.item("c", "p:1", new_contact="next"), shop.item("d", "p:2"))

    assert [each.subject for each in taken] == ["1001/of-p:1", "1001/next", "1001/of-p:1"]


async def test_two_contacts_who_are_one_are_joined(shop):
    """The other's chats are told and put on hold; every alias of theirs leads to the first from then on."""
    await shop.take(shop.item("a", "u:1"), shop.item("b", "p:1", own_aliases=("p:1", "x:1")))

    both = shop.item("c", aliases=("u:1", "p:1"), own_aliases=("u:1", "p:1"), joined=b"joined")
    [taken] = await shop.take(both)
    [later] = await shop.take(shop.item("d", "x:1"))

    assert taken == Taken("1001/of-u:1", fresh=True, why="appended", also=("1001/of-p:1",))
    assert later.subject == "1001/of-u:1"
    leased = await shop.store.lease(B, "1001/of-p:1", "me")
    assert leased.events == (Entry(b"<b>"), Entry(b"joined", into="of-u:1"))
    assert leased.hold == 2


async def test_a_status_creates_nobody(shop):
    """What is known neither by row nor by person is not kept."""
    taken = await shop.take(shop.item("a", kind="status"))

    assert taken == [Taken(None, fresh=False, why="unknown")]


async def test_a_status_goes_to_the_chat_of_its_row(shop):
    """Our row says more than the recipient's spelling; a row of another number says nothing."""
    chat = await shop.chat()
    await shop.decide(chat, "row-1")

    taken = await shop.take(
        shop.item("a", "p:unknown", kind="status", row="row-1"),
        shop.item("b", "p:unknown", kind="status", row="row-1", number="1002"),
    )

    assert [each.subject for each in taken] == [chat, None]


async def test_an_event_of_a_number_goes_to_the_number(shop):
    """And history waits for the importer."""
    taken = await shop.take(shop.item("a", kind="number"), shop.item("b", kind="import"))

    assert [(each.subject, each.why) for each in taken] == [("1001", "appended"), (None, "import")]


async def test_an_echo_holds_at_once_and_comes_first(shop):
    """Its chat has a new version before anything is decided."""
    [message, echo] = await shop.take(shop.item("a"), shop.item("b", kind="echo"))

    leased = await shop.store.lease(B, echo.subject, "me")
    assert message.subject == echo.subject
    assert leased.events == (Entry(b"<b>"), Entry(b"<a>"))
    assert (leased.hold, leased.ver) == (1, 1)


async def test_a_large_batch_is_taken_whole(shop):
    """In several calls of the script, answered in order."""
    items = [shop.item(f"k{count}", f"p:{count % 200}") for count in range(1_000)]

    taken = await shop.take(*items)

    assert [each.subject for each in taken] == [f"1001/of-p:{count % 200}" for count in range(1_000)]
    assert (await shop.store.counts(B))["event.chat"] == 1_000


async def test_scripts_that_were_flushed_are_loaded_again(shop):
    """Nobody notices."""
    await shop.store.command("SCRIPT", "FLUSH")

    taken = await shop.take(*(shop.item(f"k{count}") for count in range(150)))

    assert all(each.fresh for each in taken)


async def test_a_full_store_still_takes_echoes(shop):
    """Everything else is refused, so that it is sent again later."""
    await shop.store.command("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(Exception, match="maxmemory"):
            await shop.take(shop.item("a"))
        [echo] = await shop.take(shop.item("b", kind="echo"))
    finally:
        await shop.store.command("CONFIG", "SET", "maxmemory", "0")

    assert echo.fresh


async def test_an_order_holds_at_once(shop):
    """What was queued cannot begin any more; the same order again changes nothing."""
    chat = await shop.chat()
    await shop.decide(chat, "row")
    chosen = await shop.choose()

    taken = [await shop.store.order(B, chat, b"key", 20_000, b"take") for _ in range(2)]

    assert taken == [True, True]
    assert (await shop.begin(chosen)).why == "hold"
    assert (await shop.store.lease(B, chat, "owner")).events == (Entry(b"take"),)


async def test_a_full_store_still_takes_orders(shop):
    """Whoever takes a chat must be able to silence the bot."""
    chat = await shop.chat()
    await shop.store.command("CONFIG", "SET", "maxmemory", "1")
    try:
        assert await shop.store.order(B, chat, b"key", 20_000, b"take")
    finally:
        await shop.store.command("CONFIG", "SET", "maxmemory", "0")


async def test_an_order_needs_a_chat(shop, store):
    """None is made by it, and one that goes on as another is not meant."""
    chat = await shop.chat()
    store.hset("{bakery}:c:of-p:1", "into", "another")

    assert not await shop.store.order(B, "1001/nobody", b"key", 20_000, b"take")
    assert not await shop.store.order(B, chat, b"key", 20_000, b"take")
    assert not store.exists("{bakery}:s:1001/nobody")
    assert (await shop.store.subject(B, chat)).inbox == 0


async def test_a_body_nobody_can_read_is_kept_once(shop):
    """Of a business, or of none."""
    body = ("no JSON", "messages", b"{")

    await shop.store.quarantine([body, body])
    await shop.store.quarantine([body], B)

    assert await shop.store.quarantined() == await shop.store.quarantined(B) == [Quarantined(*body)]
    assert await shop.store.counts() == {"event.quarantined": 1}


@pytest.mark.parametrize("business", [None, B])
async def test_an_emptied_store_keeps_no_body_either(shop, store, business):
    """What nobody can read is acknowledged as well, so it must not be kept where nothing stays."""
    store.flushdb()

    with pytest.raises(ResponseError, match="NOTLIVE"):
        await shop.store.quarantine([("no JSON", "messages", b"{")], business)

    assert store.dbsize() == 0


async def test_due_timers_go_into_the_inbox_once(shop):
    """And not before their time."""
    chat = await shop.chat()
    await shop.decide(chat, timers=[NewTimer("a", 1, b"<now>"), NewTimer("b", 10**14, b"<later>")])

    first, second = await shop.store.sweep(B), await shop.store.sweep(B)

    assert (first.fired, second.fired) == ((chat,), ())
    leased = await shop.store.lease(B, chat, "me")
    assert leased.events == (Entry(b"<now>"),)


async def test_thousands_of_timers_at_once_come_a_few_at_a_time_and_each_once(shop):
    """Also where two processes sweep at the same time, as after a lock was lost."""
    chat = await shop.chat()
    names = [f"timer-{place}" for place in range(10_000)]
    for first in range(0, len(names), 1_000):  # a script takes some thousand arguments at most
        timers = [NewTimer(name, 1, name.encode()) for name in names[first : first + 1_000]]
        await shop.decide(chat, timers=timers)

    rounds = 0
    while any(each.full for each in await asyncio.gather(shop.store.sweep(B), shop.store.sweep(B))):
        rounds += 1

    inbox = await shop.store.command("LRANGE", f"{{{B}}}:in:{chat}", 0, -1)
    assert sorted(entry.partition(b"\0")[2].decode() for entry in inbox) == sorted(names)
    assert rounds == 50


async def test_what_nobody_decided_is_found(shop):
    """Unless somebody is at it, or just took it."""
    taken = await shop.take(shop.item("a", "p:1"), shop.item("b", "p:2"), shop.item("c", "p:3"))
    await shop.store.lease(B, taken[1].subject, "somebody")
    await shop.decide(taken[2].subject)

    young, old = await shop.store.sweep(B), await shop.store.sweep(B, older_ms=0)

    assert young.subjects == ()
    assert old.subjects == (taken[0].subject,)
    assert not old.full


async def test_what_may_have_ended_its_process_is_told_apart(shop):
    """Least tried first, so that nobody waits behind what ends each of them."""
    often, once, never = [each.subject for each in await shop.take(*(shop.item(name, name) for name in "abc"))]
    for subject in (often, often, once):
        await shop.store.lease(B, subject, "dead", ms=0)
    await shop.store.lease(B, often, "another", ms=0)

    swept = await shop.store.sweep(B, older_ms=0)

    assert (swept.subjects, swept.suspects) == ((never,), (once, often))


async def test_numbers_with_something_to_send_are_owed_a_ring(shop):
    """When nothing waits any more, none is."""
    await shop.decide(await shop.chat(), "row-1")

    before = await shop.store.sweep(B)
    await shop.begin_next()
    after = await shop.store.sweep(B)

    assert (before.owed, after.owed) == (("1001",), ())


async def test_a_business_id_cannot_break_out_of_its_keys(shop):
    """Braces and colons would be another business's keys."""
    with pytest.raises(ValueError, match="business id"):
        await shop.store.live("a}:b")


async def test_when_something_came_last_is_known(shop, store):
    """Of each kind and number; what came before does not count again."""
    await shop.take(shop.item("one"), shop.item("two", kind="echo", number="1002"))
    first = await shop.store.came("bakery")
    store.hset("{bakery}:came", "chat 1001", 1)
    await shop.take(shop.item("one"))

    assert set(first) == {("chat", "1001"), ("echo", "1002")}
    assert await shop.store.came("bakery") == {**first, ("chat", "1001"): 1}
