"""Who hears what is sent while something is measured? The fake Graph server, in a process of its own.

`python -m tests.benchmarks.graph SETTINGS`, where SETTINGS is JSON; it prints its address and serves until it is ended.
"""

import asyncio
import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from adapters.whatsapp.fake import serve
from adapters.whatsapp.fake_settings import Settings
from tests.benchmarks import stage


class Arrival(Struct, frozen=True):
    """One POST as the server saw it: for which number, when (monotonic), what it said, and what was answered."""

    number_id: str
    at: float
    body: dict[str, Any]
    status: int

    @property
    def to(self) -> str:
        """The contact's phone number."""
        return str(self.body["to"]).lstrip("+")


class Graph(Struct, frozen=True):
    """A server that runs."""

    url: str
    process: int

    def arrivals(self, since: float) -> list[Arrival]:
        """Return what arrived after a moment, oldest first."""
        found = msgspec.json.decode(self._ask("received"), type=list[Arrival])
        return [each for each in found if each.at > since]

    def count(self, since: int = 0) -> int:
        """Return how many POSTs there were, beyond some that are known."""
        numbers = msgspec.json.decode(self._ask("stats"))["numbers"]
        return sum(int(each["received"]) for each in numbers.values()) - since

    def _ask(self, what: str) -> bytes:
        with closing(HTTPConnection(urlsplit(self.url).netloc, timeout=stage.PATIENCE_S)) as connection:
            connection.request("GET", f"/_fake/{what}")
            return connection.getresponse().read()


@contextmanager
def running(**settings: object) -> Iterator[Graph]:
    """Run a server that answers after a while."""
    with stage.python("-m", "tests.benchmarks.graph", msgspec.json.encode(settings).decode()) as process:
        assert process.stdout is not None
        yield Graph(process.stdout.readline().decode().strip(), process.pid)


def main(settings: Mapping[str, object]) -> None:
    """Serve until ended."""

    def ready(url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()

    gc.disable()  # all that was received is kept: a collection would hold up the clock by which it is judged
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(msgspec.convert(settings, Settings), "127.0.0.1", 0, ready))


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1]))
