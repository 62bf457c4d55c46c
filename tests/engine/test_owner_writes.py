"""Does a chat fall silent when somebody takes it at a terminal, and does the bot speak again when it is handed back?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact
from engine.content import Text, words_of
from engine.decide import decide
from engine.effects import DropQueued, Send, Speaker
from engine.events import ChatHandedBack, ChatTaken, EchoReceived, MessageReceived, TimerFired
from engine.identity import Ids
from engine.marks import HANDED_OFF, NOBODY_CAME, handoff_mark
from flows.compile import ruleset
from flows.load import load_files
from rules.policy.handoff import Holder, holder_at

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA = Ids(phones=("5511987650001",))
BACK = ChatHandedBack(id="back", at=NOON, arrived_at=NOON, by="rosa")
FILES = {
    "business.yaml": """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
handoff: {nobody_came: {after: 15m, steps: [{send: "Sorry, everyone is busy."}]}}
""",
    "flows.yaml": """
flow: order
start: [{when: text has "order"}]
steps:
  - ask: "How many?"
    save: qty
    expect: number
  - send: "{{ qty }} it is."
---
flow: person
start: [{when: text has "person"}]
steps: [{handoff: "Wants to talk"}]
""",
}


@pytest.fixture(scope="module")
def rules():
    """Give the flows above, compiled."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


def ana_writes(text):
    """Return a message of the contact's."""
    return MessageReceived(id=f"wamid.{text}", at=NOON, arrived_at=NOON, content=Text(text), ids=ANA)


def take(span=None):
    """Return what somebody does who looks after the chats."""
    return ChatTaken(id="take", at=NOON, arrived_at=NOON, by="rosa", span=span)


def after(rules, *events):
    """Return the last decision of some, all made at noon."""
    chat = Chat(number="1", contact=Contact(id="ana", ids=ANA))
    for event in events:
        decision = decide(chat, event, rules, NOON)
        chat = decision.chat
    return decision


def said(decision):
    """Return the words of what is sent."""
    return [words_of(each.content) for each in decision.effects if isinstance(each, Send)]


def test_whoever_takes_a_chat_silences_the_bot(rules):
    """What is queued is dropped, and the run waits until the chat is handed back and the contact writes again."""
    order, three = ana_writes("order"), ana_writes("3")

    taken = after(rules, order, take())
    back = after(rules, order, take(), three, BACK)

    assert taken.effects == (DropQueued("taken", (Speaker.BOT, Speaker.NOTICE)),)
    assert str(taken.trace) == "holder: `rosa` took the chat: the bot is silent until told otherwise"
    assert (taken.chat.epoch, taken.chat.run.interrupted) == (1, True)
    assert after(rules, order, take(), three).effects == back.effects == ()
    assert str(back.trace) == "holder: `rosa` handed the chat back: the bot is quiet until the contact writes"
    assert said(after(rules, order, take(), three, BACK, three)) == ["3 it is."]


def test_a_chat_can_be_taken_for_a_while(rules):
    """Then it comes back by itself."""
    taken = after(rules, take(2 * HOUR))

    assert str(taken.trace) == "holder: `rosa` took the chat: the bot is silent until 2026-03-02 17:00 UTC"
    assert holder_at(taken.chat.holding, NOON + 2 * HOUR) is Holder.BOT


def test_a_take_that_is_decided_late_still_drops_what_was_queued(rules):
    """Nothing left meanwhile, and what was decided before it is out of date."""
    chat = after(rules, ana_writes("order")).chat

    late = decide(chat, take(HOUR), rules, NOON + 2 * HOUR)

    assert late.effects == (DropQueued("taken"),)
    assert holder_at(late.chat.holding, NOON + 2 * HOUR) is Holder.BOT


@pytest.mark.parametrize(("later_s", "holder"), [(-1, Holder.OWNER), (0, Holder.BOT), (60, Holder.BOT)])
def test_a_word_to_the_bot_undoes_no_take_that_came_after_it(rules, later_s, holder):
    """However late it arrives; the phone tells whole seconds, so that one in the same second counts as after."""
    said_at = NOON + timedelta(seconds=later_s)
    word = EchoReceived(id="wamid.word", at=said_at, arrived_at=NOON, content=Text("#bot"), ids=ANA)
    hour_ago = replace(word, id="wamid.earlier", at=NOON - HOUR)

    heard = after(rules, hour_ago, take(), word)

    assert holder_at(heard.chat.holding, NOON) is holder
    assert heard.chat.handed_back_at == (hour_ago.at if holder is Holder.OWNER else said_at)
    assert ("from before the chat was taken" in str(heard.trace)) == (holder is Holder.OWNER)


def test_somebody_who_takes_a_chat_has_come(rules):
    """So the contact is not told that nobody did."""
    chat = after(rules, ana_writes("person"), take(HOUR)).chat
    mark = handoff_mark(chat)
    due = TimerFired(id="due", at=NOON, arrived_at=NOON, name=NOBODY_CAME, run=HANDED_OFF, wait=mark)

    assert decide(chat, due, rules, NOON).effects == ()


def test_a_chat_that_the_bot_holds_can_be_handed_back(rules):
    """It stays the bot's, and the run goes on."""
    order = ana_writes("order")

    assert said(after(rules, order, BACK, ana_writes("3"))) == ["3 it is."]
