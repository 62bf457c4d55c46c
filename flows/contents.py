"""What can a message hold besides text: a place, a card, a link or a product?"""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from engine.content import Card, Cards, Link, Location, Product
from engine.step import Turn
from flows.limits import BUTTONS_BODY, LINK, LINK_LABEL, PLACE, fits
from flows.links import as_link, link_faults
from flows.reader import shortened
from flows.step import Fault
from flows.text import Plain, Text
from rules.policy import countries

NORTHMOST, EASTMOST = 90, 180


class Place(Struct, frozen=True):
    """A place on the map, in decimal degrees; `name` and `address` stand below it.

    - `latitude`: how far north, from -90 to 90.
    - `longitude`: how far east, from -180 to 180.
    - `name`: what the place is called.
    - `address`: where it is, in words.
    """

    latitude: Decimal
    longitude: Decimal
    name: Plain | None = None
    address: Plain | None = None


class PlaceMessage(Struct, frozen=True, tag="location"):
    """A message that holds a place.

    - `location`: the place.
    """

    location: Place

    def fill(self, turn: Turn) -> Location:
        """Make the message."""
        place = self.location
        return Location(
            float(place.latitude),
            float(place.longitude),
            place.name.say(turn, PLACE) if place.name else None,
            place.address.say(turn, PLACE) if place.address else None,
        )

    def faults(self, *path: str) -> Iterator[Fault]:
        """Check that the map has it."""
        parts = {"latitude": (self.location.latitude, NORTHMOST), "longitude": (self.location.longitude, EASTMOST)}
        for name, (degrees, most) in parts.items():
            if abs(degrees) > most:
                message = f"`{name}` is from -{most} to {most} degrees, not {degrees}"
                yield Fault((*path, "location", name), "degrees", message, "Write them with a point, as in `-23.5614`")
        yield from fits((*path, "location", "name"), self.location.name, PLACE, "The name of a place")
        yield from fits((*path, "location", "address"), self.location.address, PLACE, "An address")


class Person(Struct, frozen=True):
    """Whose card it is; with `whatsapp` the contact can write to the phone number by a tap.

    - `name`: the name on the card.
    - `phone`: the phone number with its country.
    - `email`: the address for mail.
    - `company`: the company they work for.
    - `url`: their page.
    - `whatsapp`: `true` if the phone is on WhatsApp.
    """

    name: Plain
    phone: Plain | None = None
    email: Plain | None = None
    company: Plain | None = None
    url: Plain | None = None
    whatsapp: bool = False


class CardMessage(Struct, frozen=True, tag="contact"):
    """A message that holds a contact card.

    - `contact`: whose card it is.
    """

    contact: Person

    def fill(self, turn: Turn) -> Cards | None:
        """Make the message; nothing if the card has no name."""
        person = self.contact
        name = _said(person.name, turn)
        if name is None:
            return None
        phone, email = _said(person.phone, turn), _said(person.email, turn)
        card = Card(
            name=name,
            phones=(phone,) if phone else (),
            emails=(email,) if email else (),
            company=_said(person.company, turn),
            url=_said(person.url, turn),
            whatsapp=person.whatsapp,
        )
        return Cards((card,))

    def faults(self, *path: str) -> Iterator[Fault]:
        """Check that there is something on the card."""
        person = self.contact
        if person.phone is None and person.email is None and person.url is None:
            yield Fault(
                (*path, "contact"),
                "card",
                "A card needs a `phone`, an `email` or a `url`",
                'As in `phone: "+55 11 91234-5678"`',
            )
        phone = person.phone.constant if person.phone else None
        if phone is not None and not (phone.startswith("+") and countries.digits(phone)):
            message = f"`phone` takes a number with its country such as `+55 11 91234-5678`, not `{shortened(phone)}`"
            yield Fault((*path, "contact", "phone"), "phone", message, "Put `+` and the code of the country in front")
        if person.whatsapp and person.phone is None:
            yield Fault(
                (*path, "contact", "whatsapp"), "card", "`whatsapp` is about the `phone`, and there is none", "Add one"
            )
        yield from link_faults((*path, "contact", "url"), person.url)


class Target(Struct, frozen=True):
    """Where a button leads, and what stands on it.

    - `label`: what stands on the button.
    - `url`: the page it opens.
    """

    label: Text
    url: Plain


class LinkMessage(Struct, frozen=True, tag="link"):
    """A text with one button that opens a page.

    - `link`: the button.
    - `text`: what is said above the button.
    """

    link: Target
    text: Text

    def fill(self, turn: Turn) -> Link | None:
        """Make the message; nothing if the text, the label or the link is empty."""
        body, label = _said(self.text, turn, BUTTONS_BODY), _said(self.link.label, turn, LINK_LABEL)
        url = as_link(self.link.url.say(turn))
        return Link(body, label, url) if body and label and url and len(url) <= LINK else None

    def faults(self, *path: str) -> Iterator[Fault]:
        """Check lengths and the link."""
        yield from fits((*path, "text"), self.text, BUTTONS_BODY, "A text above a button")
        yield from fits((*path, "link", "label"), self.link.label, LINK_LABEL, "A `label`")
        yield from fits((*path, "link", "url"), self.link.url, LINK, "A link")
        yield from link_faults((*path, "link", "url"), self.link.url)


class Goods(Struct, frozen=True):
    """A product by its `id` in one of Meta's catalogs.

    - `catalog`: the id of the catalog.
    - `id`: the id of the product in it.
    """

    catalog: str
    id: str


class ProductMessage(Struct, frozen=True, tag="product"):
    """A product of the catalog, with a text if there is one.

    - `product`: which product it is.
    - `text`: what is said beside it.
    """

    product: Goods
    text: Text | None = None

    def fill(self, turn: Turn) -> Product:
        """Make the message."""
        body = _said(self.text, turn, BUTTONS_BODY)
        return Product(catalog=self.product.catalog, product=self.product.id, body=body or "")

    def faults(self, *path: str) -> Iterator[Fault]:
        """Check lengths."""
        yield from fits((*path, "text"), self.text, BUTTONS_BODY, "A text beside a product")


HELD: dict[str, type[PlaceMessage | CardMessage | LinkMessage | ProductMessage]] = {
    "location": PlaceMessage,
    "contact": CardMessage,
    "link": LinkMessage,
    "product": ProductMessage,
}


def _said(text: Text | None, turn: Turn, most: int = PLACE) -> str | None:
    return (text.say(turn, most).strip() or None) if text else None
