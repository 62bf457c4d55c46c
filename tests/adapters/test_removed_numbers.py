"""What becomes of what waits for a number that was taken out of what is live?"""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.intake import item_of
from adapters.publish import prepare, publish
from adapters.records import read_alert
from adapters.settings import read
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text
from engine.events import MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT

PEOPLE = tuple(Ids(phones=(f"551190000000{each}",)) for each in range(3))
BUSINESS = """
business: north
timezone: UTC
language: en
numbers:
  - {id: "2", phone: "+55 11 4002-8923", waba: "7"}
"""
FIRST = '  - {id: "1", phone: "+55 11 4002-8922", waba: "7"}\n'
FLOW = """
flow: order
start: [{when: text has "order"}]
steps:
  - send: "We look."
  - http: "http://127.0.0.1:9/orders"
  - send: "There it is."
---
flow: ping
start: [{when: text has "ping"}]
steps: [{send: "pong"}]
"""
pytestmark = pytest.mark.usefixtures("store")


class House:
    """A business whose first number comes and goes."""

    def __init__(self, built, folder):
        self.built = built
        self.store = built.store
        self.folder = folder
        (folder / "flow.yaml").write_text(FLOW)

    async def publish(self, *, with_first):
        """Publish with the number or without."""
        (self.folder / "business.yaml").write_text(BUSINESS + (FIRST if with_first else ""))
        done = await publish(self.store, self.folder, DEFAULT, by="me")
        assert done.changed, done.problems

    async def append(self, ids, text):
        """Let somebody write to the first number."""
        now = datetime.now(UTC).replace(microsecond=0)
        event = MessageReceived(id=text + ids.phones[0], at=now, arrived_at=now, content=Text(text), ids=ids)
        arrival = Arrival(
            number="1", waba=None, field="messages", kind="chat", key=event.id, at=now, event=event, ids=ids
        )
        [taken] = await self.store.ingest("north", [item_of(arrival, "1", "chat")])
        return taken.subject

    async def take(self, ids, text):
        """Let somebody write to the first number, and decide it."""
        subject = await self.append(ids, text)
        await self.built.handler.drain("north", subject)
        return subject

    async def alerts(self):
        """Return what people were told, and how often."""
        told = [(read_alert(each.blob), each.count) for each in await self.store.alerts("north")]
        return [(alert.code, alert.chat, count) for alert, count in told]


def play(store_url, folder, scene):
    """Run a scene in a house."""

    async def run():
        settings = read({"BATON_REDIS_URL": store_url, "BATON_GRAPH_URL": "http://127.0.0.1:9"})
        async with parts(settings) as built:
            house = House(built, folder)
            await house.publish(with_first=True)
            return await scene(house)

    return asyncio.run(run())


def ends(store):
    """Return how each row stands."""
    rows = [store.hmget(name, "kind", "state", "reason") for name in store.scan_iter("{north}:r:*")]
    return sorted(tuple(part.decode() for part in each if part) for each in rows)


def tried(store):
    """Count the rows that somebody let leave, or tried to, or dropped."""
    rows = [store.hmget(name, "state", "attempt") for name in store.scan_iter("{north}:r:*")]
    return sum((state, attempt) != (b"queued", None) for state, attempt in rows)


def test_all_that_waits_ends_with_the_reason_and_people_are_told_once(store_url, store, tmp_path):
    """Messages, requests, and what nobody had decided yet."""

    async def scene(house):
        for each in PEOPLE[:2]:
            await house.take(each, "order")
        late = await house.append(PEOPLE[2], "order")
        await house.publish(with_first=False)
        await asyncio.gather(house.built.tick().sweep(), house.built.shift().run(), house.built.errands().run())
        await house.built.handler.drain("north", late)
        found = await house.store.subject("north", late)
        return await house.alerts(), found.inbox, await house.store.queued("north", ["1"])

    alerts, undecided, waiting = play(store_url, tmp_path, scene)

    assert ends(store) == [("http", "dropped", "number_removed")] * 2 + [("send", "dropped", "number_removed")] * 2
    assert alerts == [("number_removed", "1", 5)]
    assert (undecided, waiting) == (0, {"1": 0})


def test_a_number_that_comes_back_answers(store_url, store, tmp_path):
    """It is as any other, and nothing of what was dropped is said."""

    async def scene(house):
        await house.publish(with_first=False)
        gone = store.smembers("{north}:gone")
        await house.publish(with_first=True)
        await house.take(PEOPLE[0], "ping")
        return gone, store.smembers("{north}:gone"), await house.store.queued("north", ["1", "2"])

    gone, back, waiting = play(store_url, tmp_path, scene)

    assert (gone, back) == ({b"1"}, set())
    assert waiting == {"1": 1, "2": 0}


def test_a_number_answers_from_the_moment_it_is_live(store_url, store, tmp_path):
    """Also where a process has just sent for the same business, and did not know the number then."""

    async def scene(house):
        await house.publish(with_first=False)
        await house.built.live.now_live("north")
        await house.publish(with_first=True)
        await house.take(PEOPLE[0], "order")
        shift, errands = house.built.shift(), house.built.errands()
        tasks = [asyncio.create_task(each.run()) for each in (shift, errands)]
        while tried(store) < 2 and not all(each.done() for each in tasks):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
        shift.stop()
        errands.stop()
        await asyncio.gather(*tasks)

    play(store_url, tmp_path, scene)

    assert tried(store) >= 2
    assert not any(each[1] == "dropped" for each in ends(store))


def test_who_publishes_without_a_number_hears_what_waits_there(store_url, tmp_path):
    """Before it is dropped; a number where nothing waits is nobody's concern."""

    async def scene(house):
        await house.take(PEOPLE[0], "ping")
        (house.folder / "business.yaml").write_text(BUSINESS)
        return (await prepare(house.store, house.folder, DEFAULT)).left_behind

    assert play(store_url, tmp_path, scene) == {"1": 1}
