"""How does a message or a value look in one line, and is it the message a transcript expects?"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_args

from msgspec.structs import replace

from engine.content import (
    Buttons,
    Cards,
    Choices,
    Content,
    Form,
    FormRequest,
    Link,
    Location,
    LocationRequest,
    Media,
    MediaKind,
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
from flows.expected import ANYTHING, Expected

UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
MEDIA: tuple[MediaKind, ...] = get_args(MediaKind)
SAID = ("text", "template", "react", "location", "contact", "link", "form", "product", *MEDIA)


def is_it(expected: Expected, content: Outgoing) -> bool:
    """Tell whether a message is the expected one; texts are compared with their white space folded."""
    match content:
        case Template():
            return _is_template(expected, content)
        case Media(kind=kind, caption=caption):
            wanted = getattr(expected, kind)
            return wanted is not None and wanted in names_of(content) and _fits(expected.caption, caption)
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
        case FormRequest(body=body, label=label, flow=flow):
            return expected.form in (flow, label) and _fits(expected.text, body)
        case Product(product=product, body=body):
            return expected.product == product and _fits(expected.text, body)


def expected_of(content: Outgoing, like: Expected = ANYTHING) -> Expected:  # noqa: C901 - a case a kind
    """Write a message the way a transcript expects it, with all that is known of it.

    What has several names, such as a file, is called as in `like`, if it has that name.
    """
    match content:
        case Text(body=body) | LocationRequest(body=body):
            return Expected(text=body)
        case Buttons(body=body) | Choices(body=body):
            return Expected(text=body, buttons=titles(content))
        case Template():
            return _expected_template(content, like)
        case Media(kind=kind, caption=caption):
            return replace(Expected(caption=caption), **{kind: _called(names_of(content), getattr(like, kind))})
        case Reaction(emoji=emoji):
            return Expected(react=emoji)
        case Location():
            return Expected(location=_called(_names_of_place(content), like.location))
        case Cards(cards=cards):
            return Expected(contact=_called([card.name or "" for card in cards], like.contact))
        case Link(body=body, label=label, url=url):
            return Expected(text=body or None, link=_called((url, label), like.link))
        case FormRequest(body=body, label=label, flow=flow):
            return Expected(text=body, form=_called((flow, label), like.form))
        case Product(product=product, body=body):
            return Expected(product=product, text=body or None)


def shown(content: Content | Outgoing | Expected) -> str:  # noqa: C901, PLR0912 - a case a kind
    """Write a message in one line, the way a transcript would."""
    match content:
        case Text(body=body) | LocationRequest(body=body):
            return quoted(body)
        case Buttons(body=body) | Choices(body=body):
            return _fields({"text": quoted(body), "buttons": _listed(titles(content))})
        case Template():
            return _template(content)
        case Media(kind=kind, caption=caption):
            return _fields({kind: names_of(content)[0], "caption": quoted(caption) if caption else ""})
        case Tap(title=title):
            return _fields({"tap": title})
        case Reaction(emoji=emoji):
            return _fields({"react": emoji})
        case Location():
            return _fields({"location": _names_of_place(content)[0]})
        case Link(body=body, url=url):
            return _fields({"text": quoted(body), "link": url})
        case FormRequest(body=body, flow=flow):
            return _fields({"text": quoted(body), "form": flow})
        case Form(answers=answers):
            return _fields({"form": answers})
        case Product(product=product, body=body):
            return _fields({"product": product, "text": quoted(body) if body else ""})
        case Cards(cards=cards):
            return _fields({"contact": ", ".join(card.name or "…" for card in cards)})
        case Expected():
            return _expected(content)
        case Order() | Welcome() | Unsupported():
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


def names_of(content: Media) -> tuple[str, ...]:
    """Return everything a file may be called in a transcript: its link, path, name or id."""
    return tuple(name for name in (content.link, content.file, content.filename, content.id) if name) or ("…",)


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
            return names_of(content.header)
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


def _names_of_place(content: Location) -> tuple[str, ...]:
    degrees = f"{content.latitude}, {content.longitude}"
    return tuple(name for name in (content.name, content.address, degrees) if name)


def _expected_template(content: Template, like: Expected) -> Expected:
    buttons = tuple(button.value for button in content.buttons)
    return Expected(
        template=content.name,
        params=_values(content) or None,
        header=_called(_heads(content), like.header),
        buttons=buttons or None,
        language=content.language,
    )


def _called(names: Sequence[str], wanted: str | None) -> str | None:
    return wanted if wanted is not None and folded(wanted) in names else next(iter(names), None)


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
