"""Is a text a link that WhatsApp can open?"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from flows.reader import shortened
from flows.step import Fault
from flows.text import Text

BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+/\S")  # a link without its beginning
KEPT = "/?:@!$&'()*+,;=%#[]-._~"
"""What stands in a link for what it is; a blank or a letter of another alphabet is written in code."""


def as_link(said: str) -> str:
    """Return a link, or the end of one, as it may stand in an address."""
    return quote(said.strip(), safe=KEPT)


def with_beginning(written: str) -> str | None:
    """Write what looks like a link from its beginning on."""
    return f"Write `https://{shortened(written)}`" if BARE.match(written) else None


def link_faults(path: tuple[str, ...], link: Text | None) -> Iterator[Fault]:
    """Tell when a link is none that WhatsApp can open."""
    for language, written in (link.constants if link else {}).items():
        if not written.startswith(("http://", "https://")):
            message = f"`{path[-1]}` takes a link that begins with `https://`, not `{shortened(written)}`"
            hint = with_beginning(written) or "As in `https://example.com/cake.jpg`"
            yield Fault((*path, language), "link", message, hint)
