"""How evenly could messages leave at best? The floor of `send`: a loop that posts at exact moments and does no more.

`python -m tests.benchmarks.bare_pace ORDER`, where ORDER is JSON.
"""

import asyncio
import sys
import time

import aiohttp
import msgspec
from msgspec import Struct


class Order(Struct, frozen=True):
    """How many messages to post for each number, so many seconds apart, and where."""

    url: str
    numbers: tuple[str, ...]
    count: int
    gap: float


async def post_all(order: Order) -> None:
    """Carry an order out, all numbers beside each other."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(_number(session, order, number) for number in order.numbers))


async def _number(session: aiohttp.ClientSession, order: Order, number: str) -> None:
    started_at, tasks = time.monotonic(), []
    for place in range(order.count):
        await asyncio.sleep(started_at + place * order.gap - time.monotonic())
        tasks.append(asyncio.create_task(_post(session, f"{order.url}/v26.0/{number}/messages", place)))
    await asyncio.gather(*tasks)


async def _post(session: aiohttp.ClientSession, address: str, place: int) -> None:
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": f"5511{970000000 + place}",
        "type": "text",
        "text": {"body": "Hello, we bake until six."},
    }
    headers = {"Authorization": "Bearer a-token", "Content-Type": "application/json"}
    async with session.post(address, data=msgspec.json.encode(body), headers=headers) as answer:
        await answer.read()


if __name__ == "__main__":
    asyncio.run(post_all(msgspec.json.decode(sys.argv[1], type=Order)))
