"""What if two versions of Baton work on one store, and the later one is taken back?

Only one version was ever made. The later one is a copy of the sources that writes records of the next schema and reads
those of both; the flows and the decisions are the same, so the ledgers tell any difference.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from adapters.records import LATER, SCHEMA
from adapters.whatsapp.meta import Person
from tests.faults.matrix import Figure, Run, Told, all_of, none_of, row
from tests.faults.place import READY_S, Place, free_port, people, place
from tests.main_job import family
from tests.main_job.ledgers import BUSINESS
from tests.main_job.town import TOP

NEXT = bytes([LATER[0]])
SOURCES = ("adapters", "engine", "flows", "rules")
BLOBS = {"s": "state", "c": "state", "r": "blob"}
NOTICED_S = 5.0


@row("F12", "an older and a later version at the same time, then the later one taken back, then started again")
async def two_versions(run: Run) -> Told:
    """What only the later one reads waits for it: not lost, not written over, nobody is answered twice."""
    half = run.many(10, 60)
    crowd = people(3 * half)
    both, later_only, older_only = crowd[:half], crowd[half : 2 * half], crowd[2 * half :]
    async with place(run) as town:
        older, later = town.port, free_port()
        web, worker = _later(town, run.folder, later)
        await town.crowd(both, 1)
        async with _kept_up("serve", web):
            async with _kept_up("work", worker):
                await town.until(partial(_is_ready, later), READY_S)
                await _through(town, later, both, "ping")
                await _through(town, older, both, "count please")
                await town.rest()
                mixed = sum(town.heard(each) == len(town.talk(each).expected()) for each in both)
            await _through(town, later, later_only, "ping")
        before = _of_the_next(town.store)
        await _through(town, older, both, "ping again")
        await town.crowd(older_only, 1)
        await town.until(lambda: all(map(town.heard, older_only)), READY_S)
        await asyncio.sleep(NOTICED_S)
        after = _of_the_next(town.store)
        changed = sum(after.get(name) != blob for name, blob in before.items())
        told = sum(b"later_version" in each for each in town.alerts())
        aside, crashes = town.count("event.quarantined"), town.logged().count(b"Traceback")
        async with _kept_up("serve", web), _kept_up("work", worker):
            await town.rest()
        _bring_back(town.store)
        found = await town.audit()
    return Told(
        (
            all_of("answered by either", mixed, len(both)),
            Figure("records of the later one met", len(before), least=len(both)),
            none_of("written over", changed, len(before)),
            none_of("kept aside", aside, found.acked),
            none_of("tracebacks", crashes, found.acked),
            Figure("people told", told, most=1, least=1),
        ),
        found,
    )


def _later(town: Place, folder: Path, port: int) -> tuple[family.Start, family.Start]:
    """Return what starts web, on a port of its own, and workers of the later version."""
    copy = folder / "later"
    for each in SOURCES:
        shutil.copytree(TOP / each, copy / each, ignore=shutil.ignore_patterns("__pycache__"))
    _raise_schema(copy / "adapters" / "records.py")

    def start(program: Callable[[], "subprocess.Popen[bytes]"]) -> "subprocess.Popen[bytes]":
        older = town.port
        town.sources, town.port = copy, port
        try:
            return program()
        finally:
            town.sources, town.port = TOP, older

    return partial(start, town.serve), partial(start, town.work)


@asynccontextmanager
async def _kept_up(name: str, program: family.Start) -> AsyncIterator[None]:
    """Keep a program running, and end it afterwards."""
    services = family.Services({name: program})
    async with services.keep_up():
        yield
    await services.exit_codes()


async def _is_ready(port: int) -> bool:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def _raise_schema(records: Path) -> None:
    """Let a copy of the sources write the next schema, and read both."""
    text = records.read_text()
    for old, new in (
        (f'SCHEMA = b"\\x{SCHEMA.hex()}"', f'SCHEMA = b"\\x{NEXT.hex()}"'),
        ("blob[:1] != SCHEMA", f'blob[:1] not in (SCHEMA, b"\\x{SCHEMA.hex()}")'),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    records.write_text(text)


async def _through(town: Place, port: int, crowd: Sequence[Person], text: str) -> None:
    """Let people write to the web process of a port."""
    url, town.url = town.url, f"http://127.0.0.1:{port}"
    for each in crowd:
        await town.write(each, text)
    town.url = url


def _of_the_next(store: Any) -> dict[tuple[bytes, str], bytes]:
    """Return the records that only the later version can read."""
    found = {}
    for kind, field in BLOBS.items():
        for name in store.scan_iter(f"{BUSINESS}:{kind}:*", count=1000):
            blob = store.hget(name, field)
            if blob is not None and blob.startswith(NEXT):
                found[name, field] = blob
    return found


def _bring_back(store: Any) -> None:
    """Let the ledgers read everything: but for its number the next schema is the same."""
    for (name, field), blob in _of_the_next(store).items():
        store.hset(name, field, SCHEMA + blob[1:])
