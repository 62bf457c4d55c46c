"""What is read of a body in which a phone tells of its past?"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.whatsapp.history import Thread, pieces
from adapters.whatsapp.receive import Bad
from engine.book import BookEntry
from engine.identity import Ids
from engine.sync import Chunk, NoHistory

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
METADATA = {"display_phone_number": "+1 555-078-3881", "phone_number_id": "1"}
HIM = "447700900123"
READS = {"id": "w1", "timestamp": "1789991100", "type": "text", "text": {"body": "hi"}}


def read(value, field="history"):
    """Return the pieces of a value."""
    return list(pieces(field, json.dumps(value).encode(), NOW))


def history(*messages, **thread):
    """Return a value with one thread."""
    thread = {"id": HIM, "messages": messages, **thread}
    return {"metadata": METADATA, "history": [{"metadata": {}, "threads": [thread]}]}


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("history-*.json")), ids=lambda path: path.stem)
def test_meta_s_own_bodies_are_read_whole(path):
    """Nothing of them is bad."""
    body = json.loads(path.read_bytes())
    value = body["entry"][0]["changes"][0]["value"] if "entry" in body else body

    found = read(value)

    assert found
    assert not [each for each in found if isinstance(each, Bad)]


@pytest.mark.parametrize(
    ("sides", "by"),
    [
        ({"from": HIM}, "contact"),
        ({"from": "15550783881"}, "owner"),
        ({"from": "1", "to": HIM}, "owner"),
        ({"to_user_id": "GB.1"}, "owner"),
        ({"from": "15550783881", "history_context": {"from_me": "true", "status": "read"}}, "owner"),
        ({"from_user_id": "GB.1"}, "contact"),
        ({}, "contact"),
    ],
)
def test_it_is_told_who_wrote(sides, by):
    """By any of the ways in which Meta says it."""
    [_, thread] = read(history({**READS, **sides}))

    assert [each.by for each in thread.said] == [by]


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"context": {"wa_id": HIM, "user_id": "GB.1"}}, Ids((HIM,), ("GB.1",))),
        ({"id": "GB.1"}, Ids((), ("GB.1",))),
        ({"id": None}, Ids(("447700900124",), ("GB.2",))),
    ],
)
def test_a_thread_is_of_somebody(change, ids):
    """If it does not say whose it is, its messages do."""
    [_, thread] = read(history({**READS, "from": "447700900124", "from_user_id": "GB.2"}, **change))

    assert thread.ids == ids


@pytest.mark.parametrize(
    ("status", "expected"), [("READ", "read"), ("played", "played"), ("seen", ""), (7, ""), (None, "")]
)
def test_how_far_it_came_is_kept_where_it_is_known(status, expected):
    """Upper or lower case."""
    [_, thread] = read(history({**READS, "from": HIM, "history_context": {"status": status}}))

    assert thread.said[0].status == expected


def test_words_are_cut_and_what_has_none_says_its_kind():
    """A log is no place for a book."""
    long = {**READS, "from": HIM, "text": {"body": "x" * 5_000}}
    voice = {**READS, "id": "w2", "from": HIM, "type": "audio", "audio": {"id": "1"}}

    [_, thread] = read(history(long, voice, {**READS, "id": "w3", "type": "media_placeholder"}))

    assert [(len(each.words), each.kind) for each in thread.said] == [
        (4_096, "text"),
        (0, "audio"),
        (0, "media_placeholder"),
    ]


@pytest.mark.parametrize(
    ("value", "field", "kinds"),
    [
        ({}, "history", [Bad]),
        ({"history": 7}, "history", [Bad]),
        ({"history": [7, {"metadata": {"phase": "1", "progress": 400}}]}, "history", [Bad, Chunk]),
        (history({**READS, "timestamp": None}, READS, {"type": "text"}), "history", [Chunk, Bad, Bad, Thread]),
        ({"messages": [{**READS, "from": HIM}, READS]}, "history", [Thread, Bad]),
        ({"history": [{"errors": {"code": 2593109}}]}, "history", [NoHistory]),
        ({}, "smb_app_state_sync", [Bad]),
        ({"state_sync": [7, {"type": "label"}, {"contact": {}}]}, "smb_app_state_sync", [Bad, Bad]),
        ({"state_sync": [{"contact": {"phone_number": HIM}, "action": "edit"}]}, "smb_app_state_sync", [Bad]),
        ({"state_sync": [{"contact": {"phone_number": HIM}, "action": "ADD"}]}, "smb_app_state_sync", [BookEntry]),
    ],
)
def test_a_bad_piece_costs_nothing_but_itself(value, field, kinds):
    """The rest is read."""
    assert [type(each) for each in read(value, field)] == kinds


def test_what_a_chunk_says_is_kept_within_bounds():
    """Whatever Meta writes there."""
    [chunk] = read({"history": [{"metadata": {"phase": "2", "chunk_order": -4, "progress": 400}}]})

    assert chunk == Chunk(2, 0, 100)
