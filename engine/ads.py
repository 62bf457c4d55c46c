"""Which clicks on ads does a chat remember, and which conversions were claimed for them?

A conversion is reported once: who reports it claims it, under the click, Meta's name of the event and a key of the
author's. The claim is kept with the chat in the very commit that queues the report, so neither a restart of the flow
nor of a process reports it again; a new click on an ad begins anew.
"""

import base64
from collections.abc import Iterable
from hashlib import blake2b

from msgspec.structs import replace

from engine.chat import Chat
from engine.events import AdClick

CLAIMS_MOST = 100  # of a chat; whoever buys more often lets the oldest be forgotten


def clicked(chat: Chat, click: AdClick) -> Chat:
    """Return the chat with one more click; what comes late does not become the last."""
    return replace(chat, first_ad=first(chat.first_ad, click), last_ad=last(click, chat.last_ad))


def first(*clicks: AdClick | None) -> AdClick | None:
    """Return the earliest click, if there is any."""
    return min((each for each in clicks if each), key=lambda each: each.at, default=None)


def last(*clicks: AdClick | None) -> AdClick | None:
    """Return the latest click, if there is any; of two in the same second the one that is named first."""
    return max((each for each in clicks if each), key=lambda each: each.at, default=None)


def claim(event: str, key: str, clid: str | None) -> str:
    """Return the name of a claim, the same for the same conversion: Meta gives each click an id of its own."""
    source = "\0".join((clid or "", event, key))
    return base64.urlsafe_b64encode(blake2b(source.encode("utf-8", "replace"), digest_size=12).digest()).decode("ascii")


def with_claims(chat: Chat, claims: Iterable[str]) -> Chat:
    """Return the chat with more claims; the newest are kept."""
    return replace(chat, claims=tuple(dict.fromkeys((*chat.claims, *claims)))[-CLAIMS_MOST:])
