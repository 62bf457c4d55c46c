"""How does a command that works on the store begin, and how does it say what is wrong?"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import rich_click as click
from redis.exceptions import RedisError

from adapters import logs, site
from adapters.embedded import EmbeddedStoreFailure
from adapters.lists import ListsUnusable
from adapters.publish import FileChangedError
from adapters.records import LaterSchemaError
from adapters.settings import SettingProblems, Settings, read
from adapters.store import NumberTakenError, Store
from adapters.wiring import connect
from rules.source import Mistakes

BUSINESS = click.option("--business", metavar="ID", help="Which business, where the store holds several.")
FAILURES = (
    *(SettingProblems, site.CannotStart, EmbeddedStoreFailure, ListsUnusable),
    *(NumberTakenError, FileChangedError, Mistakes, LaterSchemaError),
)


def settings_in_force() -> Settings:
    """Read the environment; what is odd about it is said."""
    found = read(os.environ)
    for notice in found.notices:
        click.echo(notice, err=True)
    return found


def do(work: Coroutine[Any, Any, None]) -> None:
    """Run it, and say in a sentence what is wrong instead of a traceback."""
    logs.configure()
    try:
        asyncio.run(work)
    except FAILURES as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(2) from None
    except RedisError as failure:
        click.echo(f"The store failed meanwhile ({type(failure).__name__}). Look at its log, and try again.", err=True)
        raise SystemExit(2) from None


@contextmanager
def asking() -> Iterator[None]:
    """Let Ctrl-C end a question at once: the loop it is asked in would wait for the answer first."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@asynccontextmanager
async def store_in_force() -> AsyncIterator[tuple[Store, Settings]]:
    """Open the store of the environment."""
    async with site.store_of(settings_in_force()) as found:
        connection = connect(found.redis_url or "")
        try:
            yield Store(connection), found
        finally:
            await connection.aclose()


async def one_business(store: Store, wanted: str | None) -> str:
    """Return the business that is meant; raises `CannotStart` with what to do when that is not clear."""
    known = await store.businesses()
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted in known:
        return str(wanted)
    if not known:
        raise site.CannotStart("Nothing was published here yet. Publish a folder: baton publish FOLDER")
    listed = ", ".join(f"`{each}`" for each in known)
    if wanted is None:
        raise site.CannotStart(f"The store holds {listed}; say which with --business.")
    raise site.CannotStart(f"No business is called `{wanted}`; the store holds {listed}.")
