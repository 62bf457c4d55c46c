"""The web application: the webhook, and the pages for those who run it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

import structlog
from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from redis.exceptions import RedisError

from adapters import durability, garbage
from adapters.replay import Replay
from adapters.settings import read
from adapters.web import webhook
from adapters.web.metrics import metrics
from adapters.wiring import parts

log = structlog.get_logger()

READY_S = 0.5
PLAIN = {"X-Content-Type-Options": "nosniff"}
SPOOLING = "ready, spooling: events wait on this machine's disk until the store takes them"


@get("/healthz", media_type=MediaType.TEXT, sync_to_thread=False)
def alive() -> str:
    """Tell that the process answers."""
    return "alive\n"


@get("/readyz", media_type=MediaType.TEXT)
async def ready(request: Request[None, None, webhook.Door]) -> Response[str]:
    """Tell whether events would be taken: the store answers, keeps what it is given, and something is live."""
    state = request.app.state
    try:
        async with asyncio.timeout(READY_S):
            missing = await durability.check_async(state.store.client, allow_volatile=state.allow_volatile)
            businesses = await state.live.businesses()
    except (RedisError, OSError, TimeoutError):
        if state.keeper.may_spool():
            return answer(200, SPOOLING)
        return answer(503, "The store is away.")
    if missing:
        return answer(503, "\n".join(missing))
    if not businesses:
        return answer(503, "Nothing is live. Publish a folder: baton publish FOLDER")
    return answer(200, "\n".join((SPOOLING if state.keeper.is_spooling() else "ready", *state.watch.words())))


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    settings = read(os.environ)
    async with parts(settings) as built:
        app.state.keeper, app.state.live, app.state.store = built.keeper, built.live, built.store
        app.state.app_secret, app.state.verify_token = settings.app_secret, settings.verify_token
        app.state.allow_volatile, app.state.watch = settings.allow_volatile, built.watch
        garbage.began()
        async with _replaying(built.replay):
            yield
        await built.intake.close()


@asynccontextmanager
async def _replaying(replay: Replay | None) -> AsyncIterator[None]:
    """Bring to the store what waits on disk, if this machine has a place for that."""
    task = asyncio.create_task(replay.run()) if replay else None
    yield
    if task:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def create() -> Litestar:
    """Return the application; its settings come from the environment."""
    return Litestar(
        route_handlers=[webhook.webhook, alive, ready, metrics],
        lifespan=[_lifespan],
        exception_handlers={HTTPException: _refused, Exception: _failed},
        openapi_config=None,
        debug=False,
    )


def answer(status: int, words: str) -> Response[str]:
    """Return a sentence as plain text, which no browser takes for anything else."""
    return Response(f"{words}\n", status_code=status, headers=PLAIN, media_type=MediaType.TEXT)


def _refused(_request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    """Answer what the framework refuses in its own words for the status, which quote nothing."""
    refusal = answer(error.status_code, HTTPStatus(error.status_code).phrase)
    refusal.headers.update(error.headers or {})
    return refusal


def _failed(_request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """Answer what should not have happened; it was not acknowledged, so Meta sends it again."""
    log.error("request_failed", exc_info=error)
    return answer(500, "Something went wrong here; please send this again.")
