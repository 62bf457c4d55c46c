"""What is posted to the Graph API to report a conversion, and what does its answer say?

https://developers.facebook.com/docs/marketing-api/conversions-api/business-messaging
"""

from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

import msgspec

from adapters.whatsapp.unclear import unclear
from engine.effects import Report
from engine.evidence import NotSent, Refused, Reported, Unknown
from engine.row import Row

NOTES_MOST: Final = 500

_encode = msgspec.json.Encoder(decimal_format="number").encode


def body(row: Row, effect: Report, waba: str, test_code: str = "") -> bytes:
    """Return the JSON that reports a conversion: nothing in it tells who the contact is but the id of their click.

    A page's id would be refused here, since the dataset is that of a WhatsApp account.
    """
    event: dict[str, Any] = {
        "event_name": effect.event,
        "event_time": int(row.asked_at.timestamp()),
        "event_id": effect.claim,
        "action_source": "business_messaging",
        "messaging_channel": "whatsapp",
        "user_data": {"whatsapp_business_account_id": waba, "ctwa_clid": effect.clid},
    }
    if effect.value is not None:
        event["custom_data"] = {"currency": effect.currency, "value": Decimal(effect.value)}
    return _encode({"data": [event], **({"test_event_code": test_code} if test_code else {})})


def judged(status: int, answer: dict[str, Any], refusal: Refused | None) -> Reported | Refused | NotSent | Unknown:
    """Return what an answer says."""
    if refusal is not None:
        return refusal
    received = answer.get("events_received")
    if status == HTTPStatus.OK and isinstance(received, int):
        return Reported(taken=received > 0, notes=_notes(answer.get("messages")))
    return unclear(status, "a count of events")


def _notes(messages: object) -> str:
    found = messages if isinstance(messages, list) else []
    return "; ".join(each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in found)[
        :NOTES_MOST
    ]
