"""How is a chart drawn as SVG?"""

from collections.abc import Iterator

from msgspec import Struct

from flows.drawing.boxes import NOT_COVERED, Chart, Way
from flows.drawing.cards import END, LEFT, RIGHT, WIDTH, Card, Row, cards_of
from flows.drawing.legend import check_mark, frame, legend, line_of, sign_of
from flows.drawing.lettering import is_right_to_left, lines, width
from flows.drawing.markup import element, number, plain
from flows.drawing.outline import outline, whole
from flows.drawing.style import style
from flows.picture import Area, Link, Point, arrange

MARGIN = 28
HEADING = 56
"""How high the title is with what stands below it."""
NARROWEST = 560
MIDDLE_DOT = " \N{MIDDLE DOT} "
LABEL_SIZE, LABEL_HEIGHT, LABEL_WIDTH, LABEL_LINES = 11.5, 15, 150, 4
AROUND, ASIDE = 5, 15
NAME = 120
"""How wide the name of a step may be."""


class Label(Struct, frozen=True):
    """The words of a way, broken into lines."""

    lines: tuple[str, ...]

    @property
    def size(self) -> Point:
        """How wide and high it is."""
        if not self.lines:
            return 0, 0
        return max(width(each, LABEL_SIZE) for each in self.lines) + 2 * AROUND, len(self.lines) * LABEL_HEIGHT + AROUND


def as_svg(chart: Chart) -> str:
    """Draw a chart; the same chart is always the same text."""
    cards = cards_of(chart)
    home = {row.box.id: card.id for card in cards for row in card.rows}
    ways = [way for way in chart.ways if home[way.begins] != home[way.ends] or home[way.ends] == way.ends]
    labels = [_label(way) for way in ways]
    links = [Link(home[way.begins], home[way.ends], *label.size) for way, label in zip(ways, labels, strict=True)]
    laid = arrange([Area(card.id, card.width, card.height) for card in cards], links)
    at = {card.id: (card, laid.centers[card.id]) for card in cards}
    drawn = [
        *(
            line_of(way, points if link.begins != link.ends else _round(*at[link.begins]))
            for way, link, points in zip(ways, links, laid.lines, strict=True)
        ),
        *(_card(card, laid.centers[card.id]) for card in cards),
        *(_words(label, middle) for label, middle in zip(labels, laid.words, strict=True) if middle),
    ]
    return _sheet(chart, laid.size, "\n".join(drawn))


def _round(card: Card, middle: Point) -> tuple[Point, ...]:
    """Lead from a card back to itself."""
    right, begins, ends = middle[0] + card.width / 2, middle[1] + ASIDE, middle[1] - ASIDE
    return (right, begins), (right + ASIDE, begins), (right + ASIDE, ends), (right, ends)


def _label(way: Way) -> Label:
    titles = lines(MIDDLE_DOT.join(way.titles), LABEL_SIZE, LABEL_WIDTH, LABEL_LINES)
    return Label((*titles, *((NOT_COVERED,) if way.covered is False else ())))


def _words(label: Label, middle: Point) -> str:
    wide, high = label.size
    left, top = middle[0] - wide / 2, middle[1] - high / 2
    behind = element("rect", class_="behind", x=left, y=top, width=wide, height=high, rx=4)
    said = (
        _line(line, "of-way", middle[0], middle[0], top + 13.5 + at * LABEL_HEIGHT)
        for at, line in enumerate(label.lines)
    )
    return behind + "".join(said)


def _card(card: Card, middle: Point) -> str:
    left, top = middle[0] - card.width / 2, middle[1] - card.height / 2
    corner = f"translate({number(left)} {number(top)})"
    if card.is_end:
        return element("g", _end(card), transform=corner)
    drawn = [element("rect", class_="card", width=card.width, height=card.height, rx=8)]
    down = 0.0
    for row in card.rows:
        if down:
            drawn.append(element("path", class_="between", d=f"M0 {number(down)}h{WIDTH}"))
        # A picture of its own cuts off what wider letters than ours would write beyond the card.
        drawn.append(element("svg", "".join(_row(row)), y=down, width=WIDTH, height=row.height))
        down += row.height
    return element("g", "\n".join(drawn), transform=corner)


def _end(card: Card) -> str:
    said = element("title", plain("\n".join(whole(card.rows[0].box))))
    ring = element("circle", class_="card", cx=END / 2, cy=END / 2, r=END / 2 - 1)
    return said + ring + element("circle", class_="ends", cx=END / 2, cy=END / 2, r=5)


def _row(row: Row) -> Iterator[str]:
    box = row.box
    yield element("title", plain("\n".join(whole(box))))
    if box.look:
        yield frame(box.look, 3, 3, WIDTH - 6, row.height - 6)
    yield sign_of(box.role, 12, 11)
    if box.name:
        right = WIDTH - RIGHT - (20 if box.covered else 0)
        yield element(
            "text", plain(_clipped(f"#{box.name}", 11.5, NAME)), class_="name", x=right, y=22, text_anchor="end"
        )
    if box.covered:
        yield check_mark(WIDTH - RIGHT - 11, 18)
    yield from (_line(line.text, line.look, LEFT, WIDTH - RIGHT, line.base) for line in row.lines)


def _line(text: str, look: str, left: float, right: float, base: float) -> str:
    """Write a line from the side on which its language begins."""
    turned = is_right_to_left(text)
    x = right if turned else left
    return element("text", plain(text), class_=look, x=x, y=base, direction="rtl" if turned else None)


def _sheet(chart: Chart, size: Point, drawn: str) -> str:
    """Put the title above and the legend below."""
    wide = max(size[0], NARROWEST) + 2 * MARGIN
    below, deep = legend(chart, wide - 2 * MARGIN)
    high = MARGIN + HEADING + size[1] + MARGIN + deep + MARGIN / 2
    inside = (
        element("title", plain(chart.title)),
        element("desc", plain(outline(chart))),
        element("style", style()),
        element("rect", class_="paper", width=wide, height=high),
        _line(_clipped(chart.title, 20, wide - 2 * MARGIN), "title", MARGIN, wide - MARGIN, MARGIN + 14),
        element("text", plain(chart.about), class_="about", x=MARGIN, y=MARGIN + 34),
        element("g", drawn, transform=f"translate({number((wide - size[0]) / 2)} {MARGIN + HEADING})"),
        element("g", below, transform=f"translate({MARGIN} {number(high - deep - MARGIN / 2)})"),
    )
    return element(
        "svg",
        "\n".join(("", *inside, "")),
        xmlns="http://www.w3.org/2000/svg",
        class_="baton",
        role="img",
        width=wide,
        height=high,
        viewBox=f"0 0 {number(wide)} {number(high)}",
    )


def _clipped(text: str, size: float, most: float) -> str:
    return "".join(lines(text, size, most, 1))
