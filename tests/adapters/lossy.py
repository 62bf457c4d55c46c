"""The way to a store that loses an answer: the script ran, and whoever asked never hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.store.scripts import load

MOST = 1 << 16


class Lossy:
    """Passes everything on, but some answers to a script, which are lost with their connection."""

    def __init__(self, store_url: str, script: str, losses: int) -> None:
        """Nothing passes yet."""
        self.lost = 0
        self._losses = losses
        self._sha = load(script).sha.encode()
        self._target = urlsplit(store_url)

    async def passing(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        there_reader, there_writer = await self._connected()
        back = asyncio.create_task(_pump(there_reader, writer))
        with suppress(OSError):
            while sent := await reader.read(MOST):
                if self._sha in sent and self.lost < self._losses:
                    self.lost += 1
                    back.cancel()
                    there_writer.write(sent)
                    await asyncio.sleep(0.05)  # it does run
                    break
                there_writer.write(sent)
                await there_writer.drain()
        back.cancel()
        writer.close()
        there_writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._target.scheme == "unix":
            return await asyncio.open_unix_connection(unquote(self._target.path))
        return await asyncio.open_connection(self._target.hostname, self._target.port or 6379)


@asynccontextmanager
async def lossy(store_url: str, folder: Path, script: str, losses: int = 1) -> AsyncIterator[tuple[str, Lossy]]:
    """Give the URL of a lossy way to a store, and the way itself."""
    found = Lossy(store_url, script, losses)
    path = folder / "lossy.sock"
    server = await asyncio.start_unix_server(found.passing, path)
    try:
        target = urlsplit(store_url)
        database = target.query or f"db={target.path.removeprefix('/') or 0}"
        who = target.netloc.rpartition("@")[0]
        yield f"unix://{who}{'@' if who else ''}{path}?{database}", found
    finally:
        server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while received := await reader.read(MOST):
            writer.write(received)
            await writer.drain()
    writer.close()
