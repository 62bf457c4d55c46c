"""How do the statuses of the fake Graph server reach the webhook, however slow or broken that is?"""

import asyncio
from asyncio import Queue, Task
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp
from msgspec import Struct, field

from adapters.whatsapp.fake_settings import Settings
from adapters.whatsapp.fake_statuses import Update
from adapters.whatsapp.meta import Body, Line, Meta, envelope


class Parcel(Struct):
    """What one webhook will carry: statuses of one number, or an echo."""

    line: Line
    updates: list[Update] = field(default_factory=list)
    echo: Body | None = None
    tries: int = 0

    def takes(self, other: "Parcel") -> bool:
        """Say whether both may travel in one body."""
        return self.line == other.line and self.tries == other.tries and self.echo is None and other.echo is None

    def body(self) -> Body:
        """Write the body of the webhook."""
        if self.echo is not None:
            return self.echo
        contacts = [update.contact for update in self.updates if update.contact]
        value: Body = {"contacts": contacts} if contacts else {}
        return envelope(self.line, "messages", {**value, "statuses": [update.status for update in self.updates]})


class Callbacks:
    """Posts parcels when they are due, a few at a time, and again with growing pauses when they are not taken."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self.posted = 0
        self.lost = 0
        self.waiting = 0
        self._settings = settings
        self._meta = Meta("", "")
        self._ready: Queue[Parcel] = Queue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._workers: list[Task[None]] = []

    async def start(self) -> None:
        """Begin to post."""
        await self._meta.__aenter__()
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._settings().callback_concurrency)]

    async def stop(self) -> None:
        """Stop at once; what still waits is not posted."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._meta.__aexit__(None, None, None)

    async def quiet(self) -> None:
        """Wait until everything planned was posted or given up."""
        await self._idle.wait()

    def plan(self, line: Line, delay: float, *, update: Update | None = None, echo: Body | None = None) -> None:
        """Post a status or an echo after `delay` seconds, if anyone listens."""
        if self._settings().callback_url is None:
            return
        self.waiting += 1
        self._idle.clear()
        self._later(delay, Parcel(line, [update] if update else [], echo))

    def stats(self) -> dict[str, Any]:
        """Count what was posted, what nobody took, and what waits."""
        return {"posted": self.posted, "lost": self.lost, "waiting": self.waiting}

    def _later(self, delay: float, parcel: Parcel) -> None:
        asyncio.get_running_loop().call_later(delay, self._ready.put_nowait, parcel)

    async def _work(self) -> None:
        while True:
            parcel = self._filled(await self._ready.get())
            if await self._taken(parcel):
                self.posted += 1
            elif parcel.tries < self._settings().callback_retries:
                self._again(parcel)
                continue
            else:
                self.lost += 1
            self._done(parcel)

    def _filled(self, parcel: Parcel) -> Parcel:
        while len(parcel.updates) < self._settings().status_batch and not self._ready.empty():
            other = self._ready.get_nowait()
            if not parcel.takes(other):
                self._ready.put_nowait(other)
                break
            parcel.updates.extend(other.updates)
        return parcel

    async def _taken(self, parcel: Parcel) -> bool:
        settings = self._settings()
        self._meta.callback_url, self._meta.app_secret = settings.callback_url or "", settings.app_secret
        try:
            return await self._meta.post(parcel.body()) == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _again(self, parcel: Parcel) -> None:
        pause = self._settings().callback_backoff * 2**parcel.tries
        parcel.tries += 1
        self._later(pause, parcel)

    def _done(self, parcel: Parcel) -> None:
        self.waiting -= max(1, len(parcel.updates))
        if self.waiting == 0:
            self._idle.set()
