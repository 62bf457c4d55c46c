"""What did the fake Graph hear? A body of the Graph API, read back as what was meant."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from engine.content import (
    Button,
    Buttons,
    Card,
    Cards,
    Choice,
    Choices,
    FormRequest,
    Link,
    Location,
    LocationRequest,
    Media,
    MediaKind,
    Outgoing,
    Product,
    Reaction,
    Section,
    Template,
    TemplateButton,
    Text,
)

WORTH = ("value", "currency")
MEDIA = ("image", "video", "audio", "document", "sticker")


def outgoing(body: dict[str, Any]) -> Outgoing:
    """Return the message in a body that was accepted; raises `ValueError` for a kind Baton never sends."""
    match body["type"]:
        case "text":
            return Text(body["text"]["body"])
        case "interactive":
            return _interactive(body["interactive"])
        case "template":
            return _template(body["template"])
        case "location":
            return _place(body["location"])
        case "contacts":
            return Cards(tuple(_card(each) for each in body["contacts"]))
        case "reaction":
            return Reaction(body["reaction"]["message_id"], body["reaction"]["emoji"])
        case kind if kind in MEDIA:
            return _media(kind, body[kind])
        case kind:
            raise ValueError(kind)


def named(content: Outgoing, paths: Mapping[str, str]) -> Outgoing:
    """Call the files in a message by their paths in the folder; `paths` has them by Meta's ids."""
    match content:
        case Media():
            return _named(content, paths)
        case Template(header=Media() as header):
            return replace(content, header=_named(header, paths))
        case _:
            return content


def _named(file: Media, paths: Mapping[str, str]) -> Media:
    path = paths.get(file.id or "")
    return replace(file, id=None, file=path) if path else file


def offered(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what can be tapped in a message: payload and title of each."""
    match outgoing(body):
        case Buttons(buttons=buttons):
            return [(button.id, button.title) for button in buttons]
        case Choices(sections=sections):
            return [(choice.id, choice.title) for section in sections for choice in section.rows]
        case _:
            return []


def reported(event: dict[str, Any]) -> str:
    """Return what Meta was told of a conversion."""
    worth = event.get("custom_data", {})
    return " ".join(str(each) for each in (event["event_name"], *(worth.get(name) for name in WORTH)) if each)


def _place(found: dict[str, Any]) -> Location:
    return Location(float(found["latitude"]), float(found["longitude"]), found.get("name"), found.get("address"))


def _media(kind: MediaKind, found: dict[str, Any]) -> Media:
    fields = {name: found.get(name) for name in ("id", "link", "caption", "filename")}
    return Media(kind, **fields, voice=found.get("voice", False))


def _interactive(found: dict[str, Any]) -> Outgoing:
    words, action = found.get("body", {}).get("text", ""), found["action"]
    match found["type"]:
        case "button":
            replies = (each["reply"] for each in action["buttons"])
            return Buttons(words, tuple(Button(reply["id"], reply["title"]) for reply in replies))
        case "list":
            return Choices(words, action["button"], tuple(_section(each) for each in action["sections"]))
        case "cta_url":
            return Link(words, action["parameters"]["display_text"], action["parameters"]["url"])
        case "location_request_message":
            return LocationRequest(words)
        case "flow":
            return _form(words, action["parameters"])
        case "product":
            return Product(action["catalog_id"], action["product_retailer_id"], words)
        case kind:
            raise ValueError(kind)


def _form(words: str, found: dict[str, Any]) -> FormRequest:
    begins = found.get("flow_action_payload", {})
    return FormRequest(
        words,
        label=found["flow_cta"],
        flow=found.get("flow_id") or found["flow_name"],
        token=found["flow_token"],
        screen=begins.get("screen"),
        data=json.dumps(begins["data"]) if "data" in begins else None,
    )


def _card(found: dict[str, Any]) -> Card:
    phones = found.get("phones", ())
    return Card(
        name=found["name"]["formatted_name"],
        phones=tuple(each["phone"] for each in phones),
        emails=tuple(each["email"] for each in found.get("emails", ())),
        company=found.get("org", {}).get("company"),
        url=next((each["url"] for each in found.get("urls", ())), None),
        whatsapp=any("wa_id" in each for each in phones),
    )


def _section(found: dict[str, Any]) -> Section:
    rows = (Choice(each["id"], each["title"], each.get("description")) for each in found["rows"])
    return Section(found.get("title", ""), tuple(rows))


def _template(found: dict[str, Any]) -> Template:
    parts = found.get("components", [])
    given = [parameter for each in parts if each["type"] == "body" for parameter in each["parameters"]]
    head = next((each["parameters"][0] for each in parts if each["type"] == "header"), None)
    return Template(
        name=found["name"],
        language=found["language"]["code"],
        params=tuple(each["text"] for each in given if "parameter_name" not in each),
        named=tuple((each["parameter_name"], each["text"]) for each in given if "parameter_name" in each),
        header=_header(head) if head else None,
        header_name=head.get("parameter_name", "") if head else "",
        buttons=tuple(_button(each) for each in parts if each["type"] == "button"),
    )


def _header(found: dict[str, Any]) -> Text | Media | Location:
    kind = found["type"]
    match kind:
        case "text":
            return Text(found["text"])
        case "location":
            return _place(found["location"])
        case _:
            return _media(kind, found[kind])


def _button(found: dict[str, Any]) -> TemplateButton:
    (parameter,) = found["parameters"]
    return TemplateButton(int(found["index"]), found["sub_type"], parameter[parameter["type"]])
