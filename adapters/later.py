"""What is done about records that a later version of Baton wrote? They wait for it, and people are told.

While a new version takes the place of an old one, and when it is taken back, both work on one store. Each blob begins
with the number of its schema, so the older one knows what it cannot read: it leaves the record, and all that has to be
decided or sent after it, as it is.
"""

import time

import structlog

from adapters.records import new_alert
from adapters.store import Store
from engine.effects import Alert

log = structlog.get_logger()

TELLS_EVERY_S = 60.0
WORDS = (
    "A later version of Baton wrote to this store, and a process of an older version works on it, too. Chats that only "
    "the later one can read wait for it. Start that version everywhere."
)


class Later:
    """What one process met of a later version."""

    def __init__(self, store: Store) -> None:
        """Nothing was met yet."""
        self._store = store
        self._met = False
        self._tells_at: dict[str, float] = {}

    async def met(self, business: str) -> None:
        """Note a record that has to wait, and tell whoever looks after the business."""
        self._met = True
        now = time.monotonic()
        if now >= self._tells_at.get(business, now):
            self._tells_at[business] = now + TELLS_EVERY_S
            log.error("later_version", business=business)
            await self._store.alert(business, new_alert(Alert("later_version", WORDS)))

    def was_met(self) -> bool:
        """Tell whether something was met since this was asked."""
        met, self._met = self._met, False
        return met
