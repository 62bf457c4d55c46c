"""Which bodies does the Graph API take at `/messages`, and within which limits?

Meta's limits are the constants; the tables below them say where each one holds.
"""

from typing import Any, Final

from adapters.whatsapp.interactive_limits import INTERACTIVE
from adapters.whatsapp.shapes import (
    Check,
    Fault,
    anything,
    flag,
    items,
    number,
    record,
    spelled,
    tagged,
    text,
    url,
    word,
)
from adapters.whatsapp.template_limits import TEMPLATE

__all__ = ["Fault", "faults"]

TEXT_BODY: Final = 4096
CAPTION: Final = 1024
FILENAME: Final = 240
CONTACT_CARDS: Final = 257
CALLBACK_DATA: Final = 512
MESSAGE_ID: Final = 128

# Meta names no limit for ids, names and addresses of its own; this only keeps them within reason.
_REASONABLE: Final = 1000

PHONE: Final = r"\+?[0-9 ()\-]{5,30}"
USER_ID: Final = r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}"


def faults(body: dict[str, Any]) -> list[Fault]:
    """Say what the Graph API would refuse in a body for `/messages`; nothing found means it is accepted."""
    return list((_READ_MARK if "status" in body else _MESSAGE)(body, ""))


def _file(**may: Check) -> Check:
    return record({}, {"id": text(_REASONABLE), "link": url, **may}, either=("id", "link"))


_NAME = text(_REASONABLE)
_IMAGE = _file(caption=text(CAPTION, least=0))
_DOCUMENT = _file(caption=text(CAPTION, least=0), filename=text(FILENAME))
_PERSON_NAME = record(
    {"formatted_name": _NAME},
    dict.fromkeys(("first_name", "last_name", "middle_name", "prefix", "suffix"), _NAME),
)
_CONTACT_CARD = record(
    {"name": _PERSON_NAME},
    {
        "phones": items(record({}, {"phone": _NAME, "type": _NAME, "wa_id": _NAME}), _REASONABLE),
        "emails": items(record({}, {"email": _NAME, "type": _NAME}), _REASONABLE),
        "urls": items(record({}, {"url": _NAME, "type": _NAME}), _REASONABLE),
        "addresses": items(anything, _REASONABLE),
        "org": record({}, dict.fromkeys(("company", "department", "title"), _NAME)),
        "birthday": spelled(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date such as 1990-05-17"),
    },
)
_CONTENT: dict[str, Check] = {
    "text": record({"body": text(TEXT_BODY)}, {"preview_url": flag}),
    "image": _IMAGE,
    "video": _IMAGE,
    "audio": _file(voice=flag),
    "document": _DOCUMENT,
    "sticker": _file(),
    "location": record(
        {"latitude": number(-90, 90), "longitude": number(-180, 180)},
        {"name": text(_REASONABLE, least=0), "address": text(_REASONABLE, least=0)},
    ),
    "contacts": items(_CONTACT_CARD, CONTACT_CARDS),
    "reaction": record({"message_id": text(MESSAGE_ID)}, {"emoji": text(_REASONABLE, least=0)}),
    "interactive": INTERACTIVE,
    "template": TEMPLATE,
}
_COMMON: dict[str, Check] = {
    "recipient_type": word("individual", "group"),
    # A user id in `to` passes here and is lost later: that is what Meta does.
    "to": spelled(f"{PHONE}|{USER_ID}", "a phone number with + and country code"),
    "recipient": spelled(USER_ID, "a business-scoped user id such as GB.81724059316620114507"),
    "type": anything,
    "context": record({"message_id": text(MESSAGE_ID)}),
    "biz_opaque_callback_data": text(CALLBACK_DATA, least=0),
    "messaging_account_id": _NAME,
    "recipient_identity_key_hash": _NAME,
}
_WITHOUT_CONTEXT = {key: check for key, check in _COMMON.items() if key != "context"}
_MESSAGE = tagged(
    "type",
    {
        kind: record(
            {"messaging_product": word("whatsapp"), kind: content},
            _WITHOUT_CONTEXT if kind == "reaction" else _COMMON,
            either=("to", "recipient"),
        )
        for kind, content in _CONTENT.items()
    },
    default="text",
)
_READ_MARK = record(
    {"messaging_product": word("whatsapp"), "status": word("read"), "message_id": text(MESSAGE_ID)},
    {"typing_indicator": record({"type": word("text")})},
)
