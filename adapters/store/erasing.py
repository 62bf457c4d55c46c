"""How is a contact taken out of the store?

`erase` takes them and their chats out in one step, and leaves a note of what is theirs. What lies elsewhere is taken
out after that, one kind at a time; the note goes last, so that whoever finds it knows what is still to be done.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from redis.exceptions import ResponseError

from adapters.store.calls import Calls, counted, text
from adapters.store.keys import key, owner, tag
from adapters.store.scripts import load
from adapters.store.trails import LISTED_AT_ONCE, Kin

ROWS_AT_ONCE = 50

_ERASE = load("erase")
_ERASE_ROWS = load("erase_rows")
_BLANK = load("blank_people")
_PUT_IMPORT = load("put_import")


class Erased(Struct, frozen=True):
    """What came of it, and how many rows, turns of logs and undecided events were taken out."""

    word: Literal["erased", "changed", "sending"]
    rows: int
    turns: int
    events: int


class Erasing(Calls):
    """Takes out what belongs to a contact; doing it twice does nothing."""

    async def erase(
        self, business: str, kin: Kin, *, name: str, note: bytes, aliases: Sequence[str], rows: Sequence[str]
    ) -> Erased:
        """Take a contact out with their chats, unless something happened there since, or a row is being sent.

        `rows` are those that stand in no chat's line. What is queued is dropped even where it is not done yet.
        """
        word, *counts = await self.call(
            _ERASE,
            tag(business),
            *(name, note),
            *counted(kin.contacts),
            *counted(kin.chats),
            *counted(kin.marks),
            *counted(aliases),
            *counted(rows),
        )
        return Erased(text(word), *counts)  # type: ignore[arg-type]  # the script knows no other word

    async def half_erased(self, business: str) -> dict[str, bytes]:
        """Return the notes of those who are not wholly erased."""
        found = await self.command("HGETALL", key(business, "erasing"))
        return {text(name): note for name, note in found.items()}

    async def finish_erasing(self, business: str, name: str) -> None:
        """Take the note out: nothing else is left."""
        await self.command("HDEL", key(business, "erasing"), name)

    async def erase_rows(self, business: str, chats: Sequence[str], rows: Sequence[str]) -> int:
        """Take rows of chats out; tells how many there were."""
        parts = [rows[at : at + ROWS_AT_ONCE] for at in range(0, len(rows), ROWS_AT_ONCE)]
        return sum([await self.call(_ERASE_ROWS, tag(business), *counted(chats), *counted(part)) for part in parts])

    async def erase_timers(self, business: str, timers: Sequence[str]) -> int:
        """Take timers out; tells how many there were."""
        if not timers:
            return 0
        gone = await self.commands(
            ("ZREM", key(business, "timers"), *timers), ("HDEL", key(business, "timer"), *timers)
        )
        return int(gone[1])

    async def erase_keys(self, names: Sequence[str]) -> None:
        """Take whole keys out."""
        if names:
            await self.command("UNLINK", *names)

    async def alert_blobs(self, business: str) -> dict[str, bytes]:
        """Return all that people are told, encoded, by the ids of it."""
        found = await self.command("HGETALL", key(business, "alert"))
        return {text(name): kept.partition(b"\0")[2] for name, kept in found.items()}

    async def erase_alerts(self, business: str, names: Sequence[str]) -> int:
        """Take alerts out; tells how many there were."""
        if not names:
            return 0
        gone = await self.commands(("HDEL", key(business, "alert"), *names), ("ZREM", key(business, "alerts"), *names))
        return int(gone[0])

    async def bodies(self, business: str | None) -> list[bytes]:
        """Return all that is in quarantine, encoded; without a business what belongs to none."""
        found: list[bytes] = await self.command("LRANGE", f"{owner(business)}:quarantine", 0, -1)
        return found

    async def erase_bodies(self, business: str | None, bodies: Sequence[bytes]) -> int:
        """Take bodies out of it; tells how many there were."""
        return sum(await self.commands(*(("LREM", f"{owner(business)}:quarantine", 0, each) for each in bodies)))

    async def waiting_imports(self, business: str) -> dict[str, bytes]:
        """Return what waits to be imported, by name."""
        names = [text(name) for name in await self.command("LRANGE", key(business, "imports"), 0, -1)]
        found = await self.commands(*(("HGET", key(business, "import", name), "body") for name in names))
        return {name: body for name, body in zip(names, found, strict=True) if body}

    async def put_import(self, business: str, name: str, body: bytes) -> bool:
        """Put another body in the place of one, or an empty one to let go of it; false while somebody imports it."""
        return bool(await self.call(_PUT_IMPORT, tag(business), name, body))

    async def listed(self, business: str, campaign: str) -> list[bytes]:
        """Return the people of a campaign's list."""
        found: list[bytes] = []
        while page := await self.command(
            "LRANGE", key(business, "people", campaign), len(found), len(found) + LISTED_AT_ONCE - 1
        ):
            found += page
        return found

    async def blank_people(self, business: str, campaign: str, nobody: bytes, people: Sequence[bytes]) -> int:
        """Put nobody in the place of people in a campaign's list, so that the others keep theirs."""
        return int(await self.call(_BLANK, tag(business), campaign, nobody, *counted(people)))

    async def rewrite_log(self) -> bool:
        """Let the store write its log on disk anew, without what was erased; tells whether it will."""
        try:
            await self.command("BGREWRITEAOF")
        except ResponseError:  # it does so already, or a hosted one lets nobody ask
            return False
        return True

    async def forget_reached(self, business: str, contacts: Sequence[str], strangers: Sequence[str]) -> None:
        """Let strangers stand for contacts whom campaigns reached today: how many those were is Meta's limit."""
        name = key(business, "reached")
        for contact, stranger in zip(contacts, strangers, strict=True):
            at = await self.command("ZSCORE", name, contact)
            if at is not None:
                await self.commands(("ZADD", name, at, stranger), ("ZREM", name, contact))
