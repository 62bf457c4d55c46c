"""Who are the people of a campaign, and what is known of them?"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from adapters.records import LaterSchemaError, UnknownSchemaError, read_chat, read_contact
from adapters.store import Store
from engine.campaign import Campaign, Seen
from engine.chat import Chat, Contact, Number
from engine.identity import Ids, aliases
from engine.ruleset import Ruleset

log = structlog.get_logger()

LIST_AT_ONCE = 50
BROKEN = "broken"
"""Why somebody gets nothing of whom nobody knows anything."""


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
    """Some people of an audience, and where the next ones begin; nothing after the last.

    The records of so many more are `broken`, and say nothing of them.
    """

    people: tuple[Candidate, ...]
    following: str | None
    broken: int = 0


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
        return _portion([self.candidate(*each) for each in page.chats], page.following)

    async def _listed(self, at: int) -> Portion:
        found = await self._store.people(self._business, self._campaign.name, at, LIST_AT_ONCE)
        listings = [msgspec.msgpack.decode(each, type=Listing) for each in found]
        people = await asyncio.gather(*map(self.of_list, listings))
        return _portion(people, str(at + len(found)) if len(found) == LIST_AT_ONCE else None)

    async def of_list(self, listing: Listing) -> Candidate | None:
        """Return what is known of somebody of a list; nothing where that cannot be read."""
        ids = Ids(phones=(listing.phone,))
        contact = await self._store.contact_of(self._business, aliases(ids))
        subject = f"{self._campaign.number}/{contact}"
        known = await self._store.chats_of(self._business, [subject]) if contact else ()
        if known:
            return self.candidate(*known[0], listing)
        chat = Chat(number=self._campaign.number, contact=Contact(id=contact or "", ids=ids))
        return Candidate("", chat, listing)

    def candidate(
        self, subject: str, chat: bytes, contact: bytes | None, listing: Listing | None = None
    ) -> Candidate | None:
        """Put somebody together from their records; nothing where these are broken, which stays alone."""
        try:
            known = read_contact(contact) if contact else Contact(id=subject.partition("/")[2])
            found = read_chat(chat) if chat else Chat(number=self._campaign.number, contact=known)
        except LaterSchemaError:  # another version reads them, and the campaign waits for it
            raise
        except (UnknownSchemaError, msgspec.DecodeError):
            log.exception("person_left_out", business=self._business, chat=subject)
            return None
        return Candidate(subject, replace(found, contact=known), listing)


def _portion(found: Sequence[Candidate | None], following: str | None) -> Portion:
    people = tuple(each for each in found if each is not None)
    return Portion(people, following, len(found) - len(people))
