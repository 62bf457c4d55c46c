"""What is posted to the Graph API to say something?

`body` is pure: it says the same for the same row, so that a message can be compared, recorded and sent twice.
It does not check Meta's limits; whoever writes a flow is told about those when it is loaded.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, assert_never

import msgspec

from engine.content import (
    ButtonKind,
    Buttons,
    Card,
    Cards,
    Choices,
    FormRequest,
    Link,
    Location,
    LocationRequest,
    Media,
    Outgoing,
    Product,
    Reaction,
    Section,
    Template,
    TemplateButton,
    Text,
)
from engine.identity import To
from rules.policy import countries

ROW_PREFIX: Final = "b1."

Json = dict[str, Any]

_PARAMETER_OF: Final[Mapping[ButtonKind, str]] = {"quick_reply": "payload", "url": "text", "copy_code": "coupon_code"}
_WITH_CAPTION: Final = ("image", "video", "document")


def body(to: To, content: Outgoing, *, row: str, reply_to: str | None = None) -> Json:
    """Return the JSON of a message; `row` comes back in its statuses."""
    whole: Json = {"messaging_product": "whatsapp", "recipient_type": "individual", **_addressed(to), **_said(content)}
    if reply_to:
        whole["context"] = {"message_id": reply_to}
    return whole | {"biz_opaque_callback_data": ROW_PREFIX + row}


def _addressed(to: To) -> Json:
    """Without its `+` Meta would read a number as one of the business's own country."""
    if to.phone:
        return {"to": f"+{to.phone.removeprefix('+')}"}
    if to.bsuid:
        return {"recipient": to.bsuid}
    raise ValueError("A message needs somebody to go to: a phone number or a user id")


def _said(content: Outgoing) -> Json:
    match content:
        case Text():
            return {"type": "text", "text": _text(content)}
        case Media():
            return {"type": content.kind, content.kind: _media(content)}
        case Location():
            return {"type": "location", "location": _location(content)}
        case Cards():
            return {"type": "contacts", "contacts": [_card(each) for each in content.cards]}
        case Buttons() | Choices() | Link() | LocationRequest() | FormRequest() | Product():
            return {"type": "interactive", "interactive": _interactive(content)}
        case Reaction(message_id=message_id, emoji=emoji):
            return {"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}}
        case Template():
            return {"type": "template", "template": _template(content)}
        case _:
            assert_never(content)


def _interactive(content: Buttons | Choices | Link | LocationRequest | FormRequest | Product) -> Json:
    match content:
        case Buttons():
            return _buttons(content)
        case Choices():
            return _list(content)
        case Link():
            return _link(content)
        case LocationRequest(body=words):
            action = {"name": "send_location"}
            return {"type": "location_request_message", "body": {"text": words}, "action": action}
        case FormRequest():
            return _form(content)
        case Product():
            return _product(content)
        case _:
            assert_never(content)


def _text(content: Text) -> Json:
    shown = "https://" in content.body or "http://" in content.body
    return {"preview_url": True, "body": content.body} if shown else {"body": content.body}


def _media(content: Media) -> Json:
    """An uploaded file is quicker than a link, which Meta has to fetch."""
    found: Json = {"id": content.id} if content.id else {"link": content.link}
    if content.caption and content.kind in _WITH_CAPTION:
        found["caption"] = content.caption
    if content.filename and content.kind == "document":
        found["filename"] = content.filename
    if content.voice and content.kind == "audio":
        found["voice"] = True
    return found


def _location(content: Location) -> Json:
    found: Json = {"latitude": _degrees(content.latitude), "longitude": _degrees(content.longitude)}
    return found | _present(name=content.name, address=content.address)


def _degrees(value: float) -> str:
    return format(Decimal(repr(value)), "f")


def _card(card: Card) -> Json:
    """Meta wants the name whole and one part of it at least."""
    first, _, last = (card.name or "").partition(" ")
    found: Json = {"name": {"formatted_name": card.name or "", **_present(first_name=first, last_name=last)}}
    if card.phones:
        found["phones"] = [{"phone": each, **_wa_id(card, each)} for each in card.phones]
    if card.emails:
        found["emails"] = [{"email": each} for each in card.emails]
    if card.company:
        found["org"] = {"company": card.company}
    return found | ({"urls": [{"url": card.url}]} if card.url else {})


def _wa_id(card: Card, phone: str) -> Json:
    return _present(wa_id=countries.digits(phone)) if card.whatsapp else {}


def _link(content: Link) -> Json:
    action = {"name": "cta_url", "parameters": {"display_text": content.label, "url": content.url}}
    return {"type": "cta_url", "body": {"text": content.body}, "action": action}


def _form(content: FormRequest) -> Json:
    """Meta's ids are numbers, and a name has a letter; without a screen the form begins at its first."""
    parameters: Json = {
        "flow_message_version": "3",
        "flow_id" if content.flow.isdecimal() else "flow_name": content.flow,
        "flow_token": content.token,
        "flow_cta": content.label,
        "mode": "published",
    }
    if content.screen:
        data = {"data": msgspec.json.decode(content.data)} if content.data else {}
        parameters |= {"flow_action": "navigate", "flow_action_payload": {"screen": content.screen, **data}}
    return {"type": "flow", "body": {"text": content.body}, "action": {"name": "flow", "parameters": parameters}}


def _product(content: Product) -> Json:
    action = {"catalog_id": content.catalog, "product_retailer_id": content.product}
    return {"type": "product", **({"body": {"text": content.body}} if content.body else {}), "action": action}


def _buttons(content: Buttons) -> Json:
    buttons = [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in content.buttons]
    return {"type": "button", "body": {"text": content.body}, "action": {"buttons": buttons}}


def _list(content: Choices) -> Json:
    sections = [_section(each) for each in content.sections]
    return {"type": "list", "body": {"text": content.body}, "action": {"button": content.label, "sections": sections}}


def _section(section: Section) -> Json:
    rows = [_present(id=row.id, title=row.title, description=row.description) for row in section.rows]
    return {**_present(title=section.title), "rows": rows}


def _template(content: Template) -> Json:
    components = [*_header(content), *_body(content), *map(_template_button, content.buttons)]
    whole: Json = {"name": content.name, "language": {"code": content.language}}
    return whole | ({"components": components} if components else {})


def _header(content: Template) -> list[Json]:
    match content.header:
        case None:
            return []
        case Text(body=words):
            parameter: Json = {"type": "text", **_present(parameter_name=content.header_name), "text": words}
        case Media(kind=kind):
            parameter = {"type": kind, kind: _media(content.header)}
        case Location():
            parameter = {"type": "location", "location": _location(content.header)}
    return [{"type": "header", "parameters": [parameter]}]


def _body(content: Template) -> list[Json]:
    named = [{"type": "text", "parameter_name": name, "text": words} for name, words in content.named]
    parameters = named or [{"type": "text", "text": words} for words in content.params]
    return [{"type": "body", "parameters": parameters}] if parameters else []


def _template_button(button: TemplateButton) -> Json:
    name = _PARAMETER_OF[button.kind]
    parameter = {"type": name, name: button.value}
    return {"type": "button", "sub_type": button.kind, "index": str(button.index), "parameters": [parameter]}


def _present(**fields: str | None) -> Json:
    return {name: value for name, value in fields.items() if value}
