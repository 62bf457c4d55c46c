"""What becomes of files that contacts send, and of which are they brought at all?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine import fetching
from engine.chat import Chat, Contact, Number, OwnSend
from engine.content import Media, Text
from engine.decide import Decision
from engine.effects import Fetch
from engine.events import EchoReceived, MessageReceived
from engine.evidence import Deadline, Fetched, NotSent, Refused, Settled, Unfit, Unknown
from engine.gate import Drop, Leave, judge
from engine.identity import Ids
from engine.outbox import settle
from engine.row import RowState
from engine.rows import fetch_for
from rules.policy.restrictions import DEFAULT

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANA = Ids(phones=("5511987650001",))
IRAN = Ids(phones=("989121234567",))
NUMBER = Number(id="1", business="shop", phone="5511912345671", waba="100")
PHOTO = Media(kind="image", id="77", mime="image/jpeg")
S = timedelta(seconds=1)


def chat_of(ids=ANA, **changes):
    """Return a chat with somebody."""
    return Chat(number="1", contact=Contact(id="c", ids=ids), **changes)


def received(content=PHOTO, ids=ANA):
    """Return a message."""
    return MessageReceived(id="w1", at=NOON, arrived_at=NOON, content=content, ids=ids)


def echoed(content=PHOTO, ids=ANA):
    """Return an echo."""
    return EchoReceived(id="w1", at=NOON, arrived_at=NOON, content=content, ids=ids)


def rows(event, chat=None):
    """Return the rows that bring what an event holds."""
    chat = chat or chat_of(event.ids)
    return fetch_for(Decision(chat), event=event, subject="1/c", number=NUMBER, lists=DEFAULT, now=NOON)


ROW = rows(received())[0]


@pytest.mark.parametrize(
    ("event", "effect"),
    [
        (received(), Fetch(file=PHOTO, by="contact")),
        (echoed(), Fetch(file=PHOTO, by="owner")),
        (received(Text("hi")), None),
        (received(Media(kind="image", link="https://example.com/a.jpg")), None),
        (received(ids=IRAN), None),
        (echoed(ids=IRAN), None),
    ],
    ids=["message", "echo", "words", "no id", "refused country", "echo to a refused country"],
)
def test_files_of_messages_are_brought(event, effect):
    """What Meta keeps, of whom the lists let pass."""
    assert [row.effect for row in rows(event)] == ([effect] if effect else [])


def test_what_the_bot_sent_is_not_brought_back():
    """Its own message comes back as an echo."""
    chat = chat_of(own=(OwnSend("r1", "w1", "sent", ""),))

    assert rows(echoed(), chat) == ()


def settled(evidence, row=ROW, now=NOON):
    """Return what evidence makes of a file that is being brought."""
    return settle(row, RowState.SENDING, evidence, now, doubt_wait=180 * S)


@pytest.mark.parametrize(
    ("evidence", "tries", "state", "reason", "wait"),
    [
        (Fetched(), 0, RowState.SENT, "", None),
        (NotSent("OSError"), 0, RowState.QUEUED, "OSError", 5 * S),
        (NotSent("OSError"), 3, RowState.QUEUED, "OSError", 40 * S),
        (NotSent("OSError"), 90, RowState.QUEUED, "OSError", 3600 * S),
        (Unknown("its sender is gone"), 0, RowState.QUEUED, "its sender is gone", 5 * S),
        (Deadline(), 0, RowState.QUEUED, "no answer was recorded", 5 * S),
        (Refused(100, 400), 0, RowState.FAILED, "media_gone", None),
        (Refused(190, 401), 0, RowState.QUEUED, "pause_number", 5 * S),
        (Refused(131000, 500), 0, RowState.QUEUED, "retry", 5 * S),
        (Unfit("too_large"), 0, RowState.FAILED, "too_large", None),
        (Unfit("wrong_sha256", 3), 1, RowState.QUEUED, "wrong_sha256", 10 * S),
        (Unfit("wrong_sha256", 3), 2, RowState.FAILED, "wrong_sha256", None),
    ],
)
def test_evidence_leads_on(evidence, tries, state, reason, wait):
    """What may pass is tried again, less and less often; what cannot be kept ends with a reason."""
    after = settled(evidence, replace(ROW, tries=tries))

    assert (after.state, after.reason, after.again_at) == (state, reason, NOON + wait if wait else None)


def test_nothing_is_tried_beyond_what_meta_keeps():
    """After seven days Meta has forgotten the file."""
    late = NOON + fetching.KEPT_BY_META - S

    assert settled(NotSent("OSError"), now=late).reason == "media_gone"
    assert settled(NotSent("OSError"), now=late).state is RowState.FAILED


def test_late_evidence_changes_nothing():
    """Somebody else has ended it."""
    before = Settled(row=ROW, state=RowState.SENT)

    assert settle(ROW, RowState.SENT, NotSent("late"), NOON, doubt_wait=180 * S) == before


def test_the_gate_lets_a_file_be_brought_while_meta_keeps_it():
    """And not a moment longer."""
    assert isinstance(judged(ANA, timedelta()), Leave)
    assert judged(ANA, fetching.KEPT_BY_META).reason == "media_gone"


def test_the_gate_asks_the_lists_again():
    """A file of somebody whom they name by now is not brought."""
    assert isinstance(judged(IRAN, timedelta()), Drop)


def judged(ids, later):
    """Return what the gate says of a file, so much later."""
    return judge(ROW, chat_of(ids), NUMBER, DEFAULT, NOON + later, answer_within=timedelta(hours=12))
