"""Where in the log of a chat does that stand which a phone told of its past?

The log is a list of turns, the newest last. What is imported fills turns of its own, between those that were live, by
the time it was said. The outcome follows from what is known alone, so doing it again, or in another order, changes
nothing; where all together is more than a log holds, the oldest turns are left out.
"""

import zlib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from msgspec import DecodeError
from msgspec.structs import replace

from adapters.records import LogEntry, UnknownSchemaError, packed_log, read_log
from adapters.store.chats import LOG_MOST
from adapters.whatsapp.history import PLACEHOLDER, Said
from engine.identity import inner_key
from engine.trace import Line

TOGETHER = 10  # so many messages are one turn: small ones are squeezed badly
SAME_WORDS_WITHIN = timedelta(minutes=10)
OURS = frozenset({"bot", "person", "notice"})
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Live(NamedTuple):
    """A turn that was heard live, or that another version wrote: it stays as it is."""

    blob: bytes
    said: tuple[LogEntry, ...]


class Log:
    """The log of one chat, read to have something put into it."""

    def __init__(self, blobs: Sequence[bytes]) -> None:
        """Read it."""
        self._live: list[Live] = []
        self._imported: dict[str, LogEntry] = {}
        for blob in blobs:
            said = _read(blob)
            if said and all(each.imported is not None for each in said):
                self._imported.update((_key(each.event), each) for each in said)
            else:
                self._live.append(Live(blob, said))

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows of ours whose messages stand in it."""
        return tuple(each.row for each in self._heard() if each.row is not None and each.who in OURS)

    def put(self, said: Iterable[Said], sent: Collection[str], why: tuple[Line, ...] = ()) -> bool:
        """Put messages of the past in, unless they stand there; tells whether anything changed.

        `sent` are the ids of messages that rows of the log left with. `why` goes with each message.
        """
        known = {_key(each) for each in (*sent, *(entry.event for entry in self._heard() if entry.row is None))}
        before = self._imported
        self._imported = {key: entry for key, entry in before.items() if key not in known}
        for each in said:
            key = _key(each.id)
            if key not in known and not self._said_by_us(each):
                entry = _entry(each, why)
                self._imported[key] = _fuller(self._imported.get(key, entry), entry)
        return self._imported != before

    def turns(self) -> list[bytes]:
        """Return the log as it is kept."""
        found: list[bytes] = []
        for each in self._newest_first():
            found.append(each.blob if isinstance(each, Live) else packed_log(each))
            if len(found) == LOG_MOST:
                break
        return found[::-1]

    def _heard(self) -> Iterator[LogEntry]:
        return (entry for turn in self._live for entry in turn.said)

    def _said_by_us(self, said: Said) -> bool:
        """Tell whether these are the words of a message of ours whose row, with its id, is forgotten."""
        return said.by == "owner" and any(
            each.who in OURS and each.words == said.words and abs(each.at - said.at) <= SAME_WORDS_WITHIN
            for each in self._heard()
        )

    def _newest_first(self) -> Iterator[Live | list[LogEntry]]:
        """Yield turns from the end, so that what was there keeps its turn when older messages come."""
        moments = list(accumulate((_moment(each) for each in self._live), max))
        imported = sorted(self._imported.values(), key=lambda each: (each.at, each.event))
        for turn, moment in zip(self._live[::-1], moments[::-1], strict=True):
            earlier = bisect_left(imported, moment, key=lambda each: each.at)
            yield from _together(imported[earlier:])
            del imported[earlier:]
            yield turn
        yield from _together(imported)


def _together(entries: Sequence[LogEntry]) -> Iterator[list[LogEntry]]:
    for end in range(len(entries), 0, -TOGETHER):
        yield list(entries[max(0, end - TOGETHER) : end])


def _read(blob: bytes) -> tuple[LogEntry, ...]:
    try:
        return read_log(blob)
    except (DecodeError, UnknownSchemaError, ValueError, zlib.error):
        return ()


def _moment(turn: Live) -> datetime:
    return turn.said[0].at if turn.said else LONG_AGO


def _key(message_id: str) -> str:
    """Return what two ids of one message have in common."""
    return inner_key(message_id) or message_id


def _entry(said: Said, why: tuple[Line, ...]) -> LogEntry:
    if not said.words:
        why = (Line("content", said.kind), *why)
    return LogEntry(at=said.at, who=said.by, event=said.id, words=said.words, why=why, imported=said.status)


def _fuller(one: LogEntry, other: LogEntry) -> LogEntry:
    """Return what two tellings of one message say together, whichever came first."""
    hollow = Line("content", PLACEHOLDER)
    full = other if hollow in one.why else one
    return replace(full, at=min(one.at, other.at), imported=one.imported or other.imported)
