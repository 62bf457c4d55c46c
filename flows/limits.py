"""How long may things be that WhatsApp shows, and how is too much told?"""

from collections.abc import Iterator

from flows.step import Fault
from flows.text import Text, cut

TEXT = 4_096
BUTTONS_BODY = 1_024
LIST_BODY = 4_096
CAPTION = 1_024
FILENAME = 240
PLACE = 1_000  # Meta names no limit for what stands below a map or on a card; this keeps it within reason
LINK = 2_000
LINK_LABEL = 20
FORM_LABEL = 30
PARAMETER = 1_024
HEADER = 60
PAYLOAD = 128
CODE = 20
BUTTONS = 3
BUTTON_TITLE = 20
LABEL = 20
ROWS = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72
SECTION_TITLE = 24
OPTION_ID = 128  # Meta takes 200; the run and its wait stand before it


def fits(path: tuple[str | int, ...], text: Text | str | None, most: int, what: str) -> Iterator[Fault]:
    """Tell when a text is too long, and what the contact would see of it."""
    said = text.beyond(most) if isinstance(text, Text) else text
    if said is not None and len(said) > most:
        message = f"{what} has at most {most:,} characters, and this has {len(said):,}"
        yield Fault(path, "too-long", message, f"The contact would see `{shortened_end(cut(said, most))}`")


def shortened_end(said: str, most: int = 60) -> str:
    """Show a cut text so that its end can be seen."""
    return said if len(said) <= most else f"…{said[1 - most :]}"
