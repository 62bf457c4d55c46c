"""Which templates did Meta approve, and what do they need?"""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from engine.content import ButtonKind
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, listed, nearest

APPROVED = "APPROVED"
PARAMETER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
BUTTON_TAKES: Mapping[str, ButtonKind] = {"QUICK_REPLY": "quick_reply", "COPY_CODE": "copy_code", "OTP": "url"}

Status = Literal[
    "APPROVED",
    "ARCHIVED",
    "DELETED",
    "DISABLED",
    "FLAGGED",
    "IN_APPEAL",
    "LIMIT_EXCEEDED",
    "LOCKED",
    "PAUSED",
    "PENDING",
    "PENDING_DELETION",
    "REJECTED",
    "UNKNOWN",
]


class Header(Struct, frozen=True):
    """What stands above a template's text.

    - `format`: what it is; `TEXT` unless told.
    - `text`: its words, if it is a text.
    """

    format: Literal["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"] = "TEXT"
    text: str = ""


def _header(reader: Reader, node: Node, name: str) -> Header:
    if isinstance(node, Scalar):
        return Header(text=reader.text(node, name))
    found: Header = reader.fields(node, Header, name)
    return found


class Button(Struct, frozen=True):
    """A button of a template, as Meta describes it.

    - `type`: what it does, by Meta's word.
    - `text`: what stands on it.
    - `url`: the page it opens.
    - `phone_number`: the number it calls.
    """

    type: str
    text: str = ""
    url: str = ""
    phone_number: str = ""

    @property
    def takes(self) -> ButtonKind | None:
        """What can be given to it: where it leads, what it brings back, or what it copies; nothing to most."""
        if self.type == "URL":
            return "url" if PARAMETER.search(self.url) else None
        return BUTTON_TAKES.get(self.type)

    @property
    def is_needed(self) -> bool:
        """Tell whether Meta refuses a message that gives it nothing."""
        return self.takes is not None and self.type != "QUICK_REPLY"


class Item(Struct, frozen=True, kw_only=True):
    """A template in one language.

    - `name`: its name.
    - `language`: its language, as Meta writes it.
    - `category`: what Meta takes it for.
    - `status`: whether Meta lets it be sent; only `APPROVED` leaves.
    - `body`: its text, with `{{1}}` or `{{name}}` for what is filled in.
    - `format`: whether that is filled in by number or by name; `positional` unless told.
    - `header`: what stands above the text.
    - `footer`: what stands below the text.
    - `buttons`: its buttons, in order.
    - `quality`: how Meta rates it.
    """

    name: str
    language: str
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
    status: Status
    body: str = ""
    format: Literal["positional", "named"] = "positional"
    header: Annotated[Header, By(_header, str | Header)] | None = None
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    quality: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names or numbers of what must be filled in, each once, in order."""
        return tuple(dict.fromkeys(PARAMETER.findall(self.body)))

    @property
    def header_parameter(self) -> str | None:
        """The name or number of what must be filled in above the text, in words."""
        return next(iter(PARAMETER.findall(self.header.text)), None) if self.header else None

    @property
    def wanted_header(self) -> str | None:
        """What must stand above the text, unless it always is the same: `text`, `image` and so on."""
        if self.header is None or (self.header.format == "TEXT" and self.header_parameter is None):
            return None
        return self.header.format.lower()

    @property
    def wants(self) -> str | None:
        """What it needs beside the parameters of its text; nothing if those are enough."""
        if self.wanted_header:
            return f"a header ({self.wanted_header})"
        return "a button with a parameter" if any(each.is_needed for each in self.buttons) else None


class Templates(Struct, frozen=True, rename=lambda name: name.rstrip("_")):
    """A `templates:` document: what one WhatsApp Business Account has, pulled from Meta.

    - `templates`: the id of the WhatsApp Business Account they belong to, in quotes.
    - `list`: the templates, one for each language.
    """

    templates: str
    list_: tuple[Item, ...]
    place: str = ""


class Named(Struct, frozen=True):
    """A template that exists, in each of its languages; the business's own comes first."""

    as_written: ClassVar = str

    name: str
    languages: dict[str, Item]

    @classmethod
    def read(cls, reader: Reader, node: Node, name: str) -> "Named":
        """Read the name of a template and find it in the lock."""
        text = reader.text(node, name, "the name of a template")
        known: Mapping[str, dict[str, Item]] = reader.templates
        if text not in known:
            message = f"No template is called `{text}`"
            there = f"Known are {listed(known)}" if known else "Pull them with `baton templates pull`"
            raise reader.refuse(node.place, "unknown-template", message, nearest(text, known) or there)
        items = known[text]
        first = {language: items[language] for language in (reader.language,) if language in items}
        return cls(text, {**first, **items})


def known_templates(documents: tuple[Templates, ...]) -> dict[str, dict[str, Item]]:
    """Find the templates of all locks by name and language."""
    found: dict[str, dict[str, Item]] = {}
    for item in (item for document in documents for item in document.list_):
        found.setdefault(item.name, {}).setdefault(item.language, item)
    return found


def check_templates(reader: Reader, document: Templates, node: Map) -> None:
    """Tell about a template that is listed twice."""
    seen: set[tuple[str, str]] = set()
    listing = node.items["list"]
    for item, each in zip(document.list_, getattr(listing, "items", ()), strict=True):
        if (item.name, item.language) in seen:
            message = f"`{item.name}` in `{item.language}` is listed twice"
            reader.tell(each.place, "duplicate-template", message, "Delete one of them, or pull the list anew")
        seen.add((item.name, item.language))
