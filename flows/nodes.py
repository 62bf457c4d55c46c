"""What does a YAML document hold, and where does each value stand in the file?"""

from bisect import bisect_right
from functools import cached_property

from msgspec import Struct

from flows.places import offsets


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

    @property
    def is_on_one_line(self) -> bool:
        """Tell whether it begins and ends on the same line of the file."""
        return "\n" not in self.source.text[self.start : self.end]

    def inside(self, line: int, column: int) -> Place:
        """Say where a line and column of the text stand in the file."""
        before = (self.text or "").split("\n")[: line - 1]
        return self.place_at(sum(len(each) + 1 for each in before) + column - 1)

    def place_at(self, offset: int) -> Place:
        """Say where a character of the text stands in the file; where the text begins if that cannot be told."""
        text = self.text or ""
        found = offsets(self.source.text, self.start, self.end, self.style, text)
        return self.source.place(found[min(offset, len(text))] if found else self.start)


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


def place_in(node: Node, path: tuple[str | int, ...]) -> Place:
    """Find where a path leads: a field's value, or its name if it holds others."""
    place = node.place
    for part in path:
        if isinstance(node, Map) and isinstance(part, str) and part in node.items:
            place, node = node.place_of(part), node.items[part]
        elif isinstance(node, Seq) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            place = node.place
    return node.place if isinstance(node, Scalar) and node.text is not None else place


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
