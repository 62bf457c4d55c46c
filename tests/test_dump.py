"""Is a store that is well found to be well, and is each contradiction told?"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.intake import in_turn, item_of
from adapters.publish import publish
from adapters.settings import read
from adapters.store import NextRow
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text
from engine.events import MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.dump import breaches, unrest

SHOP = Path(__file__).parent / "main_job" / "shop"
BUSINESS = "corner-shop"
NUMBER = "106540352242922"
B = f"{{{BUSINESS}}}"
ANA = Ids(phones=("5511987650001",))


@pytest.fixture
def chat(store, store_url):  # noqa: ARG001 - it empties the store
    """Give a chat in which three messages are queued and one is being sent, in a store that is well."""

    async def scene() -> str:
        async with parts(read({"BATON_REDIS_URL": store_url})) as built:
            await publish(built.store, SHOP, DEFAULT, by="a test")
            at = datetime.now(UTC)
            event = MessageReceived(id="w1", at=at, arrived_at=at, content=Text("count"), ids=ANA)
            arrival = Arrival(
                number=NUMBER, waba=None, field="messages", kind="chat", key="w1", at=at, event=event, ids=ANA
            )
            [taken] = await built.store.ingest(BUSINESS, [item_of(arrival, NUMBER, "chat")])
            for subject in in_turn(taken):
                await built.handler.drain(BUSINESS, subject)
            found = await built.store.next_row(BUSINESS, NUMBER)
            assert isinstance(found, NextRow)
            begun = await built.store.begin(
                BUSINESS,
                found.row,
                "attempt",
                subject=found.subject,
                ver=found.ver,
                number_ver=found.number_ver,
                lists=DEFAULT.digest,
                valid_until_ms=10**14,
            )
            assert begun.ok
            return taken.subject or ""

    return asyncio.run(scene())


def first_row(store, chat):
    """Return the name of the row that is being sent."""
    return store.zrange(f"{B}:out:{chat}", 0, 0)[0].decode()


def test_nothing_is_wrong_with_a_store_that_is_well(store, chat):
    """Only what is still to be done is told, by `unrest`."""
    assert breaches(store, BUSINESS) == []
    assert unrest(store, BUSINESS) == [
        f"`ready:{NUMBER}` holds ['{chat}']",
        f"`s:{chat}` still has `flight`",
        f"`sending` holds ['{first_row(store, chat)}']",
    ]


# How to spoil it, in one command: keys without their tag, the chat and the row that is being sent filled in.
SPOILED = {
    "an illegal state": (("HSET", "r:{row}", "state", "lost"), "which is none"),
    "a row without its chat": (("HSET", "r:{row}", "subject", "1/2"), "does not exist"),
    "a row that is not whole": (("HDEL", "r:{row}", "words"), "lacks ['words']"),
    "a row out of line": (("ZREM", "out:{chat}", "{row}"), "is not in the line"),
    "a row in another place": (("ZADD", "out:{chat}", "9", "{row}"), "stands at place 9"),
    "a chat that nobody serves": (("ZREM", "ready:{number}", "{chat}"), "its number forgot so"),
    "a send that nobody ends": (("ZREM", "sending", "{row}"), "does not know"),
    "a flight that is none": (("HSET", "s:{chat}", "flight", "x"), "and thinks ['x']"),
    "a hold that nobody lifts": (("HSET", "s:{chat}", "hold", "1"), "is decided already"),
    "a row that is forgotten": (("EXPIRE", "r:{row}", "100"), "soon forgotten"),
    "an inbox nobody looks into": (("RPUSH", "in:{chat}", "x"), "nobody looks for"),
    "half a lease": (("HSET", "s:{chat}", "lease", "x"), "half a lease"),
    "half a timer": (("ZADD", "timers", "1", "t"), "timer t is half there"),
    "a timer of nobody": (("HSET", "timer", "t", "1/2\0x"), "which does not exist"),
    "a record of another schema": (("HSET", "s:{chat}", "state", "x"), "cannot be read"),
    "an alias to nobody": (("HSET", "alias", "p:1", "x"), "alias p:1 leads nowhere"),
    "an end that was not counted": (("HINCRBY", "count", "row.sent", "1"), "1 were counted"),
    "a chat of late that is none": (("ZADD", "recent", "1", "1/2"), "`recent` holds `1/2`"),
    "too long a log": (("RPUSH", "log:{chat}", *("x" * 300)), "holds 30"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_what_contradicts_itself_is_told(store, chat, case):
    """A sentence names the record, and says what is wrong with it."""
    (command, key, *words), expected = SPOILED[case]
    names = {"chat": chat, "row": first_row(store, chat), "number": NUMBER}

    store.execute_command(command, *(word.format(**names) for word in (f"{{{B}}}:{key}", *words)))

    assert any(expected in words for words in breaches(store, BUSINESS)), breaches(store, BUSINESS)
