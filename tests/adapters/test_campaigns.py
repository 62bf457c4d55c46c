"""Does a campaign reach whom it should, a portion at a time, and leave nothing behind when it is stopped?"""

import asyncio
import time
from collections import Counter

import pytest
from msgspec import msgpack

from adapters.audience import Listing
from adapters.campaigns import begin, progress_of
from adapters.perform import message_of
from adapters.records import packed, read_alert, read_row
from adapters.store import Item, NextRow
from engine.events import NumberRated, TemplateChanged
from flows.people import columns, people
from rules.policy.consent import Consent
from rules.policy.restrictions import DEFAULT
from rules.source import Mistake
from tests.adapters.audience import absorbed, happen, held, wrote
from tests.adapters.campaign_shop import a_shop, phones, tick

QUEUED = 40  # of a number in coexistence
PATIENCE_S = 20.0


async def until_full(built, name):
    """Carry everything on until no more may wait; the pace is by the real clock."""
    ends_at = time.monotonic() + PATIENCE_S
    while (await built.store.campaign("shop", name)).queued < QUEUED and time.monotonic() < ends_at:
        await tick(built, 1)
    await tick(built)


def play(scene):
    """Run an asynchronous scene."""
    return asyncio.run(scene())


@pytest.mark.usefixtures("store")
def test_few_messages_wait_and_a_stop_drops_them(store_url, tmp_path):
    """However large the audience; what was dropped is counted, and stays dropped."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(90)])
            await begin(built.store, "shop", "spring", (), by="a test", reach=1_000)
            await until_full(built, "spring")
            running = await built.store.campaign("shop", "spring")
            await built.store.move_campaign("shop", "spring", "stopped", expect=("running",))
            await tick(built, 1)
            return running, await built.store.campaign("shop", "spring"), await built.store.next_row("shop", "1")

    running, stopped, following = play(scene)

    assert (running.queued, running.tally) == (QUEUED, {})
    assert (stopped.queued, stopped.tally) == (0, {"dropped.campaign_stopped": QUEUED})
    assert not isinstance(following, NextRow)


@pytest.mark.usefixtures("store")
def test_each_is_left_out_for_a_reason(store_url, tmp_path):
    """Consent, the owner, restrictions and flows are asked about; the counts say so."""
    good, silent, against, theirs, cuba, busy = (phones(4, 10 * each) for each in range(6))
    cuba = [f"53512340{each:02}" for each in range(4)]

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            known = [
                *(absorbed(phone) for phone in (*good, *cuba, *busy)),
                *(absorbed(phone, marketing=Consent.UNKNOWN) for phone in silent),
                *(absorbed(phone, marketing=Consent.REFUSED) for phone in against),
                *(held(phone) for phone in theirs),
            ]
            await happen(built, "shop", "1", known)
            await happen(built, "shop", "1", [wrote(phone, "order", f"w{phone}") for phone in busy])
            await begin(built.store, "shop", "spring", (), by="a test", reach=1_000)
            await tick(built)
            record = await built.store.campaign("shop", "spring")
            rows = [row for each in await _rows(built, "spring") if (row := await built.store.row("shop", each))]
            assert record is not None
            return progress_of(record).counts, Counter(read_row(row.blob).path.value for row in rows), record.queued

    counts, paths, queued = play(scene)

    assert counts == {
        "reached": 4,
        "no_opt_in": 4,
        "opted_out": 4,
        "owner_holds": 4,
        "restricted": 4,
        "in_flow": 4,
    }
    assert (paths, queued) == ({"campaign": 4}, 4)


async def _rows(built, name):
    return [each.decode() for each in await built.store.command("SMEMBERS", f"{{shop}}:bulk:{name}")]


@pytest.mark.usefixtures("store")
def test_a_list_reaches_people_whom_nobody_knew_once(store_url, tmp_path):
    """Each with what the list says; whoever is known in another spelling is no second contact."""
    known = "551187000003"  # as Meta writes it, without the ninth digit

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(known)])
            people = [Listing(phone, {"list.city": "Rio"}, agreed=True) for phone in ("5511987000003", "5511987000004")]
            await begin(built.store, "shop", "news", people, by="a test")
            await tick(built, 2)
            await built.store.move_campaign("shop", "news", "stopped", expect=("running",))
            await begin(built.store, "shop", "news", people, by="a test")
            await tick(built, 2)
            record = await built.store.campaign("shop", "news")
            states = [state async for state in built.store.states("shop")]
            found = await built.store.contact_of("shop", ["p:551187000003"])
            assert record is not None
            return progress_of(record).counts, record.tally, len(states), found

    counts, tally, chats, found = play(scene)

    assert counts == {"had_it": 2}
    assert (tally, chats) == ({}, 2)
    assert found


RESTRICTED = (
    *("+53 5 123 4567", "0053 5123 4568", "tel:+5351234569", "wa.me/5351234560", "+5351234561;ext=1"),
    *("(+98) 912-345-6789", "۹۸۹۱۲۳۴۵۶۷۸۰", "+850 2 1234 5678", "\u202a+79781234567\u202c", "8 978 123-45-67"),
)


@pytest.mark.usefixtures("store")
def test_nobody_of_a_list_is_reached_whom_the_restrictions_name(store_url, tmp_path):
    """However the list spells them: what is no number is left out, and the others are counted."""
    text, told = "\n".join(("phone", *RESTRICTED)), list[Mistake]()
    found = list(people(text, columns(text, "phone", None), told))

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            listed = [Listing(each.phone, {"list.city": "Rio"}, agreed=True) for each in found]
            await begin(built.store, "shop", "news", listed, by="a test")
            await tick(built, 2)
            record = await built.store.campaign("shop", "news")
            assert record is not None
            return progress_of(record).counts, record.queued

    counts, queued = play(scene)

    assert (len(found) + len(told), queued) == (len(RESTRICTED), 0)
    assert counts == {"restricted": len(found)}


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_campaign_that_is_not_over_keeps_its_list(store_url, tmp_path, state):
    """Whoever begins it once more takes nothing from it."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await begin(built.store, "shop", "news", [Listing(phone) for phone in phones(3)], by="a test")
            await built.store.move_campaign("shop", "news", state, expect=("running",))
            begun = await begin(built.store, "shop", "news", (), by="somebody else")
            return begun, await built.store.count_people("shop", "news")

    assert play(scene) == (False, 3)


@pytest.mark.usefixtures("store")
def test_an_answer_goes_before_a_campaign(store_url, tmp_path):
    """However many of its messages wait; and while it is paused none of them comes up."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(60)])
            await begin(built.store, "shop", "spring", (), by="a test", reach=1_000)
            await until_full(built, "spring")
            await happen(built, "shop", "1", [wrote(phones(1, 900)[0], "order", "w1")])
            first = await built.store.next_row("shop", "1")
            second = await built.store.next_row("shop", "1")
            await built.store.move_campaign("shop", "spring", "paused", expect=("running",))
            begun = await _begun(built, second)
            third = await built.store.next_row("shop", "1")
            return first, second, begun, third

    first, second, begun, third = play(scene)

    assert [message_of(read_row(each.blob)).bulk is None for each in (first, second)] == [True, False]
    assert (begun.ok, begun.why) == (False, "campaign")
    assert not isinstance(third, NextRow)


async def _begun(built, found):
    return await built.store.begin(
        "shop",
        found.row,
        "attempt",
        subject=found.subject,
        ver=found.ver,
        number_ver=found.number_ver,
        lists=DEFAULT.digest,
        valid_until_ms=found.now_ms + 60_000,
        empty_inbox=True,
    )


@pytest.mark.usefixtures("store")
def test_people_are_written_to_first_within_what_meta_allows(store_url, tmp_path):
    """The others wait for the next day."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(20)])
            await begin(built.store, "shop", "spring", (), by="a test", reach=7)
            await tick(built)
            return await built.store.campaign("shop", "spring")

    record = play(scene)

    assert (record.state, record.queued) == ("running", 7)


TROUBLES = {
    "quality_red": lambda now: NumberRated(id="q", at=now, arrived_at=now, event="FLAGGED"),
    "template_off": lambda now: TemplateChanged(
        id="t", at=now, arrived_at=now, name="spring", language="en", status="PAUSED"
    ),
}


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("reason", TROUBLES)
def test_trouble_at_meta_pauses_it(store_url, tmp_path, reason):
    """And whoever runs it is told what to do, once."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(5)])
            await begin(built.store, "shop", "spring", (), by="a test")
            event = TROUBLES[reason](absorbed("1").at)
            await _tell_number(built, event)
            await tick(built, 2)
            alerts = [read_alert(each.blob) for each in await built.store.alerts("shop")]
            return await built.store.campaign("shop", "spring"), [each for each in alerts if each.code[:4] == "camp"]

    record, alerts = play(scene)

    assert (record.state, record.reason, record.queued) == ("paused", reason, 0)
    assert len(alerts) == 1
    assert "baton campaign resume spring" in alerts[0].words


async def _tell_number(built, event):
    item = Item(number="1", kind="number", key=event.id.encode(), bucket=1, blob=packed(event))
    [taken] = await built.store.ingest("shop", [item])
    await built.handler.drain("shop", taken.subject)


@pytest.mark.usefixtures("store")
def test_a_portion_that_is_done_twice_does_nothing_twice(store_url, tmp_path):
    """As when a process ends after the turns were written and before it could say so."""

    async def scene():
        async with a_shop(store_url, tmp_path) as built:
            await happen(built, "shop", "1", [absorbed(phone) for phone in phones(10)])
            await begin(built.store, "shop", "spring", (), by="a test", reach=1_000)
            await tick(built, 2)
            record = await built.store.campaign("shop", "spring")
            assert record is not None
            before = progress_of(record)
            again = msgpack.encode({"at": "0"})
            await built.store.fed("shop", "spring", record.run, again, ())
            await tick(built, 2)
            return before, await built.store.campaign("shop", "spring")

    before, after = play(scene)

    assert before.counts == progress_of(after).counts == {"reached": 10}
    assert (after.queued, after.tally) == (10, {})
