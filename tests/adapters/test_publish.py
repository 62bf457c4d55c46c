"""Which versions are still there after many were published, and what becomes of people in one that is not?"""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.intake import item_of
from adapters.publish import publish
from adapters.settings import read
from adapters.store.versions import KEPT
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text
from engine.events import MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT

ANA, BIA = Ids(phones=("5511900000001",)), Ids(phones=("5511900000002",))
BUSINESS = """
business: north
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 4002-8922", waba: "7", coexistence: false}]
"""
FLOW = """
flow: order
start: [{{when: text has "order"}}]
steps:
  - ask: "How many?"
    save: qty
  - send: "Thanks, says {word}."
"""
pytestmark = pytest.mark.usefixtures("store")


class House:
    """A business that is published again and again while people write to it."""

    def __init__(self, built, folder):
        self.built = built
        self.store = built.store
        self.folder = folder
        (folder / "business.yaml").write_text(BUSINESS)

    async def publish(self, word):
        """Publish another version; return its name."""
        (self.folder / "flow.yaml").write_text(FLOW.format(word=word))
        return (await publish(self.store, self.folder, DEFAULT, by="me")).version

    async def take(self, ids, text):
        """Let somebody write, and return what is queued for them."""
        now = datetime.now(UTC).replace(microsecond=0)
        event = MessageReceived(id=text + ids.phones[0], at=now, arrived_at=now, content=Text(text), ids=ids)
        arrival = Arrival(
            number="1", waba=None, field="messages", kind="chat", key=event.id, at=now, event=event, ids=ids
        )
        [taken] = await self.store.ingest("north", [item_of(arrival, "1", "chat")])
        await self.built.handler.drain("north", taken.subject)
        found = await self.store.subject("north", taken.subject)
        rows = [await self.store.row("north", row) for row in found.rows]
        return taken.subject, [row.words for row in rows]


def play(store_url, folder, scene):
    """Run a scene in a house."""

    async def run():
        async with parts(read({"BATON_REDIS_URL": store_url})) as built:
            return await scene(House(built, folder))

    return asyncio.run(run())


def test_versions_go_that_nobody_is_in_the_middle_of(store_url, tmp_path):
    """The latest ten stay, and the one in which Ana still has to answer, who then goes on in it."""

    async def scene(house):
        first = await house.publish("first")
        await house.take(ANA, "order")
        names = [await house.publish(f"word {each}") for each in range(KEPT + 2)]
        return first, names, await house.store.versions("north"), await house.take(ANA, "3")

    first, names, kept, (_, said) = play(store_url, tmp_path, scene)

    assert kept == [*names[: -KEPT - 1 : -1], first]
    assert said == ["How many?", "Thanks, says first."]


def test_no_version_goes_while_a_chat_cannot_be_read(store_url, store, tmp_path):
    """Nobody knows in which version that one is."""

    async def scene(house):
        await house.publish("first")
        subject, _ = await house.take(ANA, "order")
        store.hset(f"{{north}}:s:{subject}", "state", b"\x7fof another Baton")
        for each in range(KEPT + 2):
            await house.publish(f"word {each}")
        return await house.store.versions("north")

    kept = play(store_url, tmp_path, scene)

    assert len(kept) == KEPT + 3


def test_whoever_is_in_a_version_that_is_gone_is_answered_by_what_is_live(store_url, store, tmp_path):
    """As after a backup of another day; their chat is not stuck for ever."""

    async def scene(house):
        gone = await house.publish("first")
        await house.take(BIA, "order")
        await house.publish("second")
        store.delete(f"{{north}}:v:{gone}")
        house.built.live._rulesets.clear()
        return await house.take(BIA, "an order, please")

    _, said = play(store_url, tmp_path, scene)

    assert said == ["How many?", "How many?"]
