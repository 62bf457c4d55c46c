"""Which boxes stand together on one card, and how large does that make it?

Steps that only ever follow one another share a card, so that a picture shows where a flow divides and meets again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from flows.drawing.boxes import Box, Chart, Manner, Role, told
from flows.drawing.lettering import lines

WIDTH = 272
LEFT, RIGHT = 42, 14
"""Where words begin and end: left of them is the sign of the box's role."""
ABOVE, BELOW, LOWEST = 10, 11, 42
WORD_SIZE, TEXT_SIZE, NOTE_SIZE = 11, 13, 11
WORD_HEIGHT, TEXT_HEIGHT, NOTE_HEIGHT = 16, 18, 15
MOST_TEXTS, LINES_OF_TEXT, LINES_OF_NOTE, LINES_OF_PROBLEM = 8, 4, 2, 3
MOST_PROBLEMS = 3
UPWARD = (Manner.BACK, Manner.JUMP)
DESCENT = 0.28
"""How much of a line's height lies below its letters' base."""
END = 22
"""The size of the sign where a run ends without a word."""


class Line(Struct, frozen=True):
    """A line of words: how it looks, and where its base is below the top of its row."""

    look: str
    text: str
    base: float


class Row(Struct, frozen=True):
    """A box on a card, with its words broken into lines."""

    box: Box
    lines: tuple[Line, ...]
    height: float


class Card(Struct, frozen=True):
    """Rows that follow one another."""

    rows: tuple[Row, ...]

    @property
    def id(self) -> str:
        """The name of the first box, which is the only one that is led to from elsewhere."""
        return self.rows[0].box.id

    @property
    def is_end(self) -> bool:
        """Tell whether this is only the sign that a run ends here."""
        return not self.rows[0].box.word and self.rows[0].box.role is Role.ENDS

    @property
    def width(self) -> float:
        """How wide it is."""
        return END if self.is_end else WIDTH

    @property
    def height(self) -> float:
        """How high it is."""
        return END if self.is_end else sum(row.height for row in self.rows)


def cards_of(chart: Chart) -> tuple[Card, ...]:
    """Put the boxes of a chart on cards, in order."""
    following = _following(chart)
    later = set(following.values())
    boxes = {box.id: box for box in chart.boxes}
    return tuple(
        Card(tuple(_row(boxes[each]) for each in _chain(box.id, following)))
        for box in chart.boxes
        if box.id not in later
    )


def _following(chart: Chart) -> dict[str, str]:
    """Find the steps that share a card with the step before: one way leads out of that, and one into this.

    Where a way may lead upward, a step has a card of its own: such a line leaves above and comes from below.
    """
    steps = {box.id for box in chart.steps} if chart.kind == "flow" else set[str]()
    turning = {end for way in chart.ways if way.manner in UPWARD for end in (way.begins, way.ends)}
    out, into = Counter(way.begins for way in chart.ways), Counter(way.ends for way in chart.ways)
    return {
        way.begins: way.ends
        for way in chart.ways
        if {way.begins, way.ends} <= steps - turning and way.manner is Manner.ON and not way.titles
        if out[way.begins] == into[way.ends] == 1 and way.begins != way.ends
    }


def _chain(begins: str, following: Mapping[str, str]) -> Iterator[str]:
    at: str | None = begins
    while at is not None:
        yield at
        at = following.get(at)


def _row(box: Box) -> Row:
    found: list[Line] = []
    base = float(ABOVE)
    for look, text, size, height, most in _paragraphs(box):
        for each in lines(text, size, WIDTH - LEFT - RIGHT, most):
            base += height
            found.append(Line(look, each, base - height * DESCENT))
    return Row(box, tuple(found), max(base + BELOW, LOWEST))


def _paragraphs(box: Box) -> Iterator[tuple[str, str, float, float, int]]:
    """List what a row says: the look of it, the words, their size, the height of a line, and the most lines."""
    yield f"word {box.role.name.lower()}", box.word, WORD_SIZE, WORD_HEIGHT, 1
    for text in (*box.texts[:MOST_TEXTS], *_more(box.texts, MOST_TEXTS)):
        yield "text", text, TEXT_SIZE, TEXT_HEIGHT, LINES_OF_TEXT
    for note in box.notes:
        yield "note", note, NOTE_SIZE, NOTE_HEIGHT, LINES_OF_NOTE
    for problem in box.problems[:MOST_PROBLEMS]:
        yield problem.severity, told(problem), NOTE_SIZE, NOTE_HEIGHT, LINES_OF_PROBLEM
    for more in _more(box.problems, MOST_PROBLEMS):
        yield "note", more, NOTE_SIZE, NOTE_HEIGHT, 1


def _more(items: Sequence[object], most: int) -> tuple[str, ...]:
    return (f"and {len(items) - most} more",) if len(items) > most else ()
