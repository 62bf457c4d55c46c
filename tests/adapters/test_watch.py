"""Is a store that lost something, or is another one, found out before a message leaves by it?"""

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager

import pytest
import redis
from click.testing import CliRunner

from adapters.cli import main
from adapters.embedded import EmbeddedStore
from adapters.records import read_alert
from adapters.settings import read
from adapters.store import Store
from adapters.watch import AnotherStore, Watch
from adapters.wiring import connect, parts


async def publish(store):
    """Let a bakery be live."""
    await store.publish("bakery", "v1", files=b"f", typed=b"t", numbers={"1001": 20}, wabas=["7"], by="me", lists="l")


@asynccontextmanager
async def connected(url, watch=None):
    """Give a store over connections that a watch looks through."""
    connection = connect(url, watch=watch)
    try:
        yield Store(connection)
    finally:
        await connection.aclose()


async def looked(url, *watches):
    """Let each watch look at a store once, in which a bakery is live."""
    async with connected(url) as store:
        await publish(store)
        for watch in watches:
            await watch.look(store)


async def alerts(url):
    """Return the codes of the alerts of the bakery, oldest first."""
    async with connected(url) as store:
        return [read_alert(told.blob).code for told in reversed(await store.alerts("bakery"))]


def held(store):
    """Return why nothing is sent."""
    return store.hget("baton:store", "held")


def test_a_store_that_stays_what_it_is_holds_nothing_up(store, store_url):
    """Whoever comes later finds its id."""
    first, second = Watch(), Watch()

    asyncio.run(looked(store_url, first, second, first, second, first))

    assert first.store == second.store != ""
    assert (first.words(), second.words(), held(store)) == ((), (), None)


def test_a_store_that_lost_its_last_moments_is_held(store, store_url):
    """A replica took over that had not heard of them; those who knew say so to everybody, and tell the owner once."""
    old, new = Watch(), Watch()
    asyncio.run(looked(store_url, old))
    earlier = store.hget("baton:store", "mark")
    asyncio.run(looked(store_url, old, old))
    store.hset("baton:store", "mark", earlier)

    asyncio.run(looked(store_url, old, new, old))

    assert held(store) == b"rolled_back"
    assert "an older copy took its place" in new.words()[0]
    assert asyncio.run(alerts(store_url)) == ["store_rolled_back"]


def test_a_new_connection_is_looked_through_before_it_is_used(store, store_url):
    """What was lost is known before anything is asked over it."""
    watch = Watch()

    async def scene():
        await looked(store_url, watch, watch)
        store.hset("baton:store", "mark", 1)
        async with connected(store_url, watch) as found:
            await found.businesses()
            before = held(store)
            await watch.look(found)
            return before, watch.held

    assert asyncio.run(scene()) == (b"rolled_back", "rolled_back")


def test_a_store_that_was_emptied_is_held_until_somebody_says_so(store, store_url):
    """Nothing begins anew by itself, and whoever is started later holds, too."""
    watch, late = Watch(), Watch()
    asyncio.run(looked(store_url, watch))
    was = watch.store
    store.flushdb()

    asyncio.run(looked(store_url, watch, late))
    words = late.words()
    result = CliRunner().invoke(main, ["resume"], env={"BATON_REDIS_URL": store_url, "BATON_ALLOW_VOLATILE": "1"})
    asyncio.run(looked(store_url, watch, late))

    assert "was emptied while Baton was running" in words[0]
    assert "Messages leave again." in result.stdout
    assert (watch.store, late.store) == (was, was)
    assert (watch.words(), late.words()) == ((), ())


def test_another_store_is_neither_used_nor_touched(store, store_url):
    """It may be somebody else's."""
    asyncio.run(looked(store_url, Watch()))
    before = store.hgetall("baton:store")
    watch = Watch("another")

    async def scene():
        async with connected(store_url, watch) as found:
            with pytest.raises(AnotherStore):
                await found.businesses()

    asyncio.run(scene())

    assert "Another store answers" in watch.words()[0]
    assert store.hgetall("baton:store") == before


def test_a_command_says_that_another_store_answers(store, store_url):
    """Before it writes anything into it."""
    store.hset("baton:store", "id", "of-somebody-else")

    environ = {"BATON_REDIS_URL": store_url, "BATON_STORE_ID": "ours", "BATON_ALLOW_VOLATILE": "1"}
    result = CliRunner().invoke(main, ["resume"], env=environ)

    assert result.exit_code == 2
    assert "is not the one that `BATON_STORE_ID` names" in result.stderr


@pytest.mark.parametrize(
    ("ahead_s", "agree"), [(0, True), (-1.5, True), (3600, False), (-3600, False), (8 * 86400, False)]
)
@pytest.mark.usefixtures("store")
def test_clocks_that_differ_are_told(store_url, ahead_s, agree):
    """By more than two seconds, in either direction; once."""
    watch = Watch(now=lambda: time.time() - ahead_s)

    asyncio.run(looked(store_url, watch, watch))

    assert watch.clocks_agree is agree
    assert asyncio.run(alerts(store_url)) == ([] if agree else ["clock_differs"])
    assert agree or f"differs by {ahead_s:+} s" in watch.words()[0]


def test_nothing_is_picked_up_while_the_clocks_differ(store, store_url):
    """By a clock that jumped a timer would come too early, and what is being sent would seem overdue."""

    async def scene(ahead_s):
        async with parts(read({"BATON_REDIS_URL": store_url})) as built:
            await publish(built.store)
            built.watch._now = lambda: time.time() - ahead_s  # the host's clock cannot be set
            store.zadd("{bakery}:timers", {"t": 0})
            store.hset("{bakery}:timer", "t", b"1001/x\0<t>")
            stopping = asyncio.Event()
            asyncio.get_running_loop().call_later(0.3, stopping.set)
            await built.tick().run(stopping)
            return store.zcard("{bakery}:timers")

    assert asyncio.run(scene(3600)) == 1
    assert asyncio.run(scene(0)) == 0


def test_a_store_that_starts_again_with_all_its_data_goes_on(tmp_path):
    """Killed and back is not lost."""
    with EmbeddedStore(tmp_path) as embedded:
        watch = Watch()
        asyncio.run(looked(embedded.url, watch, watch))
        with redis.Redis.from_url(embedded.url) as client:
            os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
        embedded.ensure()

        asyncio.run(looked(embedded.url, watch))

    assert watch.words() == ()
