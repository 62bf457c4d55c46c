"""Let time pass in the demo: the clock cannot be moved, so the past is.

Every moment in the records of chats, contacts and numbers is put back, and so are timers and rows that wait.
It is for the demo's own store only: nobody else may work there meanwhile.
"""

from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import redis.asyncio
from msgspec import Struct
from msgspec.structs import replace

from adapters.records import packed, read_chat, read_contact, read_number, read_row
from adapters.store.keys import key


def put_back(value: Any, span: timedelta) -> Any:
    """Return a value with every moment in it put back."""
    match value:
        case datetime():
            return value - span
        case Struct():
            return replace(value, **{name: put_back(getattr(value, name), span) for name in value.__struct_fields__})
        case tuple():
            return tuple(put_back(each, span) for each in value)
        case _:
            return value


async def pass_time(client: "redis.asyncio.Redis", business: str, span: timedelta) -> None:
    """Put the whole past of a business back."""
    ms = round(span.total_seconds() * 1000)
    for name in await _keys(client, key(business, "s", "*")):
        subject = name.decode().partition(":s:")[2]
        await _rewrite(client, name, "state", read_chat if "/" in subject else read_number, span)
        await client.hincrby(name, "ver", 1)
    for name in await _keys(client, key(business, "c", "*")):
        await _rewrite(client, name, "state", read_contact, span)
    for name in await _keys(client, key(business, "r", "*")):
        await _rewrite(client, name, "blob", read_row, span)
    waiting = [await _keys(client, key(business, name, "*")) for name in ("ready", "todo")]
    for pile in [key(business, "timers"), *chain.from_iterable(waiting)]:
        for member in await client.execute_command("ZRANGE", pile, 0, -1):
            await client.execute_command("ZINCRBY", pile, -ms, member)


async def _keys(client: "redis.asyncio.Redis", pattern: str) -> list[bytes]:
    return [name async for name in client.scan_iter(pattern.replace("[", r"\["))]


async def _rewrite(client: "redis.asyncio.Redis", name: bytes, field: str, read: Any, span: timedelta) -> None:
    blob = await client.hget(name, field)
    if blob:
        await client.hset(name, field, packed(put_back(read(blob), span)))
