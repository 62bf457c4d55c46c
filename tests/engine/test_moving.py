"""Do people in the middle of a flow go on as its `on_publish` says, when it is published anew?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact
from engine.content import Text
from engine.decide import Decision, decide
from engine.effects import Send, SetTimer
from engine.events import MessageReceived, TimerFired
from engine.identity import Ids
from engine.ruleset import Ruleset
from flows.compile import pack, ruleset, unpack
from flows.load import load_files

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ANA = Ids(phones=("5511987650001",))
BUSINESS = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers:
  - {id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398", coexistence: true}
"""
FLOW = """
flow: order
start:
  - when: text has "order"
on_publish: stay
steps:
  - ask: "How many?"
    id: count
    save: qty
    expect: number
    no_reply:
      after: 30m
      steps:
        - send: "Still there?"
  - send: "Thanks for {{ qty }}."
"""


def published(flow: str, version: str) -> Ruleset:
    """Return a flow as a worker gets it from the store."""
    loaded = load_files({"business.yaml": BUSINESS, "flows.yaml": flow})
    assert loaded.folder is not None, loaded.problems
    return ruleset(unpack(pack(loaded.folder)), version)


def after_publishing(old: str, new: str) -> tuple[Chat, Ruleset, SetTimer]:
    """Let Ana begin the old flow; return her chat, what is live now, and the reminder that was set."""
    before, now = published(old, "v1"), published(new, "v2")
    kept = {("v1", name): flow for name, flow in before.flows.items()}
    decision = decide(Chat(number="106540352242922", contact=Contact(id="ana", ids=ANA)), ana("order"), before, NOON)
    timer = next(each for each in decision.effects if isinstance(each, SetTimer))
    return decision.chat, replace(now, kept=kept), timer


def ana(text: str) -> MessageReceived:
    """Return a message of Ana's."""
    return MessageReceived(id=f"wamid.{text}", at=NOON, arrived_at=NOON, content=Text(text), ids=ANA)


def said(decision: Decision) -> list[str]:
    """Return the texts that leave."""
    return [
        effect.content.body
        for effect in decision.effects
        if isinstance(effect, Send) and isinstance(effect.content, Text)
    ]


def written(flow: str, *changes: tuple[str, str]) -> str:
    """Change a flow."""
    for old, new in changes:
        assert old in flow
        flow = flow.replace(old, new)
    return flow


POLITE = ("Thanks for", "Thank you for")
MOVE, RESTART = ("on_publish: stay", "on_publish: move"), ("on_publish: stay", "on_publish: restart")
A_STEP_BEFORE = ("steps:\n  - ask", 'steps:\n  - send: "Welcome."\n  - ask')
ANOTHER_ID = ("id: count", "id: number")


@pytest.mark.parametrize(
    ("changes", "answer", "version"),
    [
        ([POLITE], "Thanks for 3.", "v1"),
        ([POLITE, MOVE], "Thank you for 3.", "v2"),
        ([POLITE, MOVE, A_STEP_BEFORE], "Thank you for 3.", "v2"),
        ([POLITE, MOVE, ANOTHER_ID], "Thanks for 3.", "v1"),
        ([("\nflow: order", "\nflow: orders")], "Thanks for 3.", "v1"),
        ([("\nflow: order", "\n# Words of an author.\n\nflow: order")], "Thanks for 3.", "v2"),
        ([RESTART, POLITE], "How many?", "v2"),
    ],
    ids=["stay", "move", "move-elsewhere", "move-without-the-step", "gone", "same", "restart"],
)
def test_people_in_the_middle_go_on_as_the_flow_says(changes, answer, version):
    """They stay, move by the step's id, or begin again; a flow that only stands elsewhere takes them along."""
    chat, live, _ = after_publishing(FLOW, written(FLOW, *changes))

    waiting = decide(chat, replace(ana("hello"), id="w", content=Text("3")), live, NOON)

    assert said(waiting) == [answer]
    assert (waiting.chat.run.version if waiting.chat.run else version) == version


@pytest.mark.parametrize(
    ("changes", "reminder"),
    [([POLITE], ["Still there?"]), ([MOVE, ("Still there?", "Hello?")], ["Hello?"]), ([RESTART, POLITE], [])],
    ids=["stay", "move", "restart"],
)
def test_a_reminder_that_was_set_before_is_said_in_the_version_the_run_goes_on_in(changes, reminder):
    """Nobody is written to for a run that is to begin again when they write."""
    chat, live, timer = after_publishing(FLOW, written(FLOW, *changes))
    due = TimerFired(id="t", at=timer.at, arrived_at=timer.at, name=timer.name, run=timer.run, wait=timer.wait)

    decision = decide(chat, due, live, NOON + timedelta(minutes=30))

    assert said(decision) == reminder


CALLING = (
    FLOW.split("steps:", maxsplit=1)[0]
    + """steps:
  - call: number
    id: asks
  - send: "Thanks for {{ qty }}."
---
flow: number
steps:
  - ask: "How many?"
    id: count
    save: qty
    expect: number
    no_reply:
      after: 30m
      steps:
        - send: "Still there?"
"""
)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ([POLITE], "Thanks for 3."),
        ([POLITE, MOVE, ("  - call", '  - send: "Welcome."\n  - call')], "Thank you for 3."),
        ([POLITE, MOVE, ("id: asks", "id: other")], "Thanks for 3."),
        ([RESTART, ("Still there?", "Hello?")], "How many?"),
    ],
    ids=["stay", "move", "move-without-the-call", "restart"],
)
def test_a_called_flow_goes_along_with_the_one_that_called_it(changes, answer):
    """What becomes of a run is up to the flow it began with; both steps must be there to move."""
    chat, live, _ = after_publishing(CALLING, written(CALLING, *changes))

    waiting = decide(chat, replace(ana("hello"), id="w", content=Text("3")), live, NOON)

    assert said(waiting) == [answer]


def test_a_step_of_another_kind_is_not_the_same_step():
    """Whoever was asked a question is not left waiting for a day because the id is now a `wait`."""
    chat, live, _ = after_publishing(
        FLOW,
        written(
            FLOW, MOVE, ("    id: count\n", ""), ('  - send: "Thanks', '  - wait: 1d\n    id: count\n  - send: "Thanks')
        ),
    )

    decision = decide(chat, replace(ana("x"), content=Text("3")), live, NOON)

    assert said(decision) == ["Thanks for 3."]


def test_moving_needs_ids_where_people_wait():
    """The author is told before anybody is left behind."""
    flow = written(FLOW, MOVE, ("    id: count\n", ""))

    problems = load_files({"business.yaml": BUSINESS, "flows.yaml": flow}).problems

    assert [(each.line, each.code) for each in problems] == [(7, "no-id")]
