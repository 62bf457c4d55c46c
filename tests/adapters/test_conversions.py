"""Is each conversion told to Meta once or declared, from a click on an ad on, with a real store and a fake Meta?"""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from redis.exceptions import RedisError

from adapters.cli import main
from adapters.intake import in_turn, item_of
from adapters.publish import publish
from adapters.records import packed, read_alert, read_row
from adapters.settings import read
from adapters.unasked import unmet_by_what_is_live
from adapters.web.metrics import Exposition
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text
from engine.events import MessageReceived, Referral
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.adapters.lossy import lossy

PEOPLE = tuple(Ids(phones=(f"551198765{number:04}",)) for number in range(20))
PATIENCE_S = 20
AD = Referral("ad", "77", "click-1")
FILES = {
    "business.yaml": """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
""",
    "flows.yaml": """
flow: sale
start: [{when: text has "buy"}]
steps:
  - report: {event: Purchase, value: 40.5, currency: BRL}
""",
}
pytestmark = pytest.mark.usefixtures("store")


class House:
    """A business that people buy from, and the fake Meta that is told."""

    def __init__(self, built, graph):
        self.built = built
        self.graph = graph
        self._count = 0

    async def buys(self, ids=PEOPLE[0], referral=AD):
        """Let somebody buy, and decide that."""
        self._count += 1
        at, key = datetime.now(UTC).replace(microsecond=0), f"w{self._count}"
        event = MessageReceived(id=key, at=at, arrived_at=at, content=Text("buy"), ids=ids, referral=referral)
        arrival = Arrival(number="1", waba=None, field="messages", kind="chat", key=key, at=at, event=event, ids=ids)
        [taken] = await self.built.store.ingest("shop", [item_of(arrival, "1", "chat")])
        for subject in in_turn(taken):
            await self.built.handler.drain("shop", subject)

    async def work(self):
        """Do what is due, and end as soon as it is done."""
        errands = self.built.errands()
        running = asyncio.create_task(errands.run())
        async with asyncio.timeout(PATIENCE_S):
            while await self._is_due():
                if running.done() and running.exception():  # as a job may end that lost the store; another goes on
                    running = asyncio.create_task(errands.run())
                await self.built.store.ring_work("shop")  # what came up in vain does so again, as `tick` sees to
                await asyncio.sleep(0.05)
        errands.stop()
        await running

    async def _is_due(self):
        seconds, _ = await self.built.store.command("TIME")
        until = (int(seconds) + 3) * 1000  # what is chosen comes up again two seconds later
        due = await self.built.store.command("ZCOUNT", "{shop}:todo:report", "-inf", until)
        return due or await self.built.store.command("ZCARD", "{shop}:sending")

    async def ages(self, span):
        """Let what waits have happened so long ago, and be due."""
        for row in await self._waiting():
            name = f"{{shop}}:r:{row}"
            blob = read_row(await self.built.store.command("HGET", name, "blob"))
            await self.built.store.command("HSET", name, "blob", packed(replace(blob, asked_at=blob.asked_at - span)))
            await self.built.store.command("ZADD", "{shop}:todo:report", 0, row)

    async def is_mended(self):
        """Let the rest of the conversions be over."""
        await self.built.store.command("HDEL", "{shop}:s:1", "state")
        await self.built.store.command("HINCRBY", "{shop}:s:1", "ver", 1)
        await self.ages(timedelta(0))

    async def _waiting(self):
        return [each.decode() for each in await self.built.store.command("ZRANGE", "{shop}:todo:report", 0, -1)]

    async def ends(self):
        """Return how the rows stand, with their reasons."""
        names = [name async for name in self.built.store.client.scan_iter("{shop}:r:*")]
        rows = [await self.built.store.command("HMGET", name, "state", "reason") for name in names]
        return sorted((state.decode(), reason.decode() if reason else "") for state, reason in rows)

    async def alerts(self):
        """Return what people were told, the newest last."""
        return [read_alert(told.blob) for told in reversed(await self.built.store.alerts("shop"))]

    async def counted(self):
        """Return how many ended in which way and why, as Prometheus is told."""
        page = Exposition(up=True, businesses=await self.built.store.figures_of(["shop"]))
        [family] = [each for each in page.collect() if each.name == "baton_conversions"]
        return {tuple(each.labels.values()): each.value for each in family.samples}

    def told(self):
        """Return the events that Meta took."""
        return [event for each in self.graph.conversions if each.taken for event in each.body["data"]]


@asynccontextmanager
async def a_house(store_url, folder, **environ):
    """Give a house."""
    graph = FakeGraph()
    base = {"BATON_REDIS_URL": store_url, "BATON_GRAPH_URL": await graph.start(), "BATON_ACCESS_TOKEN": "a-token"}
    for name, text in FILES.items():
        (folder / name).write_text(text)
    try:
        async with parts(read({**base, "BATON_DATASET_ID": "9", **environ})) as built:
            done = await publish(built.store, folder, DEFAULT, by="a test")
            assert done.version, done.problems
            yield House(built, graph)
    finally:
        await graph.stop()


def played(store_url, folder, scene, **environ):
    """Play a scene in a house, and return what it returns."""

    async def play():
        async with a_house(store_url, folder, **environ) as house:
            return await scene(house)

    return asyncio.run(play())


def test_a_sale_is_told_to_meta_once(store_url, tmp_path):
    """The flow is done again and the work is done again, and Meta hears of it once."""

    async def scene(house):
        await house.buys()
        await house.work()
        await house.buys(referral=None)
        await house.work()
        return house.told(), await house.ends(), await house.counted()

    [event], ends, counted = played(store_url, tmp_path, scene)

    assert event["user_data"] == {"whatsapp_business_account_id": "100", "ctwa_clid": "click-1"}
    assert (event["event_name"], event["custom_data"]) == ("Purchase", {"currency": "BRL", "value": 40.5})
    assert ends == [("sent", "")]
    assert counted == {("shop", "sent", ""): 1}


@pytest.mark.parametrize(
    ("referral", "age", "environ", "reason"),
    [
        (None, 0, {}, "no_click"),
        (Referral("ad", "77"), 0, {}, "no_click_id"),
        (AD, 7, {}, "conversion_too_old"),
        (AD, 0, {"BATON_CONVERSIONS": "off"}, "conversions_off"),
        (AD, 0, {"BATON_CONVERSIONS": "dry", "BATON_DATASET_ID": ""}, "dry_run"),
    ],
    ids=["no ad", "no id", "too old", "off", "dry"],
)
def test_what_is_not_told_to_meta_has_its_end_and_a_reason(store_url, tmp_path, referral, age, environ, reason):
    """No row lies there for ever."""

    async def scene(house):
        await house.buys(referral=referral)
        await house.ages(timedelta(days=age))
        await house.work()
        return await house.ends(), house.graph.conversions, await house.counted()

    assert played(store_url, tmp_path, scene, **environ) == (
        [("dropped", reason)],
        [],
        {("shop", "dropped", reason): 1},
    )


@pytest.mark.parametrize(
    ("trouble", "environ", "reason", "words"),
    [
        ({"code": 190}, {}, "token", "The access token that conversions are reported with"),
        ({"code": 100, "subcode": 2804132}, {}, "dataset_not_linked", "`BATON_DATASET_ID`"),
        ({"code": 2}, {"BATON_DATASET_ID": ""}, "not_set_up", "`BATON_DATASET_ID_1`"),
    ],
    ids=["token", "another dataset", "no dataset"],
)
def test_what_somebody_has_to_mend_is_told_once_and_conversions_wait(
    store_url, tmp_path, trouble, environ, reason, words
):
    """Twenty sales, one alert; when it is mended Meta is told of all."""

    async def scene(house):
        house.graph.trouble.append(Trouble(does="refuse", at="events", **{"times": None, **trouble}))
        for number, ids in enumerate(PEOPLE):
            await house.buys(ids, replace(AD, clid=f"click-{number}"))
        await house.work()
        before = await house.ends(), await house.alerts(), len(house.graph.conversions)
        house.graph.trouble.clear()
        await house.is_mended()
        await house.work()
        return *before, len(house.told())

    ends, alerts, asked, told = played(store_url, tmp_path, scene, **environ)

    assert {state for state, _ in ends} == {"queued"}
    assert [each.code for each in alerts] == [f"conversion_{reason}"]
    assert words in alerts[0].words
    assert asked <= 10  # no more than were under way when the first came back
    assert told == (0 if environ else len(PEOPLE))  # a setting is read at the start


def test_what_may_pass_is_tried_again(store_url, tmp_path):
    """Meta is told as soon as it takes it, and of the same sale by the same name."""

    async def scene(house):
        house.graph.trouble.append(Trouble(does="refuse", code=2, at="events"))
        house.graph.trouble.append(Trouble(does="refuse", code=4, at="events"))
        await house.buys()
        for _ in range(3):
            await house.work()
            await house.ages(timedelta(0))
        return await house.ends(), [each.body["data"][0]["event_id"] for each in house.graph.conversions]

    ends, names = played(store_url, tmp_path, scene)

    assert ends == [("sent", "")]
    assert (len(names), len(set(names))) == (3, 1)


def test_what_meta_would_not_take_again_has_failed(store_url, tmp_path):
    """With the reason, and the owner reads what to do."""

    async def scene(house):
        house.graph.trouble.append(Trouble(does="refuse", code=100, subcode=2804066, details="No such.", at="events"))
        await house.buys()
        await house.work()
        return await house.ends(), [each.words for each in await house.alerts()]

    ends, [words] = played(store_url, tmp_path, scene)

    assert ends == [("failed", "event_not_allowed")]
    assert words == "Meta does not take this event from chats. Report another one. Meta says: No such. (100/2804066)"


@pytest.mark.parametrize("trouble", [{"does": "drop"}, {"does": "blank", "http_status": 502}])
def test_what_got_no_answer_is_not_told_twice_unseen(store_url, tmp_path, trouble):
    """Meta took it and the answer was lost, on the way or at a gateway: it is parked, where a person sees it."""

    async def scene(house):
        house.graph.trouble.append(Trouble(**trouble, accepted=True, at="events"))
        await house.buys()
        await house.work()
        await house.built.tick().sweep()
        return await house.ends(), [each.code for each in await house.alerts()], len(house.told())

    assert played(store_url, tmp_path, scene) == (
        [("parked", "unknown_outcome")],
        ["conversion_unknown_outcome"],
        1,
    )


def test_a_person_decides_about_what_got_no_answer(store_url, tmp_path, monkeypatch):
    """They see what it is; when they let it be reported again Meta can tell by the name that it is the same."""

    async def no_answer(house):
        house.graph.trouble.append(Trouble(does="drop", at="events"))
        await house.buys()
        await house.work()
        await house.built.tick().sweep()
        return await house.ends(), house.graph.conversions[0].body

    async def again(house):
        await house.is_mended()
        await house.work()
        return await house.ends(), house.graph.conversions[0].body

    monkeypatch.setenv("BATON_REDIS_URL", store_url)

    parked, first = played(store_url, tmp_path, no_answer)
    listed = CliRunner().invoke(main, ["parked"]).stdout
    CliRunner().invoke(main, ["parked", "--send", "all"])
    sent, second = played(store_url, tmp_path, again)
    status = CliRunner().invoke(main, ["status"]).stdout

    assert parked == [("parked", "unknown_outcome")]
    assert "report Purchase 40.5 BRL" in listed
    assert (sent, second) == ([("sent", "")], first)
    assert "conversions that Meta took: 1\n" in status


@pytest.mark.parametrize("script", ["begin", "settle", "commit"])
def test_an_answer_of_the_store_that_is_lost_changes_nothing(store_url, tmp_path, script):
    """The script ran, and whoever asked never heard of it: Meta is told once all the same."""

    async def scene():
        async with lossy(store_url, tmp_path, script) as (url, way), a_house(url, tmp_path) as house:
            with suppress(RedisError):
                await house.buys()
            await house.built.tick().sweep()
            for _ in range(2):
                with suppress(RedisError):
                    await house.work()
                await house.ages(timedelta(0))
            return way.lost, len(house.told()), await house.ends()

    assert asyncio.run(scene()) == (1, 1, [("sent", "")])


def test_a_number_that_was_taken_out_reports_nothing(store_url, tmp_path):
    """What waits there has its end as well."""

    async def scene(house):
        await house.buys()
        moved = FILES["business.yaml"].replace('id: "1"', 'id: "2"')
        (tmp_path / "business.yaml").write_text(moved)
        done = await publish(house.built.store, tmp_path, DEFAULT, by="a test")
        await house.work()
        return done.changed, await house.ends(), house.told()

    assert played(store_url, tmp_path, scene) == (True, [("dropped", "number_removed")], [])


def test_the_start_says_what_is_not_set(store_url, tmp_path):
    """An operator who runs it reads which setting is missing."""

    async def scene(house):
        environs: tuple[dict[str, str], ...] = ({}, {"BATON_DATASET_ID_1": "9"}, {"BATON_CONVERSIONS": "dry"})
        return [await unmet_by_what_is_live(house.built.store, read(each)) for each in environs]

    [[words], *others] = played(store_url, tmp_path, scene)

    assert words.startswith("A flow reports conversions of 1, and no dataset is set for them: `BATON_DATASET_ID`")
    assert others == [[], []]
