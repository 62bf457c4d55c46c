"""Where in the store are the traces of one contact?

Nothing leads from a contact to all that was ever written about them: an index of it would cost every message more than
a rare look costs. So whoever wants everything goes through the whole business, a thousand keys at a time.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from msgspec import Struct

from adapters.store.calls import Calls, text, texts
from adapters.store.keys import key, tag

KEYS_AT_ONCE = 1_000
LISTED_AT_ONCE = 500
OUT_OF_LINE = ("sending", "doubt", "parked", "todo:http", "todo:fetch", "todo:report")

Each = Callable[[int], None]


def _unseen(_count: int) -> None:
    """Nobody watches."""


class Kin(Struct, frozen=True):
    """One person: the contact they are now, then those who go on as it, and the chats of all; `marks` are `ver seq`.

    The mark of a chat changes with whatever happens there.
    """

    contacts: tuple[str, ...]
    chats: tuple[str, ...]
    marks: tuple[str, ...]


class Traces(Struct, frozen=True):
    """What a look through all keys found: rows of the chats, and keys that are named after one of them."""

    rows: tuple[str, ...]
    keys: tuple[str, ...]


class Trails(Calls):
    """Finds what belongs to a contact; nothing changes."""

    async def contact_called(self, business: str, cid: str) -> str | None:
        """Return the contact that an id leads to now, nothing if there is none."""
        if not await self.command("EXISTS", key(business, "c", cid)):
            return None
        while into := await self.command("HGET", key(business, "c", cid), "into"):
            cid = text(into)
        return cid

    async def kin(self, business: str, cid: str, also: Sequence[str] = ()) -> Kin:
        """Return a contact with all who were joined to it, and their chats; `also` are chats known from before."""
        contacts, chats, waiting = [cid], [*also], [cid]
        while waiting:
            answer = await self.command("HMGET", key(business, "c", waiting.pop()), "chats", "joined")
            chats += text(answer[0]).split()
            joined = [each for each in text(answer[1]).split() if each not in contacts]
            contacts += joined
            waiting += joined
        chats = list(dict.fromkeys(chats))
        found = await self.commands(*(("HMGET", key(business, "s", each), "ver", "seq") for each in chats))
        marks = tuple(f"{text(ver) or 0} {text(seq) or 0}" for ver, seq in found)
        return Kin(tuple(contacts), tuple(chats), marks)

    async def aliases_of(self, business: str, contacts: Sequence[str], each: Each = _unseen) -> tuple[str, ...]:
        """Return the aliases that lead to any of some contacts."""
        wanted = {contact.encode() for contact in contacts}
        found = [
            text(alias)
            async for page in self._pages("HSCAN", key(business, "alias"), each)
            for alias, contact in zip(page[::2], page[1::2], strict=True)
            if contact in wanted
        ]
        return tuple(dict.fromkeys(found))

    async def timers_in(self, business: str, chats: Sequence[str], each: Each = _unseen) -> dict[str, bytes]:
        """Return the timers of chats, as they are encoded."""
        wanted = {chat.encode() for chat in chats}
        return {
            text(timer): entry.partition(b"\0")[2]
            async for page in self._pages("HSCAN", key(business, "timer"), each)
            for timer, entry in zip(page[::2], page[1::2], strict=True)
            if entry.partition(b"\0")[0] in wanted
        }

    async def rows_out_of_line(self, business: str, chats: Sequence[str]) -> tuple[str, ...]:
        """Return rows of chats that have not ended, or are parked, and may stand in no chat's line."""
        piles = await self.commands(*(("ZRANGE", f"{tag(business)}:{pile}", 0, -1) for pile in OUT_OF_LINE))
        rows = list(dict.fromkeys(text(row) for pile in piles for row in pile))
        return tuple(await self._of(business, rows, chats))

    async def traces(self, business: str, chats: Sequence[str], each: Each = _unseen) -> Traces:
        """Go through all keys of a business for what belongs to chats; `each` is told how many were looked at."""
        begin, rows, keys = f"{tag(business)}:r:", list[str](), list[str]()
        async for names in self._names(business, each):
            rows += await self._of(
                business, [name.removeprefix(begin) for name in names if name.startswith(begin)], chats
            )
            keys += [name for name in names if any(name.endswith(f":{chat}") for chat in chats)]
        return Traces(tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(keys)))

    async def size(self) -> int:
        """Count the keys of the store."""
        return int(await self.command("DBSIZE"))

    async def _of(self, business: str, rows: Sequence[str], chats: Sequence[str]) -> list[str]:
        found = await self.commands(*(("HGET", key(business, "r", row), "subject") for row in rows))
        return [row for row, subject in zip(rows, found, strict=True) if text(subject) in chats]

    async def _names(self, business: str, each: Each) -> AsyncIterator[list[str]]:
        cursor = b"0"
        while True:
            answer = await self.command("SCAN", cursor, "MATCH", f"{tag(business)}:*", "COUNT", KEYS_AT_ONCE)
            cursor = answer[0]
            each(KEYS_AT_ONCE)
            yield list(texts(answer[1]))
            if cursor == b"0":
                return

    async def _pages(self, word: str, name: str, each: Each) -> AsyncIterator[Any]:
        cursor = b"0"
        while True:
            cursor, page = await self.command(word, name, cursor, "COUNT", KEYS_AT_ONCE)
            each(len(page) // 2)
            yield page
            if cursor == b"0":
                return
