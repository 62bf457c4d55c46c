"""The door: what Meta posts is checked, made durable, and only then answered with 200."""

from datetime import UTC, datetime
from typing import cast

from litestar import Request, asgi
from litestar.datastructures import State
from litestar.types import HTTPScope, Receive, Scope, Send

from adapters.keeping import Keeper, NotKept
from adapters.spool import Record
from adapters.whatsapp import receive as meta

LARGEST_BODY = 4 * 1024 * 1024
SIGNATURE = b"x-hub-signature-256"

_HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),  # no browser takes an answer for anything else
    (b"allow", b"GET, POST"),
)

Answer = tuple[int, str]
"""A status and a sentence."""


class Door(State):
    """What the webhook needs: the way in, and the two secrets of the Meta app."""

    keeper: Keeper
    app_secret: str
    verify_token: str


class TooLarge(Exception):  # noqa: N818 - it says what is the matter
    """Raised for a body that is larger than any of Meta's."""


class Gone(Exception):  # noqa: N818 - it says what is the matter
    """Raised when whoever knocked went away."""


# Bare ASGI: Litestar's request and response would cost more than all that is done here.
@asgi("/webhook", copy_scope=False)
async def webhook(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer Meta: what it posts, and its handshake."""
    asked = cast("HTTPScope", scope)
    try:
        status, words = await _answer(asked, receive, cast("Door", asked["app"].state))
    except Gone:
        return
    body = words.encode()
    headers = (*_HEADERS, (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _answer(asked: HTTPScope, receive: Receive, state: Door) -> Answer:
    match asked["method"]:
        case "POST":
            return await _events(asked, receive, state)
        case "GET":
            return _handshake(asked, state)
        case _:
            return 405, "There is something to get or to post here, nothing else.\n"


async def _events(asked: HTTPScope, receive: Receive, state: Door) -> Answer:
    """Take events in; 200 means that they are durable, and whatever cannot be used is kept aside with 200, too."""
    if any(name == b"content-encoding" and value != b"identity" for name, value in asked["headers"]):
        return 415, "Please send the body as it is, not packed.\n"
    signatures = [value for name, value in asked["headers"] if name == SIGNATURE]
    if len(signatures) != 1:  # of two, whoever put the second one there might have meant another to be checked
        return 401, "There should be one signature.\n"
    try:
        body = await _body(asked, receive)
    except TooLarge:
        return 413, "The body is larger than any of Meta's.\n"
    if not meta.signed(state.app_secret.encode(), body, signatures[0]):
        return 401, "The signature does not fit.\n"
    record = Record(datetime.now(UTC), body)
    try:
        await state.keeper.keep(record, meta.decode(body, record.arrived_at))
    except NotKept:
        return 503, "The store is away; please send this again.\n"
    return 200, "OK\n"


async def _body(asked: HTTPScope, receive: Receive) -> bytes:
    """Return the whole body; one that says that it is too large is not even read."""
    if any(name == b"content-length" and int(value) > LARGEST_BODY for name, value in asked["headers"]):
        raise TooLarge
    parts: list[bytes] = []
    more, size = True, 0
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        parts.append(message["body"])
        more, size = message["more_body"], size + len(message["body"])
        if size > LARGEST_BODY:
            raise TooLarge
    return b"".join(parts)


def _handshake(asked: HTTPScope, state: Door) -> Answer:
    """Answer Meta's handshake with its challenge, if it knows our word."""
    query = Request[None, None, Door](asked).query_params
    if not meta.knows_word(query, state.verify_token):
        return 403, "The verify token does not fit.\n"
    challenge = meta.challenge(query, state.verify_token)
    if challenge is None:
        return 400, "A challenge is made of letters and digits.\n"
    return 200, challenge
