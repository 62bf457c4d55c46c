"""How do events get into the inboxes of chats and numbers, and how are they found again?"""

from collections.abc import Iterator, Sequence

from msgspec.msgpack import decode, encode

from adapters.store.calls import Argument, Calls, counted, text, texts
from adapters.store.keys import key, owner, tag
from adapters.store.records import Item, Quarantined, Swept, Taken
from adapters.store.scripts import bounded, load

MOST_ARGUMENTS = 7_000
MOST_ITEMS = 32

_INGEST = load("ingest")
_INGEST_BOUNDED = bounded(_INGEST)
_ORDER = load("order")
_QUARANTINE = load("quarantine")
_SWEEP = load("sweep")


def _arguments(item: Item) -> list[Argument]:
    return [
        *(item.number, item.kind, item.key, item.bucket),
        *counted(item.aliases),
        *counted(item.own_aliases),
        *counted(item.drop_aliases),
        *(item.new_contact, item.row or "", item.blob, int(item.inbound), item.joined),
    ]


def _chunks(items: Sequence[Item], order: Sequence[int]) -> Iterator[tuple[list[int], list[Argument]]]:
    """Yield places and their arguments, in portions that a script handles within a millisecond."""
    places: list[int] = []
    arguments: list[Argument] = []
    for place in order:
        more = _arguments(items[place])
        if places and (len(places) == MOST_ITEMS or len(arguments) + len(more) > MOST_ARGUMENTS):
            yield places, arguments
            places, arguments = [], []
        places.append(place)
        arguments += more
    if places:
        yield places, arguments


class Inboxes(Calls):
    """Appending events, and finding those that nobody decided."""

    async def ingest(self, business: str, items: Sequence[Item]) -> list[Taken]:
        """Append a batch of events; durable when it returns, and safe to repeat.

        Echoes go first. A batch with an echo is accepted even when the store's memory is full.
        """
        order = sorted(range(len(items)), key=lambda place: items[place].kind != "echo")
        chunks = list(_chunks(items, order))
        script = _INGEST if order and items[order[0]].kind == "echo" else _INGEST_BOUNDED
        calls = [(len(places), *arguments) for places, arguments in chunks]
        taken: dict[int, Taken] = {}
        for (places, _), answers in zip(chunks, await self.call_each(script, tag(business), calls), strict=True):
            taken.update((place, _taken(*answer)) for place, answer in zip(places, answers, strict=True))
        return [taken[place] for place in range(len(items))]

    async def order(self, business: str, subject: str, event: bytes, bucket: int, blob: bytes) -> bool:
        """Append an order of somebody who looks after the chats, once; nothing leaves there until it is decided.

        False where there is no such chat, or it goes on as another. It is taken even when the store's memory is full.
        """
        return bool(await self.call(_ORDER, tag(business), subject, event, bucket, blob))

    async def quarantine(self, bodies: Sequence[tuple[str, str, bytes]], business: str | None = None) -> None:
        """Keep bodies that nobody could read, each once: reason, field and the bytes.

        Without a business it is the quarantine for what belongs to none. A store in which nothing is published refuses.
        """
        if bodies:
            await self.call(_QUARANTINE, owner(business), *(encode(Quarantined(*body)) for body in bodies))

    async def quarantined(self, business: str | None = None, most: int = 100) -> list[Quarantined]:
        """Return the bodies in quarantine, newest first."""
        found = await self.command("LRANGE", f"{owner(business)}:quarantine", 0, most - 1)
        return [decode(body, type=Quarantined) for body in found]

    async def contact_of(self, business: str, aliases: Sequence[str]) -> str | None:
        """Return the id of the contact that the first known alias leads to."""
        known = await self.command("HMGET", key(business, "alias"), *aliases)
        cid = next((found for found in known if found), None)
        while cid and (into := await self.command("HGET", key(business, "c", text(cid)), "into")):
            cid = into
        return text(cid) or None

    async def sweep(self, business: str, *, older_ms: int = 1_000, most: int = 100) -> Swept:
        """Put due timers into inboxes, and return what a dead process may have left."""
        answer = await self.call(_SWEEP, tag(business), older_ms, most)
        now, subjects, fired, overdue, doubts, owed, work, campaigns, suspects, imports = answer
        return Swept(
            subjects=texts(subjects),
            suspects=texts(suspects),
            fired=texts(fired),
            overdue=texts(overdue),
            ended_doubts=texts(doubts),
            owed=texts(owed),
            work=bool(work),
            campaigns=texts(campaigns),
            imports=bool(imports),
            full=most in {len(subjects) + len(suspects), len(fired), len(overdue), len(doubts)},
            now_ms=now,
        )


def _taken(subject: bytes | None, fresh: int, why: bytes, *also: bytes) -> Taken:
    return Taken(
        subject=subject.decode() if subject else None,
        fresh=bool(fresh),
        why=why.decode(),  # type: ignore[arg-type]
        also=texts(also),
    )
