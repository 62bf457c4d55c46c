"""What becomes of a request to another system, by all that may be known of it?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.chat import Number
from engine.effects import Alert, Http
from engine.events import HttpAnswered
from engine.identity import Ids
from engine.outbox import Accepted, Answered, Deadline, Evidence, Forbidden, NotSent, Unknown, settle
from engine.paths import check
from engine.request import Answer, Method, Request
from engine.row import Row, RowState, queue
from rules.policy.restrictions import DEFAULT, Clearance, Path

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NUMBER = Number(id="1", business="shop", phone="5511912345678", waba="2")
GOOD, GONE, BUSY, MANY = (
    Answer(status=200, body="{}"),
    Answer(status=404, why="status 404"),
    Answer(status=503, why="status 503"),
    Answer(status=429, why="status 429"),
)


def a_row(method: Method, tries: int = 0) -> Row:
    """Return the row of a request."""
    cleared = check(Path.HTTP, Ids(phones=("5511987650001",)), NUMBER, DEFAULT)
    assert isinstance(cleared, Clearance)
    request = Request(method=method, url=("https://a.example/",), timeout=timedelta(seconds=5))
    row = queue(
        cleared,
        business="shop",
        number="1",
        chat="1/c",
        event="m",
        index=0,
        effect=Http(request=request, run="r/0", wait=3),
        epoch=0,
        asked_at=NOON,
        queued_at=NOON,
        arrived_at=NOON,
    )
    return replace(row, tries=tries)


def after(row: Row, evidence: Evidence, state: RowState = RowState.SENDING) -> object:
    """Return the state, when it is tried again, and what the chat is told."""
    settled = settle(row, state, evidence, NOON, doubt_wait=timedelta(minutes=3))
    told = settled.tell_chat.answer if isinstance(settled.tell_chat, HttpAnswered) else None
    return settled.state.value, settled.again_at and (settled.again_at - NOON).seconds, told


@pytest.mark.parametrize(
    ("method", "tries", "evidence", "wanted"),
    [
        ("GET", 0, Answered(GOOD), ("sent", None, GOOD)),
        ("POST", 0, Answered(GOOD), ("sent", None, GOOD)),
        ("GET", 0, Answered(GONE), ("failed", None, GONE)),
        ("GET", 0, Answered(BUSY), ("queued", 1, None)),
        ("PUT", 1, Answered(MANY), ("queued", 4, None)),
        ("DELETE", 2, Answered(BUSY), ("failed", None, BUSY)),
        ("POST", 0, Answered(BUSY), ("failed", None, BUSY)),
        ("PATCH", 0, Answered(MANY), ("failed", None, MANY)),
        ("POST", 0, NotSent("nobody there"), ("queued", 1, None)),
        ("POST", 2, NotSent("nobody there"), ("failed", None, Answer(why="nobody there"))),
        ("GET", 0, Unknown("timeout"), ("queued", 1, None)),
        ("GET", 2, Unknown("timeout"), ("failed", None, Answer(why="timeout"))),
        ("POST", 0, Unknown("timeout"), ("failed", None, Answer(why="timeout"))),
        ("GET", 0, Forbidden("not listed"), ("failed", None, Answer(why="forbidden"))),
        ("GET", 0, Deadline(), ("sending", None, None)),
        ("GET", 0, Accepted("wamid", NOON), ("sending", None, None)),
    ],
)
def test_a_request_ends_or_is_made_again(method, tries, evidence, wanted):
    """Only what does no harm twice, or surely did not arrive, is made again; three tries are all."""
    assert after(a_row(method, tries), evidence) == wanted


@pytest.mark.parametrize("state", [each for each in RowState if each is not RowState.SENDING])
def test_what_comes_late_changes_nothing(state):
    """Somebody else has the row by now, or it has ended."""
    assert after(a_row("GET"), Answered(GOOD), state) == (state.value, None, None)


def test_the_chat_is_told_to_which_wait_the_answer_belongs():
    """And the id is always the same, so that it counts once."""
    settled = settle(a_row("GET"), RowState.SENDING, Answered(GOOD), NOON, doubt_wait=timedelta(minutes=3))

    told = settled.tell_chat

    assert isinstance(told, HttpAnswered)
    assert (told.id, told.run, told.wait) == (f"{settled.row.id}.answer", "r/0", 3)


def test_the_operator_is_told_what_is_forbidden():
    """They alone can change it."""
    settled = settle(a_row("GET"), RowState.SENDING, Forbidden("not listed"), NOON, doubt_wait=timedelta(minutes=3))

    assert settled.alert == Alert("http_forbidden", "not listed")
