"""Which statuses follow an accepted send, and what do they say?"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from adapters.whatsapp.fake_errors import error_entry
from adapters.whatsapp.fake_settings import Settings
from adapters.whatsapp.fake_state import Chat, Member, address, is_user_id
from adapters.whatsapp.meta import contact_entry

_CATEGORY_OF_FREE_FORM: Final = "service"
_FREE_IN_WINDOW: Final = frozenset((_CATEGORY_OF_FREE_FORM, "utility"))


class Accepted(Struct, frozen=True):
    """A send that was accepted: to whom, as what, and when."""

    wamid: str
    member: Member
    chat: Chat
    by_user_id: bool
    kind: str
    category: str | None
    callback_data: str | None
    at: float


class Update(Struct, frozen=True):
    """One status on its way to the webhook, `delay` seconds after the send was accepted."""

    delay: float
    status: dict[str, Any]
    contact: dict[str, Any] | None


def updates(send: Accepted, settings: Settings) -> Iterator[Update]:
    """Tell the life of a message that arrives; a reaction is never delivered or read."""
    names = settings.statuses[:1] if send.kind == "reaction" else settings.statuses
    for place, name in enumerate(names):
        delay = settings.status_delay * (place + 1)
        status = _status(send, name, delay) | _recipient_user_id(send)
        if name != "read" or "delivered" not in names:
            status["pricing"] = _pricing(send, settings)
        if name == "sent" and send.at < send.chat.free_until:
            status["conversation"] = _free_entry(send)
        yield Update(delay, status, contact_entry(send.member.person))


def failure(send: Accepted, code: int, details: str, settings: Settings) -> Update:
    """Tell that a message did not arrive, and why."""
    status = _status(send, "failed", settings.status_delay) | {"errors": [error_entry(code, details)]}
    if send.by_user_id:
        status |= _recipient_user_id(send)
    return Update(settings.status_delay, status, None)


def _status(send: Accepted, name: str, delay: float) -> dict[str, Any]:
    status: dict[str, Any] = {"id": send.wamid, "status": name, "timestamp": str(int(send.at + delay))}
    phone = send.member.person.phone
    if phone is not None and not send.by_user_id:
        status["recipient_id"] = address(phone)
    if send.callback_data is not None:
        status["biz_opaque_callback_data"] = send.callback_data
    return status


def _recipient_user_id(send: Accepted) -> dict[str, Any]:
    bsuid = send.member.person.bsuid
    return {"recipient_user_id": bsuid} if bsuid and is_user_id(bsuid) else {}


def _pricing(send: Accepted, settings: Settings) -> dict[str, Any]:
    category = (send.category or _CATEGORY_OF_FREE_FORM).lower()
    if send.at < send.chat.free_until:
        return _price("free_entry_point", "referral_conversion")
    if category == _CATEGORY_OF_FREE_FORM or (
        category in _FREE_IN_WINDOW and send.chat.is_open(send.at, settings.window)
    ):
        return _price("free_customer_service", category)
    return _price("regular", category)


def _price(kind: str, category: str) -> dict[str, Any]:
    return {"billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": category}


def _free_entry(send: Accepted) -> dict[str, Any]:
    return {
        "id": f"{abs(hash(send.wamid)):032x}",
        "expiration_timestamp": str(int(send.chat.free_until)),
        "origin": {"type": "referral_conversion"},
    }
