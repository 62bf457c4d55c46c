"""Can a contact ask for the menu, a person or another language at any time, and does the open question come back?"""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact
from engine.content import Tap, Text, words_of
from engine.decide import decide
from engine.effects import Send
from engine.events import MessageReceived
from engine.identity import Ids
from flows.compile import pack, ruleset, unpack
from flows.load import load_files
from rules.policy.handoff import Holder, holder_at

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FILES = {
    "business.yaml": """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
languages: [en, pt_BR]
numbers:
  - {id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398", coexistence: true}
digressions:
  menu: {words: [menu, "0"], run: menu}
  person:
    when: text has any ("person", "human", "atendente")
    steps: [{handoff: "Wants a person"}]
  about: {words: [about], steps: [{send: "We are a shop."}]}
  portuguese: {words: ["português"], language: pt_BR}
opt_out: {words: [stop], reply: "No more offers."}
otherwise: {steps: [{send: "Sorry?"}]}
""",
    "flows.yaml": """
flow: order
start: [{when: text has "order"}]
steps:
  - choose: {en: "What?", pt_BR: "O que?"}
    options: {Cake: , About: , Bread: }
  - send: "Fine."
---
flow: menu
steps:
  - ask: "Order, or a person?"
---
flow: secret
start: [{when: text has "secret"}]
digressions:
  about: off
  menu: {words: [menu], steps: [{send: "No menu here."}]}
  home: {words: [home], steps: [{end: }]}
steps:
  - ask: "Your code?"
""",
}


@pytest.fixture(scope="module")
def rules():
    """Give the flows above, as a worker gets them."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(unpack(pack(loaded.folder)), "v1")


def play(rules, *texts, phone="12025550123"):
    """Let a contact write; return the chat and what was said last."""
    ids = Ids(phones=(phone,))
    chat, said = Chat(number="106540352242922", contact=Contact(id="ana", ids=ids)), []
    for place, text in enumerate(texts):
        content = text if isinstance(text, Tap) else Text(text)
        event = MessageReceived(id=str(place), at=NOON, arrived_at=NOON, content=content, ids=ids)
        decision = decide(chat, event, rules, NOON)
        chat = decision.chat
        said = [words_of(each.content) for each in decision.effects if isinstance(each, Send)]
    return chat, said


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["order", "menu"], ["Order, or a person?"]),
        (["order", "MENU!"], ["Order, or a person?"]),
        (["order", "the menu please"], ["Sorry?"]),
        (["order", "about"], ["We are a shop.", "What?"]),
        (["about"], ["We are a shop."]),
        (["order", "português"], ["O que?"]),
        (["order", "português", "about"], ["We are a shop.", "O que?"]),
        (["menu", "I want a human"], []),
        (["secret", "menu"], ["No menu here.", "Your code?"]),
        (["secret", "about"], []),
        (["secret", "home", "menu"], ["Order, or a person?"]),
        (["order", "stop"], ["No more offers."]),
    ],
)
def test_a_digression_comes_before_the_open_question(rules, texts, said):
    """It is what the contact asks for now; afterwards the question is asked again, unless the run is left."""
    assert play(rules, *texts)[1] == said


def test_a_person_can_be_asked_for_anywhere(rules):
    """Also in the middle of a flow that says nothing of it."""
    chat, _ = play(rules, "order", "a human please")

    assert holder_at(chat.holding, NOON) is Holder.OWNER
    assert chat.holding.why == "Wants a person"


def test_a_tap_on_an_option_with_the_same_words_is_an_answer(rules):
    """The button `About` of the question is no digression; the word that is typed is."""
    chat, _ = play(rules, "order")
    key = f"{chat.run.id}.{chat.run.waits}.About"
    event = MessageReceived(id="t", at=NOON, arrived_at=NOON, content=Tap(key, "About", "button"), ids=chat.contact.ids)

    (sent,) = [each for each in decide(chat, event, rules, NOON).effects if isinstance(each, Send)]

    assert words_of(sent.content) == "Fine."


@pytest.mark.parametrize(
    ("phone", "language"), [("12025550123", "en"), ("5511987650001", "pt_BR"), ("351912345678", "pt_BR"), ("49", "en")]
)
def test_the_language_begins_with_that_of_the_country(rules, phone, language):
    """Until the contact chooses another; where none fits it is the business's own."""
    contact = Contact(id="ana", ids=Ids(phones=(phone,)))

    assert rules.business.language_of(contact) == language
    assert rules.business.language_of(replace(contact, language="en")) == "en"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("digressions: {a: {words: [a], run: nowhere}}", [(8, "unknown-target")]),
        ("digressions: {a: {words: [a], run: menu, steps: [{send: x}]}}", [(8, "digression")]),
        ("digressions: {a: {run: menu}}", [(8, "digression")]),
        ("digressions: {a: {words: [a]}}", [(8, "digression")]),
        ('digressions: {a: {words: ["!"], run: menu}}', [(8, "no-word")]),
        ("digressions: {a: {words: [a], language: nl}}", [(8, "language")]),
        ("digressions: {a: {words: [a], steps: [{ask: x}]}}", [(8, "waits-aside")]),
        ("digressions: {a: off}", [(8, "digression")]),
        ("digressions: [a]", [(8, "wrong-kind")]),
    ],
)
def test_what_is_wrong_with_a_digression_is_told(wrong, expected):
    """At its place."""
    business = FILES["business.yaml"].split("digressions:", maxsplit=1)[0] + wrong

    problems = load_files({**FILES, "business.yaml": business}).problems
    told = [(each.line, each.code) for each in problems if each.file == "business.yaml"]

    assert [each for each in told if each[1] != "missing-language"] == expected
