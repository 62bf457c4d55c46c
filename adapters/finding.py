"""Which contact, and which chat, is meant by what people write?

A contact is named by a phone number in any spelling, by a user id, or by the id that alerts and lists show, alone or
behind its number (`106540352242922/5f0c2a9be1d4`).
"""

from collections.abc import Iterable

from msgspec import DecodeError, Struct
from msgspec.structs import replace

from adapters.handle import number_of
from adapters.live import Live, NotLive
from adapters.operating import one_business
from adapters.records import UnknownSchemaError, read_chat, read_contact
from adapters.site import CannotStart
from adapters.store import Store
from adapters.store.overview import Glance
from engine.chat import Chat, Contact, Number
from engine.identity import Ids, aliases, ids_from
from engine.paths import check
from engine.ruleset import Ruleset
from rules.policy import countries
from rules.policy.restrictions import Path, Refusal

UNREADABLE = (DecodeError, UnknownSchemaError, ValueError)
MOST_NAMED = 10


class Line(Struct, frozen=True, kw_only=True):
    """A business number that is live: what the author wrote about it, and the flows of its business."""

    business: str
    number: Number
    ruleset: Ruleset


class Meant(Struct, frozen=True, kw_only=True):
    """The chat that is meant: where it is, and who its contact is; nothing where the record cannot be read.

    `refusal` is why nothing is sent to this contact, by whoever.
    """

    line: Line
    glance: Glance
    chat: Chat | None
    refusal: Refusal | None

    @property
    def business(self) -> str:
        """The business of the chat."""
        return self.line.business

    @property
    def subject(self) -> str:
        """What the store calls the chat."""
        return self.glance.subject


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
        raise CannotStart(sentence)
    return found


async def chat_meant(store: Store, live: Live, number: str, contact: str, business: str | None) -> Meant:
    """Return the chat of a number and a contact; raises `CannotStart` with what to do where there is none.

    The number is an id of Meta's or a phone number, the contact a phone number in any spelling, a user id, or the id
    under which `status` and `parked` name the contact. `business` is needed only where two have the same number.
    """
    line = await line_meant(store, live, number, business)
    ids = ids_named(contact.strip())
    known = await contact_known_as(store, line.business, contact.strip())
    glances = await store.glances(line.business, [f"{line.number.id}/{known}"]) if known else []
    if not glances:
        raise CannotStart(await _unknown(store, line, contact, ids, known))
    chat = chat_at(glances[0])
    refused = check(Path.INBOUND, chat.contact.ids if chat else ids, line.number, line.ruleset.lists)
    refusal = refused if isinstance(refused, Refusal) else None
    return Meant(line=line, glance=glances[0], chat=chat, refusal=refusal)


async def line_meant(store: Store, live: Live, number: str, business: str | None) -> Line:
    """Return the number that is meant by an id or by a phone; raises `CannotStart` where there is none.

    For a phone the businesses are looked through one after the other, which takes a while where there are many.
    """
    known = await store.businesses() if business is None else []
    names = known if len(known) > 1 else [await one_business(store, business)]
    owner = (await store.numbers()).get(number.strip())
    lines: list[Line] = []
    for name in [owner] if owner in names else names:
        lines = await _lines(store, live, name)
        if found := next((line for line in lines if _is_meant(line.number, number)), None):
            return found
    there = f" There are {_named(lines)}." if len(names) == 1 and lines else ""
    raise CannotStart(f"No business number that is live here is `{number}`.{there}")


def chat_at(glance: Glance) -> Chat | None:
    """Put a chat together from its records; nothing where they cannot be read."""
    number, _, contact = glance.subject.partition("/")
    try:
        known = read_contact(glance.contact) if glance.contact else Contact(id=contact)
        chat = read_chat(glance.chat) if glance.chat else Chat(number=number, contact=known)
    except UNREADABLE:
        return None
    return replace(chat, contact=known)


async def told_number(store: Store, line: Line) -> Number:
    """Return a number with what Meta told of it."""
    found = await store.subject(line.business, line.number.id)
    try:
        return number_of(found.state if found else None, line.number)
    except UNREADABLE:
        return line.number


async def _lines(store: Store, live: Live, business: str) -> list[Line]:
    try:
        ruleset = await live.ruleset(business, await store.live(business))
    except NotLive:
        return []
    return [Line(business=business, number=each, ruleset=ruleset) for each in ruleset.business.numbers.values()]


def _is_meant(number: Number, typed: str) -> bool:
    digits = countries.digits(typed)
    return number.id == typed.strip() or bool(digits and countries.digits(number.phone) in countries.spellings(digits))


def _named(lines: Iterable[Line]) -> str:
    names = [f"`{each.number.id}` (+{countries.digits(each.number.phone)})" for each in lines]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return ", ".join((*names[:MOST_NAMED], *more))


async def _unknown(store: Store, line: Line, contact: str, ids: Ids, known: str | None) -> str:
    """Say who has no chat, and what may be the matter."""
    if known is None and not aliases(ids):
        return f"`{contact}` is neither a phone number with its country code nor a user id such as `BR.1234567890`."
    _, chats = await store.contact(line.business, known) if known else (None, ())
    if others := [chat.partition("/")[0] for chat in chats]:
        listed = ", ".join(f"`{each}`" for each in others)
        return f"This contact has no chat with `{line.number.id}`, but with {listed}."
    words = f"Nobody known as `{contact}` has a chat with `{line.number.id}`."
    refused = check(Path.INBOUND, ids, line.number, line.ruleset.lists)
    if isinstance(refused, Refusal):
        return f"{words} Nothing would be answered there: {refused.words}"
    return f"{words} Give the phone number with its country code, or see who is there: baton chats"
