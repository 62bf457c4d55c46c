"""Do flows that call each other come to an end, and share what they save?"""

import pytest

from flows.compile import ruleset
from flows.load import load_files
from flows.transcript import play
from flows.transcript_file import transcripts

BUSINESS = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
handoff: {resume: restart}
otherwise: {steps: [{send: "Sorry?"}]}
"""
ADDRESS = """
flow: address
steps:
  - ask: "Which street?"
    save: street
  - return:
    when: street = "none"
  - ask: "Which city?"
    save: city
"""


def problems(*flows):
    """Tell what is wrong with flows beside the business."""
    files = {"business.yaml": BUSINESS, "flows.yaml": "---".join(flows)}
    return [f"{each.line}: {each.code}: {each.message}" for each in load_files(files).problems]


def failure(chat, *flows):
    """Play a chat with flows, and return how it failed."""
    test = f"test: x\nchat:\n{chat}"
    loaded = load_files({"business.yaml": BUSINESS, "flows.yaml": "---".join(flows), "test.yaml": test})
    assert loaded.folder is not None, loaded.problems
    read, wrong = transcripts(loaded)
    assert wrong == ()
    return play(read[0], ruleset(loaded.folder, "v1")).failure


ORDER = """
flow: order
start: {when: text has "order"}
steps:
  - set: {shop: Corner}
  - call: address
  - send: "{{ street }}, {{ city | default('no city') }}"
"""
CHATS = {
    "comes back after the last step, with what was saved": """
  - contact: order
  - bot: "Which street?"
  - contact: "Rua Augusta"
  - bot: "Which city?"
  - saved: {shop: Corner}
  - contact: Campinas
  - bot: "Rua Augusta, Campinas"
""",
    "comes back at a return": """
  - contact: order
  - bot: "Which street?"
  - contact: none
  - bot: "none, no city"
""",
    "begins again from the outermost flow after the owner spoke": """
  - contact: order
  - bot: "Which street?"
  - owner: "Hi, it is Rosa."
  - owner: "#bot"
  - contact: hello
  - bot: "Which street?"
  - contact: none
  - bot: "none, no city"
""",
}


@pytest.mark.parametrize("what", CHATS)
def test_a_run_that_calls(what):
    """The called flow is gone through as if its steps stood there."""
    assert failure(CHATS[what], ORDER, ADDRESS) is None


LEAVING = {
    "end": "",
    "goto: other": '  - bot: "Elsewhere"\n',
    "handoff: Tired": "  - holder: owner\n",
}


@pytest.mark.parametrize("step", LEAVING)
def test_what_leaves_a_called_flow_leaves_its_callers(step):
    """Only the last step and `return` come back."""
    flows = (
        'flow: a\nstart: {when: text has "go"}\nsteps: [{call: b}, {send: Back}]\n',
        f"\nflow: b\nsteps: [{step}]\n",
        "\nflow: other\nsteps: [{send: Elsewhere}]\n",
    )

    assert failure(f"  - contact: go\n{LEAVING[step]}  - silence\n", *flows) is None


def test_a_question_is_asked_again_after_others_in_between():
    """The steps for no reply may ask something themselves; what was asked before them is asked once more."""
    flow = """
flow: a
start: {when: text has "go"}
steps:
  - choose: "Red or blue?"
    options: {Red: , Blue: }
    no_reply: {after: 5m, steps: [{call: b}]}
  - send: "So be it."
"""
    chat = """
  - contact: go
  - bot: {text: "Red or blue?", buttons: [Red, Blue]}
  - after: 6m
  - bot: "Which street?"
  - contact: none
  - bot: {text: "Red or blue?", buttons: [Red, Blue]}
  - contact: {tap: Blue}
  - bot: "So be it."
"""

    assert failure(chat, flow, ADDRESS.replace("address", "b")) is None


def test_a_question_is_not_asked_again_when_nothing_else_was():
    """A called flow that only says something leaves the question as it is."""
    flow = """
flow: a
start: {when: text has "go"}
steps:
  - ask: "How many?"
    no_reply: {after: 5m, steps: [{call: b}]}
  - send: "Noted."
---
flow: b
steps: [{send: "Still there?"}]
"""
    chat = """
  - contact: go
  - bot: "How many?"
  - after: 6m
  - bot: "Still there?"
  - silence
  - contact: "3"
  - bot: "Noted."
"""

    assert failure(chat, flow) is None


def test_the_callers_otherwise_is_said_in_a_called_flow():
    """The innermost flow that has one comes first, then the business's."""
    flow = ORDER.replace("steps:", "otherwise: {steps: [{send: Streets only}]}\nsteps:")
    chat = '  - contact: order\n  - bot: "Which street?"\n  - contact: {image: x}\n  - bot: Streets only\n'

    assert failure(chat, flow, ADDRESS) is None


def test_calls_within_calls_end():
    """A flow that keeps calling itself is ended with a word in the trace."""
    flow = 'flow: a\nstart: {when: text has "go"}\nsteps: [{wait: 1m}, {call: a}]\n'

    found = failure("  - contact: go\n  - after: 30m\n  - bot: never\n", flow)

    assert found is not None
    assert "stopped: more than 10 flows called each other" in str(found.trace)
    assert problems(flow) == ["3: recursive-call: `a` calls itself, and ends when ten calls lie within each other"]


def test_flows_that_call_each_other_in_a_circle_are_told():
    """With the flow in between."""
    assert problems(
        'flow: a\nstart: {when: text has "go"}\nsteps: [{ask: Q}, {call: b}]\n',
        "\nflow: b\nsteps: [{ask: Q}, {call: a}]\n",
    ) == [
        "3: recursive-call: `a` calls itself through `b`, and ends when ten calls lie within each other",
        "6: recursive-call: `b` calls itself through `a`, and ends when ten calls lie within each other",
    ]


def test_a_circle_around_a_flow_that_waits_is_none():
    """Somebody has to answer in between."""
    circle = "\nflow: a\nsteps: [{id: again, call: address}, {goto: again}]\n"

    assert problems(circle, ADDRESS) == []


def test_a_circle_around_a_flow_that_may_be_passed_is_told():
    """One way through it without a wait is enough."""
    circle = "\nflow: a\nsteps: [{id: again, call: b}, {goto: again}]\n"
    inner = (
        "\nflow: b\nsteps: [{if: hours.open is set, then: [{ask: Q}]}, {call: c}]\n---\nflow: c\nsteps: [{send: Hi}]\n"
    )

    assert problems(circle, inner) == [
        "3: endless-loop: The steps go round in a circle from here, without ever waiting for the contact"
    ]


def test_nothing_comes_back_to_an_aside():
    """`otherwise` is said while no flow is at hand that could go on."""
    found = problems("\nflow: a\notherwise: {steps: [{call: b}]}\nsteps: [end]\n", "\nflow: b\nsteps: [end]\n")

    assert found == ["3: call-aside: Nothing comes back to `otherwise` from a `call`"]


def test_flows_share_the_names_of_those_they_call_and_are_called_by():
    """Others do not, and what differs between callers is of any kind."""
    one = "\nflow: one\nsteps: [{set: {x: 1}}, {call: shared}]\n"
    two = "\nflow: two\nsteps: [{set: {x: hello, y: 2}}, {call: shared}, {send: '{{ z + 1 }}'}]\n"
    shared = "\nflow: shared\nsteps: [{send: '{{ x }} {{ y + 1 }}'}, {set: {z: 3}}]\n"

    assert problems(one, two, shared) == []
    assert problems(one, two, shared, "\nflow: other\nsteps: [{send: '{{ z }}'}]\n") == [
        "12: unknown-name: Nothing is called `z`"
    ]


def test_a_name_is_of_one_kind_in_a_flow_and_those_it_calls():
    """A run has one value of that name."""
    one = "\nflow: one\nsteps: [{set: {z: hello}}, {call: two}]\n"

    assert problems(one, "\nflow: two\nsteps: [{set: {z: 3}}]\n") == [
        "3: two-kinds: `z` is kept as text here, and as a number elsewhere"
    ]
