"""The door: what Meta posts is checked, made durable, and only then answered with 200."""

import asyncio
from datetime import UTC, datetime

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import MediaType
from redis.exceptions import RedisError

from adapters.intake import Intake
from adapters.whatsapp import receive

log = structlog.get_logger()

LARGEST_BODY = 4 * 1024 * 1024
BODY_S = 10.0
STORE_S = 2.0
SIGNATURE = "x-hub-signature-256"
PLAIN = {"X-Content-Type-Options": "nosniff"}


class Door(State):
    """What the webhook needs: the way in, and the two secrets of the Meta app."""

    intake: Intake
    app_secret: str
    verify_token: str


@get("/webhook", media_type=MediaType.TEXT, sync_to_thread=False)
def verify(request: Request[None, None, Door]) -> Response[str]:
    """Answer Meta's handshake with its challenge, if it knows our word."""
    challenge = receive.challenge(request.query_params, request.app.state.verify_token)
    if challenge is None:
        return Response("The verify token does not fit.\n", status_code=403, headers=PLAIN)
    return Response(challenge, status_code=200, headers=PLAIN)


@post("/webhook", status_code=200, media_type=MediaType.TEXT, exclude_from_csrf=True)
async def events(request: Request[None, None, Door]) -> Response[str]:
    """Take events in; 200 means that they are durable, and whatever cannot be used is kept aside with 200, too."""
    state = request.app.state
    refused = _refused(request)
    if refused is not None:
        return refused
    try:
        body = await asyncio.wait_for(request.body(), BODY_S)
    except TimeoutError:
        return _answer(408, "The body took too long.")
    signatures = request.headers.getall(SIGNATURE, [])
    if len(signatures) != 1 or not receive.signed(state.app_secret.encode(), body, signatures[0]):
        return _answer(401, "The signature does not fit.")
    try:
        await asyncio.wait_for(state.intake.take(receive.decode(body, datetime.now(UTC))), STORE_S)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("store_away", error=type(error).__name__)
        return _answer(503, "The store is away; please send this again.")
    return _answer(200, "OK")


def _refused(request: Request[None, None, Door]) -> Response[str] | None:
    if request.headers.get("content-encoding", "identity") != "identity":
        return _answer(415, "Please send the body as it is, not packed.")
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > LARGEST_BODY:
        return _answer(413, "The body is larger than 4 MB.")
    return None


def _answer(status: int, words: str) -> Response[str]:
    return Response(f"{words}\n", status_code=status, headers=PLAIN, media_type=MediaType.TEXT)
