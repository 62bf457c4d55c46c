"""Are the clicks on ads kept, and is a conversion reported once for each?"""

from datetime import UTC, datetime, timedelta

import pytest

from engine.ads import CLAIMS_MOST, claim, clicked, with_claims
from engine.chat import Chat, Contact
from engine.content import Text
from engine.decide import decide
from engine.effects import PassOn, Report
from engine.events import AdClick, ContactJoined, MessageReceived, Referral
from engine.identity import Ids
from flows.compile import ruleset
from flows.load import load_files

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ANA = Ids(phones=("5511987650001",))
CHAT = Chat(number="1", contact=Contact(id="c", ids=ANA))
FILES = {
    "business.yaml": """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
""",
    "flows.yaml": """
flow: sale
start: [{when: text has "buy"}]
steps:
  - report: {event: Purchase, value: 40, currency: BRL}
---
flow: order
start: [{when: text has "order"}]
steps:
  - report: {event: Purchase, value: 40, currency: BRL, key: "{{ text }}"}
""",
}


@pytest.fixture(scope="module")
def rules():
    """Give the flows above, compiled."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


def click(name, minutes=0):
    """Return a click on an ad."""
    return AdClick(NOON + timedelta(minutes=minutes), Referral("ad", f"ad {name}", name))


def writes(text, clid=None, minutes=0):
    """Return a message, after a click if it has an id."""
    at = NOON + timedelta(minutes=minutes)
    referral = Referral("ad", f"ad {clid}", clid) if clid else None
    event = f"{text} {minutes}"
    return MessageReceived(id=event, at=at, arrived_at=at, content=Text(text), ids=ANA, referral=referral)


def reported(rules, *events, chat=CHAT):
    """Return what is reported, with the clicks: one event after the other."""
    reports = []
    for event in events:
        decision = decide(chat, event, rules, event.at)
        chat = decision.chat
        reports += [each for each in decision.effects if isinstance(each, Report)]
    return [(each.clid, each.key) for each in reports]


def test_what_comes_late_is_not_the_last_click():
    """An older message may come behind a newer one."""
    chat = clicked(clicked(clicked(CHAT, click("b", 5)), click("c", 9)), click("a"))

    assert (chat.first_ad, chat.last_ad) == (click("a"), click("c", 9))


def test_a_plain_message_keeps_the_clicks(rules):
    """The sale may come a hundred messages later."""
    chat = decide(clicked(CHAT, click("a")), writes("hello", minutes=50), rules, NOON + timedelta(minutes=50)).chat

    assert (chat.first_ad, chat.last_ad) == (click("a"), click("a"))


def test_a_flow_that_is_done_again_reports_nothing_again(rules):
    """The contact starts it once more, and the sale is the same."""
    assert reported(rules, writes("buy", "a"), writes("buy", minutes=1), writes("buy", minutes=2)) == [("a", "")]


def test_another_click_is_another_conversion(rules):
    """An ad that brings somebody a second time has earned it."""
    events = (writes("buy", "a"), writes("buy", "b", 1), writes("buy", minutes=2))

    assert reported(rules, *events) == [("a", ""), ("b", "")]


def test_a_key_tells_two_sales_apart(rules):
    """Each order is reported, and each once."""
    events = (writes("order 1", "a"), writes("order 2", minutes=1), writes("order 1", minutes=2))

    assert reported(rules, *events) == [("a", "order 1"), ("a", "order 2")]


def test_the_trace_says_that_it_was_reported_before(rules):
    """An author who waits for a second report reads why there is none."""
    chat = decide(CHAT, writes("order 1", "a"), rules, NOON).chat

    trace = decide(chat, writes("order 1", minutes=1), rules, NOON + timedelta(minutes=1)).trace

    assert "`report` `Purchase` was reported before, with the key `order 1`" in [each.words for each in trace.lines]


def test_claims_go_along_when_two_contacts_turn_out_to_be_one(rules):
    """The same person does not buy the same cake twice."""
    there = decide(CHAT, writes("buy", "a"), rules, NOON).chat
    joined = decide(there, ContactJoined(id="j", at=NOON, arrived_at=NOON, into="d"), rules, NOON)
    (passed,) = (each.event for each in joined.effects if isinstance(each, PassOn))

    here = decide(Chat(number="1", contact=Contact(id="d", ids=ANA)), passed, rules, NOON).chat

    assert reported(rules, writes("buy", minutes=1), chat=here) == []


def test_the_newest_claims_are_kept():
    """A chat does not grow without end."""
    chat = with_claims(CHAT, (claim("Purchase", str(number), "a") for number in range(CLAIMS_MOST + 1)))

    assert (len(chat.claims), claim("Purchase", "0", "a") in chat.claims) == (CLAIMS_MOST, False)
