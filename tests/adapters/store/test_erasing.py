"""Does a contact go with all their chats in one step, unless something happens there meanwhile?"""

import pytest

from adapters.store import Kin

B = "bakery"
pytestmark = pytest.mark.anyio


async def erase(shop, kin, aliases=("p:1",), rows=()):
    """Erase a contact, and return what came of it."""
    return (await shop.store.erase(B, kin, name="a", note=b"note", aliases=aliases, rows=rows)).word


async def kin_of(shop, cid="of-p:1"):
    """Return whom there is to erase."""
    return await shop.store.kin(B, cid)


async def test_a_contact_is_gone_with_what_is_theirs(shop, store):
    """Only the note stays, and nobody is known by the alias."""
    chat = await shop.chat()
    await shop.take(shop.item("another"))
    await shop.decide(chat, "one")
    await shop.take(shop.item("undecided"))

    word = await erase(shop, await kin_of(shop))

    kept = {name.decode().split(":")[1] for name in store.scan_iter(f"{{{B}}}:*")}
    assert word == "erased"
    assert kept.isdisjoint({"c", "s", "in", "out", "own", "log", "r", "ready", "recent", "waiting", "open", "alias"})
    assert await shop.store.half_erased(B) == {"a": b"note"}
    assert await shop.store.contact_of(B, ["p:1"]) is None


async def test_those_who_were_joined_are_one(shop):
    """However long the way is from the first to the last."""
    for who in ("p:1", "p:2", "p:3"):
        await shop.chat(who)
    for one, other in (("p:1", "p:2"), ("p:3", "p:1")):
        await shop.take(shop.item(f"{one} is {other}", aliases=(one, other), own_aliases=(), joined=b"joined"))

    kin = await kin_of(shop, "of-p:3")

    assert kin.contacts == ("of-p:3", "of-p:1", "of-p:2")
    assert set(kin.chats) == {"1001/of-p:3", "1001/of-p:1", "1001/of-p:2"}
    assert await shop.store.aliases_of(B, kin.contacts) == ("p:1", "p:2", "p:3")


@pytest.mark.parametrize("what", ["a message", "a decision", "another chat", "joined", "joins"])
async def test_what_happens_meanwhile_is_looked_at_first(shop, store, what):
    """Whoever erases looks again; nothing is gone before."""
    chat = await shop.chat()
    await shop.chat("p:2")
    kin = await kin_of(shop)
    match what:
        case "a message":
            await shop.take(shop.item("more"))
        case "a decision":
            await shop.decide(chat, "row")
        case "another chat":
            await shop.take(shop.item("there", number="1002"))
        case "joined":
            await shop.take(shop.item("x", aliases=("p:2", "p:1"), own_aliases=(), joined=b"joined"))
        case _:
            await shop.take(shop.item("x", aliases=("p:1", "p:2"), own_aliases=(), joined=b"joined"))

    assert await erase(shop, kin) == "changed"
    assert store.hexists(f"{{{B}}}:alias", "p:1")


async def test_what_is_being_sent_ends_first(shop):
    """What is queued behind it is dropped at once, and nothing else is gone."""
    chat = await shop.chat()
    await shop.decide(chat, "one", "two")
    row = await shop.begin_next()

    words = [await erase(shop, await kin_of(shop)) for _ in range(2)]
    before = await shop.states("one", "two")
    await shop.settle(row, "sent")

    assert words == ["sending", "sending"]
    assert before == ["sending", "dropped"]
    assert await erase(shop, await kin_of(shop)) == "erased"


async def test_what_a_dead_process_sent_holds_nothing_up(shop, store):
    """Once its time is over."""
    chat = await shop.chat()
    await shop.decide(chat, "one")
    store.hset(f"{{{B}}}:r:{await shop.begin_next()}", "until", 1)

    assert await erase(shop, await kin_of(shop)) == "erased"
    assert store.zcard(f"{{{B}}}:sending") == 0


async def test_rows_are_erased_wherever_they_stand(shop, store):
    """Those of others stay."""
    chats = [await shop.chat(), await shop.chat("p:2")]
    store.hset(f"{{{B}}}:campaign:spring", "state", "running")
    for place, chat in enumerate(chats):
        await shop.decide(chat, shop.row(f"http{place}", kind="http"), shop.row(f"bulk{place}", campaign="spring"))
        row = await shop.begin_next()
        await shop.settle(row, "doubt")
        await shop.settle(row, "parked", expect=("doubt",))

    found = await shop.store.traces(B, chats[:1])
    await shop.store.erase_rows(B, chats[:1], found.rows)

    assert set(found.rows) == {"http0", "bulk0"}
    assert f"{{{B}}}:log:{chats[1]}" not in found.keys
    assert [store.exists(f"{{{B}}}:r:{each}") for each in ("http0", "bulk0", "http1", "bulk1")] == [0, 0, 1, 1]
    assert store.zrange(f"{{{B}}}:parked", 0, -1) == [b"bulk1"]
    assert store.zrange(f"{{{B}}}:todo:http", 0, -1) == [b"http1"]


async def test_places_in_a_list_are_kept_by_nobody(shop, store):
    """So that the others are not counted by another place."""
    await shop.store.put_people(B, "spring", [b"ana", b"bea", b"ana", b"carl"], first=True)

    count = await shop.store.blank_people(B, "spring", b"nobody", [b"ana"])

    assert count == 2
    assert store.lrange(f"{{{B}}}:people:spring", 0, -1) == [b"nobody", b"bea", b"nobody", b"carl"]


async def test_what_is_being_imported_is_left_alone(shop, store):
    """Until its importer is done with it, or gone."""
    await shop.take(*(shop.item(key, kind="import", aliases=(), own_aliases=()) for key in ("one", "two")))
    one, two = await shop.store.waiting_imports(B)
    taken = await shop.store.take_import(B, "importer")

    during = [await shop.store.put_import(B, one, b"rest"), await shop.store.put_import(B, two, b"rest")]
    store.delete(f"{{{B}}}:importer")
    after = await shop.store.put_import(B, one, b"")

    assert taken is not None
    assert (taken.name, during, after) == (one, [False, True], True)
    assert await shop.store.waiting_imports(B) == {two: b"rest"}


async def test_how_many_were_reached_stays_known(shop, store):
    """It is Meta's limit; who they were is not needed for it."""
    await shop.store.fed(B, "spring", "run", b"progress", ["ana", "bea"])

    await shop.store.forget_reached(B, ["ana", "carl"], ["stranger", "another"])

    assert set(store.zrange(f"{{{B}}}:reached", 0, -1)) == {b"stranger", b"bea"}


async def test_a_refusal_is_found_by_any_alias(shop):
    """Of those who refused, and of nobody else."""
    unasked = await shop.store.has_refused(B, ["p:1"])
    await shop.store.remember_refusal(B, ["p:1", "u:BR.1"])
    found = [await shop.store.has_refused(B, each) for each in (["p:9", "p:1"], ["u:BR.1"], ["p:2"], [])]
    await shop.store.forget_refusal(B, ["p:1"])

    assert unasked is False
    assert found == [True, True, False, False]
    assert await shop.store.has_refused(B, ["p:1"]) is False


async def test_nobody_is_erased_who_is_not_there(shop):
    """It does nothing but leave the note."""
    assert await shop.store.kin(B, "nobody") == Kin(("nobody",), (), ())
    assert await erase(shop, Kin(("nobody",), (), ())) == "erased"
