"""Does a campaign reach everybody it should and nobody twice, whatever is killed on the way?"""

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import redis

from adapters.settings import read
from adapters.wiring import parts
from rules.policy.consent import Consent
from tests.adapters.audience import absorbed, happen, held, wrote
from tests.main_job import family
from tests.main_job.town import LINE, Town

QUIET_S = 1.5
BUSINESS = f"""
business: shop
timezone: UTC
language: en
numbers: [{{id: "{LINE.phone_number_id}", phone: "{LINE.display_phone_number}", waba: "{LINE.waba}"}}]
opt_in: {{words: start}}
---
templates: "{LINE.waba}"
list: [{{name: spring, language: en, category: MARKETING, status: APPROVED, body: "It is spring in {{{{1}}}}."}}]
---
campaign: spring
audience: contact.tags has "client"
template: spring
params: ["{{{{ business.name }}}}"]
between: 00:00-24:00
pace: 40%
---
campaign: listed
audience: {{file: people.csv, phone: Mobile, opt_in: Agreed}}
template: spring
params: ["{{{{ list.town }}}}"]
between: 00:00-24:00
pace: 100%
---
flow: order
start: {{when: text has "order"}}
steps:
  - ask: "How many?"
    save: qty
  - send: "Good"
"""
PEOPLE = """Mobile;Town;Agreed
+55 11 98765-0001;Rio;2025-01-01
tel:+5511987650002;Recife;2025-01-01
+۵۵ ۱۱ ۹۸۷۶۵-۰۰۰۱;Rio again;2025-01-01
+55 11 98765-0003;Natal;
11 98765-0004;Belo;2025-01-01
"""

pytestmark = family.NEEDS_PROC


def phones(count: int, first: int) -> list[str]:
    """Return numbers of people in Brazil."""
    return [f"55119871{each:05}" for each in range(first, first + count)]


GOOD, SILENT, AGAINST, HELD, BUSY = (phones(count, 1_000 * at) for at, count in enumerate((200, 20, 20, 20, 20)))
CUBA = [f"53512340{each:02}" for each in range(20)]


async def populate(town: Town) -> None:
    """Let three hundred people be known: two hundred to be reached, the others not, for a reason each."""
    async with parts(read({"BATON_REDIS_URL": town.store_url})) as built:
        known = [
            *(absorbed(phone) for phone in (*GOOD, *BUSY, *CUBA)),
            *(absorbed(phone, marketing=Consent.UNKNOWN) for phone in SILENT),
            *(absorbed(phone, marketing=Consent.REFUSED) for phone in AGAINST),
            *(held(phone) for phone in HELD),
        ]
        await happen(built, "shop", LINE.phone_number_id, known)
        busy = [wrote(phone, "order", f"w{phone}") for phone in BUSY]
        await happen(built, "shop", LINE.phone_number_id, busy)


def offers(town: Town) -> Counter[str]:
    """Count the templates that Meta took, by whom they were for."""
    taken = (each.body for each in town.graph.received if each.status == 200)
    return Counter(body.get("to", "").lstrip("+") for body in taken if body.get("type") == "template")


def a_folder(folder: Path) -> Path:
    """Write the shop."""
    (folder / "business.yaml").write_text(BUSINESS)
    (folder / "people.csv").write_text(PEOPLE)
    return folder


async def begin_all(town: Town, folder: Path) -> None:
    """Start everything."""
    town.serve(folder)
    await town.until(town.is_ready)
    town.work()


def test_everybody_gets_it_once_through_a_pause_and_kills(harmed_town: Any, tmp_path: Path, store: redis.Redis) -> None:
    """Three hundred people, a pause in the middle, then everything is killed and started again.

    What was being sent when its process was killed is in doubt, and marketing in doubt is parked, never sent again.
    """
    folder = tmp_path / "shop"
    folder.mkdir()

    async def scene() -> tuple[Counter[str], str, int]:
        async with harmed_town() as (town, mark):
            await begin_all(town, a_folder(folder))
            await populate(town)
            planned = await town.does("campaign", "plan", "spring", "--reach", "1000")
            assert "`spring` would go to 200 people." in planned
            await town.does("campaign", "start", "spring", "--yes", "--reach", "1000")
            await town.until(lambda: len(offers(town)) > 20)
            await town.does("campaign", "pause", "spring")
            await town.graph.quiet()
            paused_at = len(offers(town))
            await asyncio.sleep(QUIET_S)
            assert len(offers(town)) == paused_at
            await town.does("campaign", "resume", "spring")
            await town.until(lambda: len(offers(town)) > paused_at + 10)
            family.send(signal.SIGKILL, family.of_role(mark, "serve", "work", "web", "worker", "shift"))
            await asyncio.sleep(QUIET_S)
            await begin_all(town, folder)
            await town.until(lambda: store.hget("{shop}:campaign:spring", "state") == b"done", 90.0)
            return offers(town), await town.does("campaign", "list"), _tally(store, "parked.unknown_outcome")

    found, said, parked = asyncio.run(scene())

    assert set(found.values()) == {1}
    assert set(found) <= set(GOOD)
    assert len(GOOD) - len(found) <= parked
    for reason in ("did not opt in", "want no offers", "are in a chat that the owner holds", "nobody may write to"):
        assert f"20 {reason}" in said or f"20 are of a country or number that {reason}" in said


def _tally(store: redis.Redis, name: str) -> int:
    return int(store.hget("{shop}:tally:spring", name) or 0)


def test_nothing_leaves_after_a_stop(harmed_town: Any, tmp_path: Path) -> None:
    """What was queued and had not begun is dropped; nothing comes of it later."""

    async def scene() -> tuple[int, int, str]:
        async with harmed_town() as (town, _):
            await begin_all(town, a_folder(tmp_path))
            await populate(town)
            await town.does("campaign", "start", "spring", "--yes", "--reach", "1000")
            await town.until(lambda: len(offers(town)) > 20)
            said = await town.does("campaign", "stop", "spring")
            await town.graph.quiet()
            stopped_at = len(offers(town))
            await asyncio.sleep(2 * QUIET_S)
            return stopped_at, len(offers(town)), said

    stopped_at, later, said = asyncio.run(scene())

    assert later == stopped_at < len(GOOD)
    assert "stopped" in said


def test_a_list_goes_out_with_what_it_says(harmed_town: Any, tmp_path: Path) -> None:
    """Each number once, in whatever spelling; who did not agree, and what is no number, is left out and told."""

    async def scene() -> tuple[list[tuple[str, str]], str]:
        async with harmed_town() as (town, _):
            await begin_all(town, a_folder(tmp_path))
            said = await town.does("campaign", "start", "listed", str(tmp_path), "--yes")
            await town.until(lambda: len(offers(town)) == 2)
            await asyncio.sleep(QUIET_S)
            bodies = [each.body for each in town.graph.received]
            return sorted((body["to"].lstrip("+"), _parameter(body)) for body in bodies), said

    sent, said = asyncio.run(scene())

    assert sent == [("5511987650001", "Rio"), ("5511987650002", "Recife")]
    assert "people.csv:4: This number stands on line 2 already; it gets one message" in said
    assert "people.csv:6: This is no phone number of any country; the line is left out" in said
    assert "1  did not opt in, and get nothing" in said


def _parameter(body: dict[str, Any]) -> str:
    (component,) = body["template"]["components"]
    return str(component["parameters"][0]["text"])
