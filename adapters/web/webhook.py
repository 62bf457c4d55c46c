"""The door: what Meta posts is checked, made durable, and only then answered with 200."""

from datetime import UTC, datetime

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import MediaType

from adapters.keeping import Keeper, NotKept
from adapters.spool import Record
from adapters.whatsapp import receive

LARGEST_BODY = 4 * 1024 * 1024
SIGNATURE = "x-hub-signature-256"
PLAIN = {"X-Content-Type-Options": "nosniff"}


class Door(State):
    """What the webhook needs: the way in, and the two secrets of the Meta app."""

    keeper: Keeper
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
    record = Record(datetime.now(UTC), body)
    try:
        await state.keeper.keep(record, receive.decode(body, record.arrived_at))
    except NotKept:
        return answer(503, "The store is away; please send this again.")
    return answer(200, "OK")


def answer(status: int, words: str) -> Response[str]:
    """Return a sentence as plain text, which no browser takes for anything else."""
    return Response(f"{words}\n", status_code=status, headers=PLAIN, media_type=MediaType.TEXT)
