"""What does one body of a phone's past add up to?"""

from collections import Counter

from msgspec import json

from adapters.records import Import, new_alert, packed
from adapters.remembering import Outcome
from adapters.store.notes import NewAlert
from adapters.whatsapp.history import Thread
from adapters.whatsapp.receive import BAD_MOST, Bad
from engine import sync
from engine.book import BookEntry
from engine.effects import Alert
from engine.sync import Chunk, NoHistory, Sync


class Tally:
    """What was read of a body, before it leaves its place; read again, it adds up to the same."""

    def __init__(self, body: Import, before: Sync) -> None:
        """Start from what was known of the number's past."""
        self._body = body
        self._before = before
        self._after = before
        self.counts: Counter[str] = Counter()
        self.bad: list[Bad] = []

    def note(self, piece: Chunk | NoHistory | Bad) -> None:
        """Take in what is about no chat and no contact."""
        match piece:
            case Chunk():
                self._after = sync.with_chunk(self._after, piece, self._body.at)
            case NoHistory():
                self._after = sync.with_failure(self._after, piece, self._body.at)
            case Bad():
                self.bad.append(piece)

    def put(self, piece: Thread | BookEntry, outcome: Outcome) -> None:
        """Take in what was written down."""
        if outcome == "bad":
            raw = json.encode(piece)[:BAD_MOST]
            self.bad.append(Bad(reason="It could not be imported", raw=raw, field=self._body.field))
        elif outcome == "restricted":
            self.counts["imported.restricted"] += 1
        match piece:
            case BookEntry():
                self._after = sync.with_names(self._after, 1, self._body.at)
                self.counts["imported.name"] += 1
            case Thread(said=said, follows_up=True):
                self.counts["imported.file"] += len(said)
            case Thread(said=said):
                self._after = sync.with_messages(self._after, len(said))
                self.counts["imported.message"] += len(said)

    @property
    def written(self) -> bytes:
        """What is known of the number's past from now on."""
        return packed(self._after)

    @property
    def alerts(self) -> list[NewAlert]:
        """What the owner should hear."""
        words = sync.news(self._before, self._after)
        return [new_alert(Alert("history", words, self._body.number))] if words else []
