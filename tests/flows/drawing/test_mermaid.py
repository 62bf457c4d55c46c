"""Does Mermaid get a chart in its own language, whatever authors wrote?"""

import re

import pytest

from flows.coverage import Gap
from flows.drawing.boxes import Manner, Role
from flows.drawing.chart import chart_of
from flows.drawing.mermaid import ARROWS, SHAPES, as_mermaid
from rules.source import Problem, Severity
from tests.flows.drawing.shop import loaded, many_steps

NODE = re.compile(r'  n\d+(\(\[|\(\(|\(|\{\{|\{|>|\[\[|\[/|\[)"[^"]+"(\]\)|\)\)|\)|\}\}|\}|\]\]|/\]|\])')
WAY = re.compile(r'  n\d+ (-->|-\.->|==>)(\|"[^"]+"\|)? n\d+')
HEADER = re.compile(r"flowchart TD|  accTitle: .+|  accDescr: .+|  classDef \w+ [\w:#,\- ]+|  class n[\d,n]+ \w+")
TEXTS = {
    "quotes": (r"say \"hi\"", "say #34;hi#34;"),
    "markup": ("<b>&amp;</b>", "#60;b#62;#38;amp#59;#60;/b#62;"),
    "a number of a sign": ("#quot;", "#35;quot#59;"),
    "a directive": ("%%{init}%%", "#37;#37;#123;init#125;#37;#37;"),
    "Markdown": ("`a` *b*", "#96;a#96; #42;b#42;"),
    "a line end": (r"one\ntwo", "one two"),
    "other alphabets": ("Olá, 早上好", "Olá, 早上好"),
    "a turned text": (r"\u202eabc", "#8238;abc"),
}


def drawn(flow: str, problems=(), gaps=None) -> str:
    """Write the first flow of a text for Mermaid."""
    folder = loaded(flow).folder
    assert folder is not None
    return as_mermaid(chart_of(folder.flows[0], folder, problems, gaps))


def test_a_flow_in_mermaid():
    """Shapes, ways with their titles, problems and coverage."""
    flow = """flow: t
steps:
  - choose: What?
    options: {A: [{send: One}], B: }
    no_reply: {after: 2h, steps: [end]}
  - id: x
    ask: Two
  - goto: x
    when: text has "y"
"""
    problems = [Problem("flows.yaml", 7, 5, Severity.ERROR, "x", "This is wrong")]
    gaps = [Gap("t", "choose", "flows.yaml:3:5", "A"), Gap("t", "send", "flows.yaml:4:20")]

    assert drawn(flow, problems, gaps).splitlines() == [
        "flowchart TD",
        "  accTitle: t",
        "  accDescr: 5 steps, 1 problem, 1 not covered",
        '  n1(["starts when<br/>nothing starts it"])',
        '  n2{{"choose<br/>What?"}}',
        '  n3(("end"))',
        '  n4("send<br/>One<br/>not covered")',
        '  n5{{"ask<br/>Two<br/>Problem: This is wrong"}}',
        '  n6[["goto<br/>x"]]',
        '  n7(("ends"))',
        "  n1 --> n2",
        '  n2 -.->|"no reply for 2h"| n3',
        '  n2 -->|"A<br/>not covered"| n4',
        '  n2 -->|"B"| n5',
        "  n4 --> n5",
        "  n5 --> n6",
        "  n6 ==> n5",
        '  n6 -->|"else"| n7',
        "  classDef wrong stroke:#b3201f,stroke-width:3px",
        "  class n5 wrong",
        "  classDef missed stroke-dasharray:5 4",
        "  class n4 missed",
    ]


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_words_stay_words(text, expected):
    """What could mean something to Mermaid is written as its number."""
    assert f'"send<br/>{expected}"' in drawn(f'flow: t\nsteps:\n  - send: "{text}"\n')


def test_every_line_is_of_a_known_form():
    """A large flow holds nothing but nodes and ways, each node once."""
    folder = loaded(many_steps(60)).folder
    assert folder is not None
    chart = chart_of(folder.flows[0], folder)

    lines = as_mermaid(chart).splitlines()

    forms = [next((form for form in (NODE, WAY, HEADER) if form.fullmatch(line)), line) for line in lines]
    assert (forms.count(NODE), forms.count(WAY)) == (len(chart.boxes), len(chart.ways))
    assert set(forms) == {NODE, WAY, HEADER}


def test_every_role_and_manner_has_a_form():
    """A new one cannot be forgotten."""
    assert (set(SHAPES), set(ARROWS)) == (set(Role), set(Manner))
