"""Does this store keep what it has acknowledged?

Baton answers 200 to Meta once an event is in the store, and Meta then forgets it. So the store must write each command
to disk before it answers, and must never throw keys away. `check` asks it, by `CONFIG` and where a hosted store forbids
that by `INFO`, and says in whole sentences what is missing. Use it before the first event, not on the way of one.
"""

from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio
from msgspec import Struct
from redis.exceptions import ResponseError

OLDEST_REDIS = (7, 0)
CONFIG_NAMES = ("maxmemory-policy", "appendonly", "appendfsync")
INFO_NAMES = {"maxmemory-policy": "maxmemory_policy", "appendonly": "aof_enabled"}
ALLOW = "or set `BATON_ALLOW_VOLATILE=1` if losing messages is acceptable"


class Shortfall(Struct, frozen=True):
    """One thing that the store does not promise; the operator may waive some, but not all."""

    sentence: str
    may_be_waived: bool = False


def check(client: redis.Redis, *, allow_volatile: bool = False) -> tuple[str, ...]:
    """Return a sentence for each reason to refuse this store; none means it is durable."""
    info = client.info()
    try:
        config = client.config_get(*CONFIG_NAMES)
    except ResponseError:
        config = {}
    return _sentences(shortfalls(info, config), allow_volatile=allow_volatile)


async def check_async(client: redis.asyncio.Redis, *, allow_volatile: bool = False) -> tuple[str, ...]:
    """Do the same as `check` over a connection of an event loop."""
    info = await client.info()
    try:
        config = await client.config_get(*CONFIG_NAMES)
    except ResponseError:
        config = {}
    return _sentences(shortfalls(info, config), allow_volatile=allow_volatile)


def shortfalls(info: Mapping[str, Any], config: Mapping[Any, Any]) -> tuple[Shortfall, ...]:
    """Compare what the store says about itself with what Baton relies on."""
    known = _known(info, config)
    log = _log(known.get("appendonly"))  # without a log there is nothing to sync
    settings = (_policy(known.get("maxmemory-policy")), log or _fsync(known.get("appendfsync")))
    found = (_age(info), _whole(info), _first(info), *settings)
    return tuple(each for each in found if each)


def _sentences(found: tuple[Shortfall, ...], *, allow_volatile: bool) -> tuple[str, ...]:
    return tuple(each.sentence for each in found if not (allow_volatile and each.may_be_waived))


def _known(info: Mapping[str, Any], config: Mapping[Any, Any]) -> dict[str, str]:
    """Merge both answers into text: `CONFIG` wins, `INFO` fills in what was forbidden."""
    known = {name: _text(info[field]) for name, field in INFO_NAMES.items() if field in info}
    if "appendonly" in known:
        known["appendonly"] = "yes" if known["appendonly"] == "1" else "no"
    return known | {_text(name): _text(value) for name, value in config.items()}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _age(info: Mapping[str, Any]) -> Shortfall | None:
    version = _text(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2] if part.isdecimal()) >= OLDEST_REDIS:
        return None
    return Shortfall(
        f"The store speaks Redis {version}, and Baton needs 7.0 or newer: update it (Valkey will do, too)."
    )


def _whole(info: Mapping[str, Any]) -> Shortfall | None:
    if not int(info.get("cluster_enabled", 0)):
        return None
    return Shortfall("The store is a cluster, and Baton needs one server that holds everything: use one without.")


def _first(info: Mapping[str, Any]) -> Shortfall | None:
    if _text(info.get("role", "master")) == "master":
        return None
    return Shortfall("The store is a replica, which takes nothing: `BATON_REDIS_URL` must lead to its master.")


def _policy(value: str | None) -> Shortfall | None:
    if value == "noeviction":
        return None
    return Shortfall(
        f"The store's `maxmemory-policy` is {_named(value)}, so it may throw chats away: set it to `noeviction`."
    )


def _log(value: str | None) -> Shortfall | None:
    if value == "yes":
        return None
    return Shortfall(
        f"The store's `appendonly` is {_named(value)}, so a restart may lose messages: set it to `yes`, {ALLOW}.",
        may_be_waived=True,
    )


def _fsync(value: str | None) -> Shortfall | None:
    if value == "always":
        return None
    return Shortfall(
        f"The store's `appendfsync` is {_named(value)}, so a power cut may lose the last messages: "
        f"set it to `always`, {ALLOW}.",
        may_be_waived=True,
    )


def _named(value: str | None) -> str:
    return f"`{value}`" if value else "not readable for us"
