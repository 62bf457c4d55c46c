"""A business with one number and an empty store, and the moves its processes make, in one line each."""

import itertools
from pathlib import Path

import pytest
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.store import Committed, Item, NewRow, NextRow, Store

BUSINESS = "bakery"
NUMBER = "1001"
FAR = 10**14
LISTS = "lists-1"


class Shop:
    """Calls of the store with everything filled in that a test does not care about."""

    def __init__(self, store):
        self.store = store
        self.attempts = (f"attempt-{count}" for count in itertools.count())

    def item(self, key, who="p:1", kind="chat", **changes):
        """Return an event from or about a person."""
        fields = {"number": NUMBER, "kind": kind, "key": key.encode(), "bucket": 20_000, "blob": f"<{key}>".encode()}
        return Item(**{**fields, "aliases": (who,), "own_aliases": (who,), "new_contact": f"of-{who}", **changes})

    async def take(self, *items):
        """Append events; return what became of them."""
        return await self.store.ingest(BUSINESS, items)

    async def chat(self, who="p:1"):
        """Return the subject of a new chat in which nothing waits."""
        [taken] = await self.take(self.item(f"hello {who}", who))
        await self.decide(taken.subject)
        return taken.subject

    def row(self, name, **changes):
        """Return a row to add."""
        return NewRow(**{"id": name, "blob": f"<{name}>".encode(), "speaker": "bot", "epoch": 0, **changes})

    async def decide(self, subject, *rows, **changes):
        """Lease, decide everything that waits with these rows as the outcome, and commit."""
        leased = await self.store.lease(BUSINESS, subject, "owner")
        fields = {"ver": leased.ver, "contact_ver": leased.contact_ver, "decided": len(leased.events)}
        fields |= {"state": b"chat", "rows": [row if isinstance(row, NewRow) else self.row(row) for row in rows]}
        committed = await self.store.commit(BUSINESS, subject, "owner", next(self.attempts), **{**fields, **changes})
        assert isinstance(committed, Committed)
        return committed

    async def choose(self):
        """Return the row for the next slot."""
        return await self.store.next_row(BUSINESS, NUMBER)

    async def begin(self, chosen, *, rested=True, **changes):
        """Begin to send a row that was chosen; the number has not sent for a while, unless its pace is meant."""
        if rested:
            await self.store.command("DEL", f"{{{BUSINESS}}}:p:{NUMBER}", f"{{{BUSINESS}}}:paced:{NUMBER}")
        fields = {"subject": chosen.subject, "ver": chosen.ver, "number_ver": chosen.number_ver}
        fields |= {"lists": LISTS, "valid_until_ms": FAR, **changes}
        attempt = fields.pop("attempt", None) or next(self.attempts)
        return await self.store.begin(BUSINESS, chosen.row, attempt, **fields)

    async def begin_next(self):
        """Choose a row, begin to send it, and return its id."""
        chosen = await self.choose()
        assert isinstance(chosen, NextRow)
        begun = await self.begin(chosen)
        assert begun.ok, begun
        return chosen.row

    async def settle(self, row, state, expect=("sending",), **changes):
        """Write what became of a row."""
        attempt = changes.pop("attempt", None) or next(self.attempts)
        return await self.store.settle(BUSINESS, row, attempt, expect=expect, state=state, **changes)

    async def states(self, *rows):
        """Return the states of rows."""
        return [(await self.store.row(BUSINESS, row)).state.value for row in rows]


@pytest.fixture
def anyio_backend():
    """Run on asyncio, which is what we ship on."""
    return "asyncio"


@pytest.fixture
async def shop(store_url, store, anyio_backend):  # noqa: ARG001 - what makes a fixture asynchronous
    """Give a shop in an empty store."""
    assert store.dbsize() == 0
    client = redis.asyncio.Redis.from_url(store_url, socket_timeout=2, retry=Retry(NoBackoff(), 0))
    found = Store(client)
    await found.publish(BUSINESS, "v1", files=b"f", typed=b"t", numbers={NUMBER: 20}, wabas=["7"], by="me", lists=LISTS)
    yield Shop(found)
    await client.aclose()


@pytest.fixture
def scripts():
    """Give the folder of the Lua scripts."""
    return Path(__file__).parents[3] / "adapters" / "store" / "scripts"
