"""Who are the people of a campaign, and what is known of them?"""

import asyncio
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.records import read_chat, read_contact
from adapters.store import Store
from engine.campaign import Campaign, Seen
from engine.chat import Chat, Contact, Number
from engine.identity import Ids, aliases
from engine.ruleset import Ruleset

LIST_AT_ONCE = 50


class Listing(Struct, frozen=True):
    """Somebody of a list, as the store keeps them while the campaign runs."""

    phone: str
    values: dict[str, str] = {}
    agreed: bool = False


class Candidate(Struct, frozen=True):
    """Somebody whose turn it is; `subject` is empty for a chat that nobody began."""

    subject: str
    chat: Chat
    listing: Listing | None = None

    def seen(self, ruleset: Ruleset, number: Number, now: datetime) -> Seen:
        """Return them as the decision sees them."""
        found = self.listing or Listing("")
        return Seen(
            chat=self.chat,
            number=number,
            business=ruleset.business,
            lists=ruleset.lists,
            now=now,
            values=found.values,
            agreed=found.agreed,
        )


class Portion(Struct, frozen=True):
    """Some people of an audience, and where the next ones begin; nothing after the last."""

    people: tuple[Candidate, ...]
    following: str | None


class Audience:
    """Goes through the people of a campaign, a portion at a time."""

    def __init__(self, store: Store, business: str, campaign: Campaign) -> None:
        """Look at the chats of its number, or at its list."""
        self._store = store
        self._business = business
        self._campaign = campaign

    async def portion(self, at: str) -> Portion:
        """Return the people from a place on."""
        return await self._chats(at) if self._campaign.audience is not None else await self._listed(int(at))

    async def _chats(self, at: str) -> Portion:
        page = await self._store.page(self._business, self._campaign.number, at)
        people = tuple(self.candidate(*each) for each in page.chats)
        return Portion(people, page.following)

    async def _listed(self, at: int) -> Portion:
        found = await self._store.people(self._business, self._campaign.name, at, LIST_AT_ONCE)
        listings = [msgspec.msgpack.decode(each, type=Listing) for each in found]
        people = await asyncio.gather(*map(self.of_list, listings))
        return Portion(tuple(people), str(at + len(found)) if len(found) == LIST_AT_ONCE else None)

    async def of_list(self, listing: Listing) -> Candidate:
        """Return what is known of somebody of a list."""
        ids = Ids(phones=(listing.phone,))
        contact = await self._store.contact_of(self._business, aliases(ids))
        subject = f"{self._campaign.number}/{contact}"
        known = await self._store.chats_of(self._business, [subject]) if contact else ()
        if known:
            return self.candidate(*known[0], listing)
        chat = Chat(number=self._campaign.number, contact=Contact(id=contact or "", ids=ids))
        return Candidate("", chat, listing)

    def candidate(self, subject: str, chat: bytes, contact: bytes | None, listing: Listing | None = None) -> Candidate:
        """Put somebody together from their records."""
        known = read_contact(contact) if contact else Contact(id=subject.partition("/")[2])
        found = read_chat(chat) if chat else Chat(number=self._campaign.number, contact=known)
        return Candidate(subject, replace(found, contact=known), listing)
