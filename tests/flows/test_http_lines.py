"""Do transcripts play what another system answers, with no network?"""

import pytest

from flows.compile import ruleset
from flows.load import load_files
from flows.transcript import play
from flows.transcript_file import transcripts

SHOP = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
otherwise: {steps: [{send: "Pardon?"}]}
---
flow: order
start: [{when: text has "order"}]
steps:
  - http: "https://api.example.com/orders/1"
    save: {eta: delivery.eta, items: items.last.n, code: http.status}
    on_error:
      - send: "Sorry ({{ code }})"
      - end
  - send: "It comes at {{ eta }}, {{ items }} of them"
"""
ANSWER = "http answers: {json: {delivery: {eta: noon}, items: [{n: 1}, {n: 2.50}]}}"


def played(*lines):
    """Play a chat; return what went another way, with its line among these."""
    chat = "".join(f"  - {line}\n" for line in lines)
    loaded = load_files({"a.yaml": SHOP, "t.yaml": f"test: t\nchat:\n{chat}"})
    assert loaded.folder is not None, loaded.problems
    [script], problems = transcripts(loaded)
    assert problems == ()
    failure = play(script, ruleset(loaded.folder, "v1")).failure
    return f"{failure.line - 2}: {failure.message}" if failure else None


@pytest.mark.parametrize(
    "lines",
    [
        ("contact: order", "silence", ANSWER, 'bot: "It comes at noon, 2.50 of them"', "saved: {eta: noon}"),
        ("contact: order", "http answers: {status: 404}", 'bot: "Sorry (404)"'),
        ("contact: order", "http answers: {status: 503}", 'bot: "Sorry (503)"'),
        ("contact: order", "http fails", 'bot: "Sorry ()"'),
        ("contact: order", "after: 1m", 'bot: "Sorry ()"'),
        ("contact: order", "contact: hello?", "silence", ANSWER, 'bot: "It comes at noon, 2.50 of them"'),
        ("contact: order", "after: 1m", 'bot: "Sorry ()"', "contact: hm", 'bot: "Pardon?"'),
        ("contact: order", "owner: I am here", ANSWER, "silence", "after: 2h", "silence"),
        ("contact: order", "owner: I am here", "after: 2h", "contact: hi", 'bot: "Sorry ()"'),
        ("contact: order", "owner: I am here", "owner: '#bot'", "after: 5m", "silence", ANSWER, "silence"),
        (
            "contact: order",
            'http answers: {asked: "https://api.example.com/orders/1", json: {delivery: {eta: one}}}',
            'bot: "It comes at one,  of them"',
        ),
    ],
)
def test_a_chat_goes_on_with_the_answer(lines):
    """What comes late, or after the owner stepped in, is dropped; the contact's words do not end the wait."""
    assert played(*lines) is None


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        (("http fails",), "1: No other system is being asked."),
        (
            ("contact: order", ANSWER, 'bot: "It comes at noon, 2.50 of them"', ANSWER),
            "4: No other system is being asked.",
        ),
        (
            ("contact: order", "http answers: {asked: https://api.example.com/orders/2}"),
            "2: Expected `https://api.example.com/orders/2` to be asked, got `https://api.example.com/orders/1`.",
        ),
    ],
)
def test_a_chat_that_goes_another_way_says_so(lines, failure):
    """Also where nobody was asked."""
    assert played(*lines) == failure


def test_an_answer_has_a_status_of_the_web():
    """From 100 to 599."""
    loaded = load_files({"a.yaml": SHOP, "t.yaml": "test: t\nchat:\n  - http answers: {status: 42}\n"})
    assert loaded.folder is not None

    _, problems = transcripts(loaded)

    assert [(each.line, each.message) for each in problems] == [(3, "`status` is a number from 100 to 599")]
