"""Which Lua scripts does the store run, and what is their text?

A line `-- with clock, append` brings in the files of that name in `parts`, so that what several scripts do
alike is written once. Every script starts with `#!lua`: Redis then refuses it while its memory is full.
"""

import re
from hashlib import sha1
from pathlib import Path

from msgspec import Struct

_FOLDER = Path(__file__).parent
_WITH = re.compile(r"^-- with ([\w, ]+)\n", re.MULTILINE)


class Script(Struct, frozen=True):
    """A script as the store gets it, and the digest by which it is called."""

    text: str
    sha: str


def _parts(match: re.Match[str]) -> str:
    return "".join((_FOLDER / "parts" / f"{name}.lua").read_text("utf-8") for name in match[1].split(", "))


def _script(text: str) -> Script:
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


def load(name: str) -> Script:
    """Return the script in `<name>.lua` with its parts."""
    return _script(_WITH.sub(_parts, (_FOLDER / f"{name}.lua").read_text("utf-8")))


def bounded(script: Script) -> Script:
    """Return the same script without its right to go on when the store's memory is full."""
    return _script(script.text.replace("#!lua flags=allow-oom", "#!lua", 1))
