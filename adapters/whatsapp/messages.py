"""What happened in a chat, by the items of the fields that carry messages, echoes, statuses and identities?"""

import re
from datetime import datetime
from typing import Final, Literal, cast

from adapters.whatsapp.contents import code_of, content_of, referral_of, type_of
from adapters.whatsapp.fields import (
    Fields,
    Unreadable,
    child,
    children,
    message_id,
    moment,
    moment_or_nothing,
    text,
    truth,
)
from adapters.whatsapp.payloads import Reading, Source
from adapters.whatsapp.people import Person, listed_person, recipient_of, sender_of, status_person
from engine.content import Unsupported
from engine.events import (
    ChatEvent,
    EchoReceived,
    IdentityChanged,
    MessageChanged,
    MessageReceived,
    MessageUnreadable,
    OtherSenderWrote,
    PreferenceChanged,
    ReactionReceived,
    StatusReceived,
)
from engine.identity import Ids, ids_from

UNAVAILABLE: Final = 131060
DETAILS_MOST: Final = 500

Status = Literal["sent", "delivered", "read", "played", "failed"]
_STATUSES: Final = ("sent", "delivered", "read", "played", "failed")
_ROW: Final = re.compile(r"b1\.([!-~]{1,509})")
_BSUID: Final = r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}"
_NEW_USER_ID: Final = re.compile(rf" from ({_BSUID}) to ({_BSUID})\.?")


def message(source: Source, item: Fields, _raw: bytes) -> Reading:
    """Read what a contact did: an item of `messages`."""
    key, at = message_id(item), _sent_at(source, item)
    if text(item, "group_id"):
        return Reading(kind="ignored", key=key, at=at)
    if type_of(item) == "system":
        return _system(source, item)
    person = sender_of(source, item)
    return Reading(kind="chat", key=key, at=at, event=_written(source, item, person, at), ids=person.ids)


def echo(source: Source, item: Fields, _raw: bytes) -> Reading:
    """Read what the owner did in the app: an item of `smb_message_echoes`."""
    key, at = message_id(item), _sent_at(source, item)
    if text(item, "group_id") or type_of(item) in ("reaction", "system"):
        return Reading(kind="ignored", key=key, at=at)
    ids = recipient_of(source, item).ids
    if changed := _changed(source, item, at, "owner"):
        return Reading(kind="chat", key=key, at=at, event=changed, ids=ids)
    event = EchoReceived(id=key, at=at, arrived_at=source.arrived_at, content=content_of(item), ids=ids)
    return Reading(kind="echo", key=key, at=at, event=event, ids=ids)


def status(source: Source, item: Fields, _raw: bytes) -> Reading:
    """Read what became of a message: an item of `statuses`. A word not known yet changes nothing."""
    sent, at = message_id(item), _sent_at(source, item)
    word = (text(item, "status") or "").lower()
    key = f"{sent}/{word}"
    if word not in _STATUSES:
        return Reading(kind="ignored", key=key, at=at)
    pricing = child(item, "pricing")
    row = _ROW.fullmatch(text(item, "biz_opaque_callback_data") or "")
    event = StatusReceived(
        id=key,
        at=at,
        arrived_at=source.arrived_at,
        message_id=sent,
        status=cast("Status", word),
        row=row[1] if row else None,
        code=code_of(item),
        details=details_of(item),
        free_until=_free_until(item),
        price_type=text(pricing, "type"),
        price_category=text(pricing, "category"),
    )
    return Reading(kind="status", key=key, at=at, event=event, ids=status_person(source, item), row=event.row)


def details_of(item: Fields) -> str | None:
    """Return the most telling words of the first error."""
    errors = children(item, "errors")
    if not errors:
        return None
    first = errors[0]
    details = text(child(first, "error_data"), "details") or text(first, "details")
    return details or text(first, "message") or text(first, "title")


def other_message(source: Source, item: Fields, _raw: bytes) -> Reading:
    """Read a message of a chat that another sender answers."""
    person = sender_of(source, item)
    return _others(source, item, person, key=message_id(item))


def other_echo(source: Source, item: Fields, _raw: bytes) -> Reading:
    """Read what another sender on this number wrote; its own words may lie one object deeper."""
    whole = {**item, **child(item, "message")}
    return _others(source, whole, recipient_of(source, whole), key=message_id(item))


def other_status(source: Source, item: Fields, _raw: bytes) -> Reading:
    """Read what became of a message of another sender."""
    key, at = f"{source.field}/{message_id(item)}/{text(item, 'status')}", _sent_at(source, item)
    event = OtherSenderWrote(id=key, at=at, arrived_at=source.arrived_at)
    return Reading(kind="chat", key=key, at=at, event=event, ids=status_person(source, item))


def handover(source: Source, item: Fields, raw: bytes) -> Reading:
    """Read that another sender got or gave a chat: the value of `messaging_handovers`."""
    key, at = source.key_of(raw), _sent_at(source, item)
    sender = child(item, "sender")
    ids = ids_from((text(sender, "phone_number"), text(sender, "wa_id")), (text(sender, "user_id"),))
    event = OtherSenderWrote(id=key, at=at, arrived_at=source.arrived_at)
    return Reading(kind="chat", key=key, at=at, event=event, ids=ids)


def user_id(source: Source, item: Fields, raw: bytes) -> Reading:
    """Read a new user id: an item of `user_id_update`."""
    own, parent = child(item, "user_id"), child(item, "parent_user_id")
    new = ids_from((text(item, "wa_id"),), (text(own, "current"), text(parent, "current")))
    old = ids_from((), (text(own, "previous"), text(parent, "previous")))
    return _renamed(source, source.key_of(raw), _sent_at(source, item), new, old)


def preference(source: Source, item: Fields, raw: bytes) -> Reading:
    """Read whether a contact wants marketing: an item of `user_preferences`."""
    key, at = source.key_of(raw), _sent_at(source, item)
    value = (text(item, "value") or "").lower()
    if text(item, "category") != "marketing_messages" or value not in ("stop", "resume", "signup"):
        return Reading(kind="ignored", key=key, at=at)
    event = PreferenceChanged(id=key, at=at, arrived_at=source.arrived_at, marketing=value != "stop")
    return Reading(kind="chat", key=key, at=at, event=event, ids=listed_person(source, item).ids)


def _sent_at(source: Source, item: Fields) -> datetime:
    return moment(item) or source.told_at or source.arrived_at


def _written(source: Source, item: Fields, person: Person, at: datetime) -> ChatEvent:
    if type_of(item) == "reaction":
        return _reaction(source, item, person, at)
    if changed := _changed(source, item, at, "contact"):
        return changed
    key, content, context = message_id(item), content_of(item), child(item, "context")
    if isinstance(content, Unsupported) and content.code == UNAVAILABLE:
        return MessageUnreadable(id=key, at=at, arrived_at=source.arrived_at, ids=person.ids)
    return MessageReceived(
        id=key,
        at=at,
        arrived_at=source.arrived_at,
        content=content,
        ids=person.ids,
        name=person.name,
        username=person.username,
        reply_to=text(context, "id"),
        forwarded=truth(context, "forwarded") or truth(context, "frequently_forwarded"),
        referral=referral_of(item),
    )


def _reaction(source: Source, item: Fields, person: Person, at: datetime) -> ReactionReceived:
    found = child(item, "reaction")
    return ReactionReceived(
        id=message_id(item),
        at=at,
        arrived_at=source.arrived_at,
        message_id=message_id(found, "message_id"),
        emoji=text(found, "emoji"),
        ids=person.ids,
    )


def _changed(source: Source, item: Fields, at: datetime, by: Literal["contact", "owner"]) -> MessageChanged | None:
    kind = type_of(item)
    if kind not in ("edit", "revoke"):
        return None
    found = child(item, kind)
    return MessageChanged(
        id=message_id(item),
        at=at,
        arrived_at=source.arrived_at,
        by=by,
        original_id=message_id(found, "original_message_id"),
        content=content_of(child(found, "message")) if kind == "edit" else None,
    )


def _system(source: Source, item: Fields) -> Reading:
    key, at, found = message_id(item), _sent_at(source, item), child(item, "system")
    if (text(found, "type") or "").endswith("identity_changed"):
        return _renamed(source, key, at, sender_of(source, item).ids, Ids())
    phone = text(found, "wa_id") or text(found, "new_wa_id")
    user = text(found, "user_id")
    new = ids_from((phone,), (user, text(found, "parent_user_id")))
    if new == Ids():
        return Reading(kind="ignored", key=key, at=at)
    before = (text(item, "from"), text(found, "customer"))
    old = ids_from(before if phone else (), (text(item, "from_user_id"), _old_user_id(found, user)))
    # The number stays when only the user id changes; it is needed only if nothing else tells who that was.
    known = Ids() if old.phones or old.bsuids else ids_from(before, ())
    return _renamed(source, key, at, new, _without(old, new), known)


def _renamed(source: Source, key: str, at: datetime, new: Ids, old: Ids, known: Ids | None = None) -> Reading:
    more = known.phones if known else ()
    about = ids_from((*new.phones, *old.phones, *more), (*new.bsuids, *old.bsuids))
    if about == Ids():
        raise Unreadable("Names nobody: neither a phone number nor a user id")
    event = IdentityChanged(id=key, at=at, arrived_at=source.arrived_at, ids=new, old=old)
    return Reading(kind="chat", key=key, at=at, event=event, ids=about, old=old)


def _old_user_id(found: Fields, new: str | None) -> str | None:
    """Only Meta's own words end the body, so that a name cannot pretend to be somebody's id."""
    words = text(found, "body") or ""
    said = next((each for each in _NEW_USER_ID.finditer(words) if each.end() == len(words)), None)
    return said[1] if said and said[2] == new else None


def _without(old: Ids, new: Ids) -> Ids:
    return Ids(
        phones=tuple(each for each in old.phones if each not in new.phones),
        bsuids=tuple(each for each in old.bsuids if each not in new.bsuids),
    )


def _free_until(item: Fields) -> datetime | None:
    conversation = child(item, "conversation")
    free = text(child(item, "pricing"), "type") == "free_entry_point"
    free = free or text(child(conversation, "origin"), "type") == "referral_conversion"
    return moment_or_nothing(conversation, "expiration_timestamp") if free else None


def _others(source: Source, item: Fields, person: Person, key: str) -> Reading:
    """The field stands before the key: the same message may come again as ours once the chat is ours."""
    at = _sent_at(source, item)
    event = OtherSenderWrote(id=f"{source.field}/{key}", at=at, arrived_at=source.arrived_at, content=content_of(item))
    return Reading(kind="chat", key=event.id, at=at, event=event, ids=person.ids)
