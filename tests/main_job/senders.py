"""How do contacts write while the door may be closed?"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp

from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from tests.main_job.town import LINE, Town


def crowd(count: int) -> list[Person]:
    """Return contacts nobody has seen before."""
    return [Person(phone=f"55119876{each:05}", bsuid=f"BR.2{each:018}", name=f"C{each}") for each in range(count)]


async def tell(town: Town, body: meta.Body) -> int:
    """Post a webhook as Meta does, the same bytes until it is taken; returns how many tries that took."""
    raw, tries = meta.encode(body), 0
    while True:
        tries += 1
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            if await town.meta.post(raw) == 200:
                return tries
        await asyncio.sleep(min(0.1 * tries, 1))


async def count_please(town: Town, people: list[Person], seconds: float) -> int:
    """Let everybody write within a stretch of time; returns how many webhooks had to be posted again."""

    async def one(place: int, person: Person) -> int:
        await asyncio.sleep(seconds * place / len(people))
        town.graph.contact_wrote(LINE.phone_number_id, person)
        return await tell(town, meta.text_message(LINE, person, "count please", at=datetime.now(UTC)))

    tries = await asyncio.gather(*(one(place, person) for place, person in enumerate(people)))
    return sum(each > 1 for each in tries)
