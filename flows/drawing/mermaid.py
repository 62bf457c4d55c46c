"""How is a chart written for Mermaid, which draws it in pages and READMEs?"""

import re
from collections.abc import Iterator, Mapping

from flows.drawing.boxes import NOT_COVERED, Box, Chart, Look, Manner, Role, Way, told
from flows.text import cut

SHAPES: Mapping[Role, tuple[str, str]] = {
    Role.START: ("([", "])"),
    Role.SAYS: ("(", ")"),
    Role.ASKS: ("{{", "}}"),
    Role.DECIDES: ("{", "}"),
    Role.WAITS: (">", "]"),
    Role.DOES: ("[", "]"),
    Role.JUMPS: ("[[", "]]"),
    Role.HANDS_OFF: ("[/", "/]"),
    Role.ENDS: ("((", "))"),
    Role.FLOW: ("[", "]"),
    Role.QUESTIONS: ("{{", "}}"),
    Role.OWNER: ("[/", "/]"),
}
ARROWS = {Manner.ON: "-->", Manner.TIMED: "-.->", Manner.BACK: "-.->", Manner.JUMP: "==>"}
STYLES = {
    Look.WRONG: "stroke:#b3201f,stroke-width:3px",
    Look.DOUBTFUL: "stroke:#b87a00,stroke-width:3px",
    Look.MISSED: "stroke-dasharray:5 4",
}
SIGNIFICANT = re.compile(r"[^\w .,:!?()/'\-]", re.ASCII)
LAST_ASCII = 127
LINE = "<br/>"
LONGEST = 80


def as_mermaid(chart: Chart) -> str:
    """Write a chart as a Mermaid flowchart."""
    names = {box.id: f"n{at}" for at, box in enumerate(chart.boxes, 1)}
    return "\n".join(
        (
            "flowchart TD",
            f"  accTitle: {_plain(chart.title)}",
            f"  accDescr: {_plain(chart.about)}",
            *(f"  {names[box.id]}{_shape(box)}" for box in chart.boxes),
            *(f"  {names[way.begins]} {_arrow(way)} {names[way.ends]}" for way in chart.ways),
            *_looks(chart, names),
        )
    )


def _shape(box: Box) -> str:
    opens, closes = SHAPES[box.role]
    missed = (NOT_COVERED,) if box.covered is False else ()
    said = (box.word or box.role, *box.texts, *map(told, box.problems), *missed)
    return f'{opens}"{LINE.join(_plain(cut(each, LONGEST)) for each in said)}"{closes}'


def _arrow(way: Way) -> str:
    titles = (*way.titles, *((NOT_COVERED,) if way.covered is False else ()))
    return f'{ARROWS[way.manner]}|"{LINE.join(map(_plain, titles))}"|' if titles else ARROWS[way.manner]


def _looks(chart: Chart, names: Mapping[str, str]) -> Iterator[str]:
    for look, style in STYLES.items():
        found = [names[box.id] for box in chart.boxes if box.look is look]
        if found:
            yield f"  classDef {look.name.lower()} {style}"
            yield f"  class {','.join(found)} {look.name.lower()}"


def _plain(text: str) -> str:
    """Write words on one line, every sign that could mean something to Mermaid as its number."""
    return SIGNIFICANT.sub(_numbered, " ".join(text.split()))


def _numbered(found: re.Match[str]) -> str:
    sign = found[0]
    return sign if ord(sign) > LAST_ASCII and sign.isprintable() else f"#{ord(sign)};"
