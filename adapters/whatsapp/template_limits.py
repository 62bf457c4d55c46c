"""Which template objects does the Graph API take, and within which limits?

What a template of a name needs is known only to the account that owns it; here is what holds for all of them.
"""

import re
from collections.abc import Iterator
from typing import Final

from adapters.whatsapp.shapes import (
    Check,
    Fault,
    anything,
    both,
    items,
    number,
    record,
    spelled,
    tagged,
    text,
    url,
    word,
)

TEMPLATE_NAME: Final = 512
PARAMETERS: Final = 100
PARAMETER_TEXT: Final = 1024
TEMPLATE_BUTTONS: Final = 10
TEMPLATE_CARDS_LEAST: Final = 2
TEMPLATE_CARDS_MOST: Final = 10
QUICK_REPLY_PAYLOAD: Final = 128
COUPON_CODE: Final = 20
COMPONENTS: Final = 20
PARAMETER_FORMAT_MISMATCH: Final = 132012

_UNPRINTABLE = re.compile(r"[\n\r\t]| {5}")
_REASONABLE: Final = 1000
_LATEST_MOMENT: Final = 1e15


def _one_line(value: str, path: str) -> Iterator[Fault]:
    if _UNPRINTABLE.search(value):
        yield Fault(PARAMETER_FORMAT_MISMATCH, f"`{path}` takes no line break, no tab and at most 4 spaces in a row")


def _parameter(**need: Check) -> Check:
    return record({"type": anything, **need}, {"parameter_name": _NAME})


_NAME = text(_REASONABLE)
_LINE = both(text(PARAMETER_TEXT), _one_line)
_FILE = record({}, {"id": _NAME, "link": url, "filename": _NAME}, either=("id", "link"))
_PLACE = record(
    {"latitude": number(-90, 90), "longitude": number(-180, 180)},
    {"name": _NAME, "address": _NAME},
)
_TEXT: dict[str, Check] = {"text": _parameter(text=_LINE)}
_IN_BODY: dict[str, Check] = _TEXT | {
    "currency": _parameter(currency=record({"fallback_value": _LINE, "code": _NAME, "amount_1000": anything})),
    "date_time": _parameter(date_time=record({"fallback_value": _LINE})),
}
_IN_HEADER: dict[str, Check] = _TEXT | {
    "image": _parameter(image=_FILE),
    "video": _parameter(video=_FILE),
    "document": _parameter(document=_FILE),
    "location": _parameter(location=_PLACE),
    "product": _parameter(product=record({"catalog_id": _NAME, "product_retailer_id": _NAME})),
}
_ACTION = record({}, {"flow_token": _NAME, "flow_action_data": anything, "thumbnail_product_retailer_id": _NAME})
_COUPON = spelled(f"[A-Za-z0-9]{{1,{COUPON_CODE}}}", f"1 to {COUPON_CODE} letters and digits")
_IN_BUTTON: dict[str, Check] = _TEXT | {
    "payload": _parameter(payload=text(QUICK_REPLY_PAYLOAD)),
    "coupon_code": _parameter(coupon_code=_COUPON),
    "action": _parameter(action=_ACTION),
}
_OFFER: dict[str, Check] = {
    "limited_time_offer": _parameter(limited_time_offer=record({"expiration_time_ms": number(0, _LATEST_MOMENT)})),
}


def _component(parameters: dict[str, Check], most: int = PARAMETERS) -> Check:
    return record({"type": anything, "parameters": items(tagged("type", parameters), most)})


_BUTTON = record(
    {
        "type": anything,
        "sub_type": word("quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "voice_call"),
        "index": number(0, TEMPLATE_BUTTONS - 1),
    },
    {"parameters": items(tagged("type", _IN_BUTTON), PARAMETERS)},
)
_PLAIN: dict[str, Check] = {
    "header": _component(_IN_HEADER, most=1),
    "body": _component(_IN_BODY),
    "button": _BUTTON,
    "limited_time_offer": _component(_OFFER, most=1),
}
_CARD = record(
    {"card_index": number(0, TEMPLATE_CARDS_MOST - 1), "components": items(tagged("type", _PLAIN), COMPONENTS)},
)
_CAROUSEL = record({"type": anything, "cards": items(_CARD, TEMPLATE_CARDS_MOST, TEMPLATE_CARDS_LEAST)})

TEMPLATE: Final = record(
    {"name": text(TEMPLATE_NAME), "language": record({"code": _NAME}, {"policy": word("deterministic")})},
    {"components": items(tagged("type", _PLAIN | {"carousel": _CAROUSEL}), COMPONENTS, least=0)},
)
