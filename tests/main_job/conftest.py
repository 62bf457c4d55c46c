"""What may the tests of the main job ask for? A town to play in."""

import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.main_job import family
from tests.main_job.town import Town


@pytest.fixture
def town_in(store: redis.Redis, store_url: str, free_port: Callable[[], int], tmp_path: Path) -> Iterator[Any]:
    """Give a function that opens a town for an asynchronous test; its store is empty."""
    store.flushdb()

    @asynccontextmanager
    async def open_town(folder: Path, workers: int = 1) -> AsyncIterator[Town]:
        town = Town(store_url, free_port(), tmp_path / "processes.log")
        async with town.meta:
            try:
                await town.start(folder, workers)
                yield town
            finally:
                await town.stop()

    yield open_town
    log = tmp_path / "processes.log"
    if log.exists():
        sys.stderr.write(log.read_text("utf-8", errors="replace")[-4000:])


@pytest.fixture
def harmed_town(
    store: redis.Redis, store_url: str, free_port: Callable[[], int], tmp_path: Path
) -> Iterator[Callable[..., Any]]:
    """Give a function that opens a town in which nothing runs yet, and whose processes may be killed.

    Afterwards none of them is left. A row in doubt waits for 3 s, and webhooks that are not taken are posted again
    for 25 s; Meta does that for days.
    """
    store.flushdb()
    log = tmp_path / "processes.log"

    @asynccontextmanager
    async def open_town(url: str = store_url, **environ: str) -> AsyncIterator[tuple[Town, str]]:
        mark = secrets.token_hex(8)
        town = Town(url, free_port(), log, **{family.MARK: mark, "BATON_DOUBT_WAIT": "3", **environ})
        town.graph_url = await town.graph.start()
        town.graph.change(latency=0.2, callback_retries=9, callback_backoff=0.05)
        async with town.meta:
            try:
                yield town, mark
            finally:
                await town.stop()
                family.end_all(mark)

    yield open_town
    if log.exists():
        sys.stderr.write(log.read_text("utf-8", errors="replace")[-6000:])
