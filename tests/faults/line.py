"""How is a connection broken between two processes that notice nothing of us?

A `Line` passes bytes on between whoever connects and a port. It can be frozen, in one direction too, cut or refuse, and
it catches the moment a script of the store is asked for, or has been: then the process behind that connection hangs
exactly there, and may be killed.
"""

import asyncio
import os
import signal
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

from adapters.store.scripts import bounded, load

CHUNK = 1 << 16
SO_TIMESTAMPNS = 35
"""Of Linux: the kernel notes when bytes arrived, so that a busy reader counts right. man 7 socket"""
_RESET = struct.pack("ii", 1, 0)

Way = Literal["up", "down"]
Where = Literal["request", "reply"]


class Trap(Struct):
    """Waits for a command; `needles` must all be in it, of those in one tuple any."""

    needles: Sequence[tuple[bytes, ...]]
    where: Where
    caught: "asyncio.Future[Link]"

    def meets(self, data: bytes) -> bool:
        """Tell whether this is what it waits for."""
        return all(any(each in data for each in one) for one in self.needles)


class Link:
    """One connection that passes through a line."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near = near
        self.far = far
        self.flows: dict[Way, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        for each in self.flows.values():
            each.set()
        self.port = near.getpeername()[1]
        self.tasks: list[asyncio.Task[None]] = []

    def pid(self) -> int:
        """Return the process that connected."""
        return process_behind(self.port)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to whoever connected, 0 if they are gone; after a kill nothing more of it is passed on."""
        pid = self.pid()
        if pid:
            os.kill(pid, number)
        if number is signal.SIGKILL:
            self.close()
        return pid

    def release(self) -> None:
        """Pass on what was held back."""
        for each in self.flows.values():
            each.set()

    def close(self) -> None:
        """Cut it; nobody gets another byte."""
        for task in self.tasks:
            task.cancel()
        for each in (self.near, self.far):
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            each.close()


class Line:
    """Passes connections on to a port of this machine, until it is told otherwise."""

    def __init__(self, target: int) -> None:
        """Prepare; `target` may be changed, which later connections follow."""
        self.target = target
        self.port = 0
        self.departures: list[float] = []
        self.links: list[Link] = []
        self.passed = 0
        self._flows: dict[Way, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._traps: list[Trap] = []
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._resets = False
        self.thaw()

    async def open(self) -> None:
        """Take connections, always on the same port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(1024)
        listener.setblocking(False)  # noqa: FBT003 - as it is called there
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._accepting = asyncio.create_task(self._accept(listener))

    def refuse(self) -> None:
        """Take no connection and cut those there are; `open` ends it."""
        if self._accepting is not None:
            self._accepting.cancel()
        if self._listener is not None:
            self._listener.close()
        self._listener = self._accepting = None
        self.cut()

    def reset(self, *, on: bool) -> None:
        """Cut each connection as soon as its first bytes come, before they are passed on."""
        self._resets = on

    def cut(self) -> None:
        """Cut what is connected."""
        for link in self.links:
            link.close()
        self.links.clear()

    def freeze(self, *ways: Way) -> None:
        """Pass nothing on, one way or both."""
        for way in ways or ("up", "down"):
            self._flows[way].clear()

    def thaw(self) -> None:
        """Pass everything on again."""
        for each in self._flows.values():
            each.set()

    async def catch(self, script: str, where: Where, also: bytes = b"", seconds: float = 30) -> Link:
        """Wait until a script is asked for; its request or its reply is held back until the link is released."""
        shas = tuple(each.sha.encode() for each in (load(script), bounded(load(script))))
        return await self.catch_words([shas, (also,)] if also else [shas], where, seconds)

    async def catch_words(self, needles: Sequence[tuple[bytes, ...]], where: Where, seconds: float = 30) -> Link:
        """Do the same for words, any of each tuple."""
        trap = Trap(needles, where, asyncio.get_running_loop().create_future())
        self._traps.append(trap)
        try:
            return await asyncio.wait_for(trap.caught, seconds)
        finally:
            if trap in self._traps:
                self._traps.remove(trap)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(listener)
            near.setblocking(False)  # noqa: FBT003 - as it is called there
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far = socket.socket()
            far.setblocking(False)  # noqa: FBT003 - as it is called there
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                await loop.sock_connect(far, ("127.0.0.1", self.target))
                link = Link(near, far)
            except OSError:
                near.close()
                far.close()
                continue
            self.links.append(link)
            link.tasks = [asyncio.create_task(self._pump(link, "up")), asyncio.create_task(self._pump(link, "down"))]

    async def _pump(self, link: Link, way: Way) -> None:
        source, sink = (link.near, link.far) if way == "up" else (link.far, link.near)
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while data := await self._read(source, way):
                if way == "up" and self._resets:
                    break
                if way == "up":
                    self._look(link, data)
                await link.flows[way].wait()
                await self._flows[way].wait()
                await loop.sock_sendall(sink, data)
                self.passed += len(data)
        if link in self.links:
            self.links.remove(link)
            link.close()

    async def _read(self, source: socket.socket, way: Way) -> bytes:
        while True:
            try:
                data, notes, _, _ = source.recvmsg(CHUNK, 256)
            except BlockingIOError:
                await _readable(source)
                continue
            if way == "up" and data.startswith(b"POST "):
                self.departures.append(_arrived(notes))
            return data

    def _look(self, link: Link, data: bytes) -> None:
        for trap in self._traps:
            if trap.meets(data) and not trap.caught.done():
                link.flows["up" if trap.where == "request" else "down"].clear()
                trap.caught.set_result(link)
                return


def process_behind(port: int) -> int:
    """Return the process that has a connection from this port, of several the youngest; 0 if there is none."""
    wanted = f"{port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    inodes = {f"socket:[{each[9]}]" for each in lines if each[1].endswith(f":{wanted}") and each[9] != "0"}
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                found += [int(each.name) for name in (each / "fd").iterdir() if name.readlink().name in inodes]
    return max((pid for pid in found if pid != os.getpid()), default=0)


async def _readable(source: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    number = source.fileno()
    if number < 0:
        raise OSError("closed")
    loop.add_reader(number, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(number)


def _arrived(notes: Sequence[tuple[int, int, bytes]]) -> float:
    for level, kind, data in notes:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return float(seconds + nanoseconds / 1e9)
    return time.time()
