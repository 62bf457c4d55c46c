"""What may every test ask for?

- `store`: a client of a real store that holds nothing; `store_url` for a second client of the same store.
- `free_port`: call it for a TCP port that nobody listens on.
"""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from adapters.embedded import EmbeddedStore

CHOSEN = "BATON_TEST_REDIS_URL"
"""Any Redis 7.0 or Valkey to test with. Each test empties a database of it: 1 for the first test process, 2 …"""

# The operator's own settings must not decide whether a test passes.
for name in [each for each in os.environ if each.startswith("BATON_") and each != CHOSEN]:
    del os.environ[name]


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a store that no other test process uses."""
    if chosen := os.environ.get(CHOSEN):
        process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        yield f"{chosen}{'&' if '?' in chosen else '?'}db={process + 1}"
        return
    with EmbeddedStore(Path(tmp_path_factory.mktemp("store"))) as embedded:
        yield embedded.url


@pytest.fixture
def store(store_url: str) -> Iterator[redis.Redis]:
    """Give a client of a store that is empty; also `usefixtures` of it empties `store_url`."""
    with redis.Redis.from_url(store_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Give a function that finds a port on 127.0.0.1 for a server to be started."""

    def find() -> int:
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            return int(line.getsockname()[1])

    return find
