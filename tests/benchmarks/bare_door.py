"""What could a webhook cost at best, written straight away? The floor that Baton's own is compared with.

It checks the signature, decodes the body and appends it with one script call through redis.asyncio. It knows no
contacts and decides nothing. `python -m tests.benchmarks.bare_door FD STORE_URL SECRET`
"""

import hashlib
import hmac
import socket
import sys
from typing import Any

import msgspec
import redis.asyncio
import uvicorn
from litestar import Litestar, Request, Response, post
from litestar.enums import MediaType
from msgspec import Struct

SCRIPT = """#!lua
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return 0 end
return redis.call('RPUSH', KEYS[2], ARGV[2])
"""


class Message(Struct):
    """The one field that de-duplication needs."""

    id: str


class Value(Struct):
    """Where messages are."""

    messages: list[Message] = []


class Change(Struct):
    """One change."""

    value: Value


class Entry(Struct):
    """One entry."""

    changes: list[Change]


class Webhook(Struct):
    """A whole body."""

    entry: list[Entry]


DECODER = msgspec.json.Decoder(Webhook)


@post("/webhook", status_code=200, media_type=MediaType.TEXT)
async def events(request: Request[Any, Any, Any]) -> Response[str]:
    """Take one webhook in."""
    state = request.app.state
    body = await request.body()
    expected = hmac.new(state.secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"sha256={expected}", request.headers["x-hub-signature-256"]):
        return Response("No.\n", status_code=401)
    key = DECODER.decode(body).entry[0].changes[0].value.messages[0].id
    await state.client.evalsha(state.sha, 2, "seen", "inbox", key, body)
    return Response("OK\n")


def main(descriptor: int, store_url: str, secret: str) -> None:
    """Serve until told to stop."""
    client = redis.asyncio.Redis.from_url(store_url)
    app = Litestar(route_handlers=[events], openapi_config=None)
    app.state.secret, app.state.client = secret.encode(), client

    async def load() -> None:
        app.state.sha = await client.script_load(SCRIPT)

    app.on_startup.append(load)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
