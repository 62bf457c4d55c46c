"""Which files of the author's folder may a message hold?

Only their facts are read here, and kept with the flows: the bytes go to the store when the folder is published.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct

from flows.file_types import KB, MB, FileType, type_of

MOST = 64 * MB
"""What one file may have, and all files of a folder together: they are kept in the store."""
TOGETHER = f"The files of a folder have at most {MOST // MB} MB together"
BY_LINK = "Send a larger one by its link, as in `https://…`"


class Attached(Struct, frozen=True):
    """A file as it was when it was checked; `sha256` tells it from any other."""

    sha256: str
    size: int
    type: FileType | None = None


class Absent(Struct, frozen=True):
    """Why there is no file to send."""

    code: str
    message: str
    hint: str | None = None


Look = Callable[[str], Attached | Absent]


def nowhere(name: str) -> Absent:
    """Look where there are no files."""
    return Absent("file-missing", f"There is no file `{name}` in the folder")


class Attachments:
    """The files that the messages of a folder hold: `taken`, by their paths, each looked at once."""

    def __init__(self, look: Look = nowhere) -> None:
        """Begin with none."""
        self.taken: dict[str, Attached] = {}
        self._look = look

    def take(self, name: str) -> Attached | Absent:
        """Look at a file, and remember that it is needed, unless there is none or there would be too many."""
        if name in self.taken:
            return self.taken[name]
        found = self.peek(name)
        if isinstance(found, Attached):
            sizes = {each.sha256: each.size for each in (*self.taken.values(), found)}
            if sum(sizes.values()) > MOST:
                return Absent(
                    "file-size", f"{TOGETHER}, and with this one it is {mebibytes(sum(sizes.values()))}", BY_LINK
                )
            self.taken[name] = found
        return found

    def peek(self, name: str) -> Attached | Absent:
        """Look at a file by its path below the folder, and refuse a path that leads elsewhere."""
        path = PurePosixPath(name)
        if "\\" in name or "\0" in name or path.is_absolute() or (len(name) > 1 and name[1] == ":"):
            return _elsewhere(name)
        if ".." in path.parts:
            return _elsewhere(name)
        if any(part.startswith(".") for part in path.parts):
            return Absent("file-path", f"`{name}` is hidden, and what is hidden is never sent")
        return self._look(name)


class FolderFiles:
    """Looks at the files of a folder on this machine."""

    def __init__(self, folder: Path) -> None:
        """Look below this folder and nowhere else."""
        self._folder = folder

    def __call__(self, name: str) -> Attached | Absent:
        """Look at a file; a symbolic link that leads out of the folder is no file of it."""
        try:
            path = self._path(name)
            if isinstance(path, Absent):
                return path
            return _attached(name, path)
        except (OSError, ValueError):
            return Absent("file-missing", f"The system does not let `{name}` be read")

    def read(self, name: str, wanted: Attached) -> bytes | None:
        """Return the bytes of a file that was looked at; nothing if it is another one or gone by now."""
        try:
            data = (self._folder / name).read_bytes()
        except OSError:
            return None
        return data if digest(data) == wanted.sha256 else None

    def _path(self, name: str) -> Path | Absent:
        path = self._folder / name
        if not path.exists():
            return Absent("file-missing", f"There is no file `{name}` in the folder", _nearby(self._folder, name))
        if not path.resolve().is_relative_to(self._folder.resolve()):
            return Absent("file-path", f"`{name}` is a link that leads out of the folder", "Copy the file into it")
        if not path.is_file():
            return Absent("file-missing", f"`{name}` is no file but a folder", _nearby(self._folder, f"{name}/"))
        return path


def digest(data: bytes) -> str:
    """Return what tells a file from any other."""
    return hashlib.sha256(data).hexdigest()


def mebibytes(size: int) -> str:
    """Write a size as people do, rounded up, so that what is too large looks so."""
    return f"{math.ceil(size * 10 / MB) / 10:,.1f} MB" if size >= MB else f"{math.ceil(size / KB):,} KB"


def from_manifest(kept: Mapping[str, Attached]) -> Look:
    """Look at the files of a published version."""
    return lambda name: kept.get(name) or nowhere(name)


def _attached(name: str, path: Path) -> Attached | Absent:
    size = path.stat().st_size
    if size == 0:
        return Absent("file-size", f"`{name}` is empty: it has 0 bytes", "Save it again, or copy it anew")
    if size > MOST:
        return Absent("file-size", f"{TOGETHER}, and `{name}` alone has {mebibytes(size)}", BY_LINK)
    data = path.read_bytes()
    return Attached(digest(data), len(data), type_of(data))


def _elsewhere(name: str) -> Absent:
    hint = "Copy the file into the folder, and write its path from there, as in `pictures/menu.jpg`"
    return Absent("file-path", f"`{name}` leads out of the folder, and only files in it can be sent", hint)


def _nearby(folder: Path, name: str) -> str | None:
    """Name a file that may be meant: one of that name elsewhere, or with another ending or other capitals."""
    wanted = PurePosixPath(name)
    for path in visible(folder):
        found = path.relative_to(folder)
        if found.name.casefold() == wanted.name.casefold() or found.stem.casefold() == wanted.stem.casefold():
            return f"Did you mean `{found.as_posix()}`?"
    return "Write its path from the top of the folder, as in `pictures/menu.jpg`; a link begins with `https://`"


def visible(folder: Path) -> Iterator[Path]:
    """Find everything in a folder that is not hidden."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path
