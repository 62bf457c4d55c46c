"""Are messages that belong together answered together, and does the owner who is still typing come first?"""

from datetime import UTC, datetime, timedelta

import pytest

from engine.chat import Chat, Contact
from engine.content import Media, Text, words_of
from engine.decide import decide
from engine.effects import PassOn, Send, SetTimer
from engine.events import ContactJoined, EchoReceived, MessageReceived, TimerFired
from engine.identity import Ids
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
otherwise: {steps: [{send: "Sorry?"}]}
opt_out: {words: [stop], reply: "No more offers."}
"""
FLOW = """
flow: hello
start: {when: 'text has any ("hello", "cake")'}
steps:
  - send: "You wrote: {{ text }}"
  - send: "Welcome."
    when: chat.new
"""
HANDING = """
flow: order
start: {when: 'text has "order"'}
steps:
  - ask: "How many?"
    expect: number
    save: qty
    no_reply: {after: 1h, steps: [{handoff: "No answer"}]}
---
flow: person
start: {when: 'text has "person"'}
steps: [{handoff: "Wants to talk"}]
"""


class Scene:
    """A chat, a clock and the timers that were set."""

    def __init__(self, options, contact="ana"):
        loaded = load_files({"business.yaml": BUSINESS + options, "flow.yaml": FLOW + "---" + HANDING})
        assert loaded.folder is not None, loaded.problems
        self.rules = ruleset(unpack(pack(loaded.folder)), "v1")
        self.chat = Chat(number="106540352242922", contact=Contact(id=contact, ids=ANA))
        self.now, self.timers, self.said, self.passed, self.count = NOON, [], [], [], 0

    def take(self, kind, **fields):
        """Let something happen now."""
        self.count += 1
        decision = decide(
            self.chat, kind(id=f"w{self.count}", at=self.now, arrived_at=self.now, **fields), self.rules, self.now
        )
        self.keep(decision)

    def keep(self, decision):
        """Remember what was decided."""
        self.chat = decision.chat
        self.timers += [each for each in decision.effects if isinstance(each, SetTimer)]
        self.said += [words_of(each.content) for each in decision.effects if isinstance(each, Send)]
        self.passed += [each.event for each in decision.effects if isinstance(each, PassOn)]

    def ana(self, content):
        """Ana writes, or sends something."""
        self.take(MessageReceived, content=Text(content) if isinstance(content, str) else content, ids=ANA)

    def owner(self, text):
        """The owner writes from the phone."""
        self.take(EchoReceived, content=Text(text), ids=ANA)

    def after(self, seconds):
        """Time passes, and timers fire."""
        self.now += timedelta(seconds=seconds)
        due = [each for each in self.timers if each.at <= self.now]
        self.timers = [each for each in self.timers if each.at > self.now]
        for each in due:
            self.take(TimerFired, name=each.name, run=each.run, wait=each.wait)


PHOTO = Media("image", id="1", caption="this cake")


@pytest.mark.parametrize(
    ("options", "script", "said"),
    [
        ("", ["hello", "there"], ["You wrote: hello", "Welcome.", "Sorry?"]),
        ("gather: 5s\n", ["hello"], []),
        ("gather: 5s\n", ["hello", 5], ["You wrote: hello", "Welcome."]),
        ("gather: 5s\n", ["hello", 3, "there", 3], []),
        ("gather: 5s\n", ["hello", 3, "there", 5], ["You wrote: hello\nthere", "Welcome."]),
        ("gather: 5s\n", ["hello", 2, PHOTO, 5], ["You wrote: hello", "Welcome.", "You wrote: this cake"]),
        ("gather: 5s\n", ["hello", "#owner hi", 5], []),
        ("gather: 5s\n", ["hello", 2, "stop", 5], ["No more offers.", "You wrote: hello", "Welcome."]),
        ("gather: 5s\n", ["hello"] * 21, ["You wrote: " + "\n".join(["hello"] * 21), "Welcome."]),
        ("gather: 5s\n", ["person", PHOTO, 5, 50_000, "hello", 5], ["You wrote: hello"]),
        ("gather: 5s\n", ["order", 5, 3_598, "cake", 5, 50_000, "hello", 5], ["How many?", "You wrote: hello"]),
        ("handoff: {yield: 20s}\n", ["hello"], ["You wrote: hello", "Welcome."]),
        ("handoff: {yield: 20s}\n", ["#owner #bot", 5, "hello", 19], []),
        ("handoff: {yield: 20s}\n", ["#owner #bot", 5, "hello", 20], ["You wrote: hello", "Welcome."]),
        ("handoff: {yield: 20s}\n", ["#owner #bot", 5, "hello", 5, "#owner wait", 20], []),
        ("handoff: {yield: 20s}\n", ["#owner #bot", 700, "hello"], ["You wrote: hello", "Welcome."]),
    ],
)
def test_a_burst_is_answered_together(options, script, said):
    """A number lets seconds pass, `#owner` is the owner's phone."""
    scene = Scene(options)

    for each in script:
        if isinstance(each, int):
            scene.after(each)
        elif isinstance(each, str) and each.startswith("#owner "):
            scene.owner(each.removeprefix("#owner "))
        else:
            scene.ana(each)

    assert scene.said == said


def test_a_burst_goes_on_in_the_chat_of_the_same_person():
    """Who writes just before two contacts turn out to be one is answered there, and once."""
    old, new = Scene("gather: 5s\n", "old"), Scene("gather: 5s\n", "new")
    old.ana("hello")
    new.after(2)
    new.ana("there")
    old.after(3)
    new.after(1)

    old.take(ContactJoined, into="new")
    new.keep(decide(new.chat, old.passed[0], new.rules, new.now))
    old.after(5)
    new.after(5)

    assert (old.said, new.said) == ([], ["You wrote: hello\nthere", "Welcome."])


def test_a_burst_is_dropped_where_the_owner_holds_the_chat_of_the_same_person():
    """Nothing is kept back to be answered when the owner is gone."""
    old, new = Scene("gather: 5s\n", "old"), Scene("gather: 5s\n", "new")
    old.ana("hello")
    new.owner("hi")

    old.take(ContactJoined, into="new")
    new.keep(decide(new.chat, old.passed[0], new.rules, new.now))

    assert (old.chat.burst, new.chat.burst, new.timers) == (None, None, [])
