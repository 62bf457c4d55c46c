"""Is nothing of a contact left after `erase`, and all of everybody else's?"""

import asyncio
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from redis.exceptions import ConnectionError as ConnectionFailed

from adapters.cli import main
from adapters.erasing import Eraser
from adapters.records import read_contact
from adapters.settings import read
from adapters.spool import EVENTS, Record, Spool
from adapters.store import Store
from adapters.whatsapp import meta
from adapters.whatsapp.api import ROW_PREFIX
from adapters.wiring import parts
from engine.identity import Ids
from rules.policy.consent import Consent
from tests.adapters.known import (
    ANA,
    BEA,
    LINES,
    SHOP,
    SOMEBODY_ELSE,
    House,
    a_house,
    chat_of,
    contents,
    left_of,
    listed,
    lives,
)
from tests.dump import breaches

PHONE = f"+{ANA.phone}"
UNTRACED = ("were counted", "who is nobody")
"""Counters keep what was erased, and so does Meta's limit, by a stranger's name."""
NOTHING = f"There is nothing of `{PHONE}` in `shop`.\n"
pytestmark = pytest.mark.usefixtures("store")


def baton(store_url, *arguments, typed="", **more):
    """Run a command in this process."""
    return CliRunner().invoke(main, arguments, env={"BATON_REDIS_URL": store_url, **more}, input=typed)


def play(store_url, folder, scene):
    """Play a scene in a house, and return what it returns."""

    async def played():
        async with a_house(store_url, folder) as house:
            return await scene(house)

    return asyncio.run(played())


async def again(store_url, scene):
    """Play a scene where the shop is live already."""
    async with parts(read({"BATON_REDIS_URL": store_url})) as built:
        return await scene(House(built))


async def both(house):
    """Let Ana and Bea have something everywhere."""
    for who in (ANA, BEA):
        await lives(house, who)
    await listed(house, ANA, BEA)


async def erased(house, times=10_000):
    """Erase Ana over a connection that fails after some trips to the store."""

    class Failing(Store):
        left = times

        async def _pipelined(self, commands):
            self.left -= 1
            if self.left < 0:
                raise ConnectionFailed
            return await super()._pipelined(commands)

    eraser = Eraser(Failing(house.built.store.client), SHOP, lambda _: None)
    known = await house.built.store.contact_of(SHOP, (f"p:{ANA.phone}",))
    await eraser.finish_all()
    await eraser.erase(Ids(phones=(ANA.phone,)), known)
    return eraser.counts


async def wish_of(house, who=ANA):
    """Return what is known of somebody's wish for offers."""
    chat = await chat_of(house, who)
    state, _ = await house.built.store.contact(SHOP, chat.partition("/")[2])
    return read_contact(state).marketing


def test_nothing_of_them_is_left_in_a_dump(store, store_url, tmp_path):
    """Whatever a store can hold of somebody goes, and nothing of anybody else's; the second time nothing is there."""
    play(store_url, tmp_path, both)
    before = {who: left_of(store, who) for who in (ANA, BEA)}

    first, second = (baton(store_url, "erase", PHONE, "--yes") for _ in range(2))

    assert (first.exit_code, first.stdout) == (0, "")
    assert first.stderr == (
        "Erased: 2 contacts, 3 chats, 8 turns of the log, 1 undecided event, 5 messages and requests, 2 timers, "
        "1 file, 1 alert, 2 unreadable bodies, 2 waiting imports, 1 place in the list of a campaign.\n"
    )
    kinds = {name.split(":")[1] for name in before[ANA]}
    assert kinds >= {"alias", "alert", "c", "got", "import", "in", "log", "m", "people", "quarantine", "r", "s"}
    assert left_of(store, ANA) == {}
    assert left_of(store, BEA) == before[BEA]
    assert [each for each in breaches(store, SHOP) if not any(words in each for words in UNTRACED)] == []
    assert SOMEBODY_ELSE.encode() in b"".join(piece for name, piece in contents(store) if ":import:" in name)
    assert (second.exit_code, second.stderr) == (0, NOTHING)


def test_however_often_it_is_interrupted_the_next_one_goes_on(store, store_url, tmp_path):
    """The first attempt dies at its first trip to the store, the second at its second, and so on to the end."""

    async def scene(house):
        await both(house)
        for times in range(500):
            try:
                await erased(house, times)
            except ConnectionFailed:
                continue
            return times
        return None

    times = play(store_url, tmp_path, scene)

    assert times is not None
    assert times > 10
    assert left_of(store, ANA) == {}
    assert store.exists("{shop}:erasing") == 0


def test_a_message_that_is_being_sent_ends_first(store, store_url, tmp_path):
    """What is queued is dropped at once; nothing of what Meta tells later about it finds a place."""
    wamid = meta.wamid(ANA.phone, "KEY", "outbound")

    async def scene(house):
        await house.writes(ANA.person, "later")
        row = (await house.begins()).row
        await house.writes(ANA.person, "and another thing")
        task = asyncio.create_task(asyncio.to_thread(baton, store_url, "erase", PHONE, "--yes"))
        while not await asyncio.sleep(0.01, store.hexists("{shop}:count", "row.dropped.erased")):
            pass
        meanwhile = store.hget(f"{{shop}}:r:{row}", "state"), task.done()
        await house.ends(row, "sent", message_id=wamid)
        done = await task
        await house.hears(status(wamid, row))
        return meanwhile, done.stderr

    meanwhile, said = play(store_url, tmp_path, scene)

    assert meanwhile == (b"sending", False)
    assert said.startswith("Erased: 1 contact, 1 chat, ")
    assert left_of(store, ANA, wamid.encode()) == {}
    assert list(store.scan_iter("{shop}:[sr]:*")) == []


def status(message_id, row):
    """Return how Meta tells that a message was delivered."""
    told = {
        "id": message_id,
        "status": "delivered",
        "timestamp": str(int(datetime.now(UTC).timestamp())),
        "recipient_id": ANA.phone,
        "biz_opaque_callback_data": f"{ROW_PREFIX}{row}",
    }
    return meta.envelope(LINES[0], "messages", {"statuses": [told]})


def test_what_somebody_decides_meanwhile_comes_to_nothing(store, store_url, tmp_path):
    """A process that had leased the chat finds it gone, and leaves nothing there."""

    async def scene(house):
        await house.writes(ANA.person, "hello", decided=False)
        chat = await chat_of(house, ANA)
        leased = await house.built.store.lease(SHOP, chat, "somebody")
        await erased(house)
        written = await house.built.store.commit(
            SHOP, chat, "somebody", "attempt", ver=leased.ver, contact_ver=0, decided=1, state=b"x", contact_state=b"x"
        )
        await house.built.handler.drain(SHOP, chat)
        return written.why

    assert play(store_url, tmp_path, scene) == "lease"
    assert left_of(store, ANA) == {}
    assert list(store.scan_iter("{shop}:[cs]:*")) == []


def test_a_no_to_offers_outlasts_them(store, store_url, tmp_path):
    """Also where a list says that they agreed; only a word of their own brings offers back, and that is kept, too."""

    async def scene(house):
        found = []
        await house.writes(ANA.person, "stop")
        await house.writes(BEA.person, "hello")
        await erased(house)
        marks = store.smembers("{shop}:refused")
        await house.writes(ANA.person, "hello")
        found.append(await wish_of(house))
        await house.writes(ANA.person, "start")
        found.append(await wish_of(house))
        await erased(house)
        await house.writes(ANA.person, "hello again")
        found.append(await wish_of(house))
        return marks, [*found, await wish_of(house, BEA)]

    marks, found = play(store_url, tmp_path, scene)

    assert found == [Consent.REFUSED, Consent.GIVEN, Consent.UNKNOWN, Consent.UNKNOWN]
    assert sorted(map(len, marks)) == [3, 3]
    assert left_of(store, ANA).keys().isdisjoint({"{shop}:refused", "{shop}:refused_key"})


def test_a_list_does_not_bring_them_back(store_url, tmp_path):
    """A campaign leaves them out, however often its list says that they opted in."""

    async def scene(house):
        await house.writes(ANA.person, "stop")
        await erased(house)
        await listed(house, ANA, BEA)
        await house.built.store.move_campaign(SHOP, "news", "running", expect=("paused",))
        for _ in range(3):
            await house.built.tick().sweep()
        found = [await house.built.store.subject(SHOP, await chat_of(house, who)) for who in (ANA, BEA)]
        return [len(each.rows) for each in found]

    assert play(store_url, tmp_path, scene) == [0, 1]


def test_who_is_only_on_a_list_is_erased_there(store, store_url, tmp_path):
    """The others keep their places, by which the campaign goes on."""
    play(store_url, tmp_path, lambda house: listed(house, ANA, BEA))

    done = baton(store_url, "erase", PHONE, "--yes")

    async def goes_on(house):
        await house.built.store.move_campaign(SHOP, "news", "running", expect=("paused",))
        await house.built.tick().sweep()
        found = await house.built.store.subject(SHOP, await chat_of(house, BEA))
        return len(found.rows)

    assert done.stderr == "Erased: 1 place in the list of a campaign.\n"
    assert left_of(store, ANA) == {}
    assert asyncio.run(again(store_url, goes_on)) == 1
    assert left_of(store, ANA) == {}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [(f"{PHONE}\n", "Erased: 1 contact, 1 chat, "), ("y\n", "Nothing was erased; "), ("", "Nothing was done.")],
    ids=["the number", "something else", "nothing"],
)
def test_it_asks_to_type_who_is_meant(store_url, tmp_path, typed, expected):
    """Nothing is erased by a slip of the finger."""
    play(store_url, tmp_path, lambda house: house.writes(ANA.person, "hello"))

    done = baton(store_url, "erase", PHONE, typed=typed)

    assert "Everything of Ana Petrova-Lind is erased for good." in done.stderr
    assert expected in done.stderr
    assert (done.exit_code == 0) is expected.startswith("Erased")


def test_what_waits_on_disk_would_bring_them_back(store_url, tmp_path):
    """Then nothing is erased, and the sentence says what to do."""
    play(store_url, tmp_path, lambda house: house.writes(ANA.person, "hello"))
    spool = Spool(tmp_path / "spool")
    body = meta.encode(meta.text_message(LINES[0], ANA.person, "spooled", at=datetime.now(UTC)))
    asyncio.run(spool.add(Record(datetime.now(UTC), body), (EVENTS,)))
    spool.close()

    done = baton(store_url, "erase", PHONE, "--yes", BATON_SPOOL=str(tmp_path / "spool"))
    other = baton(store_url, "erase", f"+{BEA.phone}", "--yes", BATON_SPOOL=str(tmp_path / "spool"))

    assert done.exit_code == 2
    assert "Let `baton serve` take them into the store first" in done.stderr
    assert other.exit_code == 0


def test_what_this_version_cannot_read_is_erased_all_the_same(store, store_url, tmp_path):
    """Another one wrote it."""
    play(store_url, tmp_path, lambda house: lives(house, ANA))
    for pattern in ("{shop}:[cs]:*", "{shop}:r:*"):
        for name in store.scan_iter(pattern):
            field = "blob" if b":r:" in name else "state"
            store.hset(name, field, b"\x09" + (store.hget(name, field) or b""))

    done = baton(store_url, "erase", PHONE, "--yes")

    assert done.exit_code == 0, done.stderr
    assert left_of(store, ANA) == {}


def test_who_is_nobody_is_told(store_url, tmp_path):
    """What can be no contact is told so."""
    play(store_url, tmp_path, lambda house: house.writes(BEA.person, "hello"))

    unknown, wrong = baton(store_url, "erase", PHONE, "--yes"), baton(store_url, "erase", "Ana", "--yes")

    assert (unknown.exit_code, unknown.stderr) == (0, NOTHING)
    assert (wrong.exit_code, wrong.stderr) == (2, "`Ana` is no phone number, user id or contact of `shop`.\n")
