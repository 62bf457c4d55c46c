"""How is what strangers wrote shown on a terminal, so that it does nothing there but be read?"""

import re
import sys
import unicodedata

import rich_click as click

HIDDEN = "\ufffd"
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of the text around it. Joiners, which emoji and some scripts need, are none of these."""
_OBEYED = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What JSON may hold as it is, and a terminal obeys."""


def harmless(text: str, most: int | None = None) -> str:
    """Put a text on one line, shortened, with a mark in place of whatever moves a cursor or turns a text around."""
    line = " ".join(_kept(text).split())
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"


def harmless_json(data: str) -> str:
    """Escape in JSON what a terminal would obey; it means the same as before."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", data)


def show(line: str = "") -> None:
    """Write one line to whoever asked, without harm; what the encoding does not know is a question mark."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    click.echo(_kept(line))


def _kept(text: str) -> str:
    return "".join(" " if char.isspace() else HIDDEN if _is_odd(char) else char for char in text)


def _is_odd(char: str) -> bool:
    return char in _TURNING or unicodedata.category(char) in {"Cc", "Cs"}
