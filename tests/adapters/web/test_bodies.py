"""Does each of Meta's bodies end, through the real door, as Meta's platform means it?"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.records import read_alert, read_chat, read_contact, read_log, read_number
from adapters.store import NextRow
from rules.policy import restrictions
from rules.policy.consent import Consent
from rules.policy.handoff import Holder
from tests.adapters.web.door import Answer, Door

HERE = Path(__file__).parent
PAYLOADS = HERE.parent / "whatsapp" / "payloads"
NOT_WEBHOOKS = ("onboarding-", "signature-vectors")
BODIES = sorted(path.stem for path in PAYLOADS.glob("*.json") if not path.name.startswith(NOT_WEBHOOKS))
OUTCOMES: dict[str, list[str]] = msgspec.yaml.decode((HERE / "outcomes.yaml").read_bytes())
EXPECTED = {name: outcome for outcome, names in OUTCOMES.items() for name in names}
VECTORS = json.loads((PAYLOADS / "signature-vectors.json").read_bytes())
BUSINESS, NUMBER = "corner-shop", "106540352242922"
FAR_MS = 10**14
_MOMENT = re.compile(rb'("(?:timestamp|time)": *"?)([0-9]{10})\b')


def as_if_now(raw: bytes) -> bytes:
    """Move all moments of a body so that the latest is this second."""
    moments = [int(found[2]) for found in _MOMENT.finditer(raw)]
    shift = int(time.time()) - max(moments, default=0)
    return _MOMENT.sub(lambda found: found[1] + str(int(found[2]) + shift).encode(), raw)


def body(name: str) -> bytes:
    """Return a body of just now."""
    return as_if_now((PAYLOADS / f"{name}.json").read_bytes())


def taken(door: Door, raw: bytes) -> Answer:
    """Post a body and wait until it is decided."""
    answer = door.post(raw)
    door.settle()
    return answer


def outcome(door: Door) -> str:
    """Say in words what the store holds of what happened."""
    words = Counter(word for key, value in door.effects().items() for word in words_for(key, value))
    unknown = door.counts().get("event.unknown", 0)
    words.update({"status of nobody": unknown} if unknown else {})
    words.update(["ignored"] if "ignored" in door.counts() else [])
    return ", ".join(word if count == 1 else f"{count} {word}" for word, count in sorted(words.items()))


def words_for(key: str, value: Any) -> Iterator[str]:
    """Say what one record means."""
    match key.split(":")[1]:
        case "s" if "/" in key:
            chat = read_chat(value[b"state"])
            yield from ["window"] if chat.heard_at else []
            yield from ["owner"] if chat.holding.holder is Holder.OWNER else []
        case "s":
            number = read_number(value[b"state"])
            yield from (f"paused {pause.reason}" for pause in number.pauses)
            states = number.templates.values()
            yield from (f"template {each.status or each.category or each.quality}" for each in states)
        case "c":
            consent = read_contact(value[b"state"]).marketing if b"state" in value else Consent.UNKNOWN
            yield from [] if consent is Consent.UNKNOWN else [f"marketing {consent}"]
        case "r":
            kind = value[b"kind"].decode()
            yield "answer" if kind == "send" else kind
        case "alert":
            told = (each.partition(b"\0")[2] for each in value.values())
            yield from (f"alert {read_alert(blob).code}" for blob in told)
        case "imports":
            yield from ["import"] * len(value)
        case "quarantine":
            yield from ["kept"] * len(value)
        case "log":
            said = [line.who for each in value for line in read_log(each)]
            yield from (f"log {who}" for who in said if who not in ("contact", "bot", "owner"))


def test_the_table_names_every_body() -> None:
    """A body without an outcome would go unseen."""
    assert sorted(EXPECTED) == BODIES
    assert len(BODIES) == 118


@pytest.mark.parametrize("name", BODIES)
def test_a_body_ends_as_the_table_says_and_only_once(door: Door, name: str) -> None:
    """It is acknowledged and has its effects; when it comes again, it is acknowledged and has none."""
    raw = body(name)

    first = taken(door, raw)
    seen = outcome(door)
    effects = door.effects()
    again = taken(door, raw)

    assert (first.status, again.status) == (200, 200)
    assert seen == EXPECTED[name]
    assert door.effects() == effects


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["file"])
def test_meta_s_own_signatures_open_the_door(door: Door, vector: dict[str, Any]) -> None:
    """Byte for byte: the body as it is, the header as it is; one byte more is somebody else's."""
    raw = (PAYLOADS / vector["file"]).read_bytes()
    headers = {"X-Hub-Signature-256": vector["x_hub_signature_256"]}

    right = door.request("POST", "/webhook", raw, headers)
    wrong = door.request("POST", "/webhook", raw + b"\n", headers)

    assert len(raw) == vector["bytes"]
    assert (right.status, wrong.status) == (200, 401)


STATUSES = [name for name in BODIES if name.startswith("status-")]
MORE = {"status-failed-131050": ["marketing refused"]}


@pytest.mark.parametrize("name", STATUSES)
def test_a_status_reaches_its_chat_and_answers_nobody(door: Door, name: str) -> None:
    """The contact's chat decides it; no window opens, no flow runs, nobody takes the chat. Failures are logged."""
    [value] = [change["value"] for change in json.loads(body(name))["entry"][0]["changes"]]
    [status] = value["statuses"]
    names = {name.replace("participant_", ""): value for name, value in status.items()}  # in a group it is one of many
    person = {"from": names.get("recipient_id"), "from_user_id": names.get("recipient_user_id")}
    taken(door, as_if_now(welcome({key: found for key, found in person.items() if found})))
    before = outcome(door)
    rows, [chat] = door.keys("*:r:*"), door.keys("*:s:*/*")
    told = int(door.client.hget(chat, "seq"))
    logged = {"log StatusReceived"} if status["status"] == "failed" else set()

    answer = taken(door, body(name))

    assert answer.status == 200
    assert (int(door.client.hget(chat, "seq")), door.keys("*:waiting")) == (told + 1, [])
    assert door.keys("*:r:*") == rows
    assert {*outcome(door).split(", ")} - {*before.split(", ")} - {""} == {*logged, *MORE.get(name, ())}


def welcome(person: dict[str, str]) -> bytes:
    """Write a message of somebody."""
    message = {**person, "id": "wamid.A", "timestamp": "1790000000", "type": "text", "text": {"body": "Hi"}}
    value = {"metadata": {"phone_number_id": NUMBER}, "messages": [message]}
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def test_our_own_send_comes_back_and_silences_nobody(door: Door) -> None:
    """The echo of a row has another id with the same key inside; its statuses raise the row's delivery."""
    taken(door, body("message-text"))
    row = send_the_answer(door, json.loads(body("status-delivered"))["entry"][0]["changes"][0]["value"])

    echo = taken(door, body("echo-of-own-api-send-other-scope"))
    owner = "owner" in outcome(door)
    read = taken(door, body("status-read"))
    delivered = taken(door, body("status-delivered"))

    assert (echo.status, read.status, delivered.status) == (200, 200, 200)
    assert not owner
    assert door.client.hget(f"{{{BUSINESS}}}:r:{row}", "delivery") == b"read"


def send_the_answer(door: Door, status: dict[str, Any]) -> str:
    """Let the queued answer have been sent, with the id that a status names."""

    async def sent(store: Any) -> str:
        chosen = await store.next_row(BUSINESS, NUMBER)
        assert isinstance(chosen, NextRow)
        begun = await store.begin(
            BUSINESS,
            chosen.row,
            "an attempt",
            subject=chosen.subject,
            ver=chosen.ver,
            number_ver=chosen.number_ver,
            lists=restrictions.DEFAULT.digest,
            valid_until_ms=FAR_MS,
        )
        assert begun.ok
        message_id = status["statuses"][0]["id"]
        await store.settle(BUSINESS, chosen.row, "its end", expect=["sending"], state="sent", message_id=message_id)
        return str(chosen.row)

    return door.ask(sent)


def test_an_echo_about_somebody_new_silences_the_bot_from_the_start(door: Door) -> None:
    """The chat is made by the echo, under whichever id it names, and the first message finds the owner there."""
    echo = taken(door, body("echo-text"))
    message = taken(door, body("message-text"))

    assert (echo.status, message.status) == (200, 200)
    assert outcome(door) == "owner, window"
