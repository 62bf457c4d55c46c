"""Does the picture of a business show all that answers, and how one leads to another?"""

from flows.coverage import Gap
from flows.drawing.boxes import Manner, Role
from flows.drawing.overview import overview_of
from tests.flows.drawing.shop import BUSINESS, loaded

FLOWS = """flow: order
start: [{when: text has "order"}]
digressions: {stop: {words: [stop], steps: [{send: Bye}]}}
steps:
  - send: Hello
  - call: address
  - handoff: An order
---
flow: address
steps: [{ask: Where?}, {goto: order}]
---
flow: alone
steps: [end]
"""
MORE = """otherwise: {steps: [{goto: order}], handoff_after: 3}
handoff: {nobody_came: {after: 15m, steps: [{goto: alone}]}}
digressions:
  menu: {words: [menu], run: address}
  person: {words: [person], steps: [{handoff: Asks}]}
"""
FAQ = 'faq: all\nanswers: [{questions: ["How much?"], run: order}, {questions: ["Where?"], answer: Here}]\n'


def overview(gaps=None):
    """Draw the business with all of that."""
    whole = loaded(FLOWS, faq=FAQ, business=BUSINESS + MORE).folder
    assert whole is not None
    return overview_of(whole, gaps=gaps)


def test_all_that_answers_has_a_box():
    """Flows, the FAQ, what is said otherwise, what may be asked for at any time, and the owner."""
    boxes = {box.id: box for box in overview().boxes}

    assert {name: box.role for name, box in boxes.items()} == {
        "flow order": Role.FLOW,
        "flow address": Role.FLOW,
        "flow alone": Role.FLOW,
        "faq all": Role.QUESTIONS,
        "otherwise": Role.START,
        "digression menu": Role.START,
        "digression person": Role.START,
        "nobody_came": Role.WAITS,
        "owner": Role.OWNER,
    }
    assert boxes["flow order"].notes == ('text has "order"', "4 steps")
    assert boxes["faq all"].notes == ("2 answers",)


def test_one_leads_to_another():
    """Jumps and calls, questions that start a flow, and everything that ends with the owner."""
    ways = [(way.begins, way.ends, ", ".join(way.titles)) for way in overview().ways]

    assert sorted(ways) == [
        ("digression menu", "flow address", ""),
        ("digression person", "owner", ""),
        ("faq all", "flow order", ""),
        ("flow address", "flow order", ""),
        ("flow order", "flow address", ""),
        ("flow order", "owner", ""),
        ("nobody_came", "flow alone", ""),
        ("otherwise", "flow order", ""),
        ("otherwise", "owner", "3 times in a row"),
        ("owner", "nobody_came", "no message for 15m"),
    ]
    assert [way.ends for way in overview().ways if way.manner is Manner.TIMED] == ["nobody_came"]


def test_coverage_of_whole_flows():
    """A flow that no transcript came to is marked; one that is covered in part says how much."""
    chart = overview([Gap("order", "send", "flows.yaml:5:5"), Gap("alone", "end", "flows.yaml:13:9")])

    found = {box.texts[0]: (box.covered, box.notes[-1]) for box in chart.boxes if box.role is Role.FLOW}

    assert found == {
        "order": (None, "4 steps, 2 covered"),
        "address": (True, "2 steps, 2 covered"),
        "alone": (False, "1 step, 0 covered"),
    }
    assert chart.about == "3 flows, 1 not covered"
