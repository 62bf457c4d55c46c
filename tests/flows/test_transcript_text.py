"""Does a chat that is written down pass when it is played?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.content import Form, Location, Media, Text
from engine.events import Referral
from engine.request import Answer
from flows.compile import ruleset
from flows.lines import (
    Act,
    ClockReaches,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Fails,
    HttpAnswers,
    OwnerWrites,
    Person,
    Redelivered,
    TimePasses,
)
from flows.load import load_files
from flows.transcript import play, simulated
from flows.transcript_file import transcripts
from flows.transcript_text import Beginning, as_transcript
from flows.verbs import PREFILLED, sent_file
from flows.world import let_happen

SHOP = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers:
  - {id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}
  - {id: "106540352242923", phone: "+55 11 91234-5679", waba: "102290129340398"}
handoff: {nobody_came: {after: 15m, steps: [{send: "Nobody came."}]}}
fallback: {template: we_are_back}
---
templates: "102290129340398"
list:
  - {name: we_are_back, language: en, category: UTILITY, status: APPROVED, body: "We are back."}
  - {name: offer, language: en, category: UTILITY, status: APPROVED, body: "Cake for {{1}}?",
     buttons: [{type: QUICK_REPLY, text: "Yes: please, #1"}]}
---
flow: book
start: {when: text has "book"}
steps:
  - form: "When, and how many?"
    flow: "1240983377120456"
    button: "Book"
    save: {day: date, people: number, wishes: list}
  - send: "{{ people }} on {{ day }}: {{ wishes }}"
---
flow: ask
start: [{when: text has "ask"}]
steps:
  - http: "https://api.example.com/"
    save: {eta: eta, last: n.last, code: http.status}
    on_error: [{send: "Sorry {{ code }}"}, end]
  - send: "{{ eta }} {{ last }}"
---
flow: order
start:
  - when: text has "order"
  - ad: any
steps:
  - react: "👍"
  - send: {image: "https://example.com/cake.jpg", caption: "Ours: the best # one"}
  - choose: "Cake\\nor bread?"
    save: item
    options: {Cake: , "Bread, rye": }
  - report: {event: Purchase, value: 7.50, currency: BRL}
  - report: LeadSubmitted
  - notify: "{{ contact.name }} wants \\"{{ item }}\\""
  - wait: 25h
  - send: "How was it?"
---
flow: offers
start:
  - when: text has "offer"
steps:
  - send: {template: offer, params: ["{{ contact.name }}"]}
---
flow: yes
start:
  - when: 'text = "Yes: please, #1"'
steps:
  - handoff: "wants one"
"""
ORDER = ContactWrites(Text("order"))
CHATS: dict[str, tuple[Act, ...]] = {
    "nothing": (),
    "an order": (ORDER, ContactTaps("Cake"), TimePasses(timedelta(hours=25, minutes=30))),
    "texts that YAML would take for something else": tuple(
        ContactWrites(Text(text))
        for text in (
            "#hi there",
            "Note: we close",
            '"quoted" \\ back',
            "no",
            "null",
            "12:30",
            "{{ name }}",
            "- a\n- b\n\n  c\t",
            "\x07\x1b[31m\x85\u2028\ufeff\u200f",
            "שלום, أهلا 日本 🇧🇷👩‍👩‍👧",
            "it's",
        )
    ),
    "the owner": (
        ORDER,
        OwnerWrites(Text("I'll take this one")),
        ContactWrites(Text("thanks")),
        TimePasses(timedelta(minutes=31)),
        OwnerWrites(Text("#stop")),
        OwnerWrites(Text("#bot")),
        OwnerWrites(Media("image", id="x", link="cake.jpg", caption="This: #1?"), timedelta(minutes=40)),
    ),
    "files and a place": (
        ContactWrites(sent_file("image", "cake 1.jpg", "This one?")),
        ContactWrites(sent_file("voice", "note.ogg")),
        ContactWrites(sent_file("document", "list.pdf"), late=timedelta(hours=3)),
        ContactWrites(Location(-23.5, -46.6)),
        ContactWrites(Location(1e-7, 0.0)),
    ),
    "a form": (
        ContactWrites(Text("book")),
        ContactWrites(Form("flow", '{"day": "2026-03-07", "people": 4, "wishes": ["a: b", "#c"]}')),
    ),
    "an ad": (
        ContactWrites(Text(PREFILLED), Referral("ad", "1203", "click-1203", headline="Cakes: all of them")),
        ContactWrites(Text("again"), Referral("ad", "1203", "click-1203"), timedelta(minutes=5)),
    ),
    "a template with a quick reply, and nobody came": (
        ContactWrites(Text("offer")),
        ContactTaps("Yes: please, #1"),
        TimePasses(timedelta(minutes=15)),
    ),
    "Meta": (ORDER, Redelivered(), EchoOfBot(), Fails(131047), Fails(190), ContactWrites(Text("order"))),
    "another system": (
        ContactWrites(Text("ask")),
        HttpAnswers(Answer(status=200, body='{"eta": "noon: \\u00e9 #1", "n": [1, 2.50, true, null]}')),
        ContactWrites(Text("ask")),
        HttpAnswers(Answer(status=404, why="status 404")),
        ContactWrites(Text("ask")),
        HttpAnswers(Answer(why="no answer")),
    ),
    "the clock": (
        ClockReaches(time(9, 5)),
        ClockReaches(datetime(2026, 3, 5, 12, 30, 15, tzinfo=UTC)),
        ORDER,
    ),
}
BEGIN = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
SAO_PAULO = Beginning(
    at=BEGIN, zone=ZoneInfo("America/Sao_Paulo"), contact=Person(name='Ana "A" #1', phone="+55 11 98765-4321")
)


def shop_in(beginning: Beginning) -> str:
    """Move the shop to where its clock shows the beginning's zone."""
    return SHOP.replace("America/Sao_Paulo", str(beginning.zone))


def written_down(name: str, beginning: Beginning, acts: tuple[Act, ...]) -> str:
    """Let a chat happen, and write it down."""
    loaded = load_files({"shop.yaml": shop_in(beginning), "t.yaml": as_transcript(name, beginning, ())})
    (script,), problems = transcripts(loaded)
    assert problems == ()
    assert loaded.folder is not None, loaded.problems
    chat = simulated(script, ruleset(loaded.folder, "v1"))
    return as_transcript(name, beginning, [(act, let_happen(act, chat)) for act in acts])


def check(text: str) -> None:
    """Play a transcript given as its text."""
    loaded = load_files({"shop.yaml": SHOP, "t.yaml": text})
    assert loaded.folder is not None, loaded.problems
    (script,), problems = transcripts(loaded)
    assert problems == ()
    assert play(script, ruleset(loaded.folder, "v1")).failure is None, text


@pytest.mark.parametrize("acts", CHATS.values(), ids=CHATS.keys())
def test_a_chat_that_is_written_down_passes(acts: tuple[Act, ...]):
    """Whatever was said, by whom and when."""
    check(written_down("it: #1", SAO_PAULO, acts))


BEGINNINGS = {
    "another contact and number": Beginning(
        at=BEGIN, zone=SAO_PAULO.zone, contact=Person(bsuid="BR.1502576394655843"), number="106540352242923"
    ),
    "seconds": Beginning(
        at=BEGIN + timedelta(seconds=7, microseconds=9), zone=SAO_PAULO.zone, contact=Person(phone="+5511987654321")
    ),
    "an hour that the clock shows twice": Beginning(
        at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        zone=ZoneInfo("America/New_York"),
        contact=Person(phone="+5511987654321"),
    ),
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_a_chat_begins_where_it_began(beginning: Beginning):
    """The head says when, who and to which number."""
    text = written_down("it", beginning, CHATS["an order"])

    (script,), _ = transcripts(load_files({"shop.yaml": shop_in(beginning), "t.yaml": text}))

    assert script.begins_at == beginning.at
    assert script.contact == beginning.contact
    assert script.number == beginning.number


def test_what_is_written_reads_like_a_chat():
    """An author can go on from there."""
    text = written_down("an order", SAO_PAULO, CHATS["an order"])

    assert text.splitlines() == [
        'test: "an order"',
        "at: 2026-03-02 10:00",
        'contact: {name: "Ana \\"A\\" #1", phone: "+55 11 98765-4321"}',
        "chat:",
        '  - contact: "order"',
        '  - bot: {react: "👍"}',
        '  - bot: {image: "https://example.com/cake.jpg", caption: "Ours: the best # one"}',
        '  - bot: {text: "Cake\\nor bread?", buttons: ["Cake", "Bread, rye"]}',
        '  - contact: {tap: "Cake"}',
        "  - silence",
        '  - reported: {event: Purchase, value: 7.5, currency: "BRL"}',
        "  - reported: LeadSubmitted",
        '  - notified: "Ana \\"A\\" #1 wants \\"Cake\\""',
        "  - after: 1d1h30m",
        '  - bot: {template: "we_are_back", language: "en"}',
    ]
