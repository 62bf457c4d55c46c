"""The door: what Meta posts is checked, made durable, and only then answered with 200."""

import asyncio
from datetime import UTC, datetime

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import MediaType
from redis.exceptions import RedisError

from adapters.intake import Intake
from adapters.live import NotLive
from adapters.whatsapp import receive
from adapters.whatsapp.receive import Batch

log = structlog.get_logger()

LARGEST_BODY = 4 * 1024 * 1024
STORE_S = 1.0
STORE_S_FOR_EACH = 0.005
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
    token = request.app.state.verify_token
    if not receive.knows_word(request.query_params, token):
        return answer(403, "The verify token does not fit.")
    challenge = receive.challenge(request.query_params, token)
    if challenge is None:
        return answer(400, "A challenge is made of letters and digits.")
    return Response(challenge, status_code=200, headers=PLAIN)


@post("/webhook", status_code=200, media_type=MediaType.TEXT, exclude_from_csrf=True)
async def events(request: Request[None, None, Door]) -> Response[str]:
    """Take events in; 200 means that they are durable, and whatever cannot be used is kept aside with 200, too."""
    state = request.app.state
    if request.headers.get("content-encoding", "identity") != "identity":
        return answer(415, "Please send the body as it is, not packed.")
    signatures = request.headers.getall(SIGNATURE, [])
    if len(signatures) != 1:  # of two, whoever put the second one there might have meant another to be checked
        return answer(401, "There should be one signature.")
    body = await request.body()
    if not receive.signed(state.app_secret.encode(), body, signatures[0]):
        return answer(401, "The signature does not fit.")
    batch = receive.decode(body, datetime.now(UTC))
    try:
        async with asyncio.timeout(_patience(batch)):
            await state.intake.take(batch)
    except (RedisError, OSError, TimeoutError, NotLive) as error:
        log.warning("webhook_not_taken", error=type(error).__name__)
        return answer(503, "The store is away; please send this again.")
    return answer(200, "OK")


def answer(status: int, words: str) -> Response[str]:
    """Return a sentence as plain text, which no browser takes for anything else."""
    return Response(f"{words}\n", status_code=status, headers=PLAIN, media_type=MediaType.TEXT)


def _patience(batch: Batch) -> float:
    """Return how many seconds the store may take: Meta counts above one as slow, but a thousand items need more."""
    return STORE_S + STORE_S_FOR_EACH * (len(batch.items) + len(batch.bad))
