"""Who posts the webhooks that are measured? A process of its own, with raw connections that are kept open.

`python -m tests.benchmarks.writers ORDER`, where ORDER is JSON; it prints one `Call` for each webhook, as JSON.
Every webhook is a new message of a new contact, built and signed before the first one is posted.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop
from msgspec import Struct

from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


class Order(Struct, frozen=True, kw_only=True):
    """What to post: `count` webhooks from contacts who were never seen before `first`, to these numbers in turn.

    With a `rate` they are due evenly, so many a second; without, each connection posts as soon as it may.
    """

    url: str
    secret: str
    lines: tuple[Line, ...]
    text: str
    first: int
    count: int
    connections: int = 32
    rate: float | None = None


class Call(Struct, frozen=True, array_like=True):
    """One webhook: who wrote, when it was due (monotonic), how long its answer took from then, and its status."""

    phone: str
    due_at: float
    seconds: float
    status: int


class Connection(asyncio.Protocol):
    """A connection that carries one request at a time, opened again if the other side found it idle for too long."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.WriteTransport", transport)  # of uvloop, which knows no such class

    def data_received(self, data: bytes) -> None:
        """Collect an answer; its body is not looked at."""
        self._got += data
        head, found, body = self._got.partition(END_OF_HEAD)
        if found and self._answer and len(body) >= _length(head):
            self._got = b""
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let whoever waits know."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ready(self) -> asyncio.WriteTransport:
        """Open the connection unless it is open."""
        if self._transport is None or self._transport.is_closing():
            await asyncio.get_running_loop().create_connection(lambda: self, *self._place)
        assert self._transport is not None
        return self._transport

    async def post(self, request: bytes) -> int:
        """Send a request; returns the status of its answer."""
        transport = await self.ready()
        self._answer = asyncio.get_running_loop().create_future()
        transport.write(request)
        return await self._answer


def people(first: int, count: int) -> list[Person]:
    """Return contacts."""
    return [Person(phone=f"5511{980000000 + each}", name=f"Contact {each}") for each in range(first, first + count)]


def requests(order: Order) -> Iterator[tuple[str, bytes]]:
    """Yield who writes, and the whole request."""
    target, now = urlsplit(order.url), datetime.now(UTC)
    for place, person in enumerate(people(order.first, order.count)):
        line = order.lines[place % len(order.lines)]
        body = meta.encode(meta.text_message(line, person, order.text, at=now))
        head = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Type: application/json\r\n"
            f"{meta.SIGNATURE_HEADER}: {meta.sign(order.secret, body)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield person.phone or "", head.encode() + body


async def post_all(order: Order) -> list[Call]:
    """Carry an order out."""
    prepared = list(requests(order))
    target = urlsplit(order.url)
    opened = [Connection(target.hostname or "", target.port or 80) for _ in range(min(order.connections, order.count))]
    await asyncio.gather(*(each.ready() for each in opened))
    if order.rate is None:
        return await _as_fast_as_possible(opened, prepared)
    return await _evenly(opened, prepared, order.rate)


async def _as_fast_as_possible(opened: Sequence[Connection], prepared: Sequence[tuple[str, bytes]]) -> list[Call]:
    left, done = iter(prepared), []

    async def keep_posting(connection: Connection) -> None:
        for phone, request in left:
            done.append(await _call(connection, phone, request, time.monotonic()))

    await asyncio.gather(*(keep_posting(each) for each in opened))
    return done


async def _evenly(opened: Sequence[Connection], prepared: Sequence[tuple[str, bytes]], rate: float) -> list[Call]:
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for each in opened:
        free.put_nowait(each)

    async def post(phone: str, request: bytes, due_at: float) -> Call:
        connection = await free.get()
        call = await _call(connection, phone, request, due_at)
        free.put_nowait(connection)
        return call

    started_at, tasks = time.monotonic(), []
    for place, (phone, request) in enumerate(prepared):
        due_at = started_at + place / rate
        await asyncio.sleep(due_at - time.monotonic())
        tasks.append(asyncio.create_task(post(phone, request, due_at)))
    return list(await asyncio.gather(*tasks))


async def _call(connection: Connection, phone: str, request: bytes, due_at: float) -> Call:
    status = await connection.post(request)
    return Call(phone, due_at, time.monotonic() - due_at, status)


def _length(head: bytes) -> int:
    lower = head.lower()
    place = lower.find(LENGTH)
    return int(lower[place + len(LENGTH) :].split(b"\r", 1)[0]) if place >= 0 else 0


def main(order: str) -> None:
    """Print what came of an order."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        calls = runner.run(post_all(msgspec.json.decode(order, type=Order)))
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:  # buffered, whatever the environment says
        out.write(msgspec.json.encode(calls))


if __name__ == "__main__":
    main(sys.argv[1])
