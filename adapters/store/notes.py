"""What is counted, and what is told to people?"""

from collections.abc import Sequence

from msgspec import Struct

from adapters.store.calls import Argument, Calls, counted, number, text
from adapters.store.keys import key, owner, tag
from adapters.store.scripts import load

_ALERT = load("alert")


class NewAlert(Struct, frozen=True):
    """Something to tell people, encoded (`blob`); of which kind it is decides what gives way where there are many."""

    kind: str
    blob: bytes


def counted_alerts(alerts: Sequence[NewAlert]) -> list[Argument]:
    """Return alerts as arguments of a script: how many there are of kinds and blobs, and these in turn."""
    return counted([each for alert in alerts for each in (alert.kind, alert.blob)])


class Told(Struct, frozen=True):
    """An alert, encoded (`blob`): when it was raised last, how often, and when first."""

    at_ms: int
    blob: bytes
    count: int = 1
    since_ms: int = 0


class Notes(Calls):
    """Counters and alerts; without a business those of what belongs to none."""

    async def count(self, name: str, by: int = 1, business: str | None = None) -> None:
        """Add to a counter."""
        await self.command("HINCRBY", f"{owner(business)}:count", name, by)

    async def counts(self, business: str | None = None) -> dict[str, int]:
        """Return every counter."""
        found = await self.command("HGETALL", f"{owner(business)}:count")
        return {text(name): number(value) for name, value in found.items()}

    async def came(self, business: str) -> dict[tuple[str, str], int]:
        """Return when something of each kind came last for each number, by the store's clock."""
        found = await self.command("HGETALL", key(business, "came"))
        return {_kind_and_number(text(name)): number(at) for name, at in found.items()}

    async def alert(self, business: str, alert: NewAlert) -> None:
        """Tell the owner or whoever runs Baton something, outside of any decision."""
        await self.call(_ALERT, tag(business), alert.kind, alert.blob)

    async def alerts(self, business: str, most: int = 100) -> list[Told]:
        """Return the newest alerts, newest first; what was told again and again is one of them."""
        found = await self.command("ZRANGE", key(business, "alerts"), 0, most - 1, "REV", "WITHSCORES")
        kept = await self.command("HMGET", key(business, "alert"), *(id_ for id_, _ in found)) if found else []
        return [_told(int(at), each) for (_, at), each in zip(found, kept, strict=True) if each]


def _kind_and_number(name: str) -> tuple[str, str]:
    kind, _, number_id = name.partition(" ")
    return kind, number_id


def _told(at_ms: int, kept: bytes) -> Told:
    head, _, blob = kept.partition(b"\0")
    count, since_ms, _ = head.split(b" ", 2)
    return Told(at_ms, blob, int(count), int(since_ms))
