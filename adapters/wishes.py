"""Did somebody new want no offers, before they were erased?"""

from collections.abc import Iterable

from msgspec.structs import replace

from adapters.store import Store
from engine.chat import Chat, Contact
from engine.events import ChatEvent, ids_in
from engine.identity import Ids, aliases
from rules.policy.consent import Consent


async def as_they_wished(store: Store, business: str, chat: Chat, events: Iterable[ChatEvent]) -> Chat:
    """Return the chat of somebody new, with the no to offers of whoever the events name."""
    return replace(chat, contact=await newcomer(store, business, chat.contact, map(ids_in, events)))


async def newcomer(store: Store, business: str, contact: Contact, ids: Iterable[Ids]) -> Contact:
    """Return somebody new who is known by these ids, with the no to offers that outlasted them."""
    names = dict.fromkeys(name for each in ids for name in aliases(each))
    refused = await store.has_refused(business, [*names])
    return replace(contact, marketing=Consent.REFUSED) if refused else contact
