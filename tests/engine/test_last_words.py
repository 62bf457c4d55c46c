"""Is `text` still what the contact wrote, once a run has waited for something else?"""

import pytest

from engine.content import Text
from flows.compile import ruleset
from flows.load import load_files
from flows.transcript import play, simulated
from flows.transcript_file import transcripts

BUSINESS = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
"""
FLOWS = """
flow: late
start: {when: text has "late"}
steps:
  - wait: 1h
  - send: "You wrote: {{ text }}"
  - if: text has "please"
    then: [{send: "With pleasure."}]
  - goto: other
---
flow: order
start: {when: text has "order"}
steps:
  - ask: "Which one?"
    save: which
    no_reply: {after: 2h, steps: [{send: "No answer to: {{ text }}"}]}
  - http: "https://api.example.com/orders"
    save: {eta: eta}
  - send: "{{ text }}: {{ eta }}"
  - ask: "Anything else?"
    expect: image
  - send: "{{ text | default('No words') }}"
---
flow: just
start: {when: text has "just"}
steps: [{ask: "Just what?", save: it}]
---
flow: other
steps: [{send: "Still: {{ text }}"}]
---
"""
CHATS = {
    "a wait": """
  - contact: late, please
  - after: 1h
  - bot: "You wrote: late, please"
  - bot: "With pleasure."
  - bot: "Still: late, please"
""",
    "another system": """
  - contact: order
  - bot: "Which one?"
  - contact: the blue one
  - http answers: {json: {eta: noon}}
  - bot: "the blue one: noon"
  - bot: "Anything else?"
  - contact: {image: a.jpg}
  - bot: "No words"
""",
    "no reply": """
  - contact: my order
  - bot: "Which one?"
  - after: 2h
  - bot: "No answer to: my order"
""",
}


@pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)
def test_text_is_what_the_contact_wrote_before_the_wait(chat):
    """What was written last is meant, whether a message came in this turn or not."""
    loaded = load_files({"b.yaml": BUSINESS, "f.yaml": f"{FLOWS.lstrip()}test: t\nchat:{chat}"})
    assert loaded.folder is not None, loaded.problems
    (script,), problems = transcripts(loaded)

    played = play(script, ruleset(loaded.folder, "v1"))

    assert problems == ()
    assert played.failure is None, played.failure


def test_a_question_that_only_the_contact_ends_keeps_no_text():
    """What comes next is a message, so nothing could read the one before: a million chats wait like that."""
    loaded = load_files({"b.yaml": BUSINESS, "f.yaml": f"{FLOWS.lstrip()}test: t\nchat: [silence]"})
    assert loaded.folder is not None, loaded.problems
    (script,), _ = transcripts(loaded)
    simulation = simulated(script, ruleset(loaded.folder, "v1"))

    simulation.contact(Text("just"))

    assert simulation.chat.run is not None
    assert simulation.chat.run.for_answer
    assert simulation.chat.run.text is None
