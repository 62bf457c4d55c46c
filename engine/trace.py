"""Why the engine decided as it did, in words a person can follow."""

from msgspec import Struct


class Line(Struct, frozen=True):
    """One reason: `about` says what was looked at (`holder`, `trigger`, `step`, `gate` …)."""

    about: str
    words: str
    place: str | None = None


class Trace(Struct, frozen=True):
    """The reasons of one decision, in the order they came up."""

    lines: tuple[Line, ...] = ()

    def add(self, about: str, words: str, place: str | None = None) -> "Trace":
        """Return the trace with one more line."""
        return Trace((*self.lines, Line(about, words, place)))

    def __str__(self) -> str:
        """Show a line each, the way `baton test` and `baton chat` print it."""
        return "\n".join(f"{line.about}: {line.words}" for line in self.lines)
