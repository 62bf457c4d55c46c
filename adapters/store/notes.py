"""What is counted, and what is told to people?"""

import time

from adapters.store.calls import Calls, number, text
from adapters.store.keys import key, owner
from adapters.store.records import Told

MOST_ALERTS = 1_000


class Notes(Calls):
    """Counters and alerts; without a business those of what belongs to none."""

    async def count(self, name: str, by: int = 1, business: str | None = None) -> None:
        """Add to a counter."""
        await self.command("HINCRBY", f"{owner(business)}:count", name, by)

    async def counts(self, business: str | None = None) -> dict[str, int]:
        """Return every counter."""
        found = await self.command("HGETALL", f"{owner(business)}:count")
        return {text(name): number(value) for name, value in found.items()}

    async def alert(self, business: str, blob: bytes) -> None:
        """Tell the owner or whoever runs Baton something, outside of any decision."""
        alerts, told = key(business, "alerts"), b"%d\0%b" % (time.time() * 1000, blob)
        await self.commands(("LPUSH", alerts, told), ("LTRIM", alerts, 0, MOST_ALERTS - 1))

    async def alerts(self, business: str, most: int = 100) -> list[Told]:
        """Return the newest alerts, newest first."""
        found: list[bytes] = await self.command("LRANGE", key(business, "alerts"), 0, most - 1)
        return [Told(int(at), blob) for at, _, blob in (each.partition(b"\0") for each in found)]
