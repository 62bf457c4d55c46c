"""Does one bad thing stay alone, and does each business see only its own, on a real store?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from adapters.handle import TRIES
from adapters.intake import in_turn, item_of
from adapters.live import NotLive
from adapters.publish import publish
from adapters.records import packed, read_alert, read_chat, read_row
from adapters.settings import read
from adapters.store.records import NextRow
from adapters.store.scripts import load
from adapters.whatsapp.receive import Arrival, Batch
from adapters.wiring import Parts, parts
from engine.chat import Chat, Number
from engine.content import Text
from engine.decide import Decision, decide
from engine.effects import Alert, Send
from engine.events import ChatEvent, EchoReceived, IdentityChanged, MessageReceived
from engine.identity import Ids, merged
from rules.policy.handoff import Holder
from rules.policy.restrictions import DEFAULT

ANA = Ids(phones=("5511987650001",))
BUSINESS = """
business: {name}
timezone: America/Sao_Paulo
language: en
numbers: [{{id: "{number}", phone: "+55 11 91234-567{number}", waba: "{number}00"}}]
"""
FLOW = """
flow: ping
start: [{{when: text has "ping"}}]
steps: [{{send: "pong of {name}"}}]
---
flow: many
start: [{{when: text has "many"}}]
steps: [{{notify: "{{{{ text }}}}, please"}}]
"""


@asynccontextmanager
async def a_house(store_url: str, folder: Path, *names: str) -> AsyncIterator[Parts]:
    """Give the parts of a process, with a business live for each name."""
    async with parts(read({"BATON_REDIS_URL": store_url})) as built:
        for place, name in enumerate(names, start=1):
            home = folder / name
            home.mkdir()
            (home / "business.yaml").write_text(BUSINESS.format(name=name, number=place))
            (home / "flow.yaml").write_text(FLOW.format(name=name))
            done = await publish(built.store, home, DEFAULT, by="a test")
            assert done.changed, done.problems
        yield built


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Run an asynchronous scene."""
    asyncio.run(scene())  # type: ignore[arg-type]


def now() -> datetime:
    """Return this second, as webhooks tell it."""
    return datetime.now(UTC).replace(microsecond=0)


def message(text: str, key: str, number: str = "1", ids: Ids = ANA) -> Arrival:
    """Return a message of a contact's."""
    event = MessageReceived(id=key, at=now(), arrived_at=now(), content=Text(text), ids=ids)
    return Arrival(number=number, waba=None, field="messages", kind="chat", key=key, at=now(), event=event, ids=ids)


def echo(text: str, key: str, number: str = "1", ids: Ids = ANA) -> Arrival:
    """Return a message of the owner's to a contact."""
    event = EchoReceived(id=key, at=now(), arrived_at=now(), content=Text(text), ids=ids)
    return Arrival(
        number=number, waba=None, field="smb_message_echoes", kind="echo", key=key, at=now(), event=event, ids=ids
    )


def moved(key: str, old: Ids, new: Ids) -> Arrival:
    """Return what Meta tells when a contact changes their number."""
    event = IdentityChanged(id=key, at=now(), arrived_at=now(), ids=new, old=old)
    both = merged(new, old)
    return Arrival(
        number="1", waba=None, field="messages", kind="chat", key=key, at=now(), event=event, ids=both, old=old
    )


async def take(house: Parts, business: str, *arrivals: Arrival) -> str:
    """Append events and decide them; returns the chat."""
    items = [item_of(each, each.number or "", "echo" if each.kind == "echo" else "chat") for each in arrivals]
    taken = await house.store.ingest(business, items)
    for subject in in_turn(taken[0]):
        await house.handler.drain(business, subject)
    return taken[0].subject or ""


async def queued(house: Parts, business: str, subject: str) -> list[str]:
    """Return the words that are queued in a chat."""
    found = await house.store.subject(business, subject)
    rows = [await house.store.row(business, row) for row in (found.rows if found else ())]
    effects = [read_row(row.blob).effect for row in rows if row]
    return [each.content.body for each in effects if isinstance(each, Send) and isinstance(each.content, Text)]


@pytest.mark.usefixtures("store")
def test_two_businesses_in_one_store_see_only_their_own(store_url, tmp_path):
    """The same person writes to both: two contacts, two chats, two answers."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north", "south") as house:
            chats = [await take(house, name, message("ping", "w1", str(n))) for n, name in ((1, "north"), (2, "south"))]

            assert await queued(house, "north", chats[0]) == ["pong of north"]
            assert await queued(house, "south", chats[1]) == ["pong of south"]
            assert await house.store.contact_of("south", ("p:5511000000000",)) is None

    play(scene)


@pytest.mark.usefixtures("store")
def test_in_one_body_an_echo_is_decided_before_the_message(store_url, tmp_path):
    """The owner answered already: the bot does not."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1"), echo("I am here", "e1"))

            assert await queued(house, "north", chat) == []

    play(scene)


def test_by_a_clock_that_runs_far_ahead_nothing_is_too_old(store, store_url, tmp_path, monkeypatch):
    """The store's is eight days ahead of ours: the message waits, and is answered once they agree."""

    class Behind(datetime):
        """What this machine's clock says, as the store's cannot be set."""

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=8)

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            with monkeypatch.context() as patched:
                patched.setattr("adapters.handle.datetime", Behind)
                chat = await take(house, "north", message("ping", "w1"))
                before = (await queued(house, "north", chat), store.hget(f"{{north}}:s:{chat}", "lease"))
            await house.handler.drain("north", chat)

            assert before == ([], None)
            assert await queued(house, "north", chat) == ["pong of north"]

    play(scene)


@pytest.mark.usefixtures("store")
def test_a_note_for_the_owner_is_kept_with_its_chat(store_url, tmp_path):
    """Whoever reads it has to find the chat."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("many cakes", "w1"))

            kept = [read_alert(told.blob) for told in await house.store.alerts("north")]
            assert kept == [Alert("notified", "many cakes, please", chat)]
            assert await queued(house, "north", chat) == []

    play(scene)


@pytest.mark.parametrize("blob", [b"\xff nonsense", b"\xff\x80", b"\x01\x81\xa4type\xa7Unknown"])
def test_an_event_nobody_can_read_is_kept_aside_and_the_chat_goes_on(store_url, store, tmp_path, blob):
    """What was queued is dropped, since the event may have been the owner; the next message is answered."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1"))
            store.rpush(f"{{north}}:in:{chat}", b"e\0" + blob)
            await house.handler.drain("north", chat)

            assert await queued(house, "north", chat) == []
            assert [each.raw for each in await house.store.quarantined("north")] == [blob]
            assert len(await house.store.alerts("north")) == 1

            await take(house, "north", message("ping", "w2"))
            assert await queued(house, "north", chat) == ["pong of north"]

    play(scene)


def test_a_chat_whose_flows_are_gone_for_a_while_is_decided_when_they_are_back(store_url, store: Any, tmp_path):
    """However often somebody tried meanwhile: no event is taken for one that ends processes."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("hello", "w0"))
            [version] = store.keys("{north}:v:*")
            kept = store.dump(version)
            store.delete(version)
        async with parts(read({"BATON_REDIS_URL": store_url})) as house:
            await house.store.ingest("north", [item_of(message("ping", "w1"), "1", "chat")])
            for _ in range(5):
                with pytest.raises(NotLive):
                    await house.handler.drain("north", chat)
            store.restore(version, 0, kept)
        async with parts(read({"BATON_REDIS_URL": store_url})) as house:
            await house.handler.drain("north", chat)

            assert await queued(house, "north", chat) == ["pong of north"]
            assert await house.store.quarantined("north") == []

    play(scene)


@pytest.mark.parametrize("field", ["chat", "contact", "number", "event"])
def test_what_a_later_version_wrote_waits_for_it(store_url, store: redis.Redis, tmp_path, field):
    """It is neither parked nor written over, people are told once, and whoever can read it goes on."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("hello", "w0"))
            store.hset("{north}:s:1", "state", packed(Number(id="1", business="north", phone="", waba="")))
            await house.store.ingest("north", [item_of(message("ping", "w1"), "1", "chat")])
            change = partial(rewrite, store, field, chat)
            change(b"\x01", b"\x02")
            before = store.hgetall(f"{{north}}:s:{chat}")
            for _ in range(5):
                await house.handler.drain("north", chat)
            after = store.hgetall(f"{{north}}:s:{chat}")
            alerts = [read_alert(each.blob).code for each in await house.store.alerts("north")]

            assert after == before
            assert alerts.count("later_version") == 1
            assert (store.llen(f"{{north}}:in:{chat}"), await house.store.quarantined("north")) == (1, [])

            change(b"\x02", b"\x01")
            await house.handler.drain("north", chat)
            assert await queued(house, "north", chat) == ["pong of north"]

    play(scene)


def rewrite(store: Any, field: str, chat: str, schema: bytes, other: bytes) -> None:
    """Let one of the records that a decision reads have another schema."""
    if field == "event":
        [entry] = store.lrange(f"{{north}}:in:{chat}", 0, -1)
        store.lset(f"{{north}}:in:{chat}", 0, entry.replace(b"e\0" + schema, b"e\0" + other, 1))
        return
    number, contact = chat.split("/")
    name = {"chat": f"s:{chat}", "contact": f"c:{contact}", "number": f"s:{number}"}[field]
    blob = store.hget(f"{{north}}:{name}", "state")
    store.hset(f"{{north}}:{name}", "state", blob.replace(schema, other, 1))


@pytest.mark.usefixtures("store")
def test_a_message_that_a_later_version_queued_waits_for_it(store_url, store: Any, tmp_path):
    """The others of its number are looked at, and so is it a while later."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1"))
            [name] = store.keys("{north}:r:*")
            store.hset(name, "blob", store.hget(name, "blob").replace(b"\x01", b"\x02", 1))
            lane = house._lane("north", "1", asyncio.Event())
            serving = asyncio.create_task(lane.run())
            async with asyncio.timeout(10):
                while not (alerts := await house.store.alerts("north")):  # noqa: ASYNC110 - it is in the store
                    await asyncio.sleep(0.01)
            lane.stop()
            await serving

            assert [read_alert(each.blob).code for each in alerts] == ["later_version"]
            assert store.hget(name, "state") == b"queued"
            assert store.zscore("{north}:ready:1", chat) > now().timestamp() * 1000

    play(scene)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("key", "holder"), [("w-ours", Holder.BOT), ("w-theirs", Holder.OWNER)])
def test_an_echo_waits_while_a_message_of_the_chat_has_no_id_yet(store_url, tmp_path, key, holder):
    """It may be of that message, or of the owner; until its answer is there nobody knows."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1"))
            row = await begun(house, "north", "1")
            await take(house, "north", echo("pong of north", key))
            waiting = await house.store.subject("north", chat)
            await house.store.settle("north", row, "its end", expect=["sending"], state="sent", message_id="w-ours")
            await house.handler.drain("north", chat)
            after = await house.store.subject("north", chat)

            assert waiting is not None
            assert after is not None
            assert (waiting.inbox, waiting.hold is None, after.inbox) == (1, False, 0)
            assert read_chat(after.state or b"").holding.holder is holder

    play(scene)


async def begun(house: Parts, business: str, number: str) -> str:
    """Let the next message begin to leave, and return its row."""
    found = await house.store.next_row(business, number)
    assert isinstance(found, NextRow)
    begun = await house.store.begin(
        business,
        found.row,
        "an attempt",
        subject=found.subject,
        ver=found.ver,
        number_ver=found.number_ver,
        lists=DEFAULT.digest,
        valid_until_ms=10**14,
    )
    assert begun.ok
    return found.row


def test_an_event_that_ends_its_process_is_parked_after_three_tries(store_url, store: redis.Redis, tmp_path):
    """The fourth process that leases the chat puts the first event aside, and the others are decided."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("hello", "w0"))
            await house.store.ingest("north", [item_of(message("ping", each), "1", "chat") for each in ("w1", "w2")])
            for each in range(3):
                assert await house.store.lease("north", chat, f"process {each}, which dies", ms=1)
                await asyncio.sleep(0.005)
            await house.handler.drain("north", chat)

            assert await queued(house, "north", chat) == ["pong of north"]
            assert len(await house.store.quarantined("north")) == 1
            assert store.llen(f"{{north}}:in:{chat}") == 0

    play(scene)


class Killed(BaseException):
    """The end of a process: nothing that it had in hand is brought to an end."""


@pytest.mark.parametrize("place", [0, 1, 3])
def test_what_waits_beside_an_event_that_ends_its_process_is_decided(store_url, store, tmp_path, monkeypatch, place):
    """That one alone is parked, after it ended a process three times by itself."""

    def killing(chat: Chat, event: ChatEvent, *given: Any) -> Decision:
        if event.id == f"w{place}":
            raise Killed
        return decide(chat, event, *given)

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat, kills = await take(house, "north", message("hello", "w")), 0
            events = [message("ping", f"w{each}") for each in range(4)]
            await house.store.ingest("north", [item_of(each, "1", "chat") for each in events])
            monkeypatch.setattr("adapters.handle.decide", killing)
            while store.llen(f"{{north}}:in:{chat}"):
                try:
                    await house.handler.drain("north", chat)
                except Killed:
                    kills += 1
                    store.hset(f"{{north}}:s:{chat}", "lease_until", 1)

            [aside] = await house.store.quarantined("north")
            assert f"w{place}".encode() in aside.raw
            assert len([*store.scan_iter("{north}:r:*")]) == 3
            assert kills <= TRIES + 1

    play(scene)


def test_the_owner_is_heard_first_in_what_a_process_that_died_left(store_url, store, tmp_path):
    """Though it is decided event by event then, nothing runs because of a message that the owner answered."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("hello", "w0"))
            await house.store.ingest("north", [item_of(message("ping", "w1"), "1", "chat")])
            await house.store.ingest("north", [item_of(echo("I am here", "e1"), "1", "echo")])
            assert await house.store.lease("north", chat, "a process that dies", ms=1)
            await asyncio.sleep(0.005)

            await house.handler.drain("north", chat)

            assert store.llen(f"{{north}}:in:{chat}") == 0
            assert store.hget("{north}:count", "row.dropped") is None
            assert await queued(house, "north", chat) == []

    play(scene)


def test_a_chat_whose_inbox_is_broken_fails_alone_and_loses_nothing(store_url, store, tmp_path):
    """What came at the same moment is taken, and what was refused is no repeat when it comes again."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            people = [Ids(phones=(f"551198765000{each}",)) for each in range(3)]
            chats = [
                await take(house, "north", message("hello", f"a{each}", ids=ids)) for each, ids in enumerate(people)
            ]
            store.set(f"{{north}}:in:{chats[1]}", "no list")
            batches = [Batch((message("ping", f"b{each}", ids=ids),)) for each, ids in enumerate(people)]
            done = await asyncio.gather(*map(house.intake.take, batches), return_exceptions=True)
            store.delete(f"{{north}}:in:{chats[1]}")
            await house.intake.take(batches[1])
            await house.intake.close()

            assert [isinstance(each, ResponseError) for each in done] == [False, True, False]
            assert [await queued(house, "north", each) for each in chats] == [["pong of north"]] * 3

    play(scene)


@pytest.mark.usefixtures("store")
def test_events_of_a_number_that_is_not_live_any_more_are_kept_aside(store_url, tmp_path):
    """Nobody is answered on it, nothing is lost, and nothing crashes."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1", "7"))

            assert await queued(house, "north", chat) == []
            assert len(await house.store.quarantined("north")) == 1

    play(scene)


@pytest.mark.usefixtures("store")
def test_an_echo_to_a_chat_that_does_not_exist_yet_makes_it_the_owners(store_url, tmp_path):
    """The first message of the contact is then not answered by the bot."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", echo("Hi, this is the shop", "e1"))
            await take(house, "north", message("ping", "w1"))

            found = await house.store.subject("north", chat)
            assert found is not None
            assert read_chat(found.state or b"").holding.holder is Holder.OWNER
            assert await queued(house, "north", chat) == []

    play(scene)


@pytest.mark.parametrize(
    ("known", "echoed"),
    [
        (Ids(("5511987650001",)), Ids(("551187650001",))),
        (Ids(("551187650001",)), Ids(("5511987650001",))),
        (Ids(("5215512345678",)), Ids(("525512345678",))),
        (Ids(("5491123456789",)), Ids(("541123456789",))),
        (Ids(("5511987650001",), ("BR.1000000001",)), Ids((), ("BR.1000000001",))),
    ],
)
@pytest.mark.usefixtures("store")
def test_the_owner_reaches_the_right_chat_however_the_contact_is_spelled(store_url, tmp_path, known, echoed):
    """With and without the extra digit of Brazil, Mexico and Argentina, and by user id alone."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1", ids=known))
            assert await queued(house, "north", chat) == ["pong of north"]

            assert await take(house, "north", echo("I am here", "e1", ids=echoed)) == chat
            assert await queued(house, "north", chat) == []

    play(scene)


@pytest.mark.usefixtures("store")
def test_a_contact_with_a_new_number_is_still_the_same_and_the_old_number_is_somebody_else(store_url, tmp_path):
    """The chat goes on under the new number; who has the old one now is a new contact."""
    old, new = Ids(("5491123456789",)), Ids(("5491123450000",), ("AR.1000000001",))

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            chat = await take(house, "north", message("ping", "w1", ids=old))
            await take(house, "north", moved("m1", old, new))

            assert await take(house, "north", message("hello", "w2", ids=new)) == chat
            assert await take(house, "north", message("ping", "w3", ids=old)) != chat

    play(scene)


@pytest.mark.usefixtures("store")
def test_two_contacts_that_turn_out_to_be_one_are_joined(store_url, tmp_path):
    """Known by user id and by phone apart: a message with both makes them one, and the owner's silence holds."""
    phone, bsuid = Ids(("5511987650001",)), Ids((), ("BR.1000000001",))

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            by_phone = await take(house, "north", message("hello", "w1", ids=phone))
            await take(house, "north", echo("I am here", "e1", ids=phone))
            by_id = await take(house, "north", message("hello", "w2", ids=bsuid))
            assert by_id != by_phone

            winner = await take(house, "north", message("ping", "w3", ids=merged(phone, bsuid)))

            found = await house.store.subject("north", winner)
            assert found is not None
            assert read_chat(found.state or b"").holding.holder is Holder.OWNER
            assert [await queued(house, "north", chat) for chat in (by_phone, by_id)] == [[], []]

    play(scene)


def losing(house: Parts, sha: str, times: int) -> None:
    """Let the next calls of a script be lost on the way to the store."""
    pool = house.store.client.connection_pool
    left = [times]

    class Losing(pool.connection_class):  # type: ignore[name-defined,misc]  # whichever the store's URL asks for
        async def send_packed_command(self, command: bytes, *rest: object, **more: object) -> None:
            if sha.encode() in command and left[0]:
                left[0] -= 1
                raise RedisConnectionError
            await super().send_packed_command(command, *rest, **more)

    pool.connection_class = Losing
    pool.reset()


@pytest.mark.usefixtures("store")
def test_a_chat_whose_decision_is_lost_on_the_way_is_free_at_once(store_url, tmp_path):
    """It need not wait for the end of a lease, and nobody takes its event for one that ends processes."""

    async def scene() -> None:
        async with a_house(store_url, tmp_path, "north") as house:
            [taken] = await house.store.ingest("north", [item_of(message("ping", "w1"), "1", "chat")])
            chat = taken.subject or ""
            await house.store.client.aclose()
            losing(house, load("commit").sha, TRIES + 1)
            for _ in range(TRIES + 1):
                with pytest.raises(RedisConnectionError):
                    await house.handler.drain("north", chat)

            await house.handler.drain("north", chat)

            assert await queued(house, "north", chat) == ["pong of north"]

    play(scene)
