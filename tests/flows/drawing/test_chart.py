"""Are the right boxes in the picture of a flow, with the right ways between them?"""

import pytest

from flows.coverage import Gap
from flows.drawing.boxes import Chart, Manner, Role
from flows.drawing.chart import chart_of
from flows.kinds import kinds
from rules.source import Problem, Severity
from tests.flows.drawing.shop import loaded, many_steps

OTHER = "---\nflow: other\nsteps: [{send: Hello}]\n"
CASES = {
    "one after another": (
        "- send: Hi\n- tag: a\n",
        ["starts → 0", "0 → 1", "1 → 1 end"],
    ),
    "a branch with and without the other": (
        '- if: text has "a"\n  then: [{send: A}]\n- if: text has "b"\n  then: [{send: B}]\n  else: [{send: C}]\n',
        [
            *("starts → 0", "0 → 0.then.0: then", "0 → 1: else", "0.then.0 → 1", "1 → 1.then.0: then"),
            *("1 → 1.else.0: else", "1.then.0 → 1.then.0 end", "1.else.0 → 1.else.0 end"),
        ],
    ),
    "options": (
        "- choose: What?\n  options:\n    Cake: {id: c, steps: [{send: Yes}]}\n    Tea:\n    Milk: {id: m}\n- end\n",
        ["starts → 0", "0 → 0.c.0: Cake", "0 → 1: Tea, Milk", "0.c.0 → 1"],
    ),
    "options that all lead on": (
        "- choose: What?\n  options: {Cake: , Tea: }\n- end\n",
        ["starts → 0", "0 → 1"],
    ),
    "options that all lead elsewhere": (
        "- choose: What?\n  options: {Cake: [end], Tea: [end]}\n",
        ["starts → 0", "0 → 0.Cake.0: Cake", "0 → 0.Tea.0: Tea"],
    ),
    "no reply": (
        "- ask: Who?\n  no_reply: {after: 90m, steps: [{send: Hello?}]}\n- end\n",
        [
            *("starts → 0", "0 ⇢ 0.no_reply.0: no reply for 1h30m", "0 → 1"),
            "0.no_reply.0 ↺ 0",
        ],
    ),
    "a jump back, to another flow, and skipped": (
        '- id: again\n  ask: Who?\n- goto: again\n  when: text has "no"\n- goto: other\n',
        ["starts → 0", "0 → 1", "1 ⇒ 0", "1 → 2: else"],
    ),
    "a call": ("- call: other\n- end\n", ["starts → 0", "0 → 1"]),
    "an end that may be skipped": (
        '- handoff: Help\n  when: text has "x"\n- return: true\n  when: text has "y"\n- end\n',
        ["starts → 0", "0 → 1: else", "1 → 2: else"],
    ),
    "ways by lot": (
        "- split: {A: {share: 3, steps: [{send: A}]}, B: 1}\n- end\n",
        ["starts → 0", "0 → 0.A.0: A, 3 of 4", "0 → 1: B", "0.A.0 → 1"],
    ),
    "what is never reached": ("- end\n- send: Never\n", ["starts → 0", "1 → 1 end"]),
}
ARROWS = {Manner.ON: "→", Manner.TIMED: "⇢", Manner.BACK: "↺", Manner.JUMP: "⇒"}


def drawn(flow: str, **more: str) -> Chart:
    """Draw the first flow of a text."""
    found = loaded(flow, **more)
    assert found.readable is not None
    return chart_of(found.readable.flows[0], found.readable, found.problems)


def ways_of(chart: Chart) -> list[str]:
    """Write the ways of a chart, one in a line."""
    return [
        f"{way.begins} {ARROWS[way.manner]} {way.ends}{': ' if way.titles else ''}{', '.join(way.titles)}".replace(
            "start →", "starts →"
        )
        for way in chart.ways
    ]


@pytest.mark.parametrize(("steps", "expected"), CASES.values(), ids=CASES)
def test_the_ways_of_a_flow(steps, expected):
    """Each way out of a step is there, and is called what leads there."""
    assert ways_of(drawn(f"flow: t\nsteps:\n{steps}{OTHER}")) == expected


def test_every_step_has_one_box():
    """Each step that was written is drawn, once, where it stands."""
    chart = drawn(many_steps(60))

    places = [box.place for box in chart.steps]

    assert len(places) == len(set(places)) == 60


def test_boxes_say_what_they_are_for():
    """The role of a box comes from what its step does, whatever its kind is called."""
    steps = """
  - send: A
  - ask: B
  - choose: C
    options: {D: }
  - if: text has "e"
    then: [{tag: f}]
  - split: {G: [{untag: f}], H: }
  - wait: 1h
  - report: LeadSubmitted
  - call: other
  - goto: other
    when: text has "i"
  - return
  - handoff: J
"""
    roles = {box.word: box.role for box in drawn(f"flow: t\nsteps:{steps}{OTHER}").steps}

    assert roles == {
        "send": Role.SAYS,
        "ask": Role.ASKS,
        "choose": Role.ASKS,
        "if": Role.DECIDES,
        "split": Role.DECIDES,
        "tag": Role.DOES,
        "untag": Role.DOES,
        "wait": Role.WAITS,
        "report": Role.DOES,
        "call": Role.JUMPS,
        "goto": Role.JUMPS,
        "return": Role.ENDS,
        "handoff": Role.HANDS_OFF,
    }
    assert set(roles) <= set(kinds())


def test_the_start_says_all_that_starts_the_flow():
    """Its own triggers, what contacts may ask for at any time, questions of the FAQ, and other flows."""
    flow = 'flow: t\nstart: [{when: text has "a"}, {ad: any}, {ad: "12"}]\nsteps: [end]\n'
    from_elsewhere = "flow: from\ndigressions: {menu: {words: [menu], run: t}}\nsteps: [{goto: t}]\n"

    chart = drawn(flow, faq='faq: x\nanswers: [{questions: ["How much?"], run: t}]\n', z=from_elsewhere)

    start = next(box for box in chart.boxes if box.role is Role.START)
    assert start.texts == (
        'text has "a"',
        "or a message comes from any ad",
        "or a message comes from the ad 12",
        "or asked for menu",
        "or the FAQ is asked: How much?",
        "or the flow from leads here",
    )


def test_what_a_flow_does_beside_its_steps_is_drawn_beside_them():
    """`otherwise` and digressions have starts of their own."""
    flow = """flow: t
otherwise: {steps: [{send: What?}]}
digressions: {menu: {words: [menu, card], steps: [{send: Cake}]}, stop: off}
steps: [end]
"""
    chart = drawn(flow)

    assert ways_of(chart) == [
        "starts → 0",
        "otherwise → otherwise.0",
        "otherwise.0 → otherwise.0 end",
        "digression menu → digression menu.0",
        "digression menu.0 → digression menu.0 end",
    ]
    assert [box.texts for box in chart.boxes if box.role is Role.START][2] == ("the contact writes menu, card",)


def test_problems_stand_at_their_steps():
    """Each at the innermost step it is in; what belongs to no step stands at the start, what to no flow nowhere."""
    flow = """flow: t
priority: 1
steps:
  - choose: What?
    options:
      A: [{send: One}, {send: Two}]
      B:
        - send: Three
    tries: 4
---
flow: other
steps: [end]
"""
    places = {"head": (2, 11), "One": (6, 17), "Two": (6, 31), "Three": (8, 17), "What?": (9, 12), "other": (11, 7)}
    problems = [Problem("flows.yaml", *at, Severity.HINT, "x", words) for words, at in places.items()]
    folder = loaded(flow).folder
    assert folder is not None

    chart = chart_of(folder.flows[0], folder, problems)

    found = {(box.texts or ("?",))[0]: [each.message for each in box.problems] for box in chart.boxes if box.problems}
    assert found == {"nothing starts it": ["head"], **{text: [text] for text in ("What?", "One", "Two", "Three")}}


def test_a_flow_with_errors_is_drawn_with_them():
    """What can be read is drawn, and says where it is wrong."""
    chart = drawn("flow: t\nsteps:\n  - goto: nowhere\n")

    (box,) = chart.steps
    assert [each.code for each in box.problems] == ["unknown-target"]
    assert chart.about == "1 step, 1 problem"


def test_coverage_marks_steps_and_branches():
    """What no transcript came to is told apart from what nobody looked at."""
    folder = loaded('flow: t\nsteps:\n  - if: text has "a"\n    then: [{send: A}]\n    else: [{send: B}]\n').folder
    assert folder is not None
    gaps = [Gap("t", "if", "flows.yaml:3:5", "else"), Gap("t", "send", "flows.yaml:5:13")]

    looked, not_looked = chart_of(folder.flows[0], folder, gaps=gaps), chart_of(folder.flows[0], folder)

    assert [box.covered for box in looked.steps] == [True, True, False]
    assert [way.covered for way in looked.ways if way.titles] == [True, False]
    assert {box.covered for box in not_looked.steps} == {None}
    assert (looked.about, not_looked.about) == ("3 steps, 1 not covered", "3 steps")
