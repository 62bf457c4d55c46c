"""Which contact an event is about, and which message of theirs."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from rules.policy import countries


class Ids(Struct, frozen=True):
    """Every identity a person is known by: phone digits as Meta writes them and user ids, newest first."""

    phones: tuple[str, ...] = ()
    bsuids: tuple[str, ...] = ()


class Booked(Struct, frozen=True):
    """How the address book of a phone calls somebody since `at`; without a name they left it."""

    at: datetime
    name: str | None


class To(Struct, frozen=True):
    """Where a message is addressed: to one of the two, or to nobody when no identity is known."""

    phone: str | None = None
    bsuid: str | None = None


def ids_from(phones: Iterable[str | None], bsuids: Iterable[str | None] = ()) -> Ids:
    """Make identities of what a payload holds; what is neither number nor user id is left out.

    Meta has been seen to repeat the user id where a number belongs: the pattern decides, not the place.
    """
    numbers: list[str] = []
    users: list[str] = [each for each in bsuids if each and countries.is_bsuid(each)]
    for each in phones:
        number = countries.digits(each) if each else None
        if number:
            numbers.append(number)
        elif each and countries.is_bsuid(each):
            users.append(each)
    return Ids(_once(numbers), _once(users))


def merged(newer: Ids, older: Ids) -> Ids:
    """Return all identities of both, the newer ones first."""
    return Ids(_once(newer.phones + older.phones), _once(newer.bsuids + older.bsuids))


def own_aliases(ids: Ids) -> tuple[str, ...]:
    """Return the keys under which a contact is filed: only what Meta wrote, never another spelling."""
    return (*(f"u:{each}" for each in ids.bsuids), *(f"p:{each}" for each in ids.phones))


def aliases(ids: Ids) -> tuple[str, ...]:
    """Return the keys to look a contact up by, the most trusted first: user ids, numbers, other spellings of these."""
    spelled = (f"p:{other}" for each in ids.phones for other in countries.spellings(each))
    return _once((*own_aliases(ids), *spelled))


def recipient(ids: Ids) -> To:
    """Return whom to address: the number Meta last wrote, exactly so, else the user id."""
    if ids.phones:
        return To(phone=ids.phones[0])
    return To(bsuid=ids.bsuids[0]) if ids.bsuids else To()


def same_message(one: str, other: str) -> bool:
    """Tell whether two ids are of one message. Ask it within one chat only: across chats the keys mean nothing."""
    if one == other:
        return True
    key = inner_key(one)
    return key is not None and key == inner_key(other)


def inner_key(message_id: str) -> str | None:
    """Return the part of a message id that stays the same whoever reads it, or nothing if there is none.

    Meta promises no structure. Seen so far is base64 of 1C 18 <length> <peer> 15 02 00 <kind> 18 <length> <key>:
    the peer differs between the two sides of a chat, the key does not.
    """
    content = _decoded(message_id)
    if not content.startswith(_BEGIN):
        return None
    _peer, rest = _cut(content[len(_BEGIN) - 1 :])
    if not rest.startswith(_MIDDLE):
        return None
    key, _rest = _cut(rest[len(_MIDDLE) + 1 :])
    return key.decode("ascii") if key.isascii() and key else None


_BEGIN = b"\x1c\x18"
_MIDDLE = b"\x15\x02\x00"
_TEXT = 0x18  # what follows is a length and that many characters


def _decoded(message_id: str) -> bytes:
    text = message_id.removeprefix("wamid.").translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _cut(content: bytes) -> tuple[bytes, bytes]:
    """Take one text off the front; nothing when there is none or it is cut short."""
    if len(content) < 2 or content[0] != _TEXT or len(content) < 2 + content[1]:  # noqa: PLR2004 - mark and length
        return b"", b""
    end = 2 + content[1]
    return content[2:end], content[end:]


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
