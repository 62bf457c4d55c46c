"""How is something shown in a terminal, and where nobody looks at one?"""

import os
import sys
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

PLAIN_WIDTH = 100


def paper(width: int | None = None) -> Console:
    """Write on stdout: styled and as wide as the terminal; where it is none, plain and `width` wide.

    `NO_COLOR` takes every style away. What the encoding does not know is shown as a question mark.
    """
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(errors="replace")
    styled = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Console(
        color_system="auto" if styled else None,
        width=None if out.isatty() else width or PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def plain(out: TextIO, width: int = PLAIN_WIDTH) -> Console:
    """Write on a text of our own, without any style."""
    return Console(file=out, color_system=None, width=width, highlight=False, markup=False, emoji=False)


def wrapped(out: Console, text: str, width: int) -> list[str]:
    """Break a text into lines that fit, between words where it can; wide characters take two places."""
    lines = Text(text, end="").wrap(out, max(width, 1), overflow="fold")
    return [line.plain.rstrip() for line in lines] or [""]


def padded(text: str, width: int) -> str:
    """Fill a text up with spaces."""
    return text + " " * (width - cell_len(text))
