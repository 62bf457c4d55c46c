"""How does a message or a value look in one line, and is it the message a transcript expects?"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import Struct

from engine.content import (
    Buttons,
    Cards,
    Choices,
    Content,
    Form,
    Link,
    Location,
    LocationRequest,
    Media,
    Order,
    Outgoing,
    Product,
    Reaction,
    Tap,
    Template,
    Text,
    Unsupported,
    Welcome,
)

UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
MEDIA = ("image", "video", "audio", "document", "sticker")
SAID = ("text", "template", "react", "location", "contact", "link", "product", *MEDIA)


class Expected(Struct, frozen=True, kw_only=True):
    """A message of the bot as a transcript writes it; what is nothing may be anything."""

    text: str | None = None
    buttons: tuple[str, ...] | None = None
    template: str | None = None
    params: tuple[str, ...] | None = None
    header: str | None = None
    language: str | None = None
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    document: str | None = None
    sticker: str | None = None
    caption: str | None = None
    react: str | None = None
    location: str | None = None
    contact: str | None = None
    link: str | None = None
    product: str | None = None


def is_it(expected: Expected, content: Outgoing) -> bool:
    """Tell whether a message is the expected one; texts are compared with their white space folded."""
    match content:
        case Template():
            return _is_template(expected, content)
        case Media(kind=kind, caption=caption):
            wanted = getattr(expected, kind)
            return wanted is not None and wanted in _names(content) and _fits(expected.caption, caption)
        case Reaction(emoji=emoji):
            return expected.react == emoji
        case Text() | Buttons() | Choices() | LocationRequest():
            return _words_fit(expected, content)
        case Location():
            return expected.location in _names_of_place(content)
        case Cards(cards=cards):
            return expected.contact is not None and expected.contact in [card.name for card in cards]
        case Link(body=body, label=label, url=url):
            return expected.link in (label, url) and _fits(expected.text, body)
        case Product(product=product, body=body):
            return expected.product == product and _fits(expected.text, body)


def shown(content: Content | Outgoing | Expected) -> str:  # noqa: C901 - a case a kind
    """Write a message in one line, the way a transcript would."""
    match content:
        case Text(body=body) | LocationRequest(body=body):
            return quoted(body)
        case Buttons(body=body) | Choices(body=body):
            return _fields({"text": quoted(body), "buttons": _listed(titles(content))})
        case Template():
            return _template(content)
        case Media(kind=kind, caption=caption):
            return _fields({kind: _names(content)[0], "caption": quoted(caption) if caption else ""})
        case Tap(title=title):
            return _fields({"tap": title})
        case Reaction(emoji=emoji):
            return _fields({"react": emoji})
        case Location():
            return _fields({"location": _names_of_place(content)[0]})
        case Link(body=body, url=url):
            return _fields({"text": quoted(body), "link": url})
        case Product(product=product, body=body):
            return _fields({"product": product, "text": quoted(body) if body else ""})
        case Cards(cards=cards):
            return _fields({"contact": ", ".join(card.name or "…" for card in cards)})
        case Expected():
            return _expected(content)
        case Form() | Order() | Welcome() | Unsupported():
            return _fields({type(content).__name__.lower(): "…"})


def titles(content: Content | Outgoing) -> tuple[str, ...]:
    """Return what can be tapped in a message, in order."""
    match content:
        case Buttons(buttons=buttons):
            return tuple(button.title for button in buttons)
        case Choices(sections=sections):
            return tuple(row.title for section in sections for row in section.rows)
        case _:
            return ()


def folded(text: str) -> str:
    """Return a text with each run of white space as one space."""
    return " ".join(text.split())


def quoted(text: str) -> str:
    """Put a text in quotes, on one line."""
    return f'"{folded(text)}"'


def written(value: Any) -> str:
    """Write a value the way an author would."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value.normalize(), "f")
        case timedelta():
            return _span(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Enum():
            return value.name.lower()
        case tuple():
            return ", ".join(map(written, value))
        case _:
            return str(value)


def _words_fit(expected: Expected, content: Text | Buttons | Choices | LocationRequest) -> bool:
    if expected.text is None or folded(expected.text) != folded(content.body):
        return False
    return expected.buttons is None or expected.buttons == titles(content)


def _is_template(expected: Expected, content: Template) -> bool:
    return (
        expected.template == content.name
        and _fits(expected.language, content.language)
        and _all_fit(expected.params, _values(content))
        and (expected.header is None or folded(expected.header) in _heads(content))
        and _all_fit(expected.buttons, tuple(button.value for button in content.buttons))
    )


def _all_fit(wanted: tuple[str, ...] | None, found: tuple[str, ...]) -> bool:
    return wanted is None or tuple(map(folded, wanted)) == tuple(map(folded, found))


def _values(content: Template) -> tuple[str, ...]:
    return content.params or tuple(value for _, value in content.named)


def _heads(content: Template) -> tuple[str, ...]:
    match content.header:
        case None:
            return ()
        case Text(body=body):
            return (folded(body),)
        case Media():
            return _names(content.header)
        case Location():
            return _names_of_place(content.header)


def _template(content: Template) -> str:
    lists = {"params": _values(content), "buttons": tuple(button.value for button in content.buttons)}
    return _fields(
        {"template": content.name, "header": next(iter(_heads(content)), "")}
        | {name: _listed(map(quoted, values)) for name, values in lists.items() if values}
    )


def _fits(wanted: str | None, found: str | None) -> bool:
    return wanted is None or folded(wanted) == folded(found or "")


def _names(content: Media) -> tuple[str, ...]:
    return tuple(name for name in (content.link, content.filename, content.id) if name) or ("…",)


def _names_of_place(content: Location) -> tuple[str, ...]:
    degrees = f"{content.latitude}, {content.longitude}"
    return tuple(name for name in (content.name, content.address, degrees) if name)


def _span(value: timedelta) -> str:
    left, parts = int(abs(value).total_seconds()), ""
    for seconds, unit in UNITS:
        count, left = divmod(left, seconds)
        parts += f"{count}{unit}" if count else ""
    return ("-" if value < timedelta(0) else "") + (parts or "0s")


def _expected(expected: Expected) -> str:
    if expected.text is not None and expected.buttons is None:
        return quoted(expected.text)
    texts = {"text": expected.text, "caption": expected.caption}
    plain = {name: getattr(expected, name) for name in ("language", "header", *SAID) if name != "text"}
    lists = {"buttons": expected.buttons, "params": expected.params and tuple(map(quoted, expected.params))}
    return _fields(
        {name: quoted(value) for name, value in texts.items() if value}
        | {name: value for name, value in plain.items() if value}
        | {name: _listed(value) for name, value in lists.items() if value is not None}
    )


def _fields(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in values.items() if value) + "}"


def _listed(values: Iterable[str]) -> str:
    return "[" + ", ".join(values) + "]"
