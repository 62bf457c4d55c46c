"""Which strokes are a way, and the sign of a role?"""

from collections.abc import Mapping, Sequence
from math import hypot

from flows.drawing.boxes import Role
from flows.drawing.markup import number
from flows.picture import Point

CORNER = 9
HEAD_LENGTH, HEAD_WIDTH = 9, 4.5
_PERSON = "M10 9.8a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8M5.4 15c.4-2.4 2.2-3.4 4.6-3.4s4.2 1 4.6 3.4"
_QUESTION = "M7.6 8.1a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.8-1.1 1.6m0 2.5v.1"
SIGNS: Mapping[Role, str] = {
    Role.START: "M8 6.2 13.6 10 8 13.8Z",
    Role.SAYS: "M5 6h10v6.4H9.6L7 14.8v-2.4H5Z",
    Role.ASKS: _QUESTION,
    Role.DECIDES: "M10 5l5 5-5 5-5-5Z",
    Role.WAITS: "M10 4.8a5.2 5.2 0 1 0 0 10.4 5.2 5.2 0 0 0 0-10.4m0 2.6V10l2 1.6",
    Role.DOES: "M6 6.8h8M6 10h8m-8 3.2h5",
    Role.JUMPS: "M5 10h9.5M10.8 6.2l3.7 3.8-3.7 3.8",
    Role.HANDS_OFF: _PERSON,
    Role.ENDS: "M7 7h6v6H7Z",
    Role.FLOW: "M5.4 5.4h4.2v3.2H5.4Zm5 6h4.2v3.2h-4.2ZM7.5 8.6V13h2.9",
    Role.QUESTIONS: _QUESTION,
    Role.OWNER: _PERSON,
}
"""What stands in front of a box, in a square of twenty: roles are told apart by more than their colour."""


def stroke(points: Sequence[Point]) -> str:
    """Draw a line through points, round at the corners, that stops where its head begins."""
    *most, last = points
    points = (*most, _toward(last, most[-1], HEAD_LENGTH - 1))
    drawn = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        room = min(CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        drawn.append(f"L{_at(_toward(corner, before, room))}Q{_at(corner)} {_at(_toward(corner, after, room))}")
    return f"{''.join(drawn)}L{_at(points[-1])}"


def head(points: Sequence[Point]) -> str:
    """Draw the head of an arrow at the end of a line."""
    before, tip = points[-2], points[-1]
    length = _length(before, tip) or 1
    along = ((tip[0] - before[0]) / length, (tip[1] - before[1]) / length)
    back = (tip[0] - along[0] * HEAD_LENGTH, tip[1] - along[1] * HEAD_LENGTH)
    across = (-along[1] * HEAD_WIDTH, along[0] * HEAD_WIDTH)
    left, right = (back[0] + across[0], back[1] + across[1]), (back[0] - across[0], back[1] - across[1])
    return f"M{_at(tip)}L{_at(left)}L{_at(right)}Z"


def _toward(begins: Point, ends: Point, far: float) -> Point:
    length = _length(begins, ends) or 1
    return (begins[0] + (ends[0] - begins[0]) * far / length, begins[1] + (ends[1] - begins[1]) * far / length)


def _length(begins: Point, ends: Point) -> float:
    return hypot(ends[0] - begins[0], ends[1] - begins[1])


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
