"""What becomes of a row."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from engine.content import Template, Text
from engine.effects import Report, Send
from engine.events import RowEnded, SendRefused, TemplateChanged
from engine.outbox import (
    MOVES,
    Accepted,
    Deadline,
    Delivery,
    Echoed,
    FileForgotten,
    NotSent,
    NotUploaded,
    Refused,
    Row,
    RowState,
    Status,
    Unknown,
    settle,
)
from engine.row import as_template, queue, risen, row_id
from rules.policy.restrictions import DEFAULT, Clearance, Path, clear

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOUBT = timedelta(minutes=3)
BACK = Template("we_are_back", "en")
OFFER = Template("spring", "en", category="MARKETING")
HELLO = Send(content=Text("Hello"), fallback=BACK)
EVIDENCE = (
    Accepted("wamid.a", NOON),
    Refused(131026, 400),
    Refused(131000, 500),
    Refused(131047, 400),
    Refused(190, 401),
    NotSent("no connection"),
    Unknown("no answer"),
    *(Status(each) for each in ("sent", "delivered", "read", "played")),
    Status("failed", 131047),
    Status("failed", 131016),
    Echoed("wamid.a"),
    Deadline(),
    NotUploaded(None),
    NotUploaded(NotSent("no connection")),
    NotUploaded(Refused(131053, 400)),
    FileForgotten(Refused(131009, 400)),
)


def a_row(effect=HELLO, path=Path.FLOW, **changes):
    """Make a row that was cleared."""
    clearance = clear(
        path, business_phone="15550783881", coexistence=True, phones=("12025550143",), bsuids=(), lists=DEFAULT
    )
    assert isinstance(clearance, Clearance)
    row = queue(
        clearance,
        business="bakery",
        number="106540352242922",
        chat="106540352242922/c1",
        event="wamid.in",
        index=0,
        effect=effect,
        epoch=0,
        asked_at=NOON,
        queued_at=NOON,
        arrived_at=NOON,
    )
    return replace(row, **changes)


def settled(evidence, state=RowState.SENDING, row=None, delivery=None):
    """Settle a row that is on its way, unless told otherwise, at noon."""
    return settle(row or a_row(), state, evidence, NOON, doubt_wait=DOUBT, delivery=delivery)


def seconds(settled):
    """Return how long the row waits for its next try."""
    return None if settled.again_at is None else (settled.again_at - NOON).total_seconds()


@pytest.mark.parametrize(("state", "evidence"), list(product(RowState, EVIDENCE)), ids=lambda each: str(each)[:30])
def test_every_state_answers_all_evidence_with_a_legal_move(state, evidence):
    """No evidence, however late or odd, moves a row where it may not go."""
    after = settled(evidence, state)

    assert after.state is state or after.state in MOVES[state]


def test_every_state_has_its_moves():
    """The table has no holes, and ends are ends."""
    assert set(MOVES) == set(RowState)
    assert {each for each, moves in MOVES.items() if not moves} == {RowState.SENT, RowState.DROPPED, RowState.FAILED}


@pytest.mark.parametrize(
    ("state", "evidence", "expected"),
    [
        (RowState.SENDING, Accepted("wamid.a", NOON), RowState.SENT),
        (RowState.SENDING, Echoed("wamid.a"), RowState.SENT),
        (RowState.SENDING, Status("delivered"), RowState.SENT),
        (RowState.SENDING, Unknown("no answer"), RowState.DOUBT),
        (RowState.SENDING, Deadline(), RowState.DOUBT),
        (RowState.SENDING, NotSent("no connection"), RowState.QUEUED),
        (RowState.SENDING, Refused(131000, 500), RowState.QUEUED),
        (RowState.SENDING, Refused(130429, 400), RowState.QUEUED),
        (RowState.SENDING, Refused(131056, 400), RowState.QUEUED),
        (RowState.SENDING, Refused(190, 401), RowState.QUEUED),
        (RowState.SENDING, Refused(100, 400), RowState.FAILED),
        (RowState.SENDING, Refused(131026, 400), RowState.FAILED),
        (RowState.SENDING, Refused(131049, 400), RowState.FAILED),
        (RowState.SENDING, Status("failed", 131026), RowState.SENT),
        (RowState.DOUBT, Status("sent"), RowState.SENT),
        (RowState.DOUBT, Echoed("wamid.a"), RowState.SENT),
        (RowState.DOUBT, Accepted("wamid.a", NOON), RowState.SENT),
        (RowState.DOUBT, NotSent("no connection"), RowState.QUEUED),
        (RowState.DOUBT, Unknown("no answer"), RowState.DOUBT),
        (RowState.DOUBT, Deadline(), RowState.QUEUED),
        (RowState.QUEUED, Status("sent"), RowState.SENT),
        (RowState.QUEUED, Deadline(), RowState.QUEUED),
        (RowState.QUEUED, Refused(131026, 400), RowState.QUEUED),
        (RowState.PARKED, Status("read"), RowState.SENT),
        (RowState.PARKED, Deadline(), RowState.PARKED),
        (RowState.DROPPED, Status("delivered"), RowState.DROPPED),
        (RowState.FAILED, Echoed("wamid.a"), RowState.FAILED),
        (RowState.SENT, Refused(131026, 400), RowState.SENT),
    ],
)
def test_evidence_moves_a_row(state, evidence, expected):
    """One line for each move that means something."""
    assert settled(evidence, state).state is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (a_row(), RowState.QUEUED),
        (a_row(doubts=1), RowState.PARKED),
        (a_row(tries=7, refused=3), RowState.QUEUED),
        (a_row(Send(content=BACK)), RowState.QUEUED),
        (a_row(Send(content=OFFER)), RowState.PARKED),
    ],
)
def test_a_doubt_is_sent_again_once_and_marketing_never(row, expected):
    """The second time a person has to look; an offer is better missed than doubled."""
    assert settled(Deadline(), RowState.DOUBT, row).state is expected


def test_a_doubt_is_counted_and_a_parked_row_is_shown():
    """The row remembers that it was sent again; the owner hears when nobody knows any more."""
    again = settled(Deadline(), RowState.DOUBT)
    parked = settled(Deadline(), RowState.DOUBT, again.row)

    assert (again.row.doubts, again.row.tries, seconds(again), again.alert) == (1, 1, 0, None)
    assert (parked.state, parked.alert.code) == (RowState.PARKED, "parked")


def test_a_doubt_has_a_deadline():
    """Until then a status or an echo may clear it up."""
    after = settled(Unknown("no answer in time"))

    assert (after.state, after.reason, after.again_at) == (RowState.DOUBT, "no answer in time", NOON + DOUBT)


@pytest.mark.parametrize(
    ("evidence", "row", "expected"),
    [
        (Refused(131016, 500), a_row(), 2),
        (Refused(131016, 500), a_row(refused=1), 8),
        (Refused(131016, 500), a_row(refused=3), 128),
        (Refused(131016, 500), a_row(refused=4), None),
        (Refused(131056, 400), a_row(), 1),
        (Refused(131056, 400), a_row(refused=4), 256),
        (Refused(130429, 429), a_row(refused=9), 5),
        (Refused(190, 401), a_row(refused=9), 60),
        (NotSent("no connection"), a_row(), 1),
        (NotSent("no connection"), a_row(tries=3), 8),
        (NotSent("no connection"), a_row(tries=5000), 60),
    ],
)
def test_tries_are_spaced_and_passing_trouble_ends(evidence, row, expected):
    """While Meta cannot be reached a row waits; Meta's own trouble is believed five times."""
    after = settled(evidence, row=row)

    assert seconds(after) == expected
    assert after.state is (RowState.FAILED if expected is None else RowState.QUEUED)


@pytest.mark.parametrize(
    ("cause", "state", "reason", "waits", "alert"),
    [
        (NotSent("no connection"), RowState.QUEUED, "no connection", 1, None),
        (Refused(131000, 500), RowState.QUEUED, "retry", 2, None),
        (Refused(190, 401), RowState.QUEUED, "pause_number", 60, None),
        (Refused(131053, 400), RowState.DROPPED, "give_up", None, "give_up"),
        (Refused(100, 400), RowState.DROPPED, "give_up", None, "give_up"),
        (None, RowState.DROPPED, "file_gone", None, "file_gone"),
    ],
)
def test_a_file_that_was_not_uploaded_makes_its_message_wait_or_ends_it(cause, state, reason, waits, alert):
    """Nothing has left, so it is dropped where a send would have failed."""
    after = settled(NotUploaded(cause), RowState.QUEUED)

    assert (after.state, after.reason, seconds(after)) == (state, reason, waits)
    assert (after.alert and after.alert.code) == alert


def test_a_file_that_meta_forgot_is_tried_again_once():
    """The second refusal counts as any other."""
    first = settled(FileForgotten(Refused(131009, 400)))
    second = settled(FileForgotten(Refused(131009, 400)), row=first.row)

    assert (first.state, first.reason, seconds(first), first.row.renewed) == (RowState.QUEUED, "file_forgotten", 0, 1)
    assert (second.state, second.reason) == (RowState.FAILED, "give_up")


def test_refusals_are_counted():
    """What was refused counts for both, what was not sent for tries only."""
    assert settled(Refused(131016, 500)).row == a_row(tries=1, refused=1)
    assert settled(NotSent("no name")).row == a_row(tries=1)


def test_a_closed_window_is_answered_with_the_template():
    """A new row takes the place of the refused one, under an id of its own, the same each time."""
    row = a_row()

    after = settled(Refused(131047, 400, "24 hours"), row=row)

    assert (after.state, after.reason) == (RowState.FAILED, "window_closed")
    assert after.replacement == replace(
        row, id=after.replacement.id, effect=Send(content=BACK), path=Path.TEMPLATE, replaces=row.id
    )
    assert after.replacement.id != row.id
    assert after.replacement == settled(Status("failed", 131047), RowState.SENT, row).replacement
    assert after.tell_chat == RowEnded(
        id=f"{row.id}.131047", at=NOON, arrived_at=NOON, row=row.id, code=131047, details="24 hours"
    )


@pytest.mark.parametrize("effect", [Send(content=Text("Hello")), Send(content=BACK, fallback=BACK)])
def test_without_a_template_nothing_leaves_instead(effect):
    """The row has failed, and the chat learns why."""
    after = settled(Refused(131047, 400), row=a_row(effect))

    assert (after.state, after.replacement, after.tell_chat.code) == (RowState.FAILED, None, 131047)


@pytest.mark.parametrize("code", [131047, 131026, 131050, 131049, 130497])
def test_the_chat_learns_what_concerns_it(code):
    """From an answer; a failed status is an event of the chat already."""
    assert settled(Refused(code, 400)).tell_chat.code == code
    assert settled(Status("failed", code), RowState.SENT).tell_chat is None


@pytest.mark.parametrize("evidence", [Refused(190, 401, "expired"), Status("failed", 190, "expired")])
def test_the_number_learns_what_concerns_it(evidence):
    """A token that has run out stops the whole number; each try is an event of its own."""
    row = a_row(tries=2)

    assert settled(evidence, row=row).tell_number == SendRefused(
        id=f"{row.id}.190.2", at=NOON, arrived_at=NOON, code=190, details="expired"
    )


@pytest.mark.parametrize(("code", "status"), [(132001, "UNKNOWN"), (132015, "PAUSED"), (132016, "DISABLED")])
def test_the_number_learns_of_a_template_that_cannot_be_sent(code, status):
    """So that the gate stops the next one before Meta does."""
    row = a_row(Send(content=BACK))

    assert settled(Refused(code, 400), row=row).tell_number == TemplateChanged(
        id=f"{row.id}.{code}.0", at=NOON, arrived_at=NOON, name="we_are_back", language="en", status=status
    )


@pytest.mark.parametrize(
    ("evidence", "row", "expected"),
    [
        (Refused(100, 400), a_row(), "give_up"),
        (Refused(132069, 400), a_row(), "template_off"),
        (Refused(131016, 500), a_row(refused=4), "undelivered"),
        (Status("failed", 131016), a_row(), "undelivered"),
        (Refused(131016, 500), a_row(), None),
        (Refused(190, 401), a_row(), None),
        (Refused(131026, 400), a_row(), None),
        (Refused(132015, 400), a_row(Send(content=BACK)), None),
        (Status("failed", 100), a_row(), None),
    ],
)
def test_the_owner_is_told_once(evidence, row, expected):
    """What the chat or the number hears, they tell; the rest is told here."""
    alert = settled(evidence, row=row).alert

    assert (alert and alert.code) == expected


@pytest.mark.parametrize(("code", "slow", "rests"), [(130429, True, None), (131056, False, 1), (131026, False, None)])
def test_too_much_slows_down_the_right_one(code, slow, rests):
    """130429 the number, 131056 the contact."""
    after = settled(Refused(code, 400))

    assert (after.slow, after.rest_pair_until) == (slow, rests and NOON + timedelta(seconds=rests))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, "sent", "sent"),
        ("sent", "delivered", "delivered"),
        ("delivered", "sent", "delivered"),
        ("read", "delivered", "read"),
        ("read", "played", "played"),
        ("sent", "failed", "failed"),
        ("delivered", "failed", "delivered"),
        ("failed", "delivered", "delivered"),
        ("failed", "sent", "failed"),
    ],
)
def test_delivery_only_rises(old, new, expected):
    """Statuses come in any order; one device that got the message is enough."""
    assert risen(old and Delivery(old), Delivery(new)) is Delivery(expected)


def test_a_failure_after_delivery_changes_nothing():
    """No template is sent to somebody who has the message."""
    after = settled(Status("failed", 131047), RowState.SENT, delivery=Delivery.DELIVERED)

    assert (after.delivery, after.replacement, after.reason) == (Delivery.DELIVERED, None, "")


def test_an_ended_row_still_learns_its_message():
    """Later echoes and statuses find it by the id."""
    after = settled(Status("delivered", message_id="wamid.a"), RowState.DROPPED)

    assert (after.state, after.message_id, after.delivery) == (RowState.DROPPED, "wamid.a", Delivery.DELIVERED)


def test_a_row_cannot_be_made_without_a_clearance():
    """Neither by hand nor with something that looks like one; the store may give it back."""
    row = a_row()
    impostor: Any = Path.FLOW

    with pytest.raises(TypeError, match="Clearance"):
        Row(**msgspec.structs.asdict(row))
    with pytest.raises(TypeError, match="Clearance"):
        queue(
            impostor,
            business="",
            number="",
            chat="",
            event="",
            index=0,
            effect=HELLO,
            epoch=0,
            asked_at=NOON,
            queued_at=NOON,
            arrived_at=NOON,
        )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(row), type=Row) == row


@pytest.mark.parametrize("path", list(Path))
def test_a_row_keeps_the_path_it_was_cleared_for(path):
    """The gate asks for the same path again."""
    assert a_row(path=path).path is path


def test_a_report_is_replaced_by_nothing():
    """Only messages have templates."""
    with pytest.raises(TypeError, match="template"):
        as_template(a_row(Report(event="Purchase")), BACK)


def test_ids_of_rows_are_stable_and_their_own():
    """The same event decided twice gives the same ids, anything else gives others."""
    sources = [
        ("b", "c", "e", 0),
        ("b", "c", "e", 1),
        ("b", "c", "f", 0),
        ("b", "d", "e", 0),
        ("a", "c", "e", 0),
        ("bc", "", "e", 0),
    ]

    ids = [row_id(*source) for source in sources]

    assert ids == [row_id(*source) for source in sources]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{8,40}", each) for each in ids)
