"""Where does each campaign stand, and who comes next in its audience?"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from adapters.store.calls import Calls, counted, number, text
from adapters.store.keys import key, tag
from adapters.store.scripts import load

State = Literal["running", "paused", "stopped", "done"]
ENDED: tuple[State, ...] = ("stopped", "done")
KEYS_AT_ONCE = 100
DAY_MS = 86_400_000

_MOVE = load("move_campaign")
_FED = load("fed_campaign")


class CampaignRecord(Struct, frozen=True, kw_only=True):
    """A campaign that was begun: its state since when and why, what it was begun with, and how far it came."""

    name: str
    state: State
    reason: str
    since_ms: int
    run: str
    begun: bytes
    progress: bytes | None
    queued: int
    tally: dict[str, int]


class Page(Struct, frozen=True):
    """Some chats of a number, and where the next ones begin; nothing after the last."""

    chats: tuple[tuple[str, bytes, bytes | None], ...]
    following: str | None


class Campaigns(Calls):
    """Campaigns of a business, and the people they are for."""

    async def campaigns(self, business: str) -> list[str]:
        """Name the campaigns that were ever begun, sorted."""
        return sorted(text(each) for each in await self.command("SMEMBERS", key(business, "campaigns")))

    async def campaign(self, business: str, name: str) -> CampaignRecord | None:
        """Return where a campaign stands, nothing if it was never begun."""
        fields = ("state", "reason", "since", "run", "begun", "progress")
        (state, reason, since, run, begun, progress), queued, tally = await self.commands(
            ("HMGET", key(business, "campaign", name), *fields),
            ("SCARD", key(business, "bulk", name)),
            ("HGETALL", key(business, "tally", name)),
        )
        if state is None:
            return None
        return CampaignRecord(
            name=name,
            state=text(state),  # type: ignore[arg-type]  # written from a literal
            reason=text(reason),
            since_ms=number(since),
            run=text(run),
            begun=begun,
            progress=progress,
            queued=queued,
            tally={text(each): number(count) for each, count in tally.items()},
        )

    async def move_campaign(
        self,
        business: str,
        name: str,
        state: State,
        *,
        expect: Sequence[State | Literal[""]],
        reason: str = "",
        run: str = "",
        begun: bytes = b"",
    ) -> bool:
        """Change the state of a campaign, if it is in one of those expected; the same again is fine.

        `begun` begins a `run`. What an ended campaign has queued, and has not begun to leave, is dropped.
        """
        answer = await self.call(_MOVE, tag(business), name, state, reason, run, begun, *counted(expect))
        return bool(answer[0])

    async def fed(self, business: str, name: str, run: str, progress: bytes, contacts: Sequence[str]) -> None:
        """Write how far a run came, and which contacts it wrote to first."""
        await self.call(_FED, tag(business), name, run, progress, *counted(contacts))

    async def reached(self, business: str, now_ms: int) -> int:
        """Count the contacts whom the business wrote to first within the last 24 hours."""
        found: int = await self.command("ZCOUNT", key(business, "reached"), now_ms - DAY_MS, "+inf")
        return found

    async def page(self, business: str, sender: str, cursor: str) -> Page:
        """Return some chats of a number with their contacts; one that is written meanwhile may come twice or not."""
        pattern = key(business, "s", f"{sender}/*")
        following, names = await self.command("SCAN", cursor, "MATCH", pattern, "COUNT", KEYS_AT_ONCE)
        subjects = [text(name).removeprefix(key(business, "s", "")) for name in names]
        found = await self.chats_of(business, subjects)
        onward = text(following)
        return Page(found, None if onward == "0" else onward)

    async def chats_of(self, business: str, subjects: Sequence[str]) -> tuple[tuple[str, bytes, bytes | None], ...]:
        """Return chats by their subjects, with their contacts; those that go on as others are left out."""
        if not subjects:
            return ()
        chats = await self.commands(*(("HGET", key(business, "s", each), "state") for each in subjects))
        contacts = await self.commands(
            *(("HMGET", key(business, "c", each.partition("/")[2]), "state", "into") for each in subjects)
        )
        return tuple(
            (subject, chat or b"", contact)
            for subject, chat, (contact, into) in zip(subjects, chats, contacts, strict=True)
            if not into and contact
        )

    async def put_people(self, business: str, name: str, people: Sequence[bytes], *, first: bool) -> None:
        """Add people to the list of a campaign, in place of an earlier list with the first of them."""
        place = key(business, "people", name)
        if first:
            await self.command("DEL", place)
        if people:
            await self.command("RPUSH", place, *people)

    async def people(self, business: str, name: str, place: int, most: int) -> list[bytes]:
        """Return so many people of the list of a campaign, from a place on."""
        found: list[bytes] = await self.command("LRANGE", key(business, "people", name), place, place + most - 1)
        return found

    async def count_people(self, business: str, name: str) -> int:
        """Count who stands in the list of a campaign."""
        found: int = await self.command("LLEN", key(business, "people", name))
        return found
