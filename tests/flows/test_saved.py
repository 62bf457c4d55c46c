"""Do the names that steps keep have the kinds of what they are given, and is using them otherwise told?"""

import pytest

from engine.content import Text
from flows.answers import EXPECTED
from flows.compile import ruleset
from flows.load import load_files
from flows.transcript import play
from flows.transcript_file import transcripts
from rules.conditions import Type

BUSINESS = """business: Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
"""
FIT = {  # what is right for one kind alone
    Type.TEXT: 'x contains "a"',
    Type.NUMBER: "x > 3",
    Type.DATE: "year(x) > 2025",
    Type.TIME: "x > 09:00 and hour(x) > 9",
    Type.TRUTH: "x",
    Type.SPAN: "x > 2h",
    Type.LIST: '"a" in x',
    Type.WEEKDAY: "default(x, weekday(today)) = mon",
}
SETS = {
    "12": Type.NUMBER,
    "-1.50": Type.NUMBER,
    "true": Type.TRUTH,
    '"12"': Type.TEXT,
    "on": Type.TEXT,
    "09:30": Type.TEXT,
    '"{{ 1 + 1 }}"': Type.NUMBER,
    '"{{ now - 2h }}"': None,
    '"{{ date(text) }}"': Type.DATE,
    '"{{ time(now) }}"': Type.TIME,
    '"{{ chat.idle }}"': Type.SPAN,
    '"{{ contact.tags }}"': Type.LIST,
    '"{{ words(text) }}"': Type.LIST,
    '"{{ weekday(today) }}"': Type.WEEKDAY,
    '"{{ text has 1 }}"': None,
    '"{{ length(text) > 3 }}"': Type.TRUTH,
    '"Hi {{ 1 + 1 }}"': Type.TEXT,
    '"{{ 1 | number }}"': Type.TEXT,
    '{en: "Hi", pt: "Oi"}': Type.TEXT,
}
KEEPING = [(f"set: {{x: {value}}}", kind) for value, kind in SETS.items() if kind]
KEEPING += [(f"{{ask: Q, save: x, expect: {word}}}", each.type) for word, each in EXPECTED.items()]
KEEPING += [("{ask: Q, save: x}", Type.TEXT), ("{choose: Q, save: x, options: {A: , B: {id: '2'}}}", Type.TEXT)]
KEEPING += [('{if: text matches "(?P<y>a)", then: [{set: {x: "{{ match.y }}"}}]}', Type.TEXT)]


def problems_of(steps, start=""):
    """Load a flow."""
    flow = "\n".join(["flow: a", start, "steps:", *(f"  - {each}" for each in steps)])
    return [f"{each.code}: {each.message}" for each in load_files({"b.yaml": BUSINESS, "a.yaml": flow}).problems]


@pytest.mark.parametrize(("step", "kind"), KEEPING)
def test_a_name_has_the_kind_of_what_it_is_given(step, kind):
    """A condition that fits the kind is right, and one that does not is told."""
    fitting = problems_of([step, f"{{if: '{FIT[kind]}', then: [end]}}"])
    wrong = [problems_of([step, f"{{if: '{text}', then: [end]}}"]) for other, text in FIT.items() if other != kind]

    assert fitting == []
    assert all(wrong)


def test_a_name_of_two_kinds_is_told_and_taking_a_value_away_is_none():
    """`x:` without a value goes with every kind."""
    kept = problems_of(["set: {x: 1}", "set: {x: }", "{ask: Q, save: x, expect: number}"])
    twice = problems_of(["set: {x: 1}", "{ask: Q, save: x}"])

    assert kept == []
    assert twice == ["two-kinds: `x` is kept as text here, and as a number elsewhere"]


def test_what_a_start_took_is_known_in_the_flow_and_not_in_the_start():
    """Before the flow there is nothing that a pattern could have taken."""
    start = "start: [{when: 'text matches \"#(?P<id>[0-9]+)\"'}, {when: 'match.id = \"7\"'}]"

    told = problems_of(["send: '{{ match.id }}'", "{if: match.id > 3, then: [end]}", "send: '{{ match.no }}'"], start)

    assert [each.split(":")[0] for each in told] == ["unknown-name", "wrong-kind", "unknown-name"]


MATCHING = """
flow: status
start:
  - when: 'text matches "order #?(?P<id>[0-9]+)" or text matches "pedido (?P<id>[0-9]+)"'
steps:
  - ask: "What about {{ match.id }}?"
    save: what
  - if: what matches "(?P<day>monday|tuesday)" and match.id = "77"
    then:
      - send: "On {{ match.day | upper }}: {{ match.id }}"
  - send: "{{ match.day | default('?') }}"
---
test: groups stay with the run
at: 2026-03-02 10:00
contact: {name: Ana, phone: "+5511987654321"}
chat:
  - contact: "Where is ORDER #77?"
  - bot: "What about 77?"
  - contact: come on Tuesday
  - bot: "On TUESDAY: 77"
  - bot: "Tuesday"
  - contact: pedido 8
  - bot: "What about 8?"
  - contact: tuesday
  - bot: "?"
"""


def test_groups_of_patterns_stay_with_the_run():
    """What a pattern took when the flow began, or an `if` held, is there in the steps that follow."""
    loaded = load_files({"b.yaml": BUSINESS, "a.yaml": MATCHING.lstrip()})
    assert loaded.folder is not None, loaded.problems
    (script,), problems = transcripts(loaded)

    played = play(script, ruleset(loaded.folder, "v1"))

    assert problems == ()
    assert played.failure is None, played.failure
    assert Text("Tuesday") in [left.content for each in played.exchanges for left in each.round.left]


OWN_CONDITIONS = """
flow: status
start: {when: text has "status"}
steps:
  - ask: "Which order?"
    save: what
    expect: image
  - send: "{{ text | default('Thanks') }}"
    when: window.open
  - wait: 1h
---
flow: order
start: {when: 'text matches "buy (?P<thing>cake|bread)"'}
overlap: queue
steps:
  - send: "Only one."
    when: text matches "one (?P<kind>[a-z]+)"
  - send: "{{ match.kind | default('any') }} {{ match.thing }}"
---
test: what a step's own condition took, and what a flow in the queue took
at: 2026-03-02 10:00
chat:
  - contact: buy cake
  - bot: "any cake"
  - contact: one lemon buy cake
  - bot: "Only one."
  - bot: "lemon cake"
  - contact: status
  - bot: "Which order?"
  - contact: buy bread
  - contact: {image: a.jpg}
  - bot: Thanks
  - after: 1h
  - bot: "any bread"
"""


def test_groups_of_a_steps_own_condition_and_of_a_queued_flow_are_kept():
    """A step's `when` keeps what it took for itself and all after it; a flow that waits its turn forgets nothing."""
    loaded = load_files({"b.yaml": BUSINESS, "a.yaml": OWN_CONDITIONS.lstrip()})
    assert loaded.folder is not None, loaded.problems
    (script,), problems = transcripts(loaded)

    played = play(script, ruleset(loaded.folder, "v1"))

    assert problems == ()
    assert played.failure is None, played.failure
