"""A shop with two campaigns: `spring` for its clients, `news` for a list."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.publish import publish
from adapters.settings import read
from adapters.wiring import Parts, parts
from rules.policy.restrictions import DEFAULT

BUSINESS = """
business: shop
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
opt_in: {words: start}
---
templates: "100"
list:
  - {name: spring, language: en, category: MARKETING, status: APPROVED, body: "It is spring."}
  - {name: news, language: en, category: UTILITY, status: APPROVED, body: "Hello {{1}}."}
---
campaign: spring
audience: contact.tags has "client"
template: spring
between: 00:00-24:00
pace: 100%
---
campaign: news
audience: {file: people.csv, opt_in: agreed}
template: news
params: ["{{ list.city }}"]
between: 00:00-24:00
pace: 100%
exclude: {spoke: 0s}
---
flow: order
start: {when: text has "order"}
steps:
  - ask: "How many?"
    save: qty
  - send: "Good"
"""
PEOPLE = "phone,city,agreed\n+5511987000001,Rio,2025-01-01\n"


@asynccontextmanager
async def a_shop(store_url: str, folder: Path) -> AsyncIterator[Parts]:
    """Give the parts of a process over a store where the shop is live."""
    (folder / "business.yaml").write_text(BUSINESS)
    (folder / "people.csv").write_text(PEOPLE)
    async with parts(read({"BATON_REDIS_URL": store_url})) as built:
        done = await publish(built.store, folder, DEFAULT, by="a test")
        assert done.changed, done.problems
        yield built


def phones(count: int, first: int = 0) -> Sequence[str]:
    """Return numbers of people in Brazil."""
    return [f"55119870{each:05}" for each in range(first, first + count)]


async def tick(built: Parts, times: int = 3) -> None:
    """Carry everything on a few times."""
    for _ in range(times):
        await built.tick().sweep()
        await asyncio.sleep(0.1)
