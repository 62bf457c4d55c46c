"""What do the signs in a picture mean?"""

from collections.abc import Iterator

from flows.drawing.boxes import Chart, Look, Manner, Role, Way
from flows.drawing.lettering import width
from flows.drawing.markup import element, number, plain
from flows.drawing.strokes import SIGNS, head, stroke

SIZE, HEIGHT = 11.5, 26
SIGN, BETWEEN = 38, 22
"""How much room a sign takes, and how much is left after its words."""
MANNERS = {
    Manner.TIMED: "when time is over",
    Manner.BACK: "then goes on waiting",
    Manner.JUMP: "goes elsewhere",
}


def legend(chart: Chart, most: float) -> tuple[str, float]:
    """Draw the meaning of every sign that is in a picture, in lines of a width; tell how high they are."""
    drawn, across, down = [], 0.0, 0
    for sign, words in _signs(chart):
        room = SIGN + width(words, SIZE) + BETWEEN
        if across and across + room > most:
            across, down = 0, down + HEIGHT
        said = element("text", plain(words), class_="legend", x=SIGN, y=17)
        drawn.append(element("g", sign + said, transform=f"translate({number(across)} {down})"))
        across += room
    return "\n".join(drawn), down + HEIGHT if drawn else 0


def _signs(chart: Chart) -> Iterator[tuple[str, str]]:
    boxes, manners = chart.boxes, {way.manner for way in chart.ways}
    used = {box.role for box in boxes}
    yield from ((sign_of(role, 10, 3), role.value) for role in Role if role in used)
    yield from ((_line(manner), words) for manner, words in MANNERS.items() if manner in manners)
    looks = {box.look for box in boxes}
    yield from ((frame(look, 4, 4, 26, 18), look.value) for look in Look if look in looks)
    if any(box.covered for box in boxes):
        yield check_mark(14, 13), "a transcript comes here"


def sign_of(role: Role, left: float, top: float) -> str:
    """Draw the sign of a role."""
    square = element("rect", class_=role.name.lower(), width=20, height=20, rx=5)
    sign = element("path", class_="sign", d=SIGNS[role])
    return element("g", square + sign, transform=f"translate({number(left)} {number(top)})")


def line_of(way: Way, points: tuple[tuple[float, float], ...]) -> str:
    """Draw a way through points."""
    look = way.manner.name.lower()
    return element("path", class_=f"way {look}", d=stroke(points)) + element(
        "path", class_=f"head {look}", d=head(points)
    )


def check_mark(left: float, top: float) -> str:
    """Draw the mark of what a transcript came to."""
    return element("path", class_="covered", d=f"M{number(left)} {number(top)}l4 4 7-8")


def frame(look: Look, left: float, top: float, wide: float, high: float) -> str:
    """Draw the frame of something that is the matter."""
    return element("rect", class_=look.name.lower(), x=left, y=top, width=wide, height=high, rx=6)


def _line(manner: Manner) -> str:
    return line_of(Way(begins="", ends="", manner=manner), ((0, 13), (32, 13)))
