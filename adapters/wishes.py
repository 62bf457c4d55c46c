"""Did somebody new want no offers, before they were erased?"""

from collections.abc import Iterable

from msgspec.structs import replace

from adapters.store import Store
from engine.chat import Chat, Contact
from engine.events import (
    CampaignReached,
    ChatEvent,
    ContactAbsorbed,
    EchoReceived,
    IdentityChanged,
    MessageReceived,
    MessageUnreadable,
    ReactionReceived,
)
from engine.identity import Ids, aliases
from rules.policy.consent import Consent

Named = (
    MessageReceived
    | MessageUnreadable
    | ReactionReceived
    | EchoReceived
    | IdentityChanged
    | ContactAbsorbed
    | CampaignReached
)
"""Events that say themselves whom they are about; of the others only the chat says so."""


async def as_they_wished(store: Store, business: str, chat: Chat, events: Iterable[ChatEvent]) -> Chat:
    """Return the chat of somebody new, with the no to offers of whoever the events name."""
    ids = [each.ids for each in events if isinstance(each, Named)]
    return replace(chat, contact=await newcomer(store, business, chat.contact, ids))


async def newcomer(store: Store, business: str, contact: Contact, ids: Iterable[Ids]) -> Contact:
    """Return somebody new who is known by these ids, with the no to offers that outlasted them."""
    names = dict.fromkeys(name for each in ids for name in aliases(each))
    refused = await store.has_refused(business, [*names])
    return replace(contact, marketing=Consent.REFUSED) if refused else contact
