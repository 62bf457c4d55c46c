"""What can a condition or a text read of a file that came?"""

from datetime import UTC, datetime

import pytest

from engine.chat import Chat, Contact
from engine.content import Media, Text, words_of
from engine.decide import decide
from engine.effects import Send
from engine.events import MessageReceived
from engine.identity import Ids
from flows.compile import pack, ruleset, unpack
from flows.load import load_files

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ANA = Ids(phones=("5511987650001",))
FOLDER = {
    "business.yaml": """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "100"}]
---
flow: order
start: {when: 'message.mime = "application/pdf" and message.filename matches "order"'}
steps:
  - send: "{{ message.media }} {{ message.filename }}"
---
flow: others
start: {when: message.media is set}
steps:
  - send: "{{ message.media }} {{ message.mime | default('?') }} {{ message.filename | default('?') }}"
"""
}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Media(kind="document", id="77", mime="application/pdf", filename="order-1.pdf"), ["77 order-1.pdf"]),
        (Media(kind="document", id="77", mime="application/pdf"), ["77 application/pdf ?"]),
        (Media(kind="image", id="78"), ["78 ? ?"]),
        (Media(kind="image", link="https://example.com/a.png"), []),
        (Text("hello"), []),
    ],
)
def test_a_flow_reads_the_file_of_a_message(content, said):
    """What is not told is nothing."""
    folder = load_files(FOLDER)
    assert folder.folder is not None
    rules = ruleset(unpack(pack(folder.folder)), "v1")
    event = MessageReceived(id="w1", at=NOON, arrived_at=NOON, content=content, ids=ANA)

    decision = decide(Chat(number="1", contact=Contact(id="c", ids=ANA)), event, rules, NOON)

    assert [words_of(each.content) for each in decision.effects if isinstance(each, Send)] == said
