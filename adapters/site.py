"""Set up one machine: its store, what is live on it, and the processes that run."""

import asyncio
import errno
import getpass
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import redis.asyncio
import structlog
from msgspec.structs import replace

from adapters import durability, unreached
from adapters.embedded import EmbeddedStore, EmbeddedStoreFailure
from adapters.exposure import exposed
from adapters.lists import lists_of
from adapters.processes import Child, Supervisor
from adapters.publish import Published, publish
from adapters.rings import IMPORT, SEND, WORK
from adapters.settings import Settings, secrets_missing
from adapters.spool import Spool, SpoolFailure
from adapters.store import Store
from adapters.unasked import unmet_by_what_is_live
from adapters.watch import AnotherStore, Watch
from adapters.wiring import connect, parts

log = structlog.get_logger()

ENSURE_EVERY_S = 1.0
LISTEN_S = 3.0
LISTEN_AGAIN_S = 0.1
NOT_OURS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class CannotStart(Exception):  # noqa: N818 - a sentence for the operator
    """Why Baton does not start, as whole sentences."""


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Settings]:
    """Give settings with a store that answers and keeps what it is given; an embedded one is kept up meanwhile."""
    if settings.redis_url:
        await _durable(settings.redis_url, settings)
        yield settings
        return
    with EmbeddedStore(settings.data) as embedded:
        keeper = asyncio.create_task(_keep_up(embedded))
        try:
            yield replace(settings, redis_url=embedded.url)
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper


async def go_live(settings: Settings, folder: Path, *, only_if_nothing_is_live: bool) -> Published:
    """Publish a folder into the store of these settings."""
    connection = connect(settings.redis_url or "")
    try:
        return await publish(
            Store(connection),
            folder,
            lists_of(settings),
            by=getpass.getuser(),
            only_if_nothing_is_live=only_if_nothing_is_live,
        )
    finally:
        await connection.aclose()


async def put_lists(settings: Settings) -> None:
    """Let the country lists of these settings be in force; what was judged with others is judged again."""
    connection = connect(settings.redis_url or "")
    try:
        store, digest = Store(connection), lists_of(settings).digest
        for business in await store.businesses():
            await store.put_lists(business, digest)
    finally:
        await connection.aclose()


async def unmet(settings: Settings) -> list[str]:
    """Return what the `http` steps that are live need and these settings do not give."""
    connection = connect(settings.redis_url or "")
    try:
        return await unmet_by_what_is_live(Store(connection), settings)
    finally:
        await connection.aclose()


async def check_secrets(settings: Settings) -> None:
    """Refuse to serve without the secrets; raises `CannotStart`."""
    connection = connect(settings.redis_url or "")
    try:
        missing = secrets_missing(settings, await Store(connection).numbers())
    finally:
        await connection.aclose()
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        raise CannotStart(f"Set {names} first; `baton settings` says what they are.")


def check_spool(settings: Settings) -> None:
    """Refuse to serve with a spool that cannot be used; raises `CannotStart`."""
    if settings.spool is None:
        return
    try:
        Spool(settings.spool).close()
    except SpoolFailure as failure:
        raise CannotStart(str(failure)) from failure


async def run(settings: Settings, children: list[Child]) -> None:
    """Run child processes and the tick until this process is told to stop."""
    async with parts(settings) as built, asyncio.TaskGroup() as running:
        await built.watch.look(built.store)  # whichever store this is, it stays so for all our processes
        supervisor = Supervisor(children, environment(replace(settings, store_id=built.watch.store)))
        supervisor.listen()
        running.create_task(built.tick().run(supervisor.stopping))
        running.create_task(supervisor.run())


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of child processes: ours, with the store that was found and the secrets in force."""
    return {
        **os.environ,
        "BATON_REDIS_URL": settings.redis_url or "",
        "BATON_STORE_ID": settings.store_id,
        "BATON_GRAPH_URL": settings.graph_url,
        "BATON_APP_SECRET": settings.app_secret,
        "BATON_VERIFY_TOKEN": settings.verify_token,
        "BATON_ACCESS_TOKEN": settings.access_token,
        "BATON_CONVERSIONS": settings.conversions.value,
        "BATON_DATASET_ID": settings.dataset_id,
    }


def listen(host: str, port: int) -> socket.socket:
    """Open the socket that all web processes share; raises `CannotStart` when it is taken.

    It is asked for again for a while: the web processes of a parent that was killed take a moment to end.
    """
    ends_at = time.monotonic() + LISTEN_S
    while True:
        try:
            return _listening(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > ends_at:
                option = "--host" if isinstance(error, socket.gaierror) or error.errno in NOT_OURS else "--port"
                words = f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with {option}."
                raise CannotStart(words) from error
        time.sleep(LISTEN_AGAIN_S)


def _listening(host: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(1024)
    except OSError:
        opened.close()
        raise
    opened.set_inheritable(True)
    return opened


def web_children(opened: socket.socket, count: int) -> list[Child]:
    """Return the web processes."""
    descriptor = opened.fileno()
    arguments = ("-m", "adapters.web", str(descriptor))
    return [Child(f"web {each + 1}", arguments, (descriptor,)) for each in range(count)]


def worker_children(count: int) -> list[Child]:
    """Return the RQ workers: so many of the queue `send`, and if there are any, one of `work` and one of `import`."""
    sending = [Child(f"{SEND} {each + 1}", ("-m", "adapters.worker", SEND)) for each in range(count)]
    others = [Child(name, ("-m", "adapters.worker", name)) for name in (WORK, IMPORT)]
    return [*sending, *others] if count else []


async def _durable(url: str, settings: Settings) -> None:
    connection = connect(url, watch=Watch(settings.store_id) if settings.store_id else None)
    try:
        found = await durability.check_async(connection, allow_volatile=settings.allow_volatile) + await exposed(url)
    except AnotherStore as other:
        raise CannotStart(
            f"The store at `BATON_REDIS_URL` is not the one that `BATON_STORE_ID` names: {other}"
        ) from other
    except (redis.exceptions.RedisError, OSError) as error:
        raise CannotStart(unreached.why(error, url)) from error
    finally:
        await connection.aclose()
    if found:
        raise CannotStart("\n".join(found))


async def _keep_up(embedded: EmbeddedStore) -> None:
    """Start the embedded store again whenever whoever owned it is gone."""
    while True:
        await asyncio.sleep(ENSURE_EVERY_S)
        try:
            await asyncio.to_thread(embedded.ensure)
        except EmbeddedStoreFailure:
            log.exception("store_away")
