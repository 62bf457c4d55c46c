"""Say something to the contact."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from engine.content import Outgoing
from engine.content import Text as Words
from engine.effects import Send as Say
from engine.step import Outcome, Turn
from flows.contents import HELD, CardMessage, LinkMessage, PlaceMessage, ProductMessage
from flows.files import MEDIA, File, FileFields, read_file
from flows.limits import TEXT, fits
from flows.nodes import Map, Node
from flows.reader import By, Reader, listed, nearest
from flows.step import Fault, StepKind
from flows.template_message import Given, Header, Params, TemplateMessage
from flows.templates import Named
from flows.text import Text, is_language_key

TEMPLATE = "template"
CONTENT_MEANT = {
    **dict.fromkeys(("photo", "picture", "img"), "Did you mean `image`?"),
    **dict.fromkeys(("gif", "animation", "film"), "Did you mean `video`? WhatsApp takes it as `.mp4`"),
    **dict.fromkeys(("file", "pdf"), "Did you mean `document`?"),
    **dict.fromkeys(("voice", "sound"), "Did you mean `audio`?"),
    **dict.fromkeys(("buttons", "options", "list"), "Use `choose` to ask with buttons or a list"),
}
"""What other tools call what a message holds."""
KINDS = (*MEDIA, *HELD, TEMPLATE)
AS_WRITTEN = Text | FileFields | PlaceMessage | CardMessage | LinkMessage | ProductMessage | TemplateMessage
Content = Text | File | PlaceMessage | CardMessage | LinkMessage | ProductMessage | TemplateMessage


def _content(reader: Reader, node: Node, name: str) -> Content:
    held = [key for key in KINDS if isinstance(node, Map) and key in node.items]
    found: Content
    if not isinstance(node, Map) or not held:
        _check_key(reader, node)
        found = reader.read(node, Text, name)
    elif len(held) > 1:
        message = f"A message holds one of {listed(held)}, not several"
        raise reader.refuse(node.place_of(held[1]), "content", message, "Send them in two steps")
    elif held[0] in MEDIA:
        found = read_file(reader, node, name)
    else:
        found = reader.fields(node, HELD.get(held[0], TemplateMessage), name)
    return found


def _check_key(reader: Reader, node: Node) -> None:
    """Tell a misspelt kind of content, before the mapping is taken for a text with a colon."""
    key = next(iter(node.items), "") if isinstance(node, Map) else ""
    spoken = isinstance(key, str) and key and not is_language_key(key) and " " not in key
    hint = CONTENT_MEANT.get(str(key)) or (nearest(str(key), KINDS) if spoken else None)
    if isinstance(node, Map) and hint:
        message = f"`send` takes text, or one of {listed(KINDS)}"
        raise reader.refuse(node.place_of(str(key)), "content", message, hint)


class Send(StepKind, frozen=True):
    """Send a text, a file, a place, a contact card, a link or a template.

    - send: "Hi {{ contact.first_name | default('there') }}!"
    - send: {image: "https://example.com/cake.jpg", caption: "Our best cake"}
    - send: {text: "All our cakes", link: {label: "See them", url: "https://example.com/cakes"}}
    - send: {location: {latitude: -23.5614, longitude: -46.6559, name: "Sunrise Bakery"}}
    - send: {contact: {name: "Rosa Lima", phone: "+55 11 91234-5678", whatsapp: true}}

    A text that comes to nothing is not sent, and neither is a file without a link.

    - `send`: a text, or a mapping with one of these:
      `image`, `video`, `audio`, `document` or `sticker` with a public link or the path of a file in the folder, such
      as `pictures/menu.jpg`, and beside it `caption`, for a document `filename`, and for audio `voice: true`, which
      makes it a voice note;
      `location` with `latitude`, `longitude`, `name` and `address`;
      `contact` with `name`, `phone`, `email`, `company`, `url`, and `whatsapp: true` if the phone is on WhatsApp;
      `link` with the `label` of its button and a `url`, and beside it a `text`;
      `product` with its `catalog` and `id`, and beside it a `text` or none;
      `template` with `params`, `language`, `header` and `buttons` as below, which leaves whether the window is open
      or not.
    - `template`: the template that leaves instead when the window is closed; the business's `fallback` if left out.
    - `params`: what the template is filled with, in order or by name.
    - `language`: the language of the template; the contact's unless told.
    - `header`: what stands above it, if that changes: a text, the link or path of a picture, or a mapping with
      `image`, `video`, `document` (and `filename`) or `location`.
    - `buttons`: what its buttons are given, in order, `~` for those that take nothing: the end of a link, the code to
      copy, or for a quick reply what `message.payload` is when it is tapped (its title unless told).
    """

    instead: ClassVar = {
        "options": "Use `choose` to ask with options",
        **dict.fromkeys(("save", "expect", "where"), "Use `ask` for a question that waits for an answer"),
        **dict.fromkeys((*MEDIA, "caption", "location"), "Put it in braces, as in `send: {image: …, caption: …}`"),
    }

    send: Annotated[Content, By(_content, AS_WRITTEN)]
    template: Named | None = None
    params: Params = ()
    language: str | None = None
    header: Header = None
    buttons: Given = ()

    def run(self, turn: Turn) -> Outcome:
        """Say it; `template` takes its place when the window is closed."""
        content = self._content(turn)
        if content is None:
            return Outcome(why="has nothing to say")
        fallback = self._fallback()
        return Outcome(effects=(Say(content=content, fallback=fallback.fill(turn) if fallback else None),))

    def _content(self, turn: Turn) -> Outgoing | None:
        if not isinstance(self.send, Text):
            return self.send.fill(turn)
        said = self.send.say(turn)
        return Words(said) if said.strip() else None

    def _fallback(self) -> TemplateMessage | None:
        if self.template is None:
            return None
        return TemplateMessage(self.template, self.params, self.language, self.header, self.buttons)

    @property
    def free_form(self) -> bool:
        """A template may always leave, and so may what names one to take its place."""
        return self.template is None and not isinstance(self.send, TemplateMessage)

    def faults(self) -> Iterator[Fault]:
        """Check lengths, links and templates."""
        if isinstance(self.send, Text):
            yield from fits(("send",), self.send, TEXT, "A text")
        else:
            yield from self.send.faults("send")
        if fallback := self._fallback():
            yield from fallback.faults()
            return
        parts = {"params": self.params, "language": self.language, "header": self.header, "buttons": self.buttons}
        for field, part in parts.items():
            if part:
                message = f"`{field}` belongs to a `template`, and there is none beside `send`"
                hint = (
                    "Use `choose` to ask with buttons"
                    if field == "buttons"
                    else "Add `template: NAME`, or leave it out"
                )
                yield Fault((field,), "template-params", message, hint)
