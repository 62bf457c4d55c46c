"""Another system, as flows ask it: a server of our own on 127.0.0.1."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

ORDER = {"delivery": {"eta": "noon"}}


class Elsewhere:
    """Answers by path, and remembers what it was asked: method, path, headers and body."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.begun = asyncio.Event()
        self.port = 0
        self.fails = 0
        self.slow_s = 0.0

    @property
    def keys(self) -> list[str]:
        """The keys under which it was asked."""
        return [headers["Idempotency-Key"] for _, _, headers, _ in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:  # noqa: C901 - a case a path
        """Answer the way the path says."""
        self.asked.append((request.method, request.path_qs, dict(request.headers), await request.text()))
        self.begun.set()
        if self.fails:
            self.fails -= 1
            return web.json_response({}, status=503)
        await asyncio.sleep(self.slow_s)
        match request.path.split("/")[1]:
            case "missing":
                return web.json_response({"why": "unknown"}, status=404)
            case "slow":
                await asyncio.sleep(5)
            case "html":
                return web.Response(text="<p>Hello</p>", content_type="text/html")
            case "large":
                return web.Response(text=f'"{"x" * 70_000}"')
            case "deep":
                return web.Response(text="[" * 30_000 + "]" * 30_000)
            case "empty":
                return web.Response(status=204)
            case "packed":
                response = web.json_response({"a": "x" * 60_000})
                response.enable_compression(web.ContentCoding.gzip)
                return response
            case "elsewhere":
                raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")
            case "drip":
                return await self._drip(request)
            case "endless":
                return await self._endless(request)
            case "cut":
                assert request.transport is not None
                request.transport.close()
        return web.json_response(ORDER)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b"x" * 65_536)
        return response

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.05)
        return response


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Give a system that runs."""
    found = Elsewhere()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    try:
        yield found
    finally:
        await runner.cleanup()
