"""What does a phone tell of its past: which messages of which chats, and whom its address book names?

Such a body may hold thousands of messages. It is taken apart piece by piece: what cannot be read is a `Bad` of its own.
Shapes: the pages of the webhooks `history` and `smb_app_state_sync` in Meta's reference.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from msgspec import Raw, Struct

from adapters.whatsapp.contents import code_of, content_of, type_of
from adapters.whatsapp.fields import Fields, Unreadable, child, clean, message_id, moment, text, truth, whole
from adapters.whatsapp.messages import details_of
from adapters.whatsapp.payloads import (
    VALUES,
    Source,
    Values,
    fields_of,
    items_of,
    object_of,
    objects_of,
    parse,
    text_of,
)
from adapters.whatsapp.people import people_of, recipient_of, sender_of
from adapters.whatsapp.receive import BAD_MOST, Bad
from engine.book import BookEntry
from engine.content import Media, words_of
from engine.identity import Ids, ids_from
from engine.sync import Chunk, NoHistory
from rules.policy import countries

WORDS_MOST: Final = 4_096  # bytes of a message that are kept
PLACEHOLDER: Final = "media_placeholder"

_STATUSES: Final = frozenset({"delivered", "error", "pending", "played", "read", "sent"})


class Said(Struct, frozen=True, kw_only=True):
    """A message of the past: `kind` is Meta's word for what it holds, `status` how far it came, where that is told.

    `file` is there if Meta still has it.
    """

    id: str
    at: datetime
    by: Literal["contact", "owner"]
    kind: str
    words: str = ""
    status: str = ""
    file: Media | None = None


class Thread(Struct, frozen=True, kw_only=True):
    """What was said in one chat; `follows_up` if a file came that had only its place in the history before."""

    ids: Ids
    said: tuple[Said, ...]
    username: str | None = None
    follows_up: bool = False


Piece = Chunk | NoHistory | Thread | BookEntry | Bad


def pieces(field: str, raw: bytes, at: datetime) -> Iterator[Piece]:
    """Read a body of the field `history` or `smb_app_state_sync`; `at` is when it came. Never raises."""
    try:
        values = parse(raw, VALUES)
        readers = {"history": _history, "smb_app_state_sync": _book}
        yield from readers[field](values, at)
    except Unreadable as reason:
        yield _bad(reason, raw, field)


def _history(values: Values, at: datetime) -> Iterator[Piece]:
    lists = [name for name in ("history", "messages", "message_echoes") if name in values]
    if not lists:
        raise Unreadable("Holds none of: history, messages, message_echoes")
    own = countries.digits(text(object_of(values, "metadata"), "display_phone_number") or "")
    for name in lists:
        for item in items_of(values[name]):
            try:
                if name == "history":
                    yield from _part(item, own)
                else:
                    yield _follow_up(values, name, item, at)
            except Unreadable as reason:
                yield _bad(reason, item, "history")


def _part(raw: Raw, own: str | None) -> Iterator[Piece]:
    values: Values = parse(raw, VALUES)
    errors = [
        *objects_of(values, "errors"),
        *filter(None, [object_of(values, "errors")]),
    ]  # one may come without a list
    if errors:
        yield NoHistory(code_of({"errors": errors}), details_of({"errors": errors}))
    elif "metadata" in values:
        yield _chunk(object_of(values, "metadata"))
    for thread in items_of(values["threads"]) if "threads" in values else ():
        try:
            yield from _thread(thread, own)
        except Unreadable as reason:
            yield _bad(reason, thread, "history")


def _chunk(found: Fields) -> Chunk:
    phase, order, progress = (whole(found, name) for name in ("phase", "chunk_order", "progress"))
    return Chunk(max(0, phase or 0), max(0, order or 0), min(max(0, progress or 0), 100))


def _thread(raw: Raw, own: str | None) -> Iterator[Piece]:
    values: Values = parse(raw, VALUES)
    context = object_of(values, "context")
    ids = ids_from(
        (text(context, "wa_id"), text_of(values, "id")), (text(context, "user_id"), text(context, "parent_user_id"))
    )
    said: list[Said] = []
    for each in items_of(values["messages"]) if "messages" in values else ():
        try:
            found = fields_of(each)
            by_owner = _is_owners(found, own)
            said.append(_said(found, "owner" if by_owner else "contact"))
            ids = ids if ids != Ids() else _partner(found, by_owner=by_owner)
        except Unreadable as reason:
            yield _bad(reason, each, "history")
    if ids == Ids():
        raise Unreadable("Names nobody: neither a phone number nor a user id")
    yield Thread(ids=ids, said=tuple(said), username=text(context, "username"))


def _is_owners(found: Fields, own: str | None) -> bool:
    """Tell whether the business wrote it: only such messages say to whom, and some say it outright."""
    from_us = own is not None and countries.digits(text(found, "from") or "") == own
    to = text(found, "to") or text(found, "to_user_id")
    return bool(to) or from_us or truth(child(found, "history_context"), "from_me")


def _partner(found: Fields, *, by_owner: bool) -> Ids:
    role = "to" if by_owner else "from"
    return ids_from((text(found, role),), (text(found, f"{role}_user_id"), text(found, f"{role}_parent_user_id")))


def _said(found: Fields, by: Literal["contact", "owner"]) -> Said:
    at = moment(found)
    if at is None:
        raise Unreadable("`timestamp` should say when it was")
    content, kind = content_of(found), type_of(found) or "unsupported"
    status = (text(child(found, "history_context"), "status") or "").lower()
    return Said(
        id=message_id(found),
        at=at,
        by=by,
        kind=content.kind if isinstance(content, Media) else kind,
        words=clean(words_of(content), WORDS_MOST),
        status=status if status in _STATUSES else "",
        file=content if isinstance(content, Media) and content.id is not None else None,
    )


def _follow_up(values: Values, name: str, raw: Raw, at: datetime) -> Thread:
    """Read a message whose file came after the rest: the history had no more than its place."""
    contacts = objects_of(values, "contacts")
    source = Source(
        field="history",
        waba=None,
        number=None,
        phone=None,
        told_at=None,
        arrived_at=at,
        people=people_of(contacts),
        only=contacts[0] if len(contacts) == 1 else None,
    )
    found = fields_of(raw)
    person = sender_of(source, found) if name == "messages" else recipient_of(source, found)
    said = _said(found, "contact" if name == "messages" else "owner")
    return Thread(ids=person.ids, said=(said,), username=person.username, follows_up=True)


def _book(values: Values, at: datetime) -> Iterator[Piece]:
    if "state_sync" not in values:
        raise Unreadable("Holds no: state_sync")
    for item in items_of(values["state_sync"]):
        try:
            found = fields_of(item)
            if (text(found, "type") or "contact") == "contact":
                yield _entry(found, at)
        except Unreadable as reason:
            yield _bad(reason, item, "smb_app_state_sync")


def _entry(found: Fields, at: datetime) -> BookEntry:
    contact, action = child(found, "contact"), (text(found, "action") or "").lower()
    ids = ids_from((text(contact, "phone_number"),), (text(contact, "user_id"), text(contact, "parent_user_id")))
    if ids == Ids():
        raise Unreadable("Names nobody: neither a phone number nor a user id")
    if action not in ("add", "remove"):
        raise Unreadable("`action` should be `add` or `remove`")
    name = text(contact, "full_name") or text(contact, "first_name")
    return BookEntry(
        ids=ids,
        at=moment(child(found, "metadata")) or at,
        name=name if action == "add" else None,
        username=text(contact, "username"),
    )


def _bad(reason: Unreadable, raw: bytes | Raw, field: str) -> Bad:
    return Bad(reason=str(reason), raw=bytes(memoryview(raw)[:BAD_MOST]), field=field)
