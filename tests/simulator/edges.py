"""What do the adapters find at their edges in the simulator: the queue of RQ, a request, the clock and chance?"""

import asyncio
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import structlog
from structlog.exceptions import DropEvent

import adapters.campaigns
import adapters.ends
import adapters.handle
import adapters.live
import adapters.perform
import adapters.rings
import adapters.tick
import adapters.web.webhook
import adapters.whatsapp.client
from adapters.web.webhook import SIGNATURE, Door
from adapters.whatsapp import meta
from tests.simulator.loop import Loop
from tests.simulator.stored import EPOCH_MS

SECRET: Final = "a-secret"
TICK_S: Final = 2.0


class Queue:
    """A peer of RQ's queue: a job is a ring, and one that a dead worker took is lost."""

    def __init__(self) -> None:
        """Nobody rang."""
        self.count = 0
        self.waiting: list[asyncio.Future[None]] = []

    def enqueue(self, *_: object, **__: object) -> None:
        """Ring."""
        self.count += 1
        for each in self.waiting:
            if not each.done():
                each.set_result(None)
        self.waiting.clear()


class Knock:
    """One POST, as an ASGI server hands it to the webhook, and the status of its answer."""

    def __init__(self, state: Door, raw: bytes) -> None:
        """Sign it as Meta does."""
        self.app = self
        self.state = state
        self.status = 0
        self._raw = raw

    @property
    def scope(self) -> Any:
        """What the request says before its body."""
        return {"method": "POST", "headers": [(SIGNATURE, meta.sign(SECRET, self._raw).encode())], "app": self}

    async def receive(self) -> Any:
        """Return what was posted."""
        return {"type": "http.request", "body": self._raw, "more_body": False}

    async def send(self, message: Any) -> None:
        """Keep the status."""
        self.status = message.get("status", self.status)


class _Calendar:
    """What modules of the adapters know as `datetime`."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def now(self, zone: Any) -> datetime:
        return datetime.fromtimestamp(EPOCH_MS / 1000 + self._loop.now, zone)

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)


CLOCKED = (
    adapters.campaigns,
    adapters.ends,
    adapters.handle,
    adapters.perform,
    adapters.web.webhook,
    adapters.whatsapp.client,
)


@contextmanager
def edges(seed: int, loop: Loop, jobs: Queue, logged: list[str]) -> Iterator[None]:
    """Give the adapters the simulator's clock, chance and queue for a while."""
    chance = random.Random(f"secrets {seed}")  # noqa: S311 - it should be foreseen

    async def at_once(work: Any, *arguments: Any) -> Any:
        await asyncio.sleep(0.001)
        return work(*arguments)

    def note(_: Any, method: str, event: Any) -> Any:
        if method in {"error", "exception", "warning"}:
            logged.append(f"{event}")
        raise DropEvent

    kept: list[tuple[Any, str, Any]] = []

    def put(owner: Any, name: str, value: Any) -> None:
        kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    for module in CLOCKED:
        put(module, "datetime", _Calendar(loop))
    put(secrets, "token_hex", lambda size: f"{chance.getrandbits(size * 8):0{size * 2}x}")
    put(asyncio, "to_thread", at_once)
    put(adapters.rings, "Queue", lambda *_, **__: jobs)
    put(adapters.live, "ready", _ready)
    put(adapters.tick, "EVERY_S", TICK_S)
    structlog.configure(processors=[structlog.processors.format_exc_info, note])
    try:
        yield
    finally:
        structlog.reset_defaults()
        for owner, name, value in reversed(kept):
            setattr(owner, name, value)


_really_ready = adapters.live.ready
_rulesets: dict[str, Any] = {}


def _ready(published: Any) -> Any:
    if published.id not in _rulesets:
        _rulesets[published.id] = _really_ready(published)
    return _rulesets[published.id]
