"""What may a transcript expect of a message of the bot?"""

from msgspec import Struct


class Expected(Struct, frozen=True, kw_only=True):
    """A message of the bot as a transcript writes it; what is nothing may be anything.

    - `text`: the words.
    - `buttons`: the titles of its buttons or rows, in order.
    - `template`: the name of the template.
    - `params`: what the template is filled with, in order.
    - `header`: what the template's header is filled with.
    - `language`: the language of the template.
    - `image`: the link to the picture, or its path in the folder.
    - `video`: the link to the video, or its path.
    - `audio`: the link to the sound, or its path.
    - `document`: the link to the document, its path, or its name.
    - `sticker`: the link to the sticker, or its path.
    - `caption`: the text below the file.
    - `react`: the emoji it puts on a message.
    - `location`: the place: its name, its address, or latitude and longitude.
    - `contact`: the name on the contact card.
    - `link`: where the button leads.
    - `form`: the id or the name of the form, or what stands on its button.
    - `product`: the id of the product.
    """

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
    form: str | None = None
    product: str | None = None


ANYTHING = Expected()
"""A message that may say anything."""
