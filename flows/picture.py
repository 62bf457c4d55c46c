"""Where does everything in a picture lie? The one door to graphlay."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import graphlay
from msgspec import Struct

PRESET = "process_map"
OPTIONS: Mapping[str, Any] = {
    "direction": "topbottom",
    "spacing": {"layer_gap": 34.0, "node_gap": 36.0},
}

PULL = 8.0
"""How much more than others the line to some words wants to be short."""
LEAST_STEP = 1.0

Point = tuple[float, float]


class Area(Struct, frozen=True):
    """Something that takes up room."""

    id: str
    width: float
    height: float


class Link(Struct, frozen=True):
    """A line from one area to another, with room for words on it."""

    begins: str
    ends: str
    width: float = 0
    height: float = 0


class Arrangement(Struct, frozen=True):
    """Where the middle of each area is, which points each line goes through, and where the middle of its words is.

    All of it lies right of and below the point 0, 0; `size` is how far it reaches.
    """

    size: Point
    centers: Mapping[str, Point]
    lines: tuple[tuple[Point, ...], ...]
    words: tuple[Point | None, ...]


def arrange(areas: Sequence[Area], links: Sequence[Link]) -> Arrangement:
    """Lay areas out from top to bottom; the same areas and links always lie the same.

    Words take up room as areas do, right below where their line begins.
    """
    graph, upward = graphlay.Graph(), _upward(areas, links)
    for area in areas:
        graph.node(area.id, width=area.width, height=area.height)
    for at, link in enumerate(links):
        if link.width:
            graph.node(at, width=link.width, height=link.height)
            graph.edge(link.begins, at, weight=PULL)
        graph.edge(at if link.width else link.begins, link.ends, reverse_for_ranking=at in upward)
    return _arrangement(graphlay.layout(graph, preset=PRESET, options=OPTIONS), areas, links)


def _arrangement(found: graphlay.Layout, areas: Sequence[Area], links: Sequence[Link]) -> Arrangement:
    left, top = found.bounds["min"]["x"], found.bounds["min"]["y"]

    def moved(point: Mapping[str, float]) -> Point:
        return (round(point["x"] - left, 1), round(point["y"] - top, 1))

    edges = iter([[moved(point) for point in edge["points"]] for edge in found.edges])
    at = {id_: moved(node["center"]) for id_, node in zip(found.ids, found.nodes, strict=True)}
    lines = [(*next(edges), *next(edges)) if link.width else tuple(next(edges)) for link in links]
    return Arrangement(
        size=moved(found.bounds["max"]),
        centers={area.id: at[area.id] for area in areas},
        lines=tuple(_straightened([*line]) for line in lines),
        words=tuple(at.get(number) for number, _ in enumerate(links)),
    )


def _straightened(points: list[Point]) -> tuple[Point, ...]:
    """Take out steps that are too small to be seen, so that lines are level and upright."""
    for at in range(1, len(points) - 1):
        (x, y), (left, top) = points[at], points[at - 1]
        points[at] = (left if abs(x - left) < LEAST_STEP else x, top if abs(y - top) < LEAST_STEP else y)
    (x, y), (last, _) = points[-2], points[-1]
    points[-2] = (last if abs(x - last) < LEAST_STEP else x, y)
    return tuple(points)


def _upward(areas: Sequence[Area], links: Sequence[Link]) -> frozenset[int]:
    """Find the links that close a circle when one goes on from the first area: only they lead upward."""
    leading: dict[str, list[tuple[int, str]]] = {area.id: [] for area in areas}
    for at, link in enumerate(links):
        leading[link.begins].append((at, link.ends))
    closing, done = set[int](), set[str]()
    for area in areas:
        closing |= _closing(area.id, leading, done)
    return frozenset(closing)


def _closing(begins: str, leading: Mapping[str, list[tuple[int, str]]], done: set[str]) -> set[int]:
    closing, open_ = set[int](), dict[str, Iterator[tuple[int, str]]]()
    if begins not in done:
        open_[begins] = iter(leading[begins])
    while open_:
        here = next(reversed(open_))
        at, there = next(open_[here], (None, ""))
        if at is None:
            done.add(here)
            del open_[here]
        elif there in open_:
            closing.add(at)
        elif there not in done:
            open_[there] = iter(leading[there])
    return closing
