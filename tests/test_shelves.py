"""Are campaigns and files that are well found to be well, and is each contradiction told?"""

import asyncio

import pytest
import redis.asyncio

from adapters.store import NewRow, Store
from adapters.store.received import ReceivedFile
from tests.adapters.store.conftest import BUSINESS, NUMBER, Shop
from tests.dump import breaches, read, unrest
from tests.shelves import CHECKS

B = f"{{{BUSINESS}}}"
DIGEST, PICTURE = "d" * 64, "e" * 64


@pytest.fixture
def chat(store, store_url):  # noqa: ARG001 - it empties the store
    """Give a chat with two files of the same bytes, and three rows of a campaign: one sent, one parked, one queued."""

    async def scene() -> str:
        client = redis.asyncio.Redis.from_url(store_url)
        shop = Shop(Store(client))
        await _publish(shop.store)
        chat: str = await shop.chat()
        await shop.store.put_people(BUSINESS, "spring", [b"Ana"], first=True)
        await shop.store.move_campaign(BUSINESS, "spring", "running", expect=("",), run="1", begun=b"b")
        rows = [NewRow(id=f"row{each}", blob=b"r", speaker="bot", epoch=0, campaign="spring") for each in range(3)]
        await shop.decide(chat, *rows)
        for state in ("sent", "parked"):
            row = await shop.begin_next()
            await shop.settle(row, "doubt")
            await shop.settle(row, state, expect=("doubt",))
        await shop.store.fed(BUSINESS, "spring", "1", b"p", [chat.partition("/")[2]])
        for row in ("f1", "f2"):
            assert await shop.store.keep_file(BUSINESS, chat, ReceivedFile(row, PICTURE, b"b"), b"bytes", 100)
        await client.aclose()
        return chat

    return asyncio.run(scene())


async def _publish(store: Store) -> None:
    await store.put_file(BUSINESS, DIGEST, b"a picture")
    await store.publish(
        BUSINESS,
        "v1",
        files=b"f",
        typed=b"t",
        numbers={NUMBER: 20},
        wabas=["7"],
        by="me",
        lists="lists-1",
        digests=[DIGEST],
    )


def found(store):
    """Return what is told of campaigns and files; the rest of the store has blobs that only a test writes."""
    dump = read(store, BUSINESS)
    return [words for check in CHECKS for words in check(dump)]


def test_nothing_is_wrong_with_campaigns_and_files_that_are_well(store, chat):  # noqa: ARG001 - the scene
    """While the campaign runs, nothing of it is left over either."""
    assert found(store) == []
    assert not any("campaign" in words for words in unrest(store, BUSINESS))


# How to spoil it, in one command: keys without their tag, the chat and digests filled in.
SPOILED = {
    "a campaign nobody lists": (("SREM", "campaigns", "spring"), "there and not listed"),
    "a listed campaign that is none": (("SADD", "campaigns", "autumn"), "`autumn` is listed and not there"),
    "a campaign in no state": (("HSET", "campaign:spring", "state", "asleep"), "in the state `asleep`, which is none"),
    "a campaign that is not whole": (("HDEL", "campaign:spring", "begun"), "lacks ['begun']"),
    "a tally of no campaign": (("HSET", "tally:autumn", "sent", "1"), "`tally:autumn` is of no campaign"),
    "rows of no campaign": (("SADD", "bulk:autumn", "row0"), "`bulk:autumn` is of no campaign"),
    "a row that its campaign forgot": (("SREM", "bulk:spring", "{queued}"), "does not know it"),
    "a row that has ended": (("SADD", "bulk:spring", "{sent}"), "has ended or is of another campaign"),
    "a row that is none": (("SADD", "bulk:spring", "x"), "has ended or is of another campaign"),
    "an end that was counted twice": (("HINCRBY", "tally:spring", "sent", "1"), "counted 3 ends, and 2"),
    "a stranger who was reached": (("ZADD", "reached", "1", "x"), "campaigns wrote to x, who is nobody"),
    "a file without its chat": (("HSET", "got:1001/x", "f9", "{picture}\0b"), "`got:1001/x` belongs to nobody"),
    "a file that never grows old": (("ZREM", "got", "{chat} f1"), "f1` is half there"),
    "a file that is only old": (("HDEL", "got:{chat}", "f1"), "f1` is half there"),
    "bytes held less often": (("HDEL", "got:{chat}", "f2"), "is held 1 times, and thinks 2"),
    "bytes nobody holds": (("HSET", "m:ff", "size", "0"), "is held 0 times, and thinks 0"),
    "bytes that are not there": (("DEL", "m:{picture}"), "is held 2 times, and thinks 0"),
    "bytes that lack a piece": (("HDEL", "m:{picture}", "0"), "has 0 bytes, and thinks 5"),
    "bytes of no size": (("HDEL", "m:{picture}", "size"), "does not say how many bytes it has"),
    "bytes that are soon gone": (("EXPIRE", "m:{picture}", "600"), "is soon forgotten"),
    "bytes that are counted wrongly": (("SET", "got_bytes", "7"), "5 bytes came, and 7 are counted"),
    "half a file for good": (("HSET", "half:x", "0", "ab"), "`half:x` is never forgotten"),
    "an id for good": (("SET", "media:1001:{digest}", "4"), "is never forgotten"),
    "a file nobody lists": (("SREM", "files", "{digest}"), "is not listed"),
    "half a published file": (("HSET", "f:{digest}", "0", "a pic"), "has 5 bytes, and thinks 9"),
    "a version without its file": (("DEL", "f:{digest}"), "is live without its file"),
    "a live version that is none": (("SET", "live", "v9"), "`v9` is live and not there"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_what_contradicts_itself_is_told(store, chat, case):
    """A sentence names the record, and says what is wrong with it."""
    (command, key, *words), expected = SPOILED[case]
    names = {"chat": chat, "sent": "row2", "queued": "row0", "digest": DIGEST, "picture": PICTURE}

    store.execute_command(command, *(word.format(**names) for word in (f"{{{B}}}:{key}", *words)))

    assert any(expected in words for words in breaches(store, BUSINESS)), found(store)


@pytest.mark.parametrize("key", ["people", "bulk"])
def test_what_is_left_of_a_campaign_that_is_over_is_told(store, chat, key):  # noqa: ARG001 - the scene
    """A process that died between two calls leaves it; the next tick, or the next beginning, clears it away."""
    store.hset(f"{B}:campaign:spring", "state", "stopped")

    assert any(f"`{key}:spring`" in words for words in unrest(store, BUSINESS))
