"""Are files of messages kept once, within their bounds, and let go of without a trace?"""

import hashlib

import pytest

from adapters.store import ReceivedFile
from adapters.store.files import PIECE

SMALL = b"a small one"
LARGE = b"x" * PIECE + b"and a little more"
PLENTY = 10 * PIECE
B = "bakery"
pytestmark = pytest.mark.anyio


def digest(data):
    """Return what bytes are known by."""
    return hashlib.sha256(data).hexdigest()


def file_of(data, row):
    """Return a file that a row brought."""
    return ReceivedFile(row, digest(data), f"note of {row}".encode())


async def keep(shop, data, row, subject="1001/c", most=PLENTY):
    """Keep bytes as what a row brought, of a chat that is there."""
    await shop.store.command("HSETNX", f"{{{B}}}:s:{subject}", "seq", 1)
    return await shop.store.keep_file(B, subject, file_of(data, row), data, most)


def names(store):
    """Return which keys of files there are."""
    return {name.decode() for part in ("got*", "m:*", "half:*") for name in store.scan_iter(f"{{{B}}}:{part}")}


@pytest.mark.parametrize("data", [SMALL, LARGE, b"x" * PIECE], ids=["small", "two pieces", "one piece"])
async def test_a_file_is_kept_and_found(shop, data):
    """In as many pieces as it takes; doing it again does nothing."""
    kept = [await keep(shop, data, "r1"), await keep(shop, data, "r1")]

    assert kept == [True, True]
    assert await shop.store.received(B, "1001/c") == [file_of(data, "r1")]
    assert await shop.store.received_bytes(B, digest(data)) == data


async def test_the_same_bytes_are_kept_once(shop, store):
    """Two people send the same file; it stays until both are gone, and then nothing of it does."""
    await keep(shop, SMALL, "r1")
    await keep(shop, SMALL, "r2", "1001/d")
    size = store.get(f"{{{B}}}:got_bytes")

    gone = await shop.store.erase_files(B, "1001/c")
    still = await shop.store.received_bytes(B, digest(SMALL))
    await shop.store.erase_files(B, "1001/d")

    assert (size, gone, still) == (str(len(SMALL)).encode(), 1, SMALL)
    assert await shop.store.received_bytes(B, digest(SMALL)) is None
    assert names(store) == {f"{{{B}}}:got_bytes"}
    assert store.get(f"{{{B}}}:got_bytes") == b"0"


async def test_a_chat_that_was_erased_keeps_no_file(shop, store):
    """What a worker was still bringing is let go of."""
    kept = await shop.store.keep_file(B, "1001/gone", file_of(LARGE, "r1"), LARGE, PLENTY)

    assert kept is False
    assert names(store) == set()


async def test_the_oldest_make_room(shop, store):
    """All together are never more than they may be, and what alone would be is not kept."""
    for place in range(5):
        await keep(shop, bytes([place]) * 10, f"r{place}", most=30)

    refused = await keep(shop, b"z" * 31, "r9", most=30)

    assert {each.row for each in await shop.store.received(B, "1001/c")} == {"r2", "r3", "r4"}
    assert refused is False
    assert store.get(f"{{{B}}}:got_bytes") == b"30"


async def test_many_small_ones_make_room_for_a_large_one(shop, store):
    """In several calls, none of them a long one."""
    for place in range(250):
        await keep(shop, f"{place:04}".encode(), f"r{place}", most=1000)

    await keep(shop, b"z" * 1000, "large", most=1000)

    assert [each.row for each in await shop.store.received(B, "1001/c")] == ["large"]
    assert store.get(f"{{{B}}}:got_bytes") == b"1000"


async def test_what_was_kept_long_enough_goes(shop, store):
    """By the store's clock."""
    await keep(shop, SMALL, "r1")

    early = await shop.store.let_go_files(B, 60_000)
    store.zincrby(f"{{{B}}}:got", -60_001, "1001/c r1")
    late = await shop.store.let_go_files(B, 60_000)

    assert (early, late) == (0, 1)
    assert await shop.store.received(B, "1001/c") == []


async def test_half_a_file_is_forgotten(shop, store):
    """A process that dies while it brings one leaves nothing that stays."""
    await shop.store._bring(f"{{{B}}}:half:x", LARGE)

    assert await shop.store.received(B, "1001/c") == []
    assert 0 < store.pttl(f"{{{B}}}:half:x") <= 600_000
