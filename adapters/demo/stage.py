"""Everything on one machine: a store of its own, a fake Graph, web, a worker, and one business."""

import asyncio
import secrets
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis.asyncio
from msgspec import Struct
from msgspec.structs import replace

from adapters import site
from adapters.demo.heard import named, outgoing
from adapters.demo.travel import pass_time
from adapters.embedded import EmbeddedStore
from adapters.live import attached_of
from adapters.processes import Supervisor
from adapters.settings import Conversions, Settings
from adapters.store.keys import key
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.meta import Line, Meta
from adapters.wiring import connect, parts
from engine.content import Outgoing
from engine.identity import Ids, aliases, own_aliases
from engine.ruleset import Ruleset

HOST = "127.0.0.1"
READY_S = 30.0
PATIENCE_S = 8.0
LOOK_S = 0.02
QUIET_LOOKS = 5
DATASET = "1000000000000001"
KEPT = ("live", "lists", "versions", "numbers", "v:", "f:", "files", "media:")


class Stage(Struct, frozen=True):
    """What a player needs: the business, where its webhook is, the fake that hears what leaves, and what runs.

    `files` are the paths of the folder's files, by what is in them.
    """

    url: str
    business: str
    ruleset: Ruleset
    line: Line
    graph: FakeGraph
    meta: Meta
    client: "redis.asyncio.Redis"
    supervisor: Supervisor
    files: Mapping[str, str] = {}

    def content_of(self, body: dict[str, Any]) -> Outgoing:
        """Return the message in a body that was accepted, its files by their paths in the folder."""
        kept = self.graph.shelf.kept.values()
        return named(outgoing(body), {each.id: self.files[each.sha256] for each in kept if each.sha256 in self.files})

    async def quiet(self) -> None:
        """Wait until nothing waits to be decided, sent or reported any more, but no longer than people would."""
        await self.graph.quiet()
        calm, ends_at = 0, time.monotonic() + PATIENCE_S
        while calm < QUIET_LOOKS and time.monotonic() < ends_at:
            calm = 0 if await self._is_busy() else calm + 1
            await asyncio.sleep(LOOK_S)

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass, for Baton and for Meta; what is due then is picked up within a second."""
        await self.quiet()
        await pass_time(self.client, self.business, span)
        self.graph.change(ahead=self.graph.settings.ahead + span.total_seconds())
        await self.until(self._nothing_due)
        await self.quiet()

    async def forget(self) -> None:
        """Forget every chat, and keep what is live."""
        await self.quiet()
        kept = tuple(key(self.business, each).encode() for each in KEPT)
        names = [name async for name in self.client.scan_iter(key(self.business, "*")) if not name.startswith(kept)]
        if names:
            await self.client.delete(*names)

    async def introduce(self, ids: Ids) -> None:
        """Know a contact by the id that they have in `baton test`, so that each `split` draws the same lot for them."""
        for alias in own_aliases(ids):
            await self.client.hset(key(self.business, "alias"), alias, aliases(ids)[0])

    async def until(self, holds: Callable[[], Awaitable[bool]], seconds: float = READY_S) -> bool:
        """Wait until something holds, and tell whether it came to that."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            if await holds():
                return True
            await asyncio.sleep(LOOK_S)
        return False

    async def _is_busy(self) -> bool:
        ready = f"ready:{self.line.phone_number_id}"
        piles = [key(self.business, name) for name in ("waiting", "sending", ready, "todo:report")]
        return bool(await self.client.exists(*piles))

    async def _nothing_due(self) -> bool:
        seconds, micros = await self.client.time()
        return not await self.client.zcount(key(self.business, "timers"), "-inf", seconds * 1000 + micros // 1000)


@asynccontextmanager
async def stage(settings: Settings, folder: Path) -> AsyncIterator[Stage]:
    """Set everything up; raises `CannotStart` when the folder has problems."""
    with tempfile.TemporaryDirectory(prefix="baton-demo-") as data, EmbeddedStore(Path(data)) as embedded:
        graph = FakeGraph()
        told = {"conversions": Conversions.LIVE, "dataset_id": DATASET}
        own = replace(settings, redis_url=embedded.url, graph_url=await graph.start(), **told, **_secrets())
        try:
            async with _opened(own, graph, folder) as found:
                yield found
        finally:
            await graph.stop()


@asynccontextmanager
async def _opened(own: Settings, graph: FakeGraph, folder: Path) -> AsyncIterator[Stage]:
    done = await site.go_live(own, folder, only_if_nothing_is_live=False)
    if done.version is None or done.business is None:
        raise site.CannotStart(f"`{folder}` has problems. See them with: baton check {folder}")
    with site.listen(HOST, 0) as opened:
        url = f"http://{HOST}:{opened.getsockname()[1]}"
        graph.change(callback_url=f"{url}/webhook", app_secret=own.app_secret)
        async with (
            _processes(own, opened) as supervisor,
            parts(own) as built,
            Meta(f"{url}/webhook", own.app_secret) as meta,
        ):
            client = connect(own.redis_url or "")
            ruleset = await built.live.now_live(done.business)
            number = next(iter(ruleset.business.numbers.values()))
            line = Line(number.id, number.phone, number.waba)
            version = await built.store.version(done.business, done.version)
            files = {each.sha256: path for path, each in attached_of(version).items()} if version else {}
            yield Stage(url, done.business, ruleset, line, graph, meta, client, supervisor, files)
            await client.aclose()


@asynccontextmanager
async def _processes(own: Settings, opened: socket.socket) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(site.web_children(opened, 1) + site.worker_children(1), site.environment(own))
    async with parts(own) as built:
        running = [asyncio.create_task(supervisor.run()), asyncio.create_task(built.tick().run(supervisor.stopping))]
        try:
            yield supervisor
        finally:
            supervisor.stopping.set()
            await asyncio.gather(*running)


def _secrets() -> dict[str, str]:
    return {name: secrets.token_hex(16) for name in ("app_secret", "verify_token", "access_token")}
