"""Does a checked folder become the ruleset that its authors meant?"""

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.content import Template
from engine.ruleset import Handoff, Jump, Words, otherwise_of
from flows.compile import pack, ruleset, unpack, version_of
from flows.load import load_files
from flows.steps.ask import Ask

FILES = {
    "business.yaml": """business: "Café São João"
timezone: America/Sao_Paulo
language: pt_BR
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2", coexistence: false}]
hours: {mon-fri: 09:00-18:00}
handoff:
  pause: never
  nobody_came: {after: 15m, steps: [{send: Busy}]}
  words: {stop: "#quiet"}
opt_out: {words: stop, reply: Bye}
opt_in: {words: [start]}
fallback: {template: back}
otherwise: {steps: [{send: What?}], handoff_after: 3}
""",
    "b.yaml": """flow: order
priority: 5
start:
  - when: text has "order"
  - ad: any
sorry: Again?
otherwise: {steps: [{send: Still ordering}]}
steps:
  - id: first
    choose: Which?
    options:
      Cake: [{send: Yum}]
      None:
    no_reply: {after: 5m, steps: [{send: Hello?}, {tag: slow}]}
  - if: hours.open
    then: [{send: Open}]
  - ask: How many?
    save: qty
    expect: number
    where: qty > 0
""",
    "a.yaml": """flow: hello
start: {when: text has "hello"}
steps: [{send: "Hi {{ contact.name | default('you') }}"}, {goto: order}]
---
faq: x
answers:
  - {id: open, questions: ["When?", "What hours?"], answer: At nine}
  - {questions: ["Price"], run: order}
---
templates: "2"
list: [{name: back, language: pt_BR, category: UTILITY, status: APPROVED, body: Voltamos}]
""",
}


def checked():
    """The folder, as it was read."""
    loaded = load_files(FILES)
    assert loaded.problems == ()
    assert loaded.folder is not None
    return loaded.folder


@pytest.fixture(scope="module")
def folder():
    """The folder, as a worker gets it: packed and unpacked."""
    return unpack(pack(checked()))


def test_what_is_published_is_what_was_checked(folder):
    """Packing loses the files, and nothing else."""
    loaded = checked()

    assert (folder.business, folder.flows, folder.faqs, folder.templates) == (
        loaded.business,
        loaded.flows,
        loaded.faqs,
        loaded.templates,
    )
    assert folder.files == {}


def test_what_another_baton_published_is_refused():
    """In one sentence instead of half a business."""
    with pytest.raises(ValueError, match="publish the folder again"):
        unpack(b"\x81\xa6schema\x01")


def test_steps_are_laid_out_with_what_follows_them(folder):
    """A branch goes on after its step; the steps for no reply go back to the waiting step."""
    flow = ruleset(folder, "v1").flows["order"]

    assert {address: node.next for address, node in flow.nodes.items()} == {
        "0": Jump("1"),
        "0.no_reply.0": Jump("0.no_reply.1"),
        "0.no_reply.1": Jump("0", waiting=True),
        "0.Cake.0": Jump("1"),
        "1": Jump("2"),
        "1.then.0": Jump("2"),
        "2": None,
    }
    assert flow.nodes["0"].branches == {"no_reply": "0.no_reply.0", "Cake": "0.Cake.0"}
    assert (flow.first, flow.names, flow.version) == ("0", {"first": "0"}, "v1")
    assert flow.nodes["2"].place == "b.yaml:17:5"


def test_the_flows_own_sorry_is_said_where_a_step_has_none(folder):
    """Written once for all questions of a flow."""
    nodes = ruleset(folder, "v1").flows["order"].nodes

    step = nodes["2"].step
    assert isinstance(step, Ask)
    assert step.sorry_ == folder.flows[1].sorry


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("coexistence: true", 20),
        ("coexistence: true, throughput: 5", 5),
        ("coexistence: false", 80),
        ("coexistence: false, throughput: 250", 250),
    ],
)
def test_a_number_sends_as_fast_as_meta_lets_it(written, expected):
    """Twenty a second in coexistence, otherwise eighty unless told."""
    files = FILES | {"business.yaml": FILES["business.yaml"].replace("coexistence: false", written)}

    found = load_files(files)

    assert found.folder is not None, found.problems
    assert ruleset(found.folder, "v1").business.numbers["1"].throughput == expected


def test_triggers_are_in_the_order_of_their_priority_and_place(folder):
    """The highest first, then by file and line."""
    triggers = tuple(ruleset(folder, "v1").triggers)

    assert [(each.flow, each.text, each.ad, each.place) for each in triggers] == [
        ("order", 'text has "order"', None, "b.yaml:4"),
        ("order", "ad: any", "any", "b.yaml:5"),
        ("hello", 'text has "hello"', None, "a.yaml:2"),
    ]
    when = triggers[0].when
    assert when is not None
    assert when.holds({"text": "My ORDER, please"})


def test_asides_are_said_outside_of_flows(folder):
    """The business's and the flows' `otherwise`, `nobody_came`, answers of the FAQ and to opt-out words."""
    made = ruleset(folder, "v1")

    assert sorted(made.asides) == ["faq.x.open", "nobody_came", "opt_out", "order.otherwise", "otherwise"]
    assert otherwise_of("order") in made.asides
    assert made.answers == {"faq.x.open": ("aside", "faq.x.open"), "faq.x.1": ("flow", "order")}
    found = made.questions.best("what hours")
    assert found is not None
    assert found.answer == "faq.x.open"


def test_the_business_is_what_the_engine_needs(folder):
    """Ids, digits, spans and words, ready to use."""
    made = ruleset(folder, "v1")
    business = made.business

    assert (business.id, business.name, business.language) == ("cafe-sao-joao", "Café São João", "pt_BR")
    assert {
        each.id: (each.business, each.phone, each.waba, each.coexistence) for each in business.numbers.values()
    } == {"1": ("cafe-sao-joao", "5511912345678", "2", False)}
    assert business.handoff == Handoff(pause=None, nobody_came=timedelta(minutes=15), stop="#quiet")
    assert (business.opt_out, business.opt_in) == (Words(("stop",), "opt_out"), Words(("start",), None))
    assert business.fallback == {"pt_BR": Template("back", "pt_BR", category="UTILITY")}
    assert business.handoff_after == 3
    assert list(made.templates) == [("back", "pt_BR")]


def test_a_version_is_named_after_its_content():
    """The order of files does not matter, each character does."""
    turned = dict(reversed(FILES.items()))

    assert version_of(FILES) == version_of(turned)
    assert version_of(FILES) != version_of(FILES | {"a.yaml": FILES["a.yaml"] + " "})
    assert version_of({"a": "bc"}) != version_of({"ab": "c"})


def test_numbers_survive_the_store_exactly(folder):
    """A threshold is a decimal before and after."""
    assert folder.faqs[0].threshold == Decimal("0.8")
