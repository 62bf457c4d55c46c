"""Does a message fill a template in?"""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Annotated

from msgspec import Struct
from msgspec.structs import replace

from engine.content import Location, Media, MediaKind, Template, TemplateButton
from engine.content import Text as Words
from engine.step import Turn
from flows.attached import WANTED, attached_in
from flows.attachments import Attached
from flows.contents import PlaceMessage
from flows.files import MEDIA, File, FileFields, read_file
from flows.limits import CODE, HEADER, LINK, PARAMETER, PAYLOAD, fits
from flows.links import as_link, link_faults
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, listed, one_or_many, shortened
from flows.step import Fault
from flows.templates import APPROVED, Button, Item, Named
from flows.text import Plain, Text
from rules.source import Severity
from rules.tongues import fitting

MOST_SPACES = 3  # Meta refuses a parameter with more of them in a row
A_PLAIN_CODE = "Leave out signs and spaces"
NOT_YET = "It does not leave until Meta approves it: use another, or wait"
A_CODE = re.compile(r"[A-Za-z0-9]+")
MOST = {"quick_reply": PAYLOAD, "url": LINK, "copy_code": CODE}
WHAT = {"quick_reply": "A payload", "url": "The end of a link", "copy_code": "A code"}


def _params(reader: Reader, node: Node, name: str) -> tuple[Text, ...] | dict[str, Text]:
    wanted = dict[str, Text] if isinstance(node, Map) else tuple[Text, ...]
    found: tuple[Text, ...] | dict[str, Text] = reader.read(node, wanted, name)
    return found


def _header(reader: Reader, node: Node, name: str) -> Text | File | PlaceMessage:
    found: Text | File | PlaceMessage
    if isinstance(node, Map) and any(kind in node.items for kind in MEDIA):
        found = read_file(reader, node, name)
    elif isinstance(node, Map) and "location" in node.items:
        found = reader.fields(node, PlaceMessage, name)
    elif kind := _kind_in_folder(reader, node):
        found = File(kind, reader.read(node, Plain, name), attached=attached_in(reader, node, kind, voice=False))
    else:
        found = reader.read(node, Plain, name)
    return found


def _kind_in_folder(reader: Reader, node: Node) -> MediaKind | None:
    """Tell what a file of the folder is that stands there without its kind; text and links are none."""
    found = reader.attachments.peek(node.text or "") if isinstance(node, Scalar) and "." in (node.text or "") else None
    return found.type.kind if isinstance(found, Attached) and found.type else None


Params = Annotated[tuple[Text, ...] | dict[str, Text], By(_params)]
Header = Annotated[Text | File | PlaceMessage | None, By(_header, Plain | FileFields | PlaceMessage)]
Given = Annotated[tuple[Text | None, ...], one_or_many(Plain | None)]


class TemplateMessage(Struct, frozen=True, tag="template"):
    """A template with what it is filled with; the language is the contact's unless it is given.

    - `template`: the name of the template.
    - `params`: what it is filled with, in order or by name.
    - `language`: its language; the contact's unless told.
    - `header`: what stands above it, if that changes.
    - `buttons`: what its buttons are given, in order, `~` for those that take nothing.
    """

    template: Named
    params: Params = ()
    language: str | None = None
    header: Header = None
    buttons: Given = ()

    def fill(self, turn: Turn) -> Template | None:
        """Write everything in; nothing if a part that Meta needs is empty, since Meta refuses that."""
        item = fitting(self.language or turn.language, self.template.languages)
        named = isinstance(self.params, dict)
        texts = self.params.values() if isinstance(self.params, dict) else self.params
        filled = tuple(on_one_line(text.say(turn, PARAMETER)) for text in texts)
        header, buttons = self._header(item, turn), self._buttons(item, turn)
        if not all(filled) or buttons is None or (item.wanted_header and header is None):
            return None
        return Template(
            name=item.name,
            language=item.language,
            params=() if named else filled,
            named=tuple(zip(self.params, filled, strict=True)) if isinstance(self.params, dict) else (),
            header=header,
            header_name=(item.header_parameter or "") if item.format == "named" else "",
            buttons=buttons,
            category=item.category,
        )

    def _header(self, item: Item, turn: Turn) -> Words | Media | Location | None:
        if not isinstance(self.header, Text):
            return self.header.fill(turn) if self.header and item.wanted_header else None
        kind = _media(item)
        if kind is not None:
            return File(kind, self.header).fill(turn)
        said = on_one_line(self.header.say(turn, HEADER))
        return Words(said) if said and item.wanted_header else None

    def _buttons(self, item: Item, turn: Turn) -> tuple[TemplateButton, ...] | None:
        pairs = enumerate(zip_longest(item.buttons, self.buttons[: len(item.buttons)]))
        filled = [_button(index, button, text, turn) for index, (button, text) in pairs]
        if any(found is None and button.is_needed for found, button in zip(filled, item.buttons, strict=True)):
            return None
        return tuple(found for found in filled if found is not None)

    def faults(self, *path: str) -> Iterator[Fault]:
        """Compare with the template as Meta has it."""
        known = self.template.languages
        if self.language is not None and self.language not in known:
            message = f"`{self.template.name}` has no language `{self.language}`, only {listed(known)}"
            yield Fault(
                (*path, "language"), "template-language", message, f"Write one of {listed(known)}, or leave it out"
            )
            return
        if isinstance(self.header, File | PlaceMessage):
            yield from self.header.faults(*path, "header")
        for item in (known[self.language],) if self.language else known.values():
            yield from self._faults(item, *path)

    def _faults(self, item: Item, *path: str) -> Iterator[Fault]:
        where = f"`{item.name}` in `{item.language}`"
        if item.status != APPROVED:
            message = f"{where} is not approved: Meta says `{item.status}`"
            yield Fault((*path, "template"), "template-status", message, NOT_YET, Severity.WARNING)
        yield from self._param_faults(item, where, *path)
        yield from self._header_faults(item, where, *path)
        yield from self._button_faults(item, where, *path)

    def _param_faults(self, item: Item, where: str, *path: str) -> Iterator[Fault]:
        given, wanted = len(self.params), len(item.parameters)
        if isinstance(self.params, dict) != (item.format == "named") and given:
            kind = "names with values" if item.format == "named" else "a list"
            yield Fault(
                (*path, "params"), "template-params", f"`params` of {where} takes {kind}", _example_of_params(item)
            )
        elif item.format == "named" and isinstance(self.params, dict) and set(self.params) != set(item.parameters):
            message = f"{where} takes the parameters {listed(item.parameters)}"
            yield Fault((*path, "params"), "template-params", message, _example_of_params(item))
        elif given != wanted:
            field = "params" if given else "template"
            message = f"{where} takes {_count(wanted)}, and {given} {'is' if given == 1 else 'are'} given"
            yield Fault((*path, field), "template-params", message, f"The template says `{item.body}`")

    def _header_faults(self, item: Item, where: str, *path: str) -> Iterator[Fault]:
        wanted, given = item.wanted_header, _kind(self.header)
        if wanted is None and given is not None:
            yield Fault((*path, "header"), "template-header", f"{where} has no header to fill in", "Leave `header` out")
        elif wanted is not None and given is None:
            message = f"{where} needs a `header` ({wanted})"
            yield Fault((*path, "template"), "template-header", message, _example(wanted))
        elif wanted != given and not (given == "text" and wanted in MEDIA):
            message = f"The header of {where} takes {_article(wanted)}, not {_article(given)}"
            yield Fault((*path, "header"), "template-header", message, _example(wanted))
        elif isinstance(self.header, Text) and wanted in MEDIA:
            yield from _link_faults((*path, "header"), self.header)
        elif isinstance(self.header, Text):
            yield from fits((*path, "header"), self.header, HEADER, "A header")

    def _button_faults(self, item: Item, where: str, *path: str) -> Iterator[Fault]:
        for index, button in enumerate(item.buttons):
            given = self.buttons[index] if index < len(self.buttons) else None
            if given is None and button.is_needed:
                message = f"{where} needs something for its button `{button.text}`: {_needs(button)}"
                field = "buttons" if self.buttons else "template"
                yield Fault((*path, field), "template-buttons", message, f"Write it as item {index + 1} of `buttons`")
            elif given is not None:
                yield from _value_faults(button, given, where, (*path, "buttons", index))
        if len(self.buttons) > len(item.buttons):
            has = _counted(len(item.buttons))
            items = f"{len(self.buttons)} item{'' if len(self.buttons) == 1 else 's'}"
            hint = (
                f"Leave out what comes after the first {len(item.buttons)}" if item.buttons else "Leave `buttons` out"
            )
            message = f"{where} has {has}, and `buttons` has {items}"
            yield Fault((*path, "buttons"), "template-buttons", message, hint)


def on_one_line(text: str) -> str:
    """Take out of a parameter what Meta refuses in one: line ends, tabs, many spaces."""
    return re.sub(rf"\s*[\n\t]\s*| {{{MOST_SPACES + 1},}}", " ", text).strip()


def _link_faults(path: tuple[str, ...], header: Text) -> Iterator[Fault]:
    for each in link_faults(path, header):
        written = shortened(header.constants[str(each.path[-1])])
        yield replace(each, message=f"`{path[-1]}` takes {WANTED}, not `{written}`", hint=None)


def _media(item: Item) -> MediaKind | None:
    return next((kind for kind in MEDIA if kind == item.wanted_header), None)


def _kind(header: Text | File | PlaceMessage | None) -> str | None:
    match header:
        case None:
            return None
        case File(kind=kind):
            return kind
        case PlaceMessage():
            return "location"
        case Text():
            return "text"


def _button(index: int, button: Button, text: Text | None, turn: Turn) -> TemplateButton | None:
    if text is None or button.takes is None:
        return None
    said = on_one_line(text.say(turn))
    value = as_link(said) if button.takes == "url" else said
    fits_in = len(value) <= MOST[button.takes] and (button.takes != "copy_code" or A_CODE.fullmatch(value))
    return TemplateButton(index, button.takes, value) if value and fits_in else None


def _value_faults(button: Button, text: Text, where: str, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if button.takes is None:
        message = f"The button `{button.text}` of {where} takes nothing"
        yield Fault(path, "template-buttons", message, "Write `~` in its place")
        return
    yield from fits(path, text, MOST[button.takes], WHAT[button.takes])
    if button.takes == "copy_code" and text.constant is not None and not A_CODE.fullmatch(text.constant):
        yield Fault(
            path, "template-buttons", f"A code is made of letters and digits, not `{text.constant}`", A_PLAIN_CODE
        )


def _needs(button: Button) -> str:
    return "the code it copies" if button.type in ("COPY_CODE", "OTP") else f"the end of its link `{button.url}`"


def _example(wanted: str | None) -> str:
    if wanted == "location":
        return "As in `header: {location: {latitude: -23.56, longitude: -46.65}}`"
    return 'As in `header: "…"`' if wanted == "text" else f'As in `header: {{{wanted}: "https://…"}}`'


def _article(kind: str | None) -> str:
    return f"{'an' if kind in ('image', 'audio') else 'a'} {kind}"


def _example_of_params(item: Item) -> str:
    """Show how a template is filled."""
    if item.format == "named":
        return f"As in `params: {{{', '.join(f'{name}: …' for name in item.parameters)}}}`"
    return f"As in `params: [{', '.join('…' for _ in item.parameters)}]`"


def _counted(number: int) -> str:
    return {0: "no buttons", 1: "1 button"}.get(number, f"{number} buttons")


def _count(number: int) -> str:
    return {0: "no parameters", 1: "1 parameter"}.get(number, f"{number} parameters")
