"""What does a YAML document hold, and where does each value stand in the file?"""

from bisect import bisect_right
from functools import cached_property

from msgspec import Struct

ESCAPES = {"x": 4, "u": 6, "U": 10}  # how many characters a double-quoted `\x41` takes in the file


class Place(Struct, frozen=True, order=True):
    """A line and a column, both from 1, in characters."""

    line: int
    column: int


class Source:
    """The text of a file, with plain line ends and no byte-order mark."""

    def __init__(self, text: str) -> None:
        """Take the text as it was read."""
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(offset + 1 for offset, character in enumerate(self.text) if character == "\n")]

    def place(self, offset: int) -> Place:
        """Say on which line and in which column a character stands."""
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return a line of the file without its end; nothing when there is no such line."""
        lines = self.text.split("\n", number)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def rest_of_line(self, offset: int) -> str:
        """Return what stands on a character's line from it on."""
        end = self.text.find("\n", offset)
        return self.text[offset:] if end < 0 else self.text[offset:end]


class Scalar(Struct, frozen=True):
    """A single value: its text as YAML reads it, nothing if there is none; `style` is how it is quoted, if it is."""

    text: str | None
    style: str
    start: int
    end: int
    source: Source

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)

    @property
    def is_plain(self) -> bool:
        """Tell whether it is written without quotes."""
        return not self.style

    def inside(self, line: int, column: int) -> Place:
        """Say where a line and column of the text stand in the file."""
        lines = (self.text or "").split("\n")
        offset = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
        if self.style in ("'", '"'):
            return self.source.place(self._in_quotes(offset))
        return self.source.place(self._in_lines(offset))

    def _in_quotes(self, offset: int) -> int:
        """Walk through the quoted text: escapes take several characters, folded lines become one space."""
        raw, at = self.source.text, self.start + 1
        for _ in range(offset):
            if self.style == '"' and raw[at] == "\\":
                at += ESCAPES.get(raw[at + 1], 2)
            elif self.style == "'" and raw.startswith("''", at):
                at += 2
            elif raw[at].isspace() and "\n" in (gap := raw[at : at + len(raw[at:]) - len(raw[at:].lstrip())]):
                at += len(gap)
            else:
                at += 1
        return min(at, self.end)

    def _in_lines(self, offset: int) -> int:
        """Find each line of the file in the text, and count from the last one that begins before the place."""
        text, raw, found, at = self.text or "", self.source.text, 0, self.start
        best = (0, self.start)
        while at < self.end:
            line = raw[at : self.end].split("\n", 1)[0]
            words = line.strip()
            where = text.find(words, found) if words else -1
            if 0 <= where <= offset:
                best, found = (where, at + line.index(words)), where + len(words)
            at += len(line) + 1
        return min(best[1] + offset - best[0], len(raw))


class Seq(Struct, frozen=True):
    """A list of values."""

    items: list["Node"]
    start: int
    source: Source

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)


class Map(Struct, frozen=True):
    """Values under keys, in the order they are written; `broken` when a part of it could not be read."""

    items: dict[str, "Node"]
    keys: dict[str, Scalar]
    start: int
    source: Source
    unread: list[int]

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)

    @property
    def broken(self) -> bool:
        """Tell whether a key of it could not be read; that was told already."""
        return bool(self.unread)

    def place_of(self, key: str) -> Place:
        """Where a key stands; where the mapping begins if it has no such key."""
        return self.keys[key].place if key in self.keys else self.place


Node = Scalar | Seq | Map


def called(node: Node) -> str:
    """Name a kind of value the way an author would."""
    match node:
        case Seq():
            return "a list"
        case Map():
            return "fields"
        case Scalar(text=None):
            return "nothing"
        case Scalar():
            return "text"
