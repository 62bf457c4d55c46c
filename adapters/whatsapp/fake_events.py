"""What does Meta answer to one POST at `/events`, where conversions are reported?

Facts: Conversions API for business messaging, as read in September 2026. One event that is wrong refuses them all.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, field

from adapters.whatsapp import fake_errors as errors
from adapters.whatsapp.fake_send import Answer
from adapters.whatsapp.fake_settings import Settings

EVENTS: Final = frozenset(
    {
        *("Purchase", "LeadSubmitted", "InitiateCheckout", "AddToCart", "ViewContent", "OrderCreated", "OrderShipped"),
        *("OrderDelivered", "OrderCanceled", "OrderReturned", "CartAbandoned", "QualifiedLead", "RatingProvided"),
        "ReviewProvided",
    }
)
TAKEN_FOR: Final = 7 * 24 * 3600
MOST: Final = 1000
NOT_FOUND, BAD_PARAMETER, EVENT_NAME, PAGE, NOT_LINKED = 33, 2804019, 2804066, 2804131, 2804132
AHEAD: Final = 60


class Conversion(Struct):
    """A POST at `/events`: when it arrived by the calendar, what was answered (0: nothing), and how much was taken."""

    dataset: str
    wall: float
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    code: int = 0
    taken: int = 0


class Wrong(Struct, frozen=True):
    """Why events are refused: Meta's words, and its subcode if it has one."""

    words: str
    subcode: int | None = None


def answer(received: Conversion, settings: Settings) -> Answer:
    """Take the events of a POST, or refuse them all.

    Their time is judged by the machine's calendar, whatever this server's is: that of who reports is not ahead.
    """
    wrong = _wrong_dataset(received.dataset, settings) or _first_wrong(received, settings.datasets)
    if wrong is not None:
        return refusal(errors.INVALID_PARAMETER, wrong)
    received.taken = len(received.body["data"])
    return Answer(200, {"events_received": received.taken, "messages": [], "fbtrace_id": secrets.token_urlsafe(16)})


def refusal(code: int, wrong: Wrong, status: int | None = None) -> Answer:
    """Build a refusal as this side of Meta words it: what has a subcode has words for people, too."""
    error: dict[str, Any] = {"message": wrong.words, "type": "OAuthException", "code": code, "is_transient": False}
    if wrong.subcode:
        shown = {"error_user_title": "Invalid event", "error_user_msg": wrong.words}
        error |= {"message": "Invalid parameter", "error_subcode": wrong.subcode, **shown}
    body = {"error": {**error, "fbtrace_id": secrets.token_urlsafe(16)}}
    return Answer(status or errors.http_status(code), body, code)


def _wrong_dataset(dataset: str, settings: Settings) -> Wrong | None:
    if not settings.datasets or dataset in settings.datasets:
        return None
    return Wrong(f"Unsupported post request. Object with ID '{dataset}' does not exist.", NOT_FOUND)


def _first_wrong(received: Conversion, datasets: Mapping[str, str]) -> Wrong | None:
    events = received.body.get("data")
    if not isinstance(events, list) or not 0 < len(events) <= MOST:
        return Wrong(f"(#100) param data must be a list of 1 to {MOST} events")
    waba = datasets.get(received.dataset)
    return next((found for each in events for found in _wrong(each, waba, received.wall)), None)


def _wrong(event: Any, waba: str | None, now: float) -> Iterator[Wrong]:
    if not isinstance(event, dict):
        yield Wrong("(#100) an event must be an object")
        return
    name, at, user = event.get("event_name"), event.get("event_time"), event.get("user_data")
    if name not in EVENTS:
        yield Wrong("The event name is not supported for business messaging.", EVENT_NAME)
    if not isinstance(at, int) or not now - TAKEN_FOR <= at <= now + AHEAD:
        yield Wrong("The event time must lie within the last seven days.", BAD_PARAMETER)
    for key, wanted in (("action_source", "business_messaging"), ("messaging_channel", "whatsapp")):
        if event.get(key) != wanted:
            yield Wrong(f"(#100) param {key} must be {wanted}")
    yield from _wrong_user(user if isinstance(user, dict) else {}, waba)
    if name == "Purchase" and not _has_worth(event.get("custom_data")):
        yield Wrong("(#100) a Purchase needs custom_data with a currency, and a value that is a number")


def _wrong_user(user: dict[str, Any], waba: str | None) -> Iterator[Wrong]:
    told, click = user.get("whatsapp_business_account_id"), user.get("ctwa_clid")
    if "page_id" in user:
        yield Wrong("There is no page associated with this dataset.", PAGE)
    if not isinstance(told, str) or not told:
        yield Wrong("(#100) param user_data needs whatsapp_business_account_id")
    elif waba not in (None, told):
        yield Wrong("The dataset is not linked to this WhatsApp Business account.", NOT_LINKED)
    if not isinstance(click, str) or not click:
        yield Wrong("The parameter ctwa_clid is missing.", BAD_PARAMETER)


def _has_worth(custom: Any) -> bool:
    given = custom if isinstance(custom, dict) else {}
    value, currency = given.get("value"), given.get("currency")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and isinstance(currency, str) and len(currency) == len("BRL")
