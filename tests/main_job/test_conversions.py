"""Is each conversion told to Meta once at most, and declared otherwise, when whoever tells it is killed?

The figures are printed: `pytest -rP`.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis

from adapters.whatsapp import meta
from tests.main_job import family
from tests.main_job.senders import crowd
from tests.main_job.town import LINE

SHOP = {
    "business.yaml": f"""
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{{id: "{LINE.phone_number_id}", phone: "+55 11 91234-5678", waba: "{LINE.waba}"}}]
""",
    "sale.yaml": """
flow: sale
start: [{ad: any}]
steps:
  - report: {event: Purchase, value: 40.5, currency: BRL}
""",
}
PEOPLE = int(os.environ.get("CONVERSIONS", "100"))
KILLS = 5
AT_REST_S = 240.0  # what was under way at a kill is looked for after 45 s, and the number's conversions rest then

pytestmark = [family.NEEDS_PROC, pytest.mark.long]


def ends(store: redis.Redis) -> Counter[str]:
    """Count the conversions by how they stand."""
    rows: Any = [store.hmget(name, "kind", "state") for name in store.scan_iter("{shop}:r:*")]
    return Counter(state.decode() for kind, state in rows if kind == b"report")


def test_each_conversion_is_told_once_or_parked(harmed_town: Any, store: redis.Redis, tmp_path: Path) -> None:
    """What nobody can know of is shown, and nothing else is told twice or lost."""
    for name, text in SHOP.items():
        (tmp_path / name).write_text(text)
    chance, people = random.Random(7), crowd(PEOPLE)  # noqa: S311 - it should be foreseen

    async def scene() -> tuple[int, Counter[str], Counter[str]]:
        async with harmed_town(BATON_DATASET_ID="9") as (town, mark):
            services = family.Services({"serve": lambda: town.serve(tmp_path), "work": town.work})
            killed = 0
            async with services.keep_up():
                await town.until(town.is_ready)
                for place, person in enumerate(people):
                    click = meta.Referral("77", ctwa_clid=f"click-{place}")
                    await town.meta.post(meta.ad_message(LINE, person, "hi", click, at=datetime.now(UTC)))
                    if place % (PEOPLE // KILLS) == PEOPLE // KILLS - 1:
                        await town.until(lambda: bool(family.of_role(mark, "asker")))
                        await asyncio.sleep(chance.uniform(0, 0.4))
                        killed += bool(family.send(signal.SIGKILL, family.of_role(mark, "asker")))
                await town.until(lambda: set(ends(store)) <= {"sent", "parked"}, AT_REST_S)
            told = (event for each in town.graph.conversions if each.taken for event in each.body["data"])
            return killed, ends(store), Counter(each["user_data"]["ctwa_clid"] for each in told)

    killed, ended, told = asyncio.run(scene())

    sys.stdout.write(f"{PEOPLE} conversions, kills {killed}: {dict(ended)}, told {told.total()}\n")
    assert set(told.values()) == {1}
    assert ended["sent"] <= told.total() <= ended["sent"] + ended["parked"] == PEOPLE
