"""How does the owner call a contact, in the address book of the phone?

Such a name is the owner's private label ("Ana, pays late"): it is kept beside the name that contacts gave themselves,
people see it, and no condition or text can read it. Each number has the book of its own phone.
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from engine.chat import Contact
from engine.identity import Booked, Ids, merged


class BookEntry(Struct, frozen=True, kw_only=True):
    """What the book of a phone says of somebody from a moment on; without a `name` they are no longer in it."""

    ids: Ids
    at: datetime
    name: str | None = None
    username: str | None = None


def with_entry(contact: Contact, number: str, entry: BookEntry) -> Contact:
    """Return the contact as the book knows them now; whatever is older than what is known changes nothing.

    Somebody who leaves the book only loses the name they had there. What they are known by stays as it was: what the
    book adds to it comes last.
    """
    known = contact.book.get(number)
    if known is not None and known.at > entry.at:
        return contact
    return replace(
        contact,
        ids=merged(contact.ids, entry.ids),
        username=contact.username or entry.username,
        book={**contact.book, number: Booked(entry.at, entry.name)},
    )


def called(contact: Contact, number: str) -> str | None:
    """Return how people at a number know the contact: as its book says, else as they call themselves."""
    booked = contact.book.get(number)
    return (booked and booked.name) or contact.name


def both(one: dict[str, Booked], other: dict[str, Booked]) -> dict[str, Booked]:
    """Return what the books say of one person who was known as two; of one number the newer entry."""
    newer = {number: max(booked, other.get(number, booked), key=lambda each: each.at) for number, booked in one.items()}
    return {**other, **newer}
