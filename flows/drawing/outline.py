"""What does a picture show, in words that can be read aloud?"""

from collections.abc import Iterator

from flows.drawing.boxes import NOT_COVERED, Box, Chart, Look, Way, told


def outline(chart: Chart) -> str:
    """Write a chart as lines: each box with a number, what it says, and which boxes come after it."""
    numbers = {box.id: at for at, box in enumerate(chart.boxes, 1)}
    after: dict[str, list[Way]] = {}
    for way in chart.ways:
        after.setdefault(way.begins, []).append(way)
    lines = (_line(numbers, box, after.get(box.id, [])) for box in chart.boxes)
    return "\n".join((f"{chart.title}: {chart.about}.", *lines))


def whole(box: Box) -> Iterator[str]:
    """Write all that a box says, nothing cut."""
    yield " ".join(filter(None, (box.word or "the flow ends here", box.name and f"#{box.name}")))
    yield from box.texts
    yield from box.notes
    yield from map(told, box.problems)
    if box.covered is False:
        yield Look.MISSED
    if box.place:
        yield box.place


def _line(numbers: dict[str, int], box: Box, ways: list[Way]) -> str:
    said = " ".join(filter(None, (box.word or box.role, "; ".join(box.texts))))
    marks = (*map(told, box.problems), *((NOT_COVERED,) if box.covered is False else ()))
    leads = ", ".join(_to(numbers[way.ends], way) for way in ways)
    return f"{numbers[box.id]}. {'; '.join((said, *marks))}{f' → {leads}' if leads else ''}"


def _to(number: int, way: Way) -> str:
    return f"{number} ({' · '.join(way.titles)})" if way.titles else str(number)
