"""What does a message of Meta's hold?

The shape of each type is in the reference of the `messages` webhook. A type without its object, or one that does
not exist yet, is still a message: it becomes `Unsupported`, never a refusal.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from adapters.whatsapp.fields import (
    NAME_MOST,
    TEXT_MOST,
    Fields,
    body,
    child,
    children,
    clean,
    decimal,
    degrees,
    text,
    truth,
    whole,
)
from engine.content import (
    Card,
    Cards,
    Content,
    Form,
    Item,
    Location,
    Media,
    MediaKind,
    Order,
    Tap,
    Text,
    Unsupported,
    Welcome,
)
from engine.events import Referral

_CARDS_MOST: Final = 257
_ITEMS_MOST: Final = 1000
_NORTHMOST: Final = 90
_EASTMOST: Final = 180
_VALUES: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def type_of(item: Fields) -> str:
    """Return the word for the type of a message, empty if it has none."""
    return (text(item, "type") or "").lower()


def content_of(item: Fields) -> Content:
    """Return what a message holds."""
    kind = type_of(item)
    reader = _READERS.get(kind)
    content = reader(item) if reader else None
    return content or Unsupported(kind=text(child(item, "unsupported"), "type") or kind or None, code=code_of(item))


def code_of(item: Fields) -> int | None:
    """Return the code of the first error of a message or status."""
    errors = children(item, "errors")
    return whole(errors[0], "code") if errors else None


def referral_of(item: Fields) -> Referral | None:
    """Return the ad or post a message came from."""
    found = child(item, "referral")
    origin, source = text(found, "source_type"), text(found, "source_id")
    if source is None or origin is None or origin.lower() not in ("ad", "post"):
        return None
    return Referral(
        source="ad" if origin.lower() == "ad" else "post",
        id=source,
        clid=text(found, "ctwa_clid"),
        url=text(found, "source_url", 4 * NAME_MOST),
        headline=text(found, "headline"),
        body=text(found, "body", 4 * NAME_MOST),
    )


def _text(item: Fields) -> Content | None:
    words = body(child(item, "text"), "body")
    return None if words is None else Text(words)


def _media(kind: MediaKind, item: Fields) -> Content | None:
    found = child(item, kind)
    media_id, url = text(found, "id"), text(found, "url", 4 * NAME_MOST)
    if media_id is None and url is None:
        return None
    return Media(
        kind=kind,
        id=media_id,
        link=url if media_id is None else None,
        caption=text(found, "caption", TEXT_MOST),
        filename=text(found, "filename"),
        mime=text(found, "mime_type"),
        sha256=text(found, "sha256"),
        voice=truth(found, "voice"),
    )


def _location(item: Fields) -> Content | None:
    found = child(item, "location")
    latitude, longitude = degrees(found, "latitude", _NORTHMOST), degrees(found, "longitude", _EASTMOST)
    if latitude is None or longitude is None:
        return None
    return Location(latitude=latitude, longitude=longitude, name=text(found, "name"), address=text(found, "address"))


def _cards(item: Fields) -> Content | None:
    found = children(item, "contacts")[:_CARDS_MOST]
    if not found:
        return None
    requested = any(text(each, "origin") == "contact_request" for each in found)
    return Cards(cards=tuple(map(_card, found)), requested=requested)


def _card(found: Fields) -> Card:
    name = child(found, "name")
    parts = (text(name, part) for part in ("first_name", "last_name"))
    phones = (text(each, "phone") or text(each, "wa_id") for each in children(found, "phones"))
    return Card(
        name=text(name, "formatted_name") or " ".join(filter(None, parts)) or None,
        phones=tuple(filter(None, phones)),
    )


def _interactive(item: Fields) -> Content | None:
    found = child(item, "interactive")
    match text(found, "type"):
        case "button_reply":
            return _tap(child(found, "button_reply"), "button")
        case "list_reply":
            return _tap(child(found, "list_reply"), "list")
        case "nfm_reply":
            return _form(child(found, "nfm_reply"))
        case other:
            return Unsupported(kind=other or "interactive")


def _tap(found: Fields, source: str) -> Content | None:
    payload = text(found, "id")
    if payload is None:
        return None
    return Tap(payload=payload, title=text(found, "title") or "", source="button" if source == "button" else "list")


def _template_tap(item: Fields) -> Content | None:
    found = child(item, "button")
    title = text(found, "text") or ""
    payload = text(found, "payload") or title
    return Tap(payload=payload, title=title, source="template") if payload else None


def _form(found: Fields) -> Content | None:
    answers = found.get("response_json")
    if isinstance(answers, dict):
        answers = msgspec.json.encode(answers).decode()
    if not isinstance(answers, str):
        return None
    answers = clean(answers)
    return Form(name=text(found, "name") or "flow", answers=answers, token=_token(answers))


def _token(answers: str) -> str:
    """Return what we put behind the form; nothing where that cannot be told."""
    try:
        whole = _VALUES.decode(answers).get("flow_token", msgspec.Raw(b"null"))
        return text({"token": msgspec.json.decode(whole)}, "token") or ""
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return ""


def _order(item: Fields) -> Content | None:
    found = child(item, "order")
    catalog = text(found, "catalog_id")
    if catalog is None:
        return None
    items = tuple(map(_item, children(found, "product_items")[:_ITEMS_MOST]))
    return Order(catalog=catalog, items=items, text=body(found, "text") or "")


def _item(found: Fields) -> Item:
    return Item(
        product=text(found, "product_retailer_id") or "",
        quantity=whole(found, "quantity") or 0,
        price=decimal(found, "item_price") or "0",
        currency=text(found, "currency") or "",
    )


def _welcome(_item: Fields) -> Content | None:
    return Welcome()


_READERS: Final[Mapping[str, Callable[[Fields], Content | None]]] = {
    "text": _text,
    "image": partial(_media, "image"),
    "video": partial(_media, "video"),
    "audio": partial(_media, "audio"),
    "document": partial(_media, "document"),
    "sticker": partial(_media, "sticker"),
    "location": _location,
    "contacts": _cards,
    "interactive": _interactive,
    "button": _template_tap,
    "order": _order,
    "request_welcome": _welcome,
}
