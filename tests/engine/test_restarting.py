"""Is the message that wakes a run which begins again answered as any other, before the run begins?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact
from engine.content import Text
from engine.decide import Decision, decide
from engine.effects import Send
from engine.events import EchoReceived, MessageReceived
from engine.identity import Ids
from engine.ruleset import Ruleset
from flows.compile import pack, ruleset, unpack
from flows.load import load_files
from rules.policy.handoff import Holder

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ANA = Ids(phones=("5511987650001",))
BUSINESS = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
handoff: {resume: restart}
digressions:
  person: {words: [person], steps: [{handoff: "Wants to talk"}]}
  hours: {words: [hours], steps: [{send: "We open at nine."}]}
otherwise: {steps: [{send: "Pardon?"}]}
"""
FLOWS = """
flow: order
start: {when: text has "order"}
on_publish: restart
steps:
  - send: "Welcome."
  - ask: "How many?"
    save: qty
    expect: number
    sorry: "A number, please."
  - send: "Thanks for {{ qty }}."
---
flow: menu
start: {when: text has "menu"}
overlap: OVERLAP
steps: [{send: "Cakes and bread."}]
---
faq: shop
answers: [{questions: ["Do you deliver?"], answer: "We do."}]
"""
CASES = {
    "an answer to the old question": ("3", "ignore", ["Welcome.", "How many?"], Holder.BOT),
    "what nothing understands": ("pineapple", "ignore", ["Welcome.", "How many?"], Holder.BOT),
    "a person": ("person", "ignore", [], Holder.OWNER),
    "a digression that comes back": ("hours", "ignore", ["We open at nine.", "Welcome.", "How many?"], Holder.BOT),
    "a question": ("do you deliver?", "ignore", ["We do.", "Welcome.", "How many?"], Holder.BOT),
    "its own trigger": ("order", "ignore", ["Welcome.", "How many?"], Holder.BOT),
    "another flow, which is ignored": ("menu", "ignore", ["Welcome.", "How many?"], Holder.BOT),
    "another flow, which takes its place": ("menu", "restart", ["Cakes and bread."], Holder.BOT),
    "another flow, which waits": ("menu", "queue", ["Welcome.", "How many?"], Holder.BOT),
}


def published(flows: str, version: str) -> Ruleset:
    """Return the flows as a worker gets them from the store."""
    loaded = load_files({"business.yaml": BUSINESS, "flows.yaml": flows})
    assert loaded.folder is not None, loaded.problems
    return ruleset(unpack(pack(loaded.folder)), version)


def writes(chat: Chat, text: str, rules: Ruleset, at: datetime = NOON) -> Decision:
    """Let Ana write."""
    event = MessageReceived(id=f"wamid.{text}.{at}", at=at, arrived_at=at, content=Text(text), ids=ANA)
    return decide(chat, event, rules, at)


def said(decision: Decision) -> list[str]:
    """Return the texts that leave."""
    contents = [each.content for each in decision.effects if isinstance(each, Send)]
    return [each.body for each in contents if isinstance(each, Text)]


def after_publishing(overlap: str) -> tuple[Chat, Ruleset]:
    """Let Ana begin an order, and publish the flow anew."""
    flows = FLOWS.replace("OVERLAP", overlap)
    before, now = published(flows, "v1"), published(flows.replace("Thanks for", "Thank you for"), "v2")
    chat = writes(Chat(number="106540352242922", contact=Contact(id="ana", ids=ANA)), "order", before).chat
    return chat, replace(now, kept={("v1", name): flow for name, flow in before.flows.items()})


def after_the_owner(overlap: str) -> tuple[Chat, Ruleset]:
    """Let Ana begin an order, and the owner step in until the pause ran out."""
    rules = published(FLOWS.replace("OVERLAP", overlap), "v1")
    chat = writes(Chat(number="106540352242922", contact=Contact(id="ana", ids=ANA)), "order", rules).chat
    echo = EchoReceived(id="echo", at=NOON, arrived_at=NOON, content=Text("Hi!"), ids=ANA)
    return decide(chat, echo, rules, NOON).chat, rules


@pytest.mark.parametrize("woken", [after_publishing, after_the_owner])
@pytest.mark.parametrize(("text", "overlap", "expected", "holder"), CASES.values(), ids=CASES)
def test_the_message_that_wakes_a_run_is_answered(woken, text, overlap, expected, holder):
    """As if nothing had been asked; then the flow begins, unless the message led elsewhere."""
    chat, rules = woken(overlap)

    woke = writes(chat, text, rules, NOON + timedelta(hours=1))

    assert said(woke) == expected
    assert woke.chat.holding.holder is holder


@pytest.mark.parametrize("woken", [after_publishing, after_the_owner])
def test_the_question_of_a_run_that_began_again_is_answered_next(woken):
    """It waits like any other."""
    chat, rules = woken("ignore")

    woke = writes(chat, "3", rules, NOON + timedelta(hours=1))
    after = writes(woke.chat, "4", rules, NOON + timedelta(hours=2))

    assert said(after)[0].endswith("for 4.")
