"""What becomes of a signed body that is odd, broken, huge, or about others, and of the good items beside it?"""

import itertools
import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.records import read_log
from adapters.store import Quarantined
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from adapters.whatsapp.receive import BAD_MOST
from tests.adapters.web.door import Door

SHOP = Line("106540352242922", "15550783881", "102290129340398")
FLORIST = Line("206540352242922", "5511912345678", "202290129340398")
STRANGER = Line("306540352242922", "15550783882", "302290129340398")
ANA = Person(phone="5511987650001", bsuid="BR.10000000000000000001", name="Ana")
QUICK_S = 1.0
NUMBERS = itertools.count()


def now() -> int:
    """Return this second."""
    return int(datetime.now(UTC).timestamp())


def a_message(text: Any = "odd", **changes: Any) -> dict[str, Any]:
    """Write an item of `messages`; a change to nothing leaves the property out."""
    item = {
        "from": ANA.phone,
        "id": f"wamid.of{next(NUMBERS)}",
        "timestamp": str(now()),
        "type": "text",
        "text": {"body": text},
    }
    return {name: value for name, value in {**item, **changes}.items() if value is not None}


def a_change(*messages: Any, line: Line = SHOP, **changes: Any) -> dict[str, Any]:
    """Write a change with messages."""
    place = {"display_phone_number": line.display_phone_number, "phone_number_id": line.phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": place, "messages": list(messages)}
    return {"field": "messages", "value": value, **changes}


def a_body(*changes: Any, line: Line = SHOP) -> dict[str, Any]:
    """Write a body with one entry."""
    return {"object": "whatsapp_business_account", "entry": [{"id": line.waba, "changes": list(changes)}]}


def quarantine(door: Door) -> list[Quarantined]:
    """Return what is kept aside and belongs to no business."""
    return door.ask(lambda store: store.quarantined())


def taken(door: Door, body: Any) -> int:
    """Post a body, wait until it is decided, and return the status."""
    status = door.post(body).status
    door.settle()
    return status


WHOLE: dict[str, bytes] = {
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "another object": b'{"object":"page","entry":[]}',
    "cut in the middle": json.dumps(a_body(a_change(a_message()))).encode()[:200],
    "something behind": b"{} x",
    "two objects": b"{}{}",
    "a number that is none": b'{"a":NaN}',
    "a byte-order mark": b"\xef\xbb\xbf" + json.dumps(a_body(a_change(a_message()))).encode(),
    "100,000 brackets": b"[" * 100_000,
    "100,000 pairs of brackets": b'{"object":"whatsapp_business_account","entry":'
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}",
    "200,000 keys": b"{" + b",".join(b'"k%d":1' % place for place in range(200_000)) + b"}",
    "50,000 objects inside one": json.dumps(a_body(a_change(a_message(more="NESTED"))))
    .replace('"NESTED"', '{"a":' * 50_000 + "1" + "}" * 50_000)
    .encode(),
    "no JSON": b"hello=world",
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_body_that_is_none_is_kept_for_people(door: Door, name: str) -> None:
    """It is acknowledged at once, else it would come for seven days; its beginning is kept, once."""
    started_at = time.monotonic()

    first = door.post(WHOLE[name])
    took = time.monotonic() - started_at
    again = door.post(WHOLE[name])

    assert (first.status, again.status) == (200, 200)
    assert [each.raw for each in quarantine(door)] == [WHOLE[name][:BAD_MOST]]
    assert door.counts()["event.quarantined"] == 1
    assert set(door.effects()) == {"baton:quarantine"}
    assert took < QUICK_S


BAD_ITEMS: dict[str, Any] = {
    "an empty moment": a_message(timestamp=""),
    "a moment with an exponent": a_message(timestamp="1e9"),
    "a moment before all": a_message(timestamp="-1"),
    "a moment after all": a_message(timestamp="99999999999999"),
    "400 digits": a_message(timestamp=int("9" * 400)),
    "no object": 7,
    "no id": a_message(id=None),
    "nobody": a_message(**{"from": None}),
}


@pytest.mark.parametrize("name", BAD_ITEMS)
def test_a_bad_item_stays_alone(door: Door, name: str) -> None:
    """The messages before and behind it are taken."""
    body = a_body(a_change(a_message("before"), BAD_ITEMS[name], a_message("behind")))

    status = taken(door, body)

    assert status == 200
    assert door.heard() == ["before", "behind"]
    assert [each.field for each in quarantine(door)] == ["messages"]


BAD_PLACES: dict[str, list[Any]] = {
    "an entry without changes": [{"id": "1"}],
    "a change without a value": [{"id": "1", "changes": [{"field": "messages"}]}],
    "a value that is a list": [{"id": "1", "changes": [{"field": "messages", "value": []}]}],
    "an entry that is text": ["x"],
    "a change that is nothing": [{"id": "1", "changes": [None]}],
}


@pytest.mark.parametrize("name", BAD_PLACES)
def test_a_broken_place_stays_alone(door: Door, name: str) -> None:
    """The entry behind it is taken."""
    body = a_body(a_change(a_message("behind")))
    body["entry"][:0] = BAD_PLACES[name]

    status = taken(door, body)

    assert status == 200
    assert door.heard() == ["behind"]
    assert len(quarantine(door)) == 1


TAKEN: dict[str, tuple[list[str], list[Any]]] = {
    "half a surrogate pair": (["a\ufffdb", "behind"], [a_message("a\ud800b"), a_message("behind")]),
    "control characters": (["ab"], [a_message("a\x00\x1bb")]),
    "a moment as a number": (["odd"], [a_message(timestamp=now())]),
    "a moment in milliseconds": (["odd"], [a_message(timestamp=str(now() * 1000))]),
    "a moment in milliseconds, as a number": (["odd"], [a_message(timestamp=now() * 1000)]),
    "no moment": (["odd"], [a_message(timestamp=None)]),
    "a type nobody knows": (["behind"], [a_message("behind"), a_message(type="hologram", text=None, hologram={})]),
    "the same twice": (["odd"], [a_message(id="wamid.A"), a_message(id="wamid.A")]),
    "an id with a suspicious name": (["odd"], [a_message(id="__proto__")]),
    "a text with all alphabets": (["Olá 你好 שלום 🎂"], [a_message("Olá 你好 שלום 🎂")]),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_only_odd_is_taken(door: Door, name: str) -> None:
    """Meta means something by it, and a contact waits for an answer."""
    words, messages = TAKEN[name]

    status = taken(door, a_body(a_change(*messages)))

    assert status == 200
    assert [each for each in door.heard() if each] == words
    assert quarantine(door) == []


def test_an_id_given_twice_counts_once(door: Door) -> None:
    """The id that de-duplicates is the id of the event: the same message under its second id is a repeat."""
    twice = json.dumps(a_body(a_change(a_message(id="wamid.A")))).replace('"wamid.A"', '"wamid.A","id":"wamid.B"')

    statuses = [taken(door, twice.encode()), taken(door, a_body(a_change(a_message(id="wamid.B"))))]

    assert statuses == [200, 200]
    assert [entry.event for entry in door.log_of() if entry.who == "contact"] == ["wamid.B"]
    assert door.counts()["event.dup"] == 1


def test_a_text_of_a_megabyte_is_kept_cut(door: Door) -> None:
    """It is a message all the same."""
    status = taken(door, a_body(a_change(a_message("\N{EURO SIGN}" * 350_000))))

    [words] = door.heard()
    assert status == 200
    assert 60_000 < len(words.encode()) <= 65_536
    assert {*words} == {"\N{EURO SIGN}"}


@pytest.mark.parametrize("contacts", [None, [], [{}], [{"profile": {}}], [{"profile": {"name": ""}}], "x"])
def test_a_contact_may_have_no_name(door: Door, contacts: Any) -> None:
    """Whatever `contacts` holds, the message is taken."""
    change = a_change(a_message())
    change["value"] |= {} if contacts is None else {"contacts": contacts}

    status = taken(door, a_body(change))

    assert status == 200
    assert door.heard() == ["odd"]


def test_a_field_from_the_future_is_kept_and_counted(door: Door) -> None:
    """Nobody reads it yet, and the people of that business may look at it."""
    body = a_body(a_change(a_message(), field="brand_new_field"))

    statuses = [taken(door, body), taken(door, body)]

    [kept] = door.ask(lambda store: store.quarantined("corner-shop"))
    assert statuses == [200, 200]
    assert kept.field == "brand_new_field"
    assert json.loads(kept.raw) == body["entry"][0]["changes"][0]["value"]
    assert door.counts()["ignored"] == 2
    assert door.heard() == []


STRANGE_PLACES = {
    "a number of nobody": STRANGER,
    "a number of nobody under an account of ours": Line(STRANGER.phone_number_id, "15550783882", SHOP.waba),
    "a number of nobody that shows a number of ours": Line("999", FLORIST.display_phone_number, "999"),
}


@pytest.mark.parametrize("name", STRANGE_PLACES)
def test_what_is_for_nobody_touches_nobody(door: Door, name: str) -> None:
    """The number's id decides, not the account or the number shown; it is counted."""
    line = STRANGE_PLACES[name]

    status = taken(door, a_body(a_change(a_message(), line=line), line=line))

    assert status == 200
    assert door.effects() == {}
    assert door.counts() == {"unknown_number": 1}


def test_items_of_two_businesses_go_to_their_own(door: Door) -> None:
    """One body, two numbers, the same contact: each business hears what was written to it, and only that."""
    at = datetime.now(UTC)
    body = meta.together(
        [
            meta.text_message(SHOP, ANA, "cake", at=at),
            meta.text_message(FLORIST, ANA, "roses", at=at),
            meta.text_message(STRANGER, ANA, "nothing", at=at),
            meta.echo(FLORIST, ANA, "I am here", at=at),
        ]
    )

    status = taken(door, body)

    heard = {
        business: sorted(entry.words for entry in door.log_of(business)) for business in ("corner-shop", "florist")
    }
    assert status == 200
    assert heard == {"corner-shop": ["You wrote: cake", "cake"], "florist": ["I am here", "roses"]}
    assert len(door.keys("{corner-shop}:r:*")) == 1
    assert door.keys("{florist}:r:*") == []
    assert door.counts()["unknown_number"] == 1


def test_the_account_of_one_business_pauses_no_other(door: Door) -> None:
    """An event that names an account goes to its numbers."""
    change = {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}

    status = taken(door, a_body(change, line=FLORIST))

    assert status == 200
    assert door.keys("*:s:*") == [f"{{florist}}:s:{FLORIST.phone_number_id}"]


def test_of_a_thousand_messages_one_is_bad(door: Door) -> None:
    """One body, 200 chats: 999 are taken in their order, one is kept aside, and Meta waits a second at most."""
    people = [Person(phone=f"55119876{each:05}") for each in range(200)]
    messages = [
        a_message(f"{place:04}", **{"from": people[place % 200].phone}, id=f"wamid.{place}") for place in range(1000)
    ]
    messages[500]["timestamp"] = "1e9"
    raw = json.dumps(a_body(a_change(*messages))).encode()
    taken(door, a_body(a_change(a_message("the first loads the flows"))))
    door.forget()

    started_at = time.monotonic()
    first = door.post(raw)
    took = time.monotonic() - started_at
    again = door.post(raw)
    door.settle()

    said = [
        [line.words for each in door.client.lrange(key, 0, -1) for line in read_log(each) if line.who == "contact"]
        for key in door.keys("{corner-shop}:log:*")
    ]
    assert (first.status, again.status) == (200, 200)
    assert all(words == sorted(words) for words in said)
    assert Counter(len(words) for words in said) == {5: 199, 4: 1}
    assert len(quarantine(door)) == 1
    assert door.counts()["event.dup"] == 999
    assert took < QUICK_S
