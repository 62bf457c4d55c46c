"""Is this the store it was, with all that was in it?"""

from typing import Any

from msgspec import Struct

from adapters.store.calls import Argument, Calls, text
from adapters.store.keys import GLOBAL
from adapters.store.scripts import load

WATCH = load("watch")
_KEY = f"{GLOBAL}:store"


class Mark(Struct, frozen=True):
    """What a look at the store found; `held` is why nothing is sent, `fresh` if this very look found that out."""

    store: str
    mark: int
    held: str
    fresh: bool
    now_ms: int


def watch_arguments(store: str, seen: int, new: str) -> list[Argument]:
    """Return what the script is asked with: the id it should have, the last mark seen, an id for a new store."""
    return [store, seen, new]


def mark_of(answer: Any) -> Mark:
    """Return an answer of the script."""
    store, mark, held, fresh, now = answer
    return Mark(text(store), mark, text(held), bool(fresh), now)


class Marks(Calls):
    """Marks that only rise, so that a store that lost some is found out."""

    async def look(self, store: str, seen: int, new: str) -> Mark:
        """Look whether this is the store it should be, and leave a mark."""
        return mark_of(await self.call(WATCH, GLOBAL, *watch_arguments(store, seen, new)))

    async def store_id(self) -> str:
        """Return the id that this store was given; the empty text while nobody looked at it."""
        return text(await self.command("HGET", _KEY, "id"))

    async def held(self) -> str:
        """Return why nothing is sent; the empty text if nothing is in the way."""
        return text(await self.command("HGET", _KEY, "held"))

    async def go_on(self) -> str:
        """Let messages leave again; returns why they were held."""
        held, _ = await self.commands(("HGET", _KEY, "held"), ("HDEL", _KEY, "held"))
        return text(held)
