"""What does a message show on a phone, row by row?"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from engine.content import (
    Buttons,
    Card,
    Cards,
    Choices,
    Content,
    FormRequest,
    Link,
    Location,
    LocationRequest,
    Media,
    Outgoing,
    Product,
    Template,
    words_of,
)
from flows.shown import shown
from flows.taps import QUICK_REPLY, taps

Kind = Literal["text", "dim", "file", "button"]
Row = tuple[Kind, str]
"""How a row looks, and its words."""


def rows_of(content: Content | Outgoing, templates: Mapping[tuple[str, str], Any]) -> Iterator[Row]:
    """Show a message; what can be tapped has its number."""
    match content:
        case Buttons(body=body):
            yield "text", body
            yield from _buttons(content, templates)
        case Choices(body=body):
            yield "text", body
            yield from _list(content)
        case Template():
            yield from _template(content, templates.get((content.name, content.language)))
            yield from _buttons(content, templates)
        case Link(body=body, label=label, url=url):
            yield "text", body
            yield "dim", f"↗ {label}: {url}"
        case LocationRequest(body=body):
            yield "text", body
            yield "dim", "⌖ Send location: /location LAT, LONG"
        case FormRequest(body=body, label=label):
            yield "text", body
            yield "dim", f"▤ {label}: /form NAME=VALUE NAME=VALUE"
        case _:
            yield from _plain(content)


def _plain(content: Content | Outgoing) -> Iterator[Row]:
    match content:
        case Media(kind=kind, filename=filename, link=link, file=file, voice=voice):
            yield "file", f"[{'voice' if voice else kind}] {file or filename or link or ''}".rstrip()
        case Location(latitude=latitude, longitude=longitude, name=name, address=address):
            about = ", ".join(each for each in (name, address) if each)
            yield "file", f"[location] {latitude}, {longitude} {about}".rstrip()
        case Cards(cards=cards):
            yield from (("file", f"[contact] {_card(each)}") for each in cards)
        case Product(product=product):
            yield "file", f"[product] {product}"
    words = words_of(content)
    if words or not isinstance(content, Media | Location | Cards | Product):
        yield "text", words or shown(content)


def _card(card: Card) -> str:
    return ", ".join(each for each in (card.name, card.company, *card.phones, *card.emails, card.url) if each)


def _buttons(content: Outgoing, templates: Mapping[tuple[str, str], Any]) -> Iterator[Row]:
    for at, tap in enumerate(taps(content, templates), 1):
        yield "button", f"[{at}] {tap.title}"


def _list(content: Choices) -> Iterator[Row]:
    yield "dim", f"≡ {content.label}"
    at = 0
    for section in content.sections:
        if section.title:
            yield "dim", section.title
        for row in section.rows:
            at += 1
            yield "button", f"[{at}] {row.title}"
            if row.description:
                yield "dim", f"    {row.description}"


def _template(content: Template, item: Any) -> Iterator[Row]:
    if item is None:
        yield "text", shown(content)
        return
    values = {**{str(at): value for at, value in enumerate(content.params, 1)}, **dict(content.named)}
    if content.header is not None:
        yield from rows_of(content.header, {})
    elif item.header and item.header.text:
        yield "text", item.header.text
    yield "text", _filled(item.body, values)
    if item.footer:
        yield "dim", item.footer
    yield from (("dim", f"↗ {each.text}") for each in item.buttons if each.type != QUICK_REPLY)


def _filled(body: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        body = body.replace(f"{{{{{name}}}}}", value)
    return body
