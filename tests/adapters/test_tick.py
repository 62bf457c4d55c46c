"""What does a tick do for one business while something is the matter with another?"""

import asyncio
from datetime import UTC, datetime

import pytest
from redis.exceptions import OutOfMemoryError

from adapters.audience import BROKEN, Listing
from adapters.campaigns import begin, progress_of
from adapters.intake import item_of
from adapters.planning import plan
from adapters.publish import publish
from adapters.records import read_alert
from rules.policy.restrictions import DEFAULT
from tests.adapters.audience import absorbed, arrival, happen
from tests.adapters.campaign_shop import BUSINESS, PEOPLE, a_shop, phones, tick

OTHER = BUSINESS.replace("business: shop", "business: other").replace('"1"', '"2"').replace('"100"', '"200"')


@pytest.mark.usefixtures("store")
def test_somebody_whose_record_is_broken_is_left_out_alone(store_url, tmp_path):
    """The others get the campaign, and it says why one does not."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(3)])
            await _spoil(built, phones(1)[0])
            await begin(built.store, "shop", "spring", (), by="a test")
            await tick(built, 2)
            ruleset, now = await built.live.now_live("shop"), datetime.now(UTC)
            planned = await plan(
                built.store, ruleset, ruleset.campaigns["spring"], now, listings=None, reach=None, each=lambda _: None
            )
            return await built.store.campaign("shop", "spring"), planned.left_out

    spring, planned = asyncio.run(scene())

    assert spring.state != "paused"
    assert progress_of(spring).counts[BROKEN] == planned[BROKEN] == 1


@pytest.mark.usefixtures("store")
def test_a_campaign_that_cannot_go_on_is_paused_and_stays_alone(store_url, tmp_path):
    """Whoever runs it is told; the others go on."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(3)])
            await begin(built.store, "shop", "spring", (), by="a test")
            await built.store.command("HSET", "{shop}:campaign:spring", "progress", b"\xff")
            await begin(built.store, "shop", "news", [Listing(phones(1, 50)[0], {"list.city": "Rio"})], by="a test")
            await tick(built, 2)
            alerts = [read_alert(each.blob) for each in await built.store.alerts("shop")]
            return [await built.store.campaign("shop", name) for name in ("spring", "news")], alerts

    (spring, news), alerts = asyncio.run(scene())

    assert (spring.state, spring.reason) == ("paused", "failed")
    assert [each.code for each in alerts] == ["campaign_paused"]
    assert "baton campaign resume spring" in alerts[0].words
    assert news.queued == 1


async def _spoil(built, phone):
    contact = await built.store.contact_of("shop", [f"p:{phone}"])
    await built.store.command("HSET", f"{{shop}}:c:{contact}", "state", b"\xff")
    assert contact


@pytest.mark.usefixtures("store")
def test_a_business_whose_records_are_broken_stays_alone(store_url, tmp_path):
    """What waits in another is decided."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            folder = tmp_path / "other"
            folder.mkdir()
            (folder / "business.yaml").write_text(OTHER)
            (folder / "people.csv").write_text(PEOPLE)
            assert (await publish(built.store, folder, DEFAULT, by="a test")).changed
            await built.store.command("SET", "{other}:timers", "no sorted set")
            [taken] = await built.store.ingest("shop", [item_of(arrival(absorbed("5511987000001"), "1"), "1", "chat")])
            await asyncio.sleep(1.1)  # what is younger is somebody else's
            await built.tick().sweep()
            return await built.store.subject("shop", taken.subject or "")

    chat = asyncio.run(scene())

    assert (chat.inbox, chat.state is None) == (0, False)


@pytest.mark.usefixtures("store")
def test_campaigns_go_on_while_records_of_another_business_are_broken(store_url, tmp_path):
    """What stops the sweep of one stops the campaigns of none."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await built.store.command("SADD", "baton:businesses", "other")
            await built.store.command("SET", "{other}:waiting", "no sorted set")
            await begin(built.store, "shop", "news", [Listing(phones(1, 50)[0], {"list.city": "Rio"})], by="a test")
            await tick(built, 2)
            news = await built.store.campaign("shop", "news")
            return news, [each.business for each in await built.store.figures_of(["other", "shop"])]

    news, told = asyncio.run(scene())

    assert news.queued == 1
    assert told == ["shop"]


@pytest.mark.usefixtures("store")
def test_a_store_that_is_away_stops_the_sweep(store_url, tmp_path):
    """That is nobody's record: the loop says so once, and asks again."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await built.store.command("CONFIG", "SET", "maxmemory", "1")
            try:
                with pytest.raises(OutOfMemoryError):
                    await built.tick().sweep()
            finally:
                await built.store.command("CONFIG", "SET", "maxmemory", "0")

    asyncio.run(scene())
