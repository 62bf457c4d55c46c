"""The web application: the webhook and the health pages."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType
from redis.exceptions import RedisError

from adapters.settings import read
from adapters.web import webhook
from adapters.wiring import parts


@get("/healthz", media_type=MediaType.TEXT, sync_to_thread=False)
def alive() -> str:
    """Tell that the process answers."""
    return "alive\n"


@get("/readyz", media_type=MediaType.TEXT)
async def ready(request: Request[None, None, webhook.Door]) -> Response[str]:
    """Tell whether events would be taken: the store answers and something is live."""
    try:
        businesses = await asyncio.wait_for(request.app.state.live.businesses(), 2)
    except (RedisError, OSError, TimeoutError):
        return Response("The store is away.\n", status_code=503)
    if not businesses:
        return Response("Nothing is live. Publish a folder: baton publish FOLDER\n", status_code=503)
    return Response("ready\n", status_code=200)


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    settings = read(os.environ)
    async with parts(settings) as built:
        app.state.intake, app.state.live = built.intake, built.live
        app.state.app_secret, app.state.verify_token = settings.app_secret, settings.verify_token
        gc.collect()
        gc.freeze()
        yield
        await built.intake.close()


def create() -> Litestar:
    """Return the application; its settings come from the environment."""
    return Litestar(
        route_handlers=[webhook.verify, webhook.events, alive, ready],
        lifespan=[_lifespan],
        request_max_body_size=webhook.LARGEST_BODY,
        openapi_config=None,
        debug=False,
    )
