"""Which chats are there, what waits in each, and what is known of one?"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from adapters.store.calls import Calls, text, texts
from adapters.store.keys import key
from adapters.store.records import Row
from adapters.store.rows import row_of

RECENT = 1_000
"""So many chats are kept in the order in which something happened there; `commit.lua` says the same."""
MOST_TIMERS = 200_000
AT_ONCE = 1_000


class Glance(NamedTuple):
    """A chat in a list: its records, how many events are undecided there, and how many messages have not ended."""

    subject: str
    chat: bytes | None
    contact: bytes | None
    hold: bool
    undecided: int
    unsent: int


class Timers(NamedTuple):
    """Timers of a chat, encoded; `all` tells whether every timer of the business was looked at."""

    blobs: tuple[bytes, ...]
    all: bool


class Overview(Calls):
    """Looking at chats; nothing is changed, and what is written meanwhile may show or not."""

    async def recent(self, business: str, most: int = RECENT) -> list[str]:
        """Return the chats in which something happened last, the newest first."""
        found = await self.command("ZRANGE", key(business, "recent"), 0, most - 1, "REV")
        return list(texts(found))

    async def unfinished(self, business: str, most: int = RECENT) -> list[str]:
        """Return chats with undecided events or something to send, of each pile those that wait longest."""
        numbers = texts(await self.command("SMEMBERS", key(business, "numbers")))
        piles = [key(business, "waiting"), *(key(business, "ready", each) for each in numbers)]
        found = await self.commands(*(("ZRANGE", pile, 0, most - 1) for pile in piles))
        return [subject for pile in found for subject in texts(pile) if "/" in subject]

    async def every_chat(self, business: str) -> AsyncIterator[list[str]]:
        """Go through all chats, some at a time; one may come twice."""
        cursor, begin = "0", key(business, "s", "")
        while True:
            answer = await self.command("SCAN", cursor, "MATCH", f"{begin}*/*", "COUNT", AT_ONCE)
            cursor = text(answer[0])
            yield [text(name).removeprefix(begin) for name in answer[1]]
            if cursor == "0":
                return

    async def glances(self, business: str, subjects: Sequence[str]) -> list[Glance]:
        """Look at chats; those that are gone or go on as others are left out.

        Of some there is nothing but what a phone told of their past.
        """
        found = []
        for at in range(0, len(subjects), AT_ONCE):
            some = subjects[at : at + AT_ONCE]
            answers = iter(await self.commands(*(each for subject in some for each in _commands(business, subject))))
            for subject in some:
                (state, hold, seq), logged, inbox, unsent, (contact, into) = (next(answers) for _ in range(5))
                if (seq is not None or logged) and into is None:
                    found.append(Glance(subject, state, contact, bool(hold), inbox, unsent))
        return found

    async def rows(self, business: str, ids: Sequence[str]) -> list[Row]:
        """Return rows; those that are forgotten are left out."""
        found = []
        for at in range(0, len(ids), AT_ONCE):
            some = ids[at : at + AT_ONCE]
            records = await self.commands(*(("HGETALL", key(business, "r", each)) for each in some))
            found += [row_of(id_, fields) for id_, fields in zip(some, records, strict=True) if fields]
        return found

    async def own_rows(self, business: str, subject: str) -> list[str]:
        """Return the rows of a chat that began to leave lately, the newest first."""
        return list(texts(await self.command("LRANGE", key(business, "own", subject), 0, -1)))

    async def timers_of(self, business: str, subject: str, most: int = MOST_TIMERS) -> Timers:
        """Return the timers of a chat, looking at no more than about `most` of the business."""
        cursor, looked_at, blobs = "0", 0, list[bytes]()
        begin = f"{subject}\0".encode()
        while looked_at < most:
            answer = await self.command("HSCAN", key(business, "timer"), cursor, "COUNT", AT_ONCE)
            entries = answer[1][1::2]
            blobs += [entry.removeprefix(begin) for entry in entries if entry.startswith(begin)]
            cursor, looked_at = text(answer[0]), looked_at + len(entries)
            if cursor == "0":
                return Timers(tuple(dict.fromkeys(blobs)), all=True)
        return Timers(tuple(dict.fromkeys(blobs)), all=False)


def _commands(business: str, subject: str) -> tuple[tuple[str, ...], ...]:
    return (
        ("HMGET", key(business, "s", subject), "state", "hold", "seq"),
        ("EXISTS", key(business, "log", subject)),
        ("LLEN", key(business, "in", subject)),
        ("ZCARD", key(business, "out", subject)),
        ("HMGET", key(business, "c", subject.partition("/")[2]), "state", "into"),
    )
