"""Is a picture sound XML that shows every box and way, whatever authors wrote?"""

import re
import subprocess
import sys
from xml.dom.minidom import parseString

import pytest

from flows.coverage import Gap
from flows.drawing.boxes import Role
from flows.drawing.cards import cards_of
from flows.drawing.chart import chart_of
from flows.drawing.overview import overview_of
from flows.drawing.strokes import SIGNS
from flows.drawing.style import DARK, LIGHT, NAMES, ROLES
from flows.drawing.svg import as_svg
from rules.source import Problem, Severity
from tests.flows.drawing.shop import loaded, many_steps

HOSTILE = r"""flow: hostile
start: [{when: 'text has "</text><script>alert(2)</script>"'}]
steps:
  - send: "</text><script>alert(1)</script> & \"quotes\" 'and' ]]> <!-- x"
    id: </g>
  - send: "bell \x07, no character \uffff, and \u202e turned"
  - choose: "</title>"
    options: {"</svg>": [end], "&amp;": [end]}
  - tag: "<b>"
"""


def svg(flow: str, problems=None, gaps=None):
    """Draw the first flow of a text."""
    found = loaded(flow)
    assert found.readable is not None
    told = found.problems if problems is None else problems
    return as_svg(chart_of(found.readable.flows[0], found.readable, told, gaps))


def read(picture: str):
    """Read a picture as XML."""
    return parseString(picture)  # noqa: S318 - a picture of our own


def texts_of(picture: str) -> list[str]:
    """Return the words that are drawn."""
    return ["".join(each.data for each in node.childNodes) for node in read(picture).getElementsByTagName("text")]


def ways_of(picture: str) -> list[str]:
    """Return how the lines in a picture look, its legend left out."""
    drawn = picture.partition('class="legend"')[0]
    return re.findall(r'class="head (\w+)"', drawn)


def test_every_box_and_way_is_drawn():
    """Each step and each line once, whatever shares a card."""
    found = loaded(many_steps(60)).folder
    assert found is not None
    chart = chart_of(found.flows[0], found)
    on_cards = sum(len(card.rows) - 1 for card in cards_of(chart))

    picture = as_svg(chart)

    words = [text for text in texts_of(picture) if text in {box.word for box in chart.steps}]
    assert len(words) == 60
    assert sorted(row.box.id for card in cards_of(chart) for row in card.rows) == sorted(box.id for box in chart.boxes)
    assert len(ways_of(picture)) == len(chart.ways) - on_cards


def test_words_stay_words():
    """Markup, quotes and characters that XML cannot hold are shown, and mean nothing."""
    picture = svg(HOSTILE.replace("</g>", "g"))
    page = read(picture)

    names = {node.tagName for node in page.getElementsByTagName("*")}
    assert names == {"svg", "title", "desc", "style", "rect", "g", "path", "text", "circle"}
    assert not re.search(r"\son\w+=|javascript:|href", picture)
    shown = " ".join(texts_of(picture))
    assert "<script>alert(1)</script>" in shown
    assert "</svg>" in shown
    assert "\N{REPLACEMENT CHARACTER}" in shown


@pytest.mark.parametrize("flow", ["flow: t\nsteps: [end]\n", HOSTILE.replace("</g>", "g"), many_steps(20)])
def test_the_same_flow_is_the_same_picture(flow):
    """Byte by byte, also in another process with other hashes."""
    program = (
        f"from tests.flows.drawing.test_svg import svg; import sys; sys.stdout.buffer.write(svg({flow!r}).encode())"
    )

    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": "."},
        capture_output=True,
        check=True,
    ).stdout

    assert elsewhere == svg(flow).encode()


def test_it_can_be_read_without_eyes():
    """A title, and every box with what comes after it, in words."""
    page = read(svg("flow: t\nsteps:\n  - choose: What?\n    options: {A: [end], B: }\n  - send: Good\n"))
    root = page.documentElement

    (title, desc) = (root.getElementsByTagName(name)[0].firstChild.data for name in ("title", "desc"))

    assert (root.getAttribute("role"), title) == ("img", "t")
    assert desc.splitlines() == [
        "t: 3 steps.",
        "1. starts when nothing starts it → 2",
        "2. choose What? → 3 (A), 4 (B)",
        "3. end",
        "4. send Good → 5",
        "5. ends",
    ]


def test_problems_and_coverage_are_seen_without_colours():
    """Both are told in words, and what they mean stands in the legend."""
    problems = [
        Problem("flows.yaml", 3, 5, Severity.ERROR, "x", "This is wrong"),
        Problem("flows.yaml", 4, 5, Severity.WARNING, "x", "This is doubtful"),
    ]
    flow = 'flow: t\nsteps:\n  - send: A\n  - send: B\n  - if: text has "c"\n    then: [{send: C}]\n'
    gaps = [Gap("t", "if", "flows.yaml:5:5", "then"), Gap("t", "send", "flows.yaml:6:13")]

    picture = svg(flow, problems, gaps)

    shown = texts_of(picture)
    assert {"Problem: This is wrong", "Warning: This is doubtful", "not covered"} <= set(shown)
    assert {"a problem", "a warning or a hint", "no transcript comes here", "a transcript comes here"} <= set(shown)
    assert "4 steps, 2 problems, 1 not covered" in shown


def test_the_legend_names_only_what_is_there():
    """A small flow has a small legend."""
    shown = texts_of(svg("flow: t\nsteps: [{send: Hi}, end]\n"))

    assert shown[-3:] == ["starts", "says", "ends"]


def test_all_that_has_no_way_is_drawn_as_well():
    """A business whose flows do not know each other."""
    found = loaded("flow: one\nsteps: [end]\n---\nflow: two\nsteps: [end]\n").folder
    assert found is not None

    shown = texts_of(as_svg(overview_of(found)))

    assert {"Corner Shop", "2 flows", "one", "two"} <= set(shown)


def test_a_step_that_leads_to_itself():
    """The line goes round it."""
    assert ways_of(svg("flow: t\nsteps:\n  - id: x\n    goto: x\n")) == ["on", "jump"]


@pytest.mark.parametrize(("theme", "colours"), [(0, LIGHT), (1, DARK)], ids=["light", "dark"])
def test_colours_can_be_told_from_what_is_behind(theme, colours):
    """Words and signs stand out by 4.5 to 1 at least, lines by 3 to 1."""
    named = dict(zip(NAMES, colours, strict=True))
    words = [named[name] for name in ("INK", "MUTED", "RED", "AMBER", "GREEN")] + [
        pair[theme] for pair in ROLES.values()
    ]

    assert min(contrast(colour, named["CARD"]) for colour in words) >= 4.5
    assert min(contrast(named[name], named["PAPER"]) for name in ("INK", "MUTED")) >= 4.5
    assert min(contrast(named[name], named["PAPER"]) for name in ("LINE", "AWAY")) >= 3


def test_every_role_has_a_sign_and_a_colour():
    """A new role cannot be forgotten."""
    assert set(SIGNS) == set(ROLES) == set(Role)


def contrast(one: str, two: str) -> float:
    """Measure how much two colours differ, as WCAG 2 defines it."""
    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


def light(colour: str) -> float:
    """Measure how light a colour is."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
