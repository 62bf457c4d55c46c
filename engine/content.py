"""What a message can hold, coming in or going out."""

from typing import Literal

from msgspec import Struct

MediaKind = Literal["image", "video", "audio", "document", "sticker"]


class Text(Struct, frozen=True, tag=True, omit_defaults=True):
    """Plain words."""

    body: str


class Media(Struct, frozen=True, tag=True, omit_defaults=True):
    """A file: `id` is Meta's media id, `link` a public address, `file` a path in the author's folder.

    At least one of them is there. A file of the folder is known by its `sha256`, and gets its id when it is uploaded.
    """

    kind: MediaKind
    id: str | None = None
    link: str | None = None
    file: str | None = None
    caption: str | None = None
    filename: str | None = None
    mime: str | None = None
    sha256: str | None = None
    voice: bool = False


class Location(Struct, frozen=True, tag=True, omit_defaults=True):
    """A place on the map, in decimal degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class Card(Struct, frozen=True, omit_defaults=True):
    """One person of an address book; phone numbers as they were written.

    `whatsapp` is for cards of ours: the contact can write to the phone number by a tap.
    """

    name: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    company: str | None = None
    url: str | None = None
    whatsapp: bool = False


class Cards(Struct, frozen=True, tag=True, omit_defaults=True):
    """Contact cards; `requested` when the contact answered our request to share their number."""

    cards: tuple[Card, ...]
    requested: bool = False


class Tap(Struct, frozen=True, tag=True, omit_defaults=True):
    """A tapped button, list row or quick reply of a template; `payload` is what we put behind it."""

    payload: str
    title: str
    source: Literal["button", "list", "template"]


class Form(Struct, frozen=True, tag=True, omit_defaults=True):
    """The answers of a WhatsApp Flow, as Meta's JSON text; `token` is what we put behind the form, if it is ours."""

    name: str
    answers: str
    token: str = ""


class Item(Struct, frozen=True, omit_defaults=True):
    """One line of an order; the price is a decimal number in text."""

    product: str
    quantity: int
    price: str
    currency: str


class Order(Struct, frozen=True, tag=True, omit_defaults=True):
    """A basket sent from the catalog."""

    catalog: str
    items: tuple[Item, ...]
    text: str = ""


class Welcome(Struct, frozen=True, tag=True, omit_defaults=True):
    """The contact opened the chat for the first time and wrote nothing yet."""


class Unsupported(Struct, frozen=True, tag=True, omit_defaults=True):
    """Something the platform could not pass on; `kind` as Meta calls it, if it says."""

    kind: str | None = None
    code: int | None = None


Content = Text | Media | Location | Cards | Tap | Form | Order | Welcome | Unsupported


class Button(Struct, frozen=True, omit_defaults=True):
    """A reply button; its id comes back in the tap."""

    id: str
    title: str


class Choice(Struct, frozen=True, omit_defaults=True):
    """A row of a list; its id comes back in the tap."""

    id: str
    title: str
    description: str | None = None


class Section(Struct, frozen=True, omit_defaults=True):
    """Choices of a list under one heading; the heading may be empty when there is just one."""

    title: str
    rows: tuple[Choice, ...]


class Buttons(Struct, frozen=True, tag=True, omit_defaults=True):
    """A question with one to three reply buttons."""

    body: str
    buttons: tuple[Button, ...]


class Choices(Struct, frozen=True, tag=True, omit_defaults=True):
    """A question with a list of up to ten rows behind the button `label`."""

    body: str
    label: str
    sections: tuple[Section, ...]


class Link(Struct, frozen=True, tag=True, omit_defaults=True):
    """Words with one button that opens a page."""

    body: str
    label: str
    url: str


class LocationRequest(Struct, frozen=True, tag=True, omit_defaults=True):
    """A question with a button that opens the contact's map."""

    body: str


class FormRequest(Struct, frozen=True, tag=True, omit_defaults=True):
    """Words with a button that opens a form, by Meta's id or name of it.

    `token` comes back with the answers; `data` is what its `screen` is given to begin with, as JSON.
    """

    body: str
    label: str
    flow: str
    token: str
    screen: str | None = None
    data: str | None = None


class Product(Struct, frozen=True, tag=True, omit_defaults=True):
    """A product of a catalog, by Meta's id of the one and the seller's id of the other."""

    catalog: str
    product: str
    body: str = ""


class Reaction(Struct, frozen=True, tag=True, omit_defaults=True):
    """An emoji on a message of the contact's."""

    message_id: str
    emoji: str


ButtonKind = Literal["quick_reply", "url", "copy_code"]


class TemplateButton(Struct, frozen=True, omit_defaults=True):
    """What is given to the so many-th button of a template: a payload, the end of its link, or a code."""

    index: int
    kind: ButtonKind
    value: str


class Template(Struct, frozen=True, tag=True, omit_defaults=True):
    """A message approved by Meta: the only kind that may leave when the window is closed.

    `header_name` is the name of the header's parameter, where parameters have names.
    """

    name: str
    language: str
    params: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    header: Text | Media | Location | None = None
    header_name: str = ""
    buttons: tuple[TemplateButton, ...] = ()
    category: str = "UTILITY"


Asking = Buttons | Choices | LocationRequest | FormRequest
FreeForm = Text | Media | Location | Cards | Link | Product | Reaction | Asking
Outgoing = FreeForm | Template


def words_of(content: Content | Outgoing) -> str:
    """Return the words a person would read in it, or nothing."""
    match content:
        case Text(body=words) | Buttons(body=words) | Choices(body=words) | Link(body=words) | Product(body=words):
            return words
        case LocationRequest(body=words) | FormRequest(body=words) | Order(text=words) | Tap(title=words):
            return words
        case Media(caption=caption):
            return caption or ""
        case _:
            return ""
