"""How late do ten thousand timers come that are due at the same moment, and how do people fare meanwhile?

`python -m tests.benchmarks.timers`. Many chats stand at a `wait` of one number, in a store as users run it. Then all
waits end at once, and one loop, then two at the same time, pick them up, as one process does that runs nothing else.
Meanwhile others write, and are answered: the figure is the time from their message to the queued answer.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from adapters.embedded import EmbeddedStore
from adapters.intake import item_of
from adapters.publish import publish
from adapters.settings import read
from adapters.store.keys import key
from adapters.whatsapp.receive import Arrival
from adapters.wiring import Parts, parts
from engine.content import Text
from engine.events import MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.benchmarks.figures import percentile, table, tell

BUSINESS, NUMBER = "timed", "1"
FOLDER = """
business: Timed
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
---
flow: later
start: [{when: text has "later"}]
steps:
  - wait: 2h
  - send: "Here I am."
---
flow: ping
start: [{when: text has "ping"}]
steps: [{send: "pong"}]
"""
AT_ONCE = 200
MOST_S = 600.0
MEANWHILE_S = 0.1


class Result(Struct, frozen=True, kw_only=True):
    """How late each follow-up was queued, how many chats got none or several, and how long the others waited."""

    late_s: Sequence[float]
    missing: int
    doubled: int
    answered_ms: Sequence[float]


async def writes(built: Parts, words: str, place: int, mark: str) -> str:
    """Let a person write, and decide it; return the chat."""
    at, ids = datetime.now(UTC), Ids(phones=(f"5511{900_000_000 + place}",))
    event = MessageReceived(id=f"{mark}{place}", at=at, arrived_at=at, content=Text(words), ids=ids)
    arrival = Arrival(
        number=NUMBER, waba=None, field="messages", kind="chat", key=event.id, at=at, event=event, ids=ids
    )
    [taken] = await built.store.ingest(BUSINESS, [item_of(arrival, NUMBER, "chat")])
    await built.handler.drain(BUSINESS, taken.subject or "")
    return taken.subject or ""


@asynccontextmanager
async def waiting(count: int) -> AsyncIterator[tuple[Parts, list[str]]]:
    """Give the parts of a process, and the chats that stand at the wait."""
    with tempfile.TemporaryDirectory() as home, EmbeddedStore(Path(home) / "store") as embedded:
        folder = Path(home) / "folder"
        folder.mkdir()
        (folder / "business.yaml").write_text(FOLDER, "utf-8")
        async with parts(read({"BATON_REDIS_URL": embedded.url})) as built:
            await publish(built.store, folder, DEFAULT, by="a benchmark")
            chats: list[str] = []
            for first in range(0, count, AT_ONCE):
                places = range(first, min(first + AT_ONCE, count))
                chats += await asyncio.gather(*(writes(built, "later", place, "w") for place in places))
            yield built, chats


async def fired(count: int, loops: int) -> Result:
    """Let all waits end at once, and look until nothing is due any more."""
    async with waiting(count) as (built, chats):
        timers = key(BUSINESS, "timers")
        ids = await built.store.command("ZRANGE", timers, 0, -1)
        due_ms = round(time.time() * 1000)
        await built.store.commands(*(("ZADD", timers, "XX", due_ms, each) for each in ids))
        stopping = asyncio.Event()
        ticks = [asyncio.create_task(_swept(built, stopping)) for _ in range(loops)]
        people = asyncio.create_task(_meanwhile(built, stopping, count))
        await _until_said(built, chats)
        stopping.set()
        await asyncio.gather(*ticks)
        return await _counted(built, chats, due_ms, await people)


async def _swept(built: Parts, stopping: asyncio.Event) -> None:
    tick = built.tick()
    while not stopping.is_set():
        await tick.sweep()


async def _meanwhile(built: Parts, stopping: asyncio.Event, first: int) -> list[float]:
    found: list[float] = []
    while not stopping.is_set():
        begun = time.perf_counter()
        await writes(built, "ping", first + len(found), "p")
        found.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(MEANWHILE_S)
    return found


async def _until_said(built: Parts, chats: Sequence[str]) -> None:
    ends_at = time.monotonic() + MOST_S
    while time.monotonic() < ends_at:
        left = await built.store.command("ZCARD", key(BUSINESS, "timers"))
        undecided = await built.store.command("ZCARD", key(BUSINESS, "waiting"))
        if not left and not undecided:
            return
        await asyncio.sleep(0.2)
    tell(f"{len(chats):,} timers were not all followed within {MOST_S:g} s")


async def _counted(built: Parts, chats: Sequence[str], due_ms: int, answered: Sequence[float]) -> Result:
    counts: Counter[str] = Counter()
    late: list[float] = []
    for first in range(0, len(chats), AT_ONCE):
        some = chats[first : first + AT_ONCE]
        rows = await built.store.commands(*(("ZRANGE", key(BUSINESS, "out", each), 0, -1) for each in some))
        pairs = [(chat, row.decode()) for chat, found in zip(some, rows, strict=True) for row in found]
        counts.update(chat for chat, _ in pairs)
        at = await built.store.commands(*(("HGET", key(BUSINESS, "r", row), "added_at") for _, row in pairs))
        late += [(int(each) - due_ms) / 1000 for each in at]
    missing = sum(counts[chat] == 0 for chat in chats)
    return Result(
        late_s=late, missing=missing, doubled=sum(count > 1 for count in counts.values()), answered_ms=answered
    )


def _row(loops: int, found: Result) -> tuple[str, ...]:
    late, answered = found.late_s, found.answered_ms
    return (
        f"{loops} loop{'s' if loops > 1 else ''}",
        f"{len(late):,}",
        f"{percentile(late, 0.5):.1f}",
        f"{percentile(late, 0.99):.1f}",
        f"{max(late):.1f}",
        str(found.missing),
        str(found.doubled),
        f"{percentile(answered, 0.5):.0f}",
        f"{percentile(answered, 0.99):.0f}",
        str(len(answered)),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and end with 1 if a timer was lost or followed twice."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--timers", type=int, default=10_000)
    chosen = parser.parse_args(arguments)
    results = {loops: asyncio.run(fired(chosen.timers, loops)) for loops in (1, 2)}
    head = ("", "followed", "late p50 s", "p99 s", "max s", "missing", "doubled", "others p50 ms", "p99 ms", "n")
    table(head, [_row(loops, found) for loops, found in results.items()])
    return int(any(found.missing or found.doubled for found in results.values()))


if __name__ == "__main__":
    raise SystemExit(main())
