"""Does the main job hold when two hundred contacts write at once, and the owner steps in?"""

import asyncio
import time
from pathlib import Path
from typing import Any

import redis

from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.meta import Person
from tests.main_job.town import LINE, Town, said

SHOP = Path(__file__).parent / "shop"
LATENCY_S = 0.3
ON_ITS_WAY_S = 0.05
MOST_A_SECOND = 20
BUSINESS = "{corner-shop}"


def crowd(count: int, first: int = 0) -> list[Person]:
    """Return contacts nobody has seen before."""
    numbers = range(first, first + count)
    return [Person(phone=f"55119876{each:05}", bsuid=f"BR.2{each:018}", name=f"C{each}") for each in numbers]


def outcome(post: Received) -> str:
    """Return what a POST said, and the code if the receiver refused it."""
    return f"{said(post)}, refused with {post.code}" if post.code else said(post)


async def write_within(town: Town, people: list[Person], text: str, seconds: float) -> None:
    """Let everybody write, evenly over a stretch of time."""

    async def one(place: int, person: Person) -> None:
        await asyncio.sleep(seconds * place / len(people))
        assert await town.writes(person, text) == 200

    await asyncio.gather(*(one(place, person) for place, person in enumerate(people)))


def test_two_hundred_contacts_are_each_answered_once_and_the_pace_holds(town_in: Any, store: redis.Redis) -> None:
    """Every contact hears one, two, three, in order; the receiver never sees more than twenty in any second."""
    people = crowd(200)

    async def scene() -> None:
        async with town_in(SHOP, workers=2) as town:
            town.graph.change(latency=LATENCY_S)

            await write_within(town, people, "count please", 10)
            await town.until(lambda: len(town.graph.received) >= 3 * len(people), 120)

            heard = {each.phone: [outcome(one) for one in town.heard_by(each)] for each in people}
            assert {phone: told for phone, told in heard.items() if told != ["one", "two", "three"]} == {}
            assert town.graph.busiest_second(LINE.phone_number_id) <= MOST_A_SECOND
            timed: Any = store.hgetall(f"{BUSINESS}:left")
            assert 0 < sum(int(count) for bound, count in timed.items() if bound != b"ms") <= 3 * len(people)

    asyncio.run(scene())


def test_nothing_that_is_queued_leaves_after_the_owner_wrote(town_in: Any, store: redis.Redis) -> None:
    """The owner echoes into fifty chats with messages queued: nothing begins to leave after the echo's 200."""
    people = crowd(50, first=1000)

    async def scene() -> None:
        async with town_in(SHOP, workers=2) as town:
            town.graph.change(latency=LATENCY_S)
            await write_within(town, people, "count please", 1)

            at = dict(await asyncio.gather(*(silence(town, each) for each in people)))
            await town.until(lambda: not store.exists(f"{BUSINESS}:ready:{LINE.phone_number_id}"), 60)
            await asyncio.sleep(2)

            heard = [(each.at, at[each.body["to"].lstrip("+")]) for each in town.graph.received]
            assert [late for late, silent_at in heard if late > silent_at + ON_ITS_WAY_S] == []
            reasons = [store.hget(key, "reason") for key in store.scan_iter(f"{BUSINESS}:r:*")]
            assert b"owner_replied" in reasons

    async def silence(town: Town, person: Person) -> tuple[str | None, float]:
        assert await town.echoes(person, "I am here") == 200
        return person.phone, time.monotonic()

    asyncio.run(scene())
