"""Who is an item about?

A person may come with a phone number, a user id, both, or only through `contacts` beside the items. An item takes
its own ids and those of the contact that fits them; never those of somebody else in the same body.
"""

from collections.abc import Sequence

from msgspec import Struct

from adapters.whatsapp.fields import Fields, Unreadable, child, children, text
from adapters.whatsapp.payloads import Source
from engine.identity import Ids, ids_from

GROUP = "group"


class Person(Struct, frozen=True):
    """The identities of one person, and how they call themselves."""

    ids: Ids
    name: str | None = None
    username: str | None = None


def people_of(contacts: Sequence[Fields]) -> dict[str, Fields]:
    """Return the people introduced in `contacts` by each of their ids."""
    return {
        known: contact
        for contact in reversed(contacts)
        for name in ("wa_id", "user_id")
        if (known := text(contact, name)) is not None
    }


def sender_of(source: Source, item: Fields) -> Person:
    """Return who wrote a message to the business."""
    return _person(source, (text(item, "from"),), _user_ids(item, "from"), _shared_phone(item))


def recipient_of(source: Source, item: Fields) -> Person:
    """Return whom a message of the business went to."""
    return _person(source, (text(item, "to"), text(item, "recipient")), _user_ids(item, "to"))


def status_person(source: Source, item: Fields) -> Ids:
    """Return whom a status is about, as far as it tells; in a group, the one member."""
    if text(item, "recipient_type") == GROUP:
        return ids_from((text(item, "recipient_participant_id"),), (text(item, "recipient_participant_user_id"),))
    return _gathered(source, (text(item, "recipient_id"),), _user_ids(item, "recipient")).ids


def listed_person(source: Source, item: Fields) -> Person:
    """Return who an item is about that carries its ids the way `contacts` does."""
    return _person(source, (text(item, "wa_id"),), (text(item, "user_id"), text(item, "parent_user_id")))


def _user_ids(item: Fields, role: str) -> tuple[str | None, ...]:
    return text(item, f"{role}_user_id"), text(item, f"{role}_parent_user_id")


def _shared_phone(item: Fields) -> tuple[str | None, ...]:
    """A tap on "share contact" tells the number behind a user name; any other card may be somebody else's."""
    cards = children(item, "contacts")
    if len(cards) != 1 or text(cards[0], "origin") != "contact_request":
        return ()
    return tuple(text(each, "wa_id") for each in children(cards[0], "phones"))


def _person(
    source: Source, phones: tuple[str | None, ...], bsuids: tuple[str | None, ...], more: tuple[str | None, ...] = ()
) -> Person:
    found = _gathered(source, phones, bsuids, more)
    if found.ids == Ids():
        raise Unreadable("Names nobody: neither a phone number nor a user id")
    return found


def _gathered(
    source: Source, phones: tuple[str | None, ...], bsuids: tuple[str | None, ...], more: tuple[str | None, ...] = ()
) -> Person:
    contact = _contact_of(source, phones, bsuids)
    profile = child(contact, "profile")
    known = (text(contact, "user_id"), text(contact, "parent_user_id"))
    return Person(
        ids=ids_from((text(contact, "wa_id"), *phones, *more), _first_of_each(bsuids, known)),
        name=_on_one_line(text(profile, "name")),
        username=text(profile, "username") or text(contact, "username"),
    )


def _on_one_line(name: str | None) -> str | None:
    """A name cannot look like lines of ours, wherever it is shown."""
    return " ".join(name.split()) or None if name else None


def _first_of_each(own: tuple[str | None, ...], known: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The person's own user ids stand before those of the parent portfolio, which cannot be sent to."""
    return (*own[:1], *known[:1], *own[1:], *known[1:])


def _contact_of(source: Source, phones: tuple[str | None, ...], bsuids: tuple[str | None, ...]) -> Fields:
    for own in (*bsuids, *phones):
        if own and own in source.people:
            return source.people[own]
    if source.only is None:
        return {}
    other = bsuids and bsuids[0] and text(source.only, "user_id") not in (None, bsuids[0])
    return {} if other else source.only
