"""Is somebody answered who writes?"""

from datetime import UTC, datetime

import pytest

from engine.chat import Chat, Contact
from engine.content import Text
from engine.decide import decide
from engine.events import MessageReceived
from engine.identity import Ids
from flows.compile import ruleset
from flows.load import load_files

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FILES = {
    "business.yaml": """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers:
  - {id: "1", phone: "+55 11 91234-5678", waba: "2"}
  - {id: "3", phone: "+55 11 98765-0003", waba: "2"}
otherwise: {steps: [{send: "Pardon?"}]}
"""
}


@pytest.fixture(scope="module")
def rules():
    """Give a business with two numbers that answers everybody."""
    loaded = load_files(FILES)
    assert loaded.folder is not None, loaded.problems
    return ruleset(loaded.folder, "v1")


@pytest.mark.parametrize(
    ("phone", "answers"),
    [
        ("5511987650001", 1),
        ("5511912345678", 0),
        ("5511987650003", 0),
        ("551187650003", 0),  # as Meta may write it, without the ninth digit
    ],
)
def test_no_number_of_the_business_is_answered(rules, phone, answers):
    """Two of its bots would talk with each other until the loop guard stops them; what came is kept all the same."""
    ids = Ids(phones=(phone,))
    event = MessageReceived(id="wamid.hi", at=NOON, arrived_at=NOON, content=Text("hi"), ids=ids)

    decision = decide(Chat(number="1", contact=Contact(id="who", ids=ids)), event, rules, NOON)

    assert len(decision.effects) == answers
    assert decision.chat.written_at == NOON
