"""Say something to the contact."""

from collections.abc import Iterator
from typing import Annotated, get_args

from msgspec import Struct

from engine.content import Media, MediaKind, Template
from engine.content import Text as Words
from engine.effects import Send as Say
from engine.step import Outcome, Turn
from flows.limits import CAPTION, FILENAME, TEXT, fits
from flows.nodes import Map, Node
from flows.reader import By, Reader, listed, nearest
from flows.step import Fault, StepKind
from flows.templates import Named, Params, TemplateMessage
from flows.text import Text, is_language_key

MEDIA: tuple[MediaKind, ...] = get_args(MediaKind)
WITHOUT_CAPTION = ("audio", "sticker")
TEMPLATE = "template"
KINDS = (*MEDIA, TEMPLATE)


class File(Struct, frozen=True, tag="file"):
    """A file by its public link."""

    kind: MediaKind
    link: Text
    caption: Text | None = None
    filename: str | None = None

    def fill(self, turn: Turn) -> Media | None:
        """Make the message; nothing if the link is empty."""
        link = self.link.say(turn).strip()
        caption = self.caption.say(turn, CAPTION) if self.caption else None
        return Media(self.kind, link=link, caption=caption or None, filename=self.filename) if link else None

    def faults(self) -> Iterator[Fault]:
        """Check what WhatsApp takes with a file of this kind."""
        path = ("send",)
        link = self.link.constant
        if link is not None and not link.startswith(("http://", "https://")):
            message = f"`{self.kind}` takes a link that begins with `https://`, not `{link}`"
            yield Fault((*path, self.kind), "link", message)
        if self.caption and self.kind in WITHOUT_CAPTION:
            yield Fault((*path, "caption"), "caption", f"WhatsApp shows no caption under `{self.kind}`")
        if self.filename and self.kind != "document":
            yield Fault((*path, "filename"), "filename", "Only a `document` has a `filename`")
        yield from fits((*path, "caption"), self.caption, CAPTION, "A caption")
        yield from fits((*path, "filename"), self.filename, FILENAME, "A `filename`")


class _FileFields(Struct, frozen=True):
    """The fields of a file as they are written."""

    image: Text | None = None
    video: Text | None = None
    audio: Text | None = None
    document: Text | None = None
    sticker: Text | None = None
    caption: Text | None = None
    filename: str | None = None


Content = Text | File | TemplateMessage


def _content(reader: Reader, node: Node, name: str) -> Content:
    held = [key for key in KINDS if isinstance(node, Map) and key in node.items]
    found: Content
    if not isinstance(node, Map) or not held:
        _check_key(reader, node)
        found = reader.read(node, Text, name)
    elif len(held) > 1:
        message = f"A message holds one of {listed(held)}, not several"
        raise reader.refuse(node.place_of(held[1]), "content", message, "Send them in two steps")
    elif held == [TEMPLATE]:
        found = reader.fields(node, TemplateMessage, name)
    else:
        found = _file(reader, node, name)
    return found


def _file(reader: Reader, node: Map, name: str) -> File:
    fields: _FileFields = reader.fields(node, _FileFields, name)
    for kind in MEDIA:
        link: Text | None = getattr(fields, kind)
        if link is not None:
            return File(kind, link, fields.caption, fields.filename)
    raise reader.refuse(node.place, "link", f"`{name}` takes a link that begins with `https://`")


def _check_key(reader: Reader, node: Node) -> None:
    """Tell a misspelt kind of content, before the mapping is taken for a text with a colon."""
    key = next(iter(node.items), "") if isinstance(node, Map) else ""
    spoken = isinstance(key, str) and key and not is_language_key(key) and " " not in key
    if isinstance(node, Map) and spoken and (hint := nearest(str(key), KINDS)):
        message = f"`send` takes text, or one of {listed(KINDS)}"
        raise reader.refuse(node.place_of(str(key)), "content", message, hint)


class Send(StepKind, frozen=True):
    """Send a text, a file or a template.

    - send: "Hi {{ contact.first_name | default('there') }}!"
    - send: {image: "https://example.com/cake.jpg", caption: "Our best cake"}

    - `send`: the text, or the file by its link (`image`, `video`, `audio`, `document` or `sticker`, with `caption` and
      `filename`), or a `template`.
    - `template`: the template that leaves instead when the window is closed; the business's `fallback` if left out.
    - `params`: what the template is filled with, in order or by name.
    - `language`: the language of the template; the contact's unless told.
    """

    send: Annotated[Content, By(_content)]
    template: Named | None = None
    params: Params = ()
    language: str | None = None

    def run(self, turn: Turn) -> Outcome:
        """Say it; `template` takes its place when the window is closed."""
        content = self._content(turn)
        if content is None:
            return Outcome(why="has nothing to say")
        fallback = self._fallback()
        return Outcome(effects=(Say(content=content, fallback=fallback.fill(turn) if fallback else None),))

    def _content(self, turn: Turn) -> Words | Media | Template | None:
        if not isinstance(self.send, Text):
            return self.send.fill(turn)
        said = self.send.say(turn)
        return Words(said) if said.strip() else None

    def _fallback(self) -> TemplateMessage | None:
        return TemplateMessage(self.template, self.params, self.language) if self.template else None

    @property
    def free_form(self) -> bool:
        """A template may always leave, and so may what names one to take its place."""
        return self.template is None and not isinstance(self.send, TemplateMessage)

    def faults(self) -> Iterator[Fault]:
        """Check lengths, links and templates."""
        match self.send:
            case Text():
                yield from fits(("send",), self.send, TEXT, "A text")
            case File():
                yield from self.send.faults()
            case TemplateMessage():
                yield from self.send.faults("send")
        if fallback := self._fallback():
            yield from fallback.faults()
        elif self.params or self.language:
            field = "params" if self.params else "language"
            message = f"`{field}` belongs to a `template`, and there is none beside `send`"
            yield Fault((field,), "template-params", message)
