"""Does `/metrics` tell Prometheus what is so?"""

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from tests.adapters.web.door import Answer, Door

LINE = Line("106540352242922", "15550783881", "102290129340398")
ANA = Person(phone="5511987651111")


def samples(page: Answer) -> dict[tuple[str, ...], float]:
    """Return what a page says, by name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def test_what_came_and_what_waits_is_told(door: Door) -> None:
    """Nobody sends here, so the answer waits."""
    door.post(meta.encode(meta.text_message(LINE, ANA, "hello", at=datetime.now(UTC), key="3AAA")))
    door.post(meta.encode(meta.envelope(LINE, "smb_app_state_sync", {"state_sync": []})))
    door.settle()

    page = door.request("GET", "/metrics")
    found = samples(page)

    assert (page.status, page.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    assert found["baton_store_up",] == 1
    assert found["baton_events_total", "corner-shop", "chat"] == 1
    assert found["baton_undecided_chats", "corner-shop"] == 0
    assert found["baton_number_queued_messages", "corner-shop", LINE.phone_number_id] == 1
    assert found["baton_number_queued_messages", "florist", "206540352242922"] == 0
    assert found["baton_number_pace_left", "corner-shop", LINE.phone_number_id] >= 19
    assert found["baton_imports_waiting", "corner-shop"] == 1
    assert found["baton_number_history_percent", "corner-shop", LINE.phone_number_id] == 0
    assert found["baton_answer_seconds_bucket", "corner-shop", "+Inf"] == 0
    assert str(ANA.phone) not in page.text


def test_a_store_that_is_away_is_told_too(door: Door) -> None:
    """The page answers, and says just that."""
    with door.frozen_store():
        page = door.request("GET", "/metrics")

    assert (page.status, samples(page)) == (200, {("baton_store_up",): 0})
