"""Whom does an operator mean who names a contact?

A contact is named by a phone number in any spelling, by a user id, or by the id that alerts and lists show, alone or
behind its number (`106540352242922/5f0c2a9be1d4`).
"""

from adapters import site
from adapters.store import Store
from engine.identity import Ids, aliases, ids_from


def ids_named(words: str) -> Ids:
    """Return the phone number or user id that somebody typed; none if it is neither."""
    return ids_from((words,))


async def contact_known_as(store: Store, business: str, words: str) -> str | None:
    """Return the id of the contact that is meant, nothing if nobody is known by that name."""
    names = aliases(ids_named(words))
    found = await store.contact_of(business, names) if names else None
    return found or await store.contact_called(business, words.rpartition("/")[2])


async def contact_named(store: Store, business: str, words: str) -> str:
    """Return the same; raises `CannotStart` with what to do if nobody is known by that name."""
    found = await contact_known_as(store, business, words)
    if found is None:
        sentence = f"Nobody known as `{words}` wrote to `{business}`. Give the phone number with its country code."
        raise site.CannotStart(sentence)
    return found
