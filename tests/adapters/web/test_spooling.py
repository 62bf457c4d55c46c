"""With `BATON_SPOOL`, is what was acknowledged while the store was away there once, and in its order?

The figures are printed: `pytest -rP`.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.spool import EVENTS, Record, Spool
from tests.adapters.web import outages
from tests.adapters.web.outages import DoorOfItsOwn


@pytest.fixture
def closed_door(tmp_path: Path, free_port: Callable[[], int]) -> DoorOfItsOwn:
    """Give a door with a spool; nothing runs yet but its store."""
    return DoorOfItsOwn(tmp_path, free_port())


def said(door: DoorOfItsOwn) -> set[str]:
    """Return the names of what the processes logged."""
    return {json.loads(line)["event"] for line in door.log.read_text("utf-8").splitlines()}


def say(*figures: object) -> None:
    """Print figures."""
    sys.stdout.write("".join(f"{each}\n" for each in figures))


def test_a_frozen_store_costs_nobody_an_answer(closed_door: DoorOfItsOwn) -> None:
    """Everyone gets 200 at once; each message is there once, soon after the store goes on, and nothing waits."""
    with closed_door.running(2):
        found = outages.store_frozen(closed_door)
        ready = closed_door.request("GET", "/readyz").text
        say(found)

    assert (found.acked, found.lost, found.doubled, found.refused) == (150, 0, 0, 0)
    assert ready == "ready\n"
    assert {"spooling", "spool_replayed"} <= said(closed_door)


def test_a_store_that_is_killed_loses_nothing(closed_door: DoorOfItsOwn) -> None:
    """Nobody has to post again."""
    with closed_door.running(2):
        found = outages.store_killed_and_back(closed_door)
        say(found)

    assert (found.acked, found.lost, found.doubled, found.refused) == (150, 0, 0, 0)


def test_web_processes_killed_while_spooling_lose_nothing(closed_door: DoorOfItsOwn) -> None:
    """What they acknowledged is read by whoever comes after them."""
    with closed_door.running(2):
        found = outages.web_killed_while_spooling(closed_door)
        say(found)

    assert (found.acked, found.lost, found.doubled, found.kills) == (300, 0, 0, 6)


def test_the_owner_who_answers_meanwhile_is_heard_first(closed_door: DoorOfItsOwn) -> None:
    """Their echo came after the contact's message, of another process; the bot is silent all the same."""
    with closed_door.running(2):
        found = outages.owner_answers_meanwhile(closed_door)
        say(found)

    assert found == {"acked": 60, "refused": 0, "queued": 20}


def test_what_a_dead_process_left_is_read_at_the_start(closed_door: DoorOfItsOwn) -> None:
    """By when it came, it is too late for an answer: it is kept, and nobody is answered."""
    now = datetime.now(UTC)
    spool = Spool(closed_door.spool)
    for place, ago in enumerate([timedelta(hours=13), timedelta(minutes=1)]):
        body = outages.message(place, now - ago)
        asyncio.run(spool.add(Record(now - ago, body), (EVENTS,)))
    spool.close()

    with closed_door.running():
        closed_door.replayed()
        heard, rows = closed_door.heard(), closed_door.keys("*:r:*")

    assert heard == ["0000", "0001"]
    assert len(rows) == 1


def test_a_spool_that_is_full_or_gone_leads_to_503(closed_door: DoorOfItsOwn) -> None:
    """And `/readyz` says which of the three it is."""
    with closed_door.running():
        with closed_door.frozen_store():
            first = closed_door.post(outages.message(1)).status
            spooling = closed_door.request("GET", "/readyz")
            with (closed_door.spool / "0.events").open("wb") as large:
                large.truncate(256 * 1024 * 1024)
            full = closed_door.post(outages.message(2)).status, closed_door.request("GET", "/readyz").status
        closed_door.replayed()
        heard = closed_door.heard()

    assert (first, spooling.status, "spooling" in spooling.text) == (200, 200, True)
    assert full == (503, 503)
    assert heard == ["0001"]


def test_names_and_logs_say_nothing_private(closed_door: DoorOfItsOwn) -> None:
    """Neither who wrote nor what."""
    with closed_door.running():
        with closed_door.frozen_store():
            closed_door.post(outages.message(1))
            closed_door.post(outages.echo(2))
            names = [path.name for path in closed_door.spool.iterdir()]
        closed_door.replayed()

    assert not [name for name in names if "5511" in name]
    assert "5511" not in closed_door.log.read_text("utf-8")
