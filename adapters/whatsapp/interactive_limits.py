"""Which interactive objects (buttons, lists, links, forms, products, cards) does the Graph API take?"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from adapters.whatsapp.shapes import (
    WRONG_VALUE,
    Check,
    Fault,
    Rule,
    anything,
    both,
    items,
    number,
    record,
    tagged,
    text,
    url,
    word,
)

INTERACTIVE_BODY: Final = 1024
LIST_BODY: Final = 4096
HEADER: Final = 60
FOOTER: Final = 60
BUTTONS: Final = 3
BUTTON_TITLE: Final = 20
BUTTON_ID: Final = 256
LIST_LABEL: Final = 20
LIST_SECTIONS: Final = 10
LIST_ROWS: Final = 10
SECTION_TITLE: Final = 24
ROW_TITLE: Final = 24
ROW_DESCRIPTION: Final = 72
ROW_ID: Final = 200
LINK_LABEL: Final = 20
FORM_LABEL: Final = 30
PRODUCTS: Final = 30
PRODUCT_SECTIONS: Final = 10
CARDS_LEAST: Final = 2
CARDS_MOST: Final = 10
CARD_BODY: Final = 160
CARD_LINE_BREAKS: Final = 2

_REASONABLE: Final = 1000


def _distinct(read: Callable[[Any], str], what: str) -> Rule:
    def check(value: list[Any], path: str) -> Iterator[Fault]:
        found = [read(item) for item in value]
        yield from (
            Fault(WRONG_VALUE, f"`{path}` has the {what} `{each}` twice")
            for place, each in enumerate(found)
            if each in found[:place]
        )

    return check


def _fitting_rows(sections: list[dict[str, Any]], path: str) -> Iterator[Fault]:
    rows = [row["id"] for section in sections for row in section["rows"]]
    if len(rows) > LIST_ROWS:
        yield Fault(WRONG_VALUE, f"`{path}` takes at most {LIST_ROWS} rows in all and has {len(rows)}")
    if len(sections) > 1 and not all(section.get("title") for section in sections):
        yield Fault(WRONG_VALUE, f"`{path}` needs a title in each section when there are several")
    yield from _distinct(str, "id")(rows, path)


def _few_products(sections: list[dict[str, Any]], path: str) -> Iterator[Fault]:
    count = sum(len(section["product_items"]) for section in sections)
    if count > PRODUCTS:
        yield Fault(WRONG_VALUE, f"`{path}` takes at most {PRODUCTS} products in all and has {count}")


def _alike(cards: list[dict[str, Any]], path: str) -> Iterator[Fault]:
    def kinds(card: dict[str, Any]) -> list[str]:
        return [card["type"], *(button["type"] for button in card["action"].get("buttons", ()))]

    yield from (
        Fault(WRONG_VALUE, f"`{path}[{place}]` needs the same kind and number of buttons as the first card")
        for place, card in enumerate(cards)
        if kinds(card) != kinds(cards[0])
    )


def _few_lines(value: str, path: str) -> Iterator[Fault]:
    if value.count("\n") > CARD_LINE_BREAKS:
        yield Fault(WRONG_VALUE, f"`{path}` takes at most {CARD_LINE_BREAKS} line breaks")


def _words(most: int) -> Check:
    return record({"text": text(most)})


def _file(**may: Check) -> Check:
    return record({}, {"id": _NAME, "link": url, **may}, either=("id", "link"))


_NAME = text(_REASONABLE)
_MEDIA_HEADERS: dict[str, Check] = {
    kind: record({"type": anything, kind: form})
    for kind, form in {"image": _file(), "video": _file(), "document": _file(filename=_NAME)}.items()
}
_TEXT_HEADER: dict[str, Check] = {"text": record({"type": anything, "text": text(HEADER)})}
_ANY_HEADER = tagged("type", _TEXT_HEADER | _MEDIA_HEADERS)
_ONLY_TEXT_HEADER = tagged("type", _TEXT_HEADER)
_CARD_HEADER = tagged("type", {kind: _MEDIA_HEADERS[kind] for kind in ("image", "video")})

_REPLY_BUTTON = record(
    {"type": word("reply"), "reply": record({"id": text(BUTTON_ID), "title": text(BUTTON_TITLE)})},
)
_REPLY_BUTTONS = both(
    items(_REPLY_BUTTON, BUTTONS),
    both(
        _distinct(lambda button: str(button["reply"]["title"]), "title"),
        _distinct(lambda button: str(button["reply"]["id"]), "id"),
    ),
)
_ROW = record({"id": text(ROW_ID), "title": text(ROW_TITLE)}, {"description": text(ROW_DESCRIPTION, least=0)})
_SECTION = record({"rows": items(_ROW, LIST_ROWS)}, {"title": text(SECTION_TITLE, least=0)})
_LIST = record({"button": text(LIST_LABEL), "sections": both(items(_SECTION, LIST_SECTIONS), _fitting_rows)})
_LINK = record(
    {"name": word("cta_url"), "parameters": record({"display_text": text(LINK_LABEL), "url": url})},
)
_FORM = record(
    {"flow_message_version": word("3"), "flow_cta": text(FORM_LABEL)},
    {
        "flow_id": _NAME,
        "flow_name": _NAME,
        "flow_token": _NAME,
        "mode": word("draft", "published"),
        "flow_action": word("navigate", "data_exchange"),
        "flow_action_payload": record({"screen": _NAME}, {"data": anything}),
    },
    either=("flow_id", "flow_name"),
)
_PRODUCT = record({"catalog_id": _NAME, "product_retailer_id": _NAME})
_PRODUCT_ITEMS = items(record({"product_retailer_id": _NAME}), PRODUCTS)
_PRODUCT_SECTION = record({"product_items": _PRODUCT_ITEMS}, {"title": text(SECTION_TITLE, least=0)})
_PRODUCT_LIST = record(
    {"catalog_id": _NAME, "sections": both(items(_PRODUCT_SECTION, PRODUCT_SECTIONS), _few_products)},
)
_CATALOG = record(
    {"name": word("catalog_message")},
    {"parameters": record({}, {"thumbnail_product_retailer_id": _NAME})},
)
_CARD_REPLY = record(
    {"type": word("quick_reply"), "quick_reply": record({"id": text(BUTTON_ID), "title": text(BUTTON_TITLE)})},
)
_CARD_ACTION = record(
    {},
    {
        "name": word("cta_url"),
        "parameters": record({"display_text": text(LINK_LABEL), "url": url}),
        "buttons": items(_CARD_REPLY, BUTTONS),
    },
    either=("name", "buttons"),
)
_CARD_PLACE = number(0, CARDS_MOST - 1)
_CARD = tagged(
    "type",
    {
        "cta_url": record(
            {"card_index": _CARD_PLACE, "type": anything, "header": _CARD_HEADER, "action": _CARD_ACTION},
            {"body": record({"text": both(text(CARD_BODY), _few_lines)})},
        ),
        "product": record({"card_index": _CARD_PLACE, "type": anything, "action": _PRODUCT}),
    },
)
_CAROUSEL = record({"cards": both(items(_CARD, CARDS_MOST, CARDS_LEAST), _alike)})


def _asking(action: Check, header: Check | None = None, body: int = INTERACTIVE_BODY) -> Check:
    may = {"footer": _words(FOOTER)} | ({"header": header} if header else {})
    return record({"type": anything, "body": _words(body), "action": action}, may)


INTERACTIVE: Final = tagged(
    "type",
    {
        "button": _asking(record({"buttons": _REPLY_BUTTONS}), _ANY_HEADER),
        "list": _asking(_LIST, _ONLY_TEXT_HEADER, LIST_BODY),
        "cta_url": _asking(_LINK, _ANY_HEADER),
        "location_request_message": _asking(record({"name": word("send_location")})),
        "request_contact_info": _asking(record({"name": word("request_contact_info")})),
        "flow": _asking(record({"name": word("flow"), "parameters": _FORM}), _ANY_HEADER),
        "product": record(
            {"type": anything, "action": _PRODUCT},
            {"body": _words(INTERACTIVE_BODY), "footer": _words(FOOTER)},
        ),
        "product_list": record(
            {
                "type": anything,
                "header": _ONLY_TEXT_HEADER,
                "body": _words(INTERACTIVE_BODY),
                "action": _PRODUCT_LIST,
            },
            {"footer": _words(FOOTER)},
        ),
        "catalog_message": _asking(_CATALOG),
        "carousel": record({"type": anything, "body": _words(INTERACTIVE_BODY), "action": _CAROUSEL}),
        "address_message": _asking(anything),
    },
)
