"""What does a check look at?"""

from pathlib import Path

from msgspec import Struct
from redis.asyncio import Redis

from adapters.settings import Settings
from adapters.store import Store


class Scene(Struct, frozen=True, kw_only=True):
    """An installation: its settings, its store, the folder of a business if one was named, and which business."""

    settings: Settings
    client: Redis
    store: Store
    folder: Path | None = None
    wanted: str | None = None

    async def businesses(self) -> list[str]:
        """Return the business that is meant, else all of them."""
        known = await self.store.businesses()
        return [each for each in known if self.wanted in (None, each)]
