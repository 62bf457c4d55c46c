"""Could anybody on the internet read what is in this store, and write into it?"""

import asyncio
import socket
from urllib.parse import parse_qs, urlsplit

from adapters.hosts import is_public

PORT = 6379
OPEN = (
    "The store at `BATON_REDIS_URL` has a public address and is used without a password, so anybody could read the "
    "chats: give it one (`requirepass`, and `redis://:password@…` here), or a private address."
)


async def exposed(url: str) -> tuple[str, ...]:
    """Return why a store that answered should not be used; nothing if it asks who comes, or is not public."""
    place = urlsplit(url)
    if place.hostname is None or place.password or "ssl_certfile" in parse_qs(place.query):
        return ()
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(place.hostname, place.port or PORT, type=socket.SOCK_STREAM)
    return (OPEN,) if any(is_public(str(address[0])) for *_, address in found) else ()
