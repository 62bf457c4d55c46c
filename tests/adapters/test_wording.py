"""Are spans, holders and runs told in few words?"""

from datetime import UTC, datetime, timedelta

import pytest

from adapters import wording
from engine.chat import Chat, Contact, Run
from engine.identity import Ids
from rules.policy.handoff import Holder, Holding, Signal

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=59.6), "1m"),
        (timedelta(seconds=150), "2m 30s"),
        (timedelta(hours=2, seconds=-2), "2h"),
        (timedelta(hours=1, minutes=30, seconds=29), "1h 30m"),
        (timedelta(hours=23, minutes=59, seconds=50), "1d"),
        (timedelta(days=1, hours=5, minutes=40), "1d 6h"),
        (timedelta(days=365), "365d"),
    ],
)
def test_a_span_has_two_units_at_most(span, words):
    """As authors write it, the smaller one rounded."""
    assert wording.long(span) == words


@pytest.mark.parametrize(
    ("holding", "words"),
    [
        (Holding(), ""),
        (Holding(holder=Holder.OWNER, why=Signal.OWNER_MESSAGE), "the owner wrote"),
        (Holding(holder=Holder.OWNER, why=Signal.OWNER_MESSAGE, until=NOON), "the time of the owner is over"),
        (Holding(holder=Holder.OWNER, why="Wants\nto talk", asked=True), "a flow handed it off: Wants to talk"),
        (Holding(holder=Holder.OWNER, why=Signal.HAND_OFF, asked=True), "a flow handed it off"),
        (Holding(why=Signal.NOBODY_CAME), "nobody came after a flow had handed it off"),
    ],
)
def test_why_somebody_holds_a_chat_is_told(holding, words):
    """In the words of the flow where there are any."""
    assert wording.why(holding, NOON) == words


def test_every_signal_that_changes_a_holder_has_words():
    """The link to the app being cut changes none."""
    assert wording.WHY.keys() == set(Signal) - {Signal.LINK_CUT}


@pytest.mark.parametrize(
    ("fields", "awaited"),
    [
        ({"interrupted": True}, "bot"),
        ({"for_answer": False, "for_system": True}, "system"),
        ({"for_answer": False}, "moment"),
        ({}, "contact"),
    ],
)
def test_what_a_run_waits_for_is_told(fields, awaited):
    """The bot, where the owner stepped in."""
    run = Run(id="r", flow="order", version="v1", at="0", waiting=True, started_at=NOON, **fields)

    assert wording.awaited(run) == awaited


@pytest.mark.parametrize(
    ("ids", "address"),
    [(Ids(("5511987650001",), ("BR.1",)), "+5511987650001"), (Ids((), ("BR.1",)), "BR.1"), (Ids(), "0123456789ab")],
)
def test_a_contact_is_called_by_what_commands_understand(ids, address):
    """A phone number, else a user id, else our own id."""
    assert wording.address(Contact(id="0123456789ab", ids=ids)) == address


def test_the_last_word_is_the_latest_of_all():
    """Of a chat in which nobody spoke there is none."""
    chat = Chat(number="1", contact=Contact(id="a"))
    spoken = Chat(number="1", contact=Contact(id="a"), written_at=NOON, owner_at=NOON + timedelta(1), bot_at=NOON)

    assert wording.last_word(chat) is None
    assert wording.last_word(spoken) == (NOON + timedelta(1), "owner")
