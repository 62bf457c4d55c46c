"""Does a body of any bytes do no harm, and one bad item none to its neighbours?"""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.whatsapp.receive import BAD_MOST, Batch, decode
from engine.content import Text, Unsupported
from engine.events import MessageReceived

PAYLOADS = Path(__file__).parent / "payloads"
ARRIVED = datetime(2026, 9, 22, 12, tzinfo=UTC)
SENT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
FROM = {"from": "12025550143", "timestamp": "1790000000"}


def a_message(name: str = "wamid.A", **changes: Any) -> dict[str, Any]:
    """Build a text from a contact, with changes."""
    return {"id": name, **FROM, "type": "text", "text": {"body": "Hi"}, **changes}


def a_body(*items: Any, field: str = "messages", **more: Any) -> dict[str, Any]:
    """Wrap messages as Meta does."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": list(items), **more}
    return an_envelope([{"changes": [{"field": field, "value": value}], "id": "102290129340398"}])


def an_envelope(entry: Any) -> dict[str, Any]:
    """Wrap entries."""
    return {"object": "whatsapp_business_account", "entry": entry}


def read(body: Any) -> Batch:
    """Decode a body given as JSON values."""
    return decode(json.dumps(body).encode(), ARRIVED)


def texts(batch: Batch) -> list[str]:
    """Return the texts of the messages of a batch."""
    events = [each.event for each in batch.items if isinstance(each.event, MessageReceived)]
    return [event.content.body for event in events if isinstance(event.content, Text)]


UNUSABLE = {
    "empty": b"",
    "not UTF-8": b"\xff",
    "an empty object": b"{}",
    "an array": b"[]",
    "nothing": b"null",
    "another object": b'{"object":"page","entry":[]}',
    "cut in the middle": b'{"object":"whatsapp_business_account","entry":[{"id":"1","cha',
    "words behind it": b"{} x",
    "two objects": b"{}{}",
    "not a number": b'{"a":NaN}',
    "a byte-order mark": b'\xef\xbb\xbf{"object":"whatsapp_business_account","entry":[]}',
    "nested brackets": b"[" * 100_000,
    "nested brackets in the entry": b'{"object":"whatsapp_business_account","entry":' + b"[" * 100_000,
    "nested objects in an unknown field": b'{"x":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
    "no entry": b'{"object":"whatsapp_business_account"}',
    "an entry that is no list": b'{"object":"whatsapp_business_account","entry":{}}',
    "too many entries": b'{"object":"whatsapp_business_account","entry":[' + b"1," * 10_000 + b"1]}",
    "200,000 keys": b"{" + b",".join(b'"k%d":1' % place for place in range(200_000)) + b"}",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_body_that_is_no_body_is_kept_as_bad(name):
    """One reason, the beginning of the raw bytes, nothing else."""
    batch = decode(UNUSABLE[name], ARRIVED)

    assert batch.items == ()
    assert [bad.raw for bad in batch.bad] == [UNUSABLE[name][:BAD_MOST]]


def test_an_empty_list_of_entries_tells_nothing():
    """It is a body like any other, only that nothing happened."""
    assert read(an_envelope([])) == Batch()


GOOD_CHANGE = a_body(a_message(text={"body": "good"}))["entry"][0]["changes"][0]

BROKEN_PLACES: dict[str, list[Any]] = {
    "an entry without changes": [{"id": "1"}],
    "an entry that is no object": [7],
    "changes that are no list": [{"id": "1", "changes": {}}],
    "a change that is no object": [{"id": "1", "changes": ["x"]}],
    "a change without a value": [{"id": "1", "changes": [{"field": "messages"}]}],
    "a change without a field": [{"id": "1", "changes": [{"value": {}}]}],
    "a field that is no text": [{"id": "1", "changes": [{"field": 7, "value": {}}]}],
    "a value that is an array": [{"id": "1", "changes": [{"field": "messages", "value": []}]}],
    "a value without any list": [{"id": "1", "changes": [{"field": "messages", "value": {}}]}],
    "messages that are no list": [{"id": "1", "changes": [{"field": "messages", "value": {"messages": "x"}}]}],
    "an account update without an event": [{"id": "1", "changes": [{"field": "account_update", "value": {}}]}],
    "a template without a name": [{"id": "1", "changes": [{"field": "template_category_update", "value": {}}]}],
}


@pytest.mark.parametrize("name", BROKEN_PLACES)
def test_a_broken_place_harms_no_other(name):
    """Whatever stands behind it is read."""
    batch = read(an_envelope([*BROKEN_PLACES[name], {"id": "2", "changes": [GOOD_CHANGE]}]))

    assert len(batch.bad) == 1
    assert texts(batch) == ["good"]


BROKEN_ITEMS: dict[str, Any] = {
    "no object": "x",
    "no id": {key: value for key, value in a_message().items() if key != "id"},
    "an id that is a number": a_message(name=7),  # type: ignore[arg-type]
    "an id with a space": a_message(name="wamid. A"),
    "an id that is too long": a_message(name="w" * 513),
    "nobody who wrote it": {key: value for key, value in a_message().items() if key != "from"},
    "an empty timestamp": a_message(timestamp=""),
    "a timestamp with an exponent": a_message(timestamp="1e9"),
    "a negative timestamp": a_message(timestamp="-1"),
    "a timestamp of other digits": a_message(timestamp="\u0661\u0667\u0669\u0660\u0660\u0660\u0660\u0660\u0660\u0660"),
    "a timestamp of the far future": a_message(timestamp=99999999999999),
    "a timestamp of 400 digits": a_message(timestamp=int("9" * 400)),
    "a timestamp that is true": a_message(timestamp=True),
    "a timestamp in a list": a_message(timestamp=["1790000000"]),
    "a reaction to nothing": a_message(type="reaction", reaction={}),
    "an edit of nothing": a_message(type="edit", edit={"message": {}}),
    "a revoke of nothing": a_message(type="revoke"),
}


@pytest.mark.parametrize("name", BROKEN_ITEMS)
def test_a_broken_item_harms_no_other(name):
    """It stays alone with its reason; the message before and the one behind are read."""
    first, last = a_message("wamid.1", text={"body": "one"}), a_message("wamid.2", text={"body": "two"})

    batch = read(a_body(first, BROKEN_ITEMS[name], last))

    assert texts(batch) == ["one", "two"]
    assert [bad.field for bad in batch.bad] == ["messages"]


RAW_ITEMS = {
    "a number of 5,000 digits": b'{"id":"wamid.X","n":' + b"9" * 5000 + b"}",
    "a number that is too large": b'{"id":"wamid.X","n":1e999}',
    "bytes that are not UTF-8": b'{"id":"wamid.X\xff"}',
    "objects nested 65 deep": b'{"id":' * 65 + b"1" + b"}" * 65,
}


@pytest.mark.parametrize("name", RAW_ITEMS)
def test_json_that_cannot_be_used_harms_no_other(name):
    """What JSON allows and no message needs stays alone too."""
    body = json.dumps(a_body("HERE", a_message(text={"body": "good"}))).encode()

    batch = decode(body.replace(b'"HERE"', RAW_ITEMS[name]), ARRIVED)

    assert texts(batch) == ["good"]
    assert len(batch.bad) == 1


@pytest.mark.parametrize("timestamp", ["1790000000", 1790000000, 1790000000.0, "1790000000000", 1790000000000])
def test_a_moment_may_be_written_in_several_ways(timestamp):
    """As text or number, in seconds or milliseconds: the same instant."""
    batch = read(a_body(a_message(timestamp=timestamp)))

    assert batch.items[0].at == SENT


def test_without_a_timestamp_the_arrival_counts():
    """A missing property costs no message."""
    batch = read(a_body({key: value for key, value in a_message().items() if key != "timestamp"}))

    assert batch.items[0].at == ARRIVED


PEOPLE = {
    "no contacts": [],
    "no profile": [{"wa_id": "12025550143"}],
    "an empty name": [{"profile": {"name": ""}, "wa_id": "12025550143"}],
    "a profile that is text": [{"profile": "Dana", "wa_id": "12025550143"}],
    "contacts of other types": ["x", 7, None],
}


@pytest.mark.parametrize("name", PEOPLE)
def test_people_may_have_no_name(name):
    """Nobody's message is lost for want of a profile."""
    (arrival,) = read(a_body(a_message(), contacts=PEOPLE[name])).items

    assert isinstance(arrival.event, MessageReceived)
    assert (arrival.event.name, arrival.ids.phones) == (None, ("12025550143",))


def test_a_name_is_on_one_line():
    """Whoever reads it somewhere does not take it for lines of ours."""
    contacts = [{"profile": {"name": " Dana\n\n2026-01-01\tstopped "}, "wa_id": "12025550143"}]

    (arrival,) = read(a_body(a_message(), contacts=contacts)).items

    assert isinstance(arrival.event, MessageReceived)
    assert arrival.event.name == "Dana 2026-01-01 stopped"


def test_a_contact_of_somebody_else_lends_no_identity():
    """Two people in one body stay two people."""
    contacts = [{"wa_id": "447700900123", "user_id": "GB.1", "profile": {"name": "Oliver"}}]

    both = read(a_body(a_message(), a_message("wamid.B", **{"from": "447700900123"}), contacts=contacts)).items
    other = read(a_body(a_message(from_user_id="US.1"), contacts=contacts)).items

    assert [each.ids.bsuids for each in both] == [(), ("GB.1",)]
    assert other[0].ids.phones == ("12025550143",)


def test_the_only_contact_adds_the_number_meta_knows():
    """Where `from` and `wa_id` differ both are kept, so that both are checked."""
    (arrival,) = read(a_body(a_message(), contacts=[{"wa_id": "5351234567"}])).items

    assert set(arrival.ids.phones) == {"12025550143", "5351234567"}


def test_half_a_surrogate_pair_is_mended():
    """The rest of the text, and whole pairs, stay as they were."""
    batch = read(a_body(a_message(text={"body": "a\ud800b \\ud800 \N{THUMBS UP SIGN}"}), a_message("wamid.B")))

    assert texts(batch) == ["a\ufffdb \\ud800 \N{THUMBS UP SIGN}", "Hi"]


def test_control_characters_are_taken_out():
    """Line ends and tabs stay."""
    batch = read(a_body(a_message(text={"body": "a\u0000b\u001b[31m\tc\nd\u007f\u0085"})))

    assert texts(batch) == ["ab[31m\tc\nd"]


def test_a_text_of_a_megabyte_is_cut():
    """What is kept fits a limit in bytes and is still text."""
    batch = read(a_body(a_message(text={"body": "\N{EURO SIGN}" * 350_000})))

    (text,) = texts(batch)
    assert 64 * 1024 - 3 < len(text.encode()) <= 64 * 1024


def test_a_type_nobody_knows_is_unsupported():
    """Tomorrow's kinds of message are messages all the same."""
    (arrival,) = read(a_body(a_message(type="hologram", hologram={"x": 1}))).items

    assert isinstance(arrival.event, MessageReceived)
    assert arrival.event.content == Unsupported(kind="hologram")


@pytest.mark.parametrize("kind", ["text", "image", "location", "contacts", "interactive", "button", "order"])
def test_a_type_without_its_object_is_unsupported(kind):
    """Something was written, even if nobody can say what."""
    (arrival,) = read(a_body({"id": "wamid.A", **FROM, "type": kind, kind: 7})).items

    assert isinstance(arrival.event, MessageReceived)
    assert arrival.event.content == Unsupported(kind=kind)


def test_a_field_nobody_knows_is_named():
    """It is ignored, but can be counted."""
    (arrival,) = read(a_body(field="brand_new_field")).items

    assert (arrival.kind, arrival.field, arrival.event) == ("ignored", "brand_new_field", None)


def test_an_id_given_twice_is_one_id():
    """The key and the event agree."""
    body = json.dumps(a_body(a_message("wamid.A"))).replace('"wamid.A"', '"wamid.A", "id": "wamid.B"')

    (arrival,) = decode(body.encode(), ARRIVED).items

    assert arrival.event is not None
    assert arrival.key == arrival.event.id == "wamid.B"


@pytest.mark.parametrize("place", [None, {}, {"phone_number_id": None}, {"phone_number_id": ["1"]}, "x"])
def test_a_body_without_a_number_names_none(place):
    """Nobody's chat is touched then, but nothing is lost."""
    (arrival,) = read(a_body(a_message(), metadata=place)).items

    assert arrival.number is None


def test_of_a_thousand_messages_one_is_bad():
    """One in quarantine, 999 taken."""
    items = [a_message(f"wamid.{place}", text={"body": "x" * 2500}) for place in range(1000)]
    items[500]["timestamp"] = "1e9"

    batch = read(a_body(*items))

    assert (len(batch.items), len(batch.bad)) == (999, 1)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None, database=None, derandomize=True)
def test_no_bytes_raise(body):
    """Arbitrary bytes are at worst bad."""
    batch = decode(body, ARRIVED)

    assert batch.items == () or batch.bad == ()


SAMPLES = [json.loads(path.read_bytes()) for path in sorted(PAYLOADS.glob("[ab-mp-z]*.json"))]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in inner for found in ((*path, key), *places(each, (*path, key)))]


@given(data=st.data())
@settings(max_examples=300, deadline=None, database=None, derandomize=True)
def test_no_change_of_a_sample_raises(data):
    """Any value anywhere in a real body may be missing or something else, and the good message behind it is read."""
    sample = copy.deepcopy(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(sample)))
        inside = sample
        for key in path[:-1]:
            inside = inside[key]
        if data.draw(st.booleans()):
            inside[path[-1]] = data.draw(ANY_JSON)
        else:
            del inside[path[-1]]
        if not places(sample):
            break

    entries = sample.get("entry") if isinstance(sample, dict) else None
    behind = {"id": "2", "changes": [GOOD_CHANGE]}
    batch = read(an_envelope([*(entries if isinstance(entries, list) else [sample]), behind]))

    assert read(sample) is not None
    assert "good" in texts(batch)
