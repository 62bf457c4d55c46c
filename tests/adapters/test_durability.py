"""A store that could lose what it acknowledged is refused, with the setting and what to do."""

import asyncio

import pytest
import redis.asyncio

from adapters.durability import check, check_async, shortfalls
from adapters.embedded import EmbeddedStore

INFO = {"redis_version": "7.2.4", "aof_enabled": 1, "maxmemory_policy": "noeviction"}
CONFIG = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always"}


@pytest.mark.parametrize(
    ("info", "config", "settings"),
    [
        ({}, {}, []),
        ({"redis_version": "8.2.1"}, {}, []),
        ({"redis_version": "7.0.15"}, {}, []),
        ({"redis_version": "6.2"}, {}, ["Redis 6.2"]),
        ({"cluster_enabled": 1}, {}, ["The store is a cluster"]),
        ({"role": "slave"}, {}, ["The store is a replica"]),
        ({}, {"maxmemory-policy": "allkeys-lru"}, ["`maxmemory-policy` is `allkeys-lru`"]),
        ({}, {"appendonly": "no"}, ["`appendonly` is `no`"]),
        ({}, {"appendonly": "no", "appendfsync": "everysec"}, ["`appendonly` is `no`"]),
        ({}, {"appendfsync": "everysec"}, ["`appendfsync` is `everysec`"]),
        ({}, {b"appendfsync": b"no"}, ["`appendfsync` is `no`"]),
        (
            {"redis_version": "6.0"},
            {"maxmemory-policy": "volatile-ttl", "appendonly": "no"},
            ["Redis 6.0", "`volatile-ttl`", "`appendonly`"],
        ),
    ],
)
def test_each_shortfall_names_the_setting(info, config, settings):
    """Everything that is missing is told at once."""
    found = shortfalls(INFO | info, CONFIG | config)

    assert len(found) == len(settings)
    assert all(words in each.sentence for words, each in zip(settings, found, strict=True))


def test_where_config_is_forbidden_info_tells_most():
    """A hosted store that hides its settings is only asked to promise what it cannot show."""
    (found,) = shortfalls(INFO, {})
    policy, log = shortfalls(INFO | {"aof_enabled": 0, "maxmemory_policy": "allkeys-lru"}, {})

    assert "`appendfsync` is not readable for us" in found.sentence
    assert "`allkeys-lru`" in policy.sentence
    assert "`appendonly` is `no`" in log.sentence


@pytest.fixture(scope="module")
def own_store_url(tmp_path_factory):
    """Give a store whose settings may be changed, whatever the other tests run with."""
    with EmbeddedStore(tmp_path_factory.mktemp("volatile")) as embedded:
        yield embedded.url


@pytest.fixture
def volatile_store(own_store_url):
    """Give a real store that syncs only now and then."""
    with redis.Redis.from_url(own_store_url) as client:
        client.config_set("appendfsync", "everysec")
        client.config_set("maxmemory-policy", "noeviction")
        yield client


def test_a_volatile_store_is_refused_unless_allowed(volatile_store):
    """`BATON_ALLOW_VOLATILE` waives the log, and nothing else."""
    refused = check(volatile_store)
    allowed = check(volatile_store, allow_volatile=True)
    volatile_store.config_set("maxmemory-policy", "allkeys-lru")
    evicting = check(volatile_store, allow_volatile=True)

    (sentence,) = refused
    assert sentence == (
        "The store's `appendfsync` is `everysec`, so a power cut may lose the last messages: "
        "set it to `always`, or set `BATON_ALLOW_VOLATILE=1` if losing messages is acceptable."
    )
    assert allowed == ()
    assert evicting == (
        "The store's `maxmemory-policy` is `allkeys-lru`, so it may throw chats away: set it to `noeviction`.",
    )


def test_config_may_be_forbidden_by_the_store(volatile_store, own_store_url):
    """A user without the right to `CONFIG` gets the sentence of what cannot be known, not a traceback."""
    volatile_store.execute_command("ACL", "SETUSER", "clerk", "on", "nopass", "~*", "&*", "+@all", "-config")
    try:
        with redis.Redis.from_url(own_store_url, username="clerk", password="any") as clerk:
            (sentence,) = check(clerk)
    finally:
        volatile_store.execute_command("ACL", "DELUSER", "clerk")

    assert "`appendfsync` is not readable for us" in sentence


def test_the_answer_is_the_same_in_an_event_loop(volatile_store, own_store_url):
    """The web process asks without waiting for it."""

    async def ask():
        async with redis.asyncio.Redis.from_url(own_store_url) as client:
            return await check_async(client)

    assert asyncio.run(ask()) == check(volatile_store)
