"""Does the fake Graph server take conversions as Meta does, and refuse what Meta refuses?"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import aiohttp
import pytest
from msgspec.structs import replace

from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.conversions import body
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_events import EVENTS
from adapters.whatsapp.fake_settings import Settings
from adapters.whatsapp.fake_trouble import Trouble
from engine.chat import Number
from engine.effects import Report
from engine.evidence import Refused, Reported, Unknown
from engine.identity import Ids
from engine.paths import check
from engine.row import queue
from flows.steps.report import Event
from rules.policy.restrictions import DEFAULT, Path

ANA = Ids(phones=("5511987650001",))
NUMBER = Number(id="1", business="shop", phone="5511912345671", waba="100")
SALE = Report(event="Purchase", value="4800.50", currency="BRL", claim="claim-1", clid="Click_1-x", ad="77")
HEADERS = {"Authorization": "Bearer a-token"}
CLEARED: Any = check(Path.REPORT, ANA, NUMBER, DEFAULT)


def a_row(effect=SALE, age=timedelta(0)):
    """Return the row of a conversion that happened so long ago."""
    at = datetime.now(UTC) - age
    return queue(
        CLEARED,
        business="shop",
        number="1",
        chat="1/c",
        event="m",
        index=0,
        effect=effect,
        epoch=0,
        asked_at=at,
        queued_at=at,
        arrived_at=at,
    )


def reported(effect=SALE, *, trouble=None, dataset="9", waba="100", age=timedelta(0), **settings):
    """Report a conversion to a fresh server; returns what is known then, and what the server got."""

    async def run():
        graph = FakeGraph(Settings(**settings))
        graph.trouble.extend([trouble] if trouble else [])
        async with GraphClient(await graph.start(), seconds=0.3) as client:
            row = a_row(effect, age)
            evidence = await client.report(CLEARED, dataset, "a-token", body(row, effect, waba))
        await graph.stop()
        return evidence, graph.conversions

    return asyncio.run(run())


def test_a_sale_is_taken():
    """With all that Meta wants to know, and nothing that tells who the contact is."""
    evidence, [got] = reported()

    [event] = got.body["data"]
    assert evidence == Reported(taken=True)
    assert abs(event.pop("event_time") - time.time()) < 60
    assert event == {
        "event_name": "Purchase",
        "event_id": "claim-1",
        "action_source": "business_messaging",
        "messaging_channel": "whatsapp",
        "user_data": {"whatsapp_business_account_id": "100", "ctwa_clid": "Click_1-x"},
        "custom_data": {"currency": "BRL", "value": 4800.5},
    }


def test_a_test_code_goes_along():
    """Beside the events, as Meta wants it."""
    assert b'"test_event_code":"TEST7"' in body(a_row(), SALE, "100", "TEST7")


def test_the_events_of_the_step_are_taken():
    """The two lists are one."""
    assert set(get_args(Event)) == EVENTS


@pytest.mark.parametrize(
    ("changes", "code", "subcode"),
    [
        ({"effect": replace(SALE, event="Lead")}, 100, 2804066),
        ({"age": timedelta(days=7, minutes=1)}, 100, 2804019),
        ({"age": -timedelta(hours=1)}, 100, 2804019),
        ({"effect": replace(SALE, clid=None)}, 100, 2804019),
        ({"effect": replace(SALE, value=None)}, 100, None),
        ({"waba": ""}, 100, None),
        ({"datasets": {"8": "100"}}, 100, 33),
        ({"datasets": {"9": "200"}}, 100, 2804132),
        ({"tokens": ("another",)}, 190, None),
        ({"trouble": Trouble(does="refuse", code=4, at="events")}, 4, None),
        ({"trouble": Trouble(does="refuse", code=100, subcode=2804131, at="events")}, 100, 2804131),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_is_wrong_is_refused(changes, code, subcode):
    """By the code and the subcode; nothing is taken."""
    evidence, [got] = reported(**changes)

    assert isinstance(evidence, Refused)
    assert (evidence.code, evidence.subcode, bool(evidence.details), got.taken) == (code, subcode, True, 0)


def test_a_page_is_refused():
    """The dataset of a WhatsApp account has none."""

    async def run():
        graph = FakeGraph()
        url = await graph.start()
        told = body(a_row(), SALE, "100").replace(b'"ctwa_clid"', b'"page_id":"1","ctwa_clid"')
        async with aiohttp.ClientSession(headers=HEADERS) as session:
            async with session.post(f"{url}/v26.0/9/events", data=told) as answer:
                refused = answer.status, (await answer.json())["error"]["error_subcode"]
            async with session.get(f"{url}/_fake/conversions") as answer:
                kept = [each["code"] for each in await answer.json()]
            async with session.get(f"{url}/_fake/stats") as answer:
                taken = (await answer.json())["conversions"]
        await graph.stop()
        return refused, kept, taken

    assert asyncio.run(run()) == ((400, 2804131), [100], 0)


@pytest.mark.parametrize(
    ("trouble", "known", "taken"),
    [
        (Trouble(does="slow", seconds=0.05, at="events"), Reported, 1),
        (Trouble(does="blank", at="events"), Unknown, 0),
        (Trouble(does="html", at="events"), Unknown, 0),
        (Trouble(does="no_id", at="events"), Unknown, 0),
        (Trouble(does="hang", at="events", accepted=True), Unknown, 1),
        (Trouble(does="drop", at="events"), Unknown, 0),
        (Trouble(does="refuse", at="messages"), Reported, 1),
    ],
    ids=lambda each: getattr(each, "does", str(each)),
)
def test_what_is_known_when_something_goes_wrong(trouble, known, taken):
    """Where no answer of Meta's own came, nobody knows."""
    evidence, [got] = reported(trouble=trouble)

    assert (type(evidence), got.taken) == (known, taken)


def test_nothing_is_reported_without_a_clearance():
    """The lists were asked."""
    yes: Any = "yes"

    async def run():
        async with GraphClient("http://127.0.0.1:1") as client:
            await client.report(yes, "9", "a-token", b"{}")

    with pytest.raises(TypeError, match="Clearance"):
        asyncio.run(run())
