"""Which templates did Meta approve, and does a message fill one in?"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from msgspec import Struct

from engine.content import Template
from engine.step import Turn
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, listed, nearest
from flows.step import Fault
from flows.text import Text
from flows.values import fitting
from rules.source import Severity

APPROVED = "APPROVED"
PARAMETER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
MEDIA_HEADERS = ("IMAGE", "VIDEO", "DOCUMENT", "LOCATION")
MOST_SPACES = 3  # Meta refuses a parameter with more of them in a row

Status = Literal[
    "APPROVED",
    "ARCHIVED",
    "DELETED",
    "DISABLED",
    "IN_APPEAL",
    "LIMIT_EXCEEDED",
    "PAUSED",
    "PENDING",
    "PENDING_DELETION",
    "REJECTED",
]


class Header(Struct, frozen=True):
    """What stands above a template's text."""

    format: Literal["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"] = "TEXT"
    text: str = ""


def _header(reader: Reader, node: Node, name: str) -> Header:
    if isinstance(node, Scalar):
        return Header(text=reader.text(node, name))
    found: Header = reader.fields(node, Header, name)
    return found


class Button(Struct, frozen=True):
    """A button of a template, as Meta describes it."""

    type: str
    text: str = ""
    url: str = ""
    phone_number: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """A template in one language."""

    name: str
    language: str
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
    status: Status
    body: str = ""
    format: Literal["positional", "named"] = "positional"
    header: Annotated[Header, By(_header)] | None = None
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    quality: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names or numbers of what must be filled in, each once, in order."""
        return tuple(dict.fromkeys(PARAMETER.findall(self.body)))

    @property
    def wants(self) -> str | None:
        """What else it needs that a step cannot give; nothing if the parameters are enough."""
        if self.header and (self.header.format in MEDIA_HEADERS or PARAMETER.search(self.header.text)):
            return f"a header ({self.header.format.lower()})"
        return "a button with a parameter" if any(PARAMETER.search(each.url) for each in self.buttons) else None


class Templates(Struct, frozen=True, rename=lambda name: name.rstrip("_")):
    """A `templates:` document: what one WhatsApp Business Account has, pulled from Meta."""

    templates: str
    list_: tuple[Item, ...]
    place: str = ""


class Named(Struct, frozen=True):
    """A template that exists, in each of its languages; the business's own comes first."""

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


def _params(reader: Reader, node: Node, name: str) -> tuple[Text, ...] | dict[str, Text]:
    wanted = dict[str, Text] if isinstance(node, Map) else tuple[Text, ...]
    found: tuple[Text, ...] | dict[str, Text] = reader.read(node, wanted, name)
    return found


Params = Annotated[tuple[Text, ...] | dict[str, Text], By(_params)]


class TemplateMessage(Struct, frozen=True, tag="template"):
    """A template with what its parameters are filled with; the language is the contact's unless it is given."""

    template: Named
    params: Params = ()
    language: str | None = None

    def fill(self, turn: Turn) -> Template | None:
        """Write the parameters; nothing if one of them is empty, since Meta refuses that."""
        item = fitting(self.language or turn.language, self.template.languages)
        named = isinstance(self.params, dict)
        texts = self.params.values() if isinstance(self.params, dict) else self.params
        filled = tuple(on_one_line(text.say(turn)) for text in texts)
        if not all(filled):
            return None
        return Template(
            name=item.name,
            language=item.language,
            params=() if named else filled,
            named=tuple(zip(self.params, filled, strict=True)) if isinstance(self.params, dict) else (),
            category=item.category,
        )

    def faults(self, *path: str) -> Iterator[Fault]:
        """Compare with the template as Meta has it."""
        known = self.template.languages
        if self.language is not None and self.language not in known:
            message = f"`{self.template.name}` has no language `{self.language}`, only {listed(known)}"
            yield Fault((*path, "language"), "template-language", message)
            return
        for item in (known[self.language],) if self.language else known.values():
            yield from self._faults(item, *path)

    def _faults(self, item: Item, *path: str) -> Iterator[Fault]:
        where = f"`{item.name}` in `{item.language}`"
        if item.status != APPROVED:
            message = f"{where} is not approved: Meta says `{item.status}`"
            yield Fault((*path, "template"), "template-status", message, severity=Severity.WARNING)
        if item.wants:
            message = f"{where} needs {item.wants}, which a step does not fill in"
            yield Fault((*path, "template"), "template-parts", message, "Use a template without it")
        given, wanted = len(self.params), len(item.parameters)
        if isinstance(self.params, dict) != (item.format == "named") and given:
            kind = "names with values" if item.format == "named" else "a list"
            yield Fault((*path, "params"), "template-params", f"`params` of {where} takes {kind}")
        elif item.format == "named" and isinstance(self.params, dict) and set(self.params) != set(item.parameters):
            yield Fault((*path, "params"), "template-params", f"{where} takes the parameters {listed(item.parameters)}")
        elif given != wanted:
            field = "params" if given else "template"
            message = f"{where} takes {_count(wanted)}, and {given} {'is' if given == 1 else 'are'} given"
            yield Fault((*path, field), "template-params", message, f"The template says `{item.body}`")


def on_one_line(text: str) -> str:
    """Take out of a parameter what Meta refuses in one: line ends, tabs, many spaces."""
    return re.sub(rf"\s*[\n\t]\s*| {{{MOST_SPACES + 1},}}", " ", text).strip()


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
            reader.tell(each.place, "duplicate-template", message)
        seen.add((item.name, item.language))


def _count(number: int) -> str:
    return {0: "no parameters", 1: "1 parameter"}.get(number, f"{number} parameters")
