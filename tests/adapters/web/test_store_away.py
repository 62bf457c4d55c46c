"""Is what was acknowledged there, even if the store was away, or the process had just begun?"""

import json
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from tests.adapters.web.door import SECRET, WORD, Door

LINE = Line("106540352242922", "15550783881", "102290129340398")
QUICK_S = 2.0
FROZEN_S = 1.5
PEOPLE = 200


def a_body(place: int) -> bytes:
    """Write the message of one of many people."""
    person = Person(phone=f"55119876{place:05}")
    key = f"3A{place:018}"
    return meta.encode(meta.text_message(LINE, person, f"{place:03}", at=datetime.now(UTC), key=key))


def log_of(door: Door) -> list[dict[str, Any]]:
    """Return what the process logged, which is JSON and holds no text, number or secret of anybody."""
    written = door.log.read_text("utf-8")
    assert not re.search(f"55119876|wamid\\.|{SECRET}|{WORD}", written)
    return [json.loads(line) for line in written.splitlines()]


def test_a_store_that_is_away_is_told_at_once(door: Door) -> None:
    """503, so that Meta sends it again; the process itself is alive; with the store back it is 200 at once."""
    known, new = a_body(1), a_body(2)
    door.post(known)
    door.settle()

    with door.frozen_store():
        started_at = time.monotonic()
        refused = [door.post(each) for each in (known, new)]
        took = time.monotonic() - started_at
        unsigned, alive = door.request("POST", "/webhook", new), door.request("GET", "/healthz")
        ready = door.request("GET", "/readyz")
    after = [door.post(each).status for each in (new, known)]
    door.settle()

    assert [each.status for each in refused] == [503, 503]
    assert took < 2 * QUICK_S
    assert (unsigned.status, alive.status, ready.status) == (401, 200, 503)
    assert after == [200, 200]
    assert door.heard() == ["001", "002"]
    assert "webhook_not_taken" in {line["event"] for line in log_of(door)}


def test_what_was_acknowledged_around_a_freeze_is_there_once(door: Door) -> None:
    """People write before, while and after the store hangs; Meta repeats what was refused; all is taken, once."""
    bodies = [a_body(place) for place in range(PEOPLE)]

    def posted(raw: bytes) -> tuple[int, float]:
        started_at = time.monotonic()
        status = door.post(raw).status
        return status, time.monotonic() - started_at

    with ThreadPoolExecutor(16) as threads:
        answers = [threads.submit(posted, each) for each in bodies]
        door.until(lambda: sum(each.done() for each in answers) > PEOPLE // 4)
        with door.frozen_store():
            time.sleep(FROZEN_S)
        first = [each.result() for each in answers]
    acknowledged = {f"{place:03}" for place, (status, _) in enumerate(first) if status == 200}
    door.settle()
    there = door.heard()
    again = [door.post(raw).status for raw, (status, _) in zip(bodies, first, strict=True) if status != 200]
    door.settle()

    assert {status for status, _ in first} == {200, 503}
    assert max(seconds for _, seconds in first) < QUICK_S
    assert acknowledged <= {*there}
    assert set(again) == {200}
    assert Counter(door.heard()) == Counter(f"{place:03}" for place in range(PEOPLE))
    assert len(door.keys("*:r:*")) == PEOPLE


def test_a_chat_that_cannot_be_decided_keeps_its_events(door: Door) -> None:
    """What was acknowledged waits in the inbox; the log names the place, and another chat is served."""
    first, other = a_body(1), a_body(2)
    door.post(first)
    door.settle()
    [chat] = door.keys("{corner-shop}:s:*/*")
    door.client.hset(chat, "state", b"\xff" + WORD.encode())

    statuses = [door.post(first.replace(b'"id":"wamid', b'"id":"other')).status, door.post(other).status]
    door.until(lambda: "002" in door.heard())
    door.until(lambda: any(line["event"] == "not_drained" for line in log_of(door)))
    waiting = door.keys("{corner-shop}:in:*")
    door.client.flushdb()

    [line] = [line for line in log_of(door) if line["event"] == "not_drained"]
    assert statuses == [200, 200]
    assert waiting == [chat.replace(":s:", ":in:")]
    assert line["error"] == "UnknownSchemaError"
    assert line["at"][-1].endswith("_checked")


def test_a_process_that_has_just_begun_throws_nothing_away(door: Door) -> None:
    """Whoever comes first waits until it is known whose numbers there are, and so does who comes beside them."""
    door.stop()
    door.start()

    with ThreadPoolExecutor(16) as threads:
        statuses = [*threads.map(lambda place: door.post(a_body(place)).status, range(16))]
    door.settle()

    assert statuses == [200] * 16
    assert door.heard() == [f"{place:03}" for place in range(16)]


@pytest.mark.parametrize("body", [b"{", b"[]", b""], ids=["half a body", "no object", "nothing"])
def test_an_emptied_store_takes_no_body_that_nobody_can_read(door: Door, body: bytes) -> None:
    """It is refused like all others, since it would be kept nowhere."""
    door.client.flushdb()

    answer = door.post(body)

    assert answer.status == 503
    assert "baton:quarantine" not in door.effects()
