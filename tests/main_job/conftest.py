"""What may the tests of the main job ask for? A town to play in."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

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
