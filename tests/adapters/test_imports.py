"""Does what a phone told of its past get to contacts and logs, once, and change nothing else?"""

import asyncio
import itertools
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from adapters.publish import publish
from adapters.records import packed, read_alert, read_chat, read_contact, read_log, read_row, read_sync
from adapters.settings import read
from adapters.store.scripts import load
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line as Sender
from adapters.whatsapp.meta import Person
from adapters.whatsapp.receive import decode
from adapters.wiring import parts
from engine import sync
from engine.identity import aliases, ids_from
from rules.policy.handoff import Holder
from rules.policy.restrictions import DEFAULT
from tests.adapters.lossy import lossy

PAYLOADS = Path(__file__).parent / "whatsapp" / "payloads"
SHOP = Path(__file__).parent / "web" / "shop"
LINE = Sender(phone_number_id="106540352242922", display_phone_number="15550783881", waba="102290129340398")
ANA, BEA = Person(phone="5511987650001", name="Ana"), Person(phone="5511987650002", name="Bea")
CUBAN = Person(phone="5351234567")
MARCH = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOON = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("store")


class Shop:
    """A business whose phone tells of its past."""

    def __init__(self, built, store):
        self.built = built
        self.store = store

    async def post(self, *bodies):
        """Let Meta post bodies, by their payloads or whole, and decide what they lead to."""
        for body in bodies:
            raw = (PAYLOADS / f"{body}.json").read_bytes() if isinstance(body, str) else meta.encode(body)
            await self.built.intake.take(decode(raw, datetime.now(UTC)))
        await self.built.intake.close()

    async def take_over(self):
        """Import all that waits."""
        importer = self.built.importer()
        while await importer.take("corner-shop"):
            pass

    async def log(self, person=ANA):
        """Return the log of a chat, as who said what."""
        return [(line.who, line.words) for line in await self.lines(person)]

    async def lines(self, person=ANA):
        """Return the lines of a chat's log."""
        subject = f"{LINE.phone_number_id}/{await self.cid(person)}"
        return [line for turn in await self.built.store.log("corner-shop", subject) for line in read_log(turn)]

    async def cid(self, person):
        """Return the id of a contact."""
        return await self.built.store.contact_of("corner-shop", aliases(ids_from((person.phone,), (person.bsuid,))))

    async def contact(self, person):
        """Return what is known of somebody."""
        cid = await self.cid(person)
        state, _ = await self.built.store.contact("corner-shop", cid) if cid else (None, ())
        return read_contact(state) if state else None

    async def sync(self):
        """Return how far the past has come."""
        return read_sync(await self.built.store.sync("corner-shop", LINE.phone_number_id))

    def keys(self, kind):
        """Return the keys of a kind."""
        return sorted(self.store.keys(f"{{corner-shop}}:{kind}:*"))

    async def counts(self):
        """Return what was counted of imports."""
        found = await self.built.store.counts("corner-shop")
        return {name.removeprefix("imported."): count for name, count in found.items() if name.startswith("imported.")}


@asynccontextmanager
async def shop(store_url, store):
    """Give the shop over an empty store."""
    async with parts(read({"BATON_REDIS_URL": store_url})) as built:
        assert (await publish(built.store, SHOP, DEFAULT, by="a test")).changed
        yield Shop(built, store)


def play(store_url, store, scene):
    """Play a scene in the shop, and return what it returns."""

    async def played():
        async with shop(store_url, store) as there:
            return await scene(there)

    return asyncio.run(played())


def said(person, text, at, *, by="contact", key="", status="READ"):
    """Return a message of the past."""
    sides = {"from": person.phone} if by == "contact" else {"from": LINE.display_phone_number, "to": person.phone}
    return {
        **sides,
        "id": meta.wamid(person.phone, key or f"3A{text}", "inbound" if by == "contact" else "outbound"),
        "timestamp": str(int(at.timestamp())),
        "type": "text",
        "text": {"body": text},
        "history_context": {"status": status},
    }


def history(*threads, phase=0, order=1, progress=50):
    """Return a body of the field `history`: threads are people with their messages."""
    chats = [{"id": person.phone, "messages": messages} for person, *messages in threads]
    chunk = {"metadata": {"phase": phase, "chunk_order": order, "progress": progress}, "threads": chats}
    return meta.envelope(LINE, "history", {"history": [chunk]})


def book(*entries):
    """Return a body of the field `smb_app_state_sync`: people, what they are called (nothing: removed), and when."""
    return meta.envelope(LINE, "smb_app_state_sync", {"state_sync": [_entry(*each) for each in entries]})


def _entry(person, name, at):
    names = {"full_name": name} if name else {}
    contact = {"phone_number": person.phone, **names}
    stamp = {"timestamp": str(int(at.timestamp()))}
    return {"type": "contact", "contact": contact, "action": "add" if name else "remove", "metadata": stamp}


BODIES = ("history-phase0", "history-phase1-chunk", "history-media-followup", "history-media-followup-echo")
PEOPLE = [Person(phone=each) for each in ("12025550143", "915550000142", "5511900000042")]


def test_history_becomes_the_logs_of_its_chats(store_url, store):
    """Who said it, when, and how far it came; what was only a place in the history becomes what the file said."""

    async def scene(there):
        await there.post(*BODIES)
        await there.take_over()
        return [await there.lines(each) for each in PEOPLE]

    american, indian, brazilian = play(store_url, store, scene)

    assert [(each.who, each.words, each.imported) for each in american] == [
        ("contact", "Do you have the large size?", "read"),
        ("owner", "Yes, two left", "read"),
        ("owner", "", "delivered"),
    ]
    assert [str(each.why[0].words) for each in american if each.why] == ["image"]
    assert [(each.words, each.imported) for each in indian] == [("Good morning", "pending")]
    assert [each.words for each in brazilian] == ["Obrigada!", "De nada", "Foto do vaso"]
    assert brazilian[2].at == datetime.fromtimestamp(1787494400, UTC)


@pytest.mark.parametrize("order", [*itertools.permutations(BODIES)][::7])
def test_chunks_may_come_in_any_order(store_url, store, order):
    """What comes of them is the same."""

    async def scene(there):
        await there.post(*order)
        await there.take_over()
        return [await there.log(each) for each in PEOPLE], await there.sync()

    logs, found = play(store_url, store, scene)

    assert [len(each) for each in logs] == [3, 1, 3]
    assert logs[2][2] == ("contact", "Foto do vaso")
    assert (found.chunks, found.progress, found.messages) == ({0: 1, 1: 2}, 55, 7)


def test_history_changes_nothing_but_logs_and_contacts(store_url, store):
    """No chat comes of it, no event, no row, no timer; a chat that there is keeps its version."""

    async def scene(there):
        await there.post(meta.text_message(LINE, ANA, "hello", at=datetime.now(UTC)))
        [chat], rows = store.keys("{corner-shop}:s:*/*"), there.keys("r")
        before = store.hgetall(chat)
        await there.post(history((ANA, said(ANA, "before", MARCH)), (BEA, said(BEA, "order", MARCH))))
        await there.take_over()
        return before, store.hgetall(chat), rows, there

    before, after, rows, there = play(store_url, store, scene)

    assert after == before
    assert there.keys("r") == rows
    assert len(there.keys("log")) == 2
    assert [there.keys(kind) for kind in ("in", "import", "todo")] == [[], [], []]
    assert not store.exists("{corner-shop}:imports", "{corner-shop}:timers", "{corner-shop}:importer")


def test_history_stands_among_what_was_heard_live_and_doubles_none_of_it(store_url, store):
    """Also where the history names a message by the id that the other side sees."""

    async def scene(there):
        now = datetime.now(UTC)
        live = meta.text_message(LINE, ANA, "hello", at=now, key="3ALIVE")
        await there.post(live)
        await there.post(meta.echo(LINE, ANA, "I am here", at=now + SOON))
        again = said(ANA, "hello", now, key="3ALIVE")
        again["id"] = meta.wamid(LINE.display_phone_number, "3ALIVE", "inbound")
        await there.post(history((ANA, said(ANA, "between", now + SOON / 2), again, said(ANA, "before", MARCH))))
        await there.take_over()
        return await there.log()

    assert [words for who, words in play(store_url, store, scene) if who in ("contact", "owner")] == [
        "before",
        "hello",
        "between",
        "I am here",
    ]


def test_what_is_imported_again_is_there_once(store_url, store):
    """A body that was done half is done again: here it comes as another one."""

    async def scene(there):
        messages = [said(ANA, f"message {each}", MARCH + each * SOON) for each in range(25)]
        await there.post(history((ANA, *messages)))
        await there.take_over()
        first = await there.log()
        await there.post(history((ANA, *messages[:7]), order=2), history((ANA, *messages), order=3))
        await there.take_over()
        return first, await there.log()

    first, then = play(store_url, store, scene)

    assert first == [("contact", f"message {each}") for each in range(25)]
    assert then == first


@pytest.mark.parametrize("script", ["take_import", "put_past", "end_import"])
def test_a_lost_answer_of_the_store_changes_nothing(store_url, store, tmp_path, script):
    """What ran is not done twice, whether or not whoever asked heard of it."""

    async def scene():
        store.script_load(load(script).text)
        async with shop(store_url, store) as there, lossy(store_url, tmp_path, script) as (url, way):
            messages = [said(ANA, f"message {each}", MARCH + each * SOON) for each in range(15)]
            await there.post(history((ANA, *messages), (BEA, said(BEA, "two", MARCH))))
            async with parts(read({"BATON_REDIS_URL": url})) as far:
                importer = far.importer()
                with pytest.raises((RedisError, OSError)):
                    await importer.take("corner-shop")
                while await importer.take("corner-shop"):
                    pass
            return way.lost, await there.log(), await there.log(BEA), (await there.sync()).messages

    lost, ana, bea, counted = asyncio.run(scene())

    assert (lost, counted) == (1, 16)
    assert (ana, bea) == ([("contact", f"message {each}") for each in range(15)], [("contact", "two")])


def test_the_newest_of_a_long_history_is_kept(store_url, store):
    """A log holds 100 turns, and ten imported messages are one."""

    async def scene(there):
        messages = [said(ANA, f"{each}", MARCH + each * SOON) for each in range(1_205)]
        await there.post(history((ANA, *messages[600:])), history((ANA, *messages[:600]), order=2))
        await there.take_over()
        return await there.log(), store.llen(there.keys("log")[0])

    log, turns = play(store_url, store, scene)

    assert turns == 100
    assert log == [("contact", f"{each}") for each in range(205, 1_205)]


def test_whom_the_lists_name_is_kept_counted_and_marked(store_url, store):
    """Nobody may answer them, in the past as now."""

    async def scene(there):
        await there.post(history((CUBAN, said(CUBAN, "hola", MARCH))), book((CUBAN, "Pepe", MARCH)))
        await there.take_over()
        return await there.lines(CUBAN), await there.counts()

    [line], counts = play(store_url, store, scene)

    assert (line.words, [each.about for each in line.why]) == ("hola", ["restriction"])
    assert counts == {"message": 1, "name": 1, "restricted": 2}


def test_files_of_the_past_are_brought_that_meta_still_has(store_url, store):
    """Once, however often they are told of; nothing else comes of them, and nobody's whom the lists name is brought."""

    async def scene(there):
        follow_ups = ("history-media-followup", "history-media-followup-echo")
        cuban = json.loads((PAYLOADS / f"{follow_ups[0]}.json").read_bytes())
        value = cuban["entry"][0]["changes"][0]["value"]
        value["contacts"], value["messages"][0]["from"] = [], CUBAN.phone
        del value["messages"][0]["from_user_id"]
        await there.post(*follow_ups, cuban)
        await there.take_over()
        value["messages"][0]["from"] = PEOPLE[2].phone
        await there.post(cuban)
        await there.take_over()
        rows = [read_row(store.hget(key, "blob")) for key in there.keys("r")]
        chats = [read_chat(store.hget(key, "state")) for key in store.keys("{corner-shop}:s:*/*")]
        return rows, chats, [line for each in PEOPLE[::2] for line in await there.lines(each)]

    rows, chats, lines = play(store_url, store, scene)

    brought = sorted((row.effect.file.id, row.effect.by, str(row.asked_at.date())) for row in rows)
    assert brought == [("1477130479394223", "owner", "2026-09-21"), ("3246399543340147", "contact", "2026-09-18")]
    assert [(each.heard_at, each.owner_at, each.holding.holder) for each in chats] == [(None, None, Holder.BOT)] * 2
    assert [(each.who, each.words) for each in lines] == [("owner", ""), ("contact", "Foto do vaso")]


def test_a_bad_piece_stays_alone(store_url, store):
    """A message without a moment, a thread of nobody and a piece that is no object are kept aside."""

    async def scene(there):
        bad = {**said(ANA, "bad", MARCH), "timestamp": "soon"}
        body = history((ANA, said(ANA, "one", MARCH), bad, said(ANA, "two", MARCH + SOON)))
        [piece] = body["entry"][0]["changes"][0]["value"]["history"]
        piece["threads"] += [{"messages": []}, 7]
        await there.post(body)
        await there.take_over()
        return await there.log(), await there.built.store.quarantined("corner-shop"), await there.sync()

    log, aside, found = play(store_url, store, scene)

    assert log == [("contact", "one"), ("contact", "two")]
    assert sorted(each.field for each in aside) == ["history"] * 3
    assert found.messages == 2


def test_a_body_that_ends_its_process_three_times_is_kept_aside(store_url, store):
    """The next one is imported."""

    async def scene(there):
        await there.post(history((ANA, said(ANA, "one", MARCH))), history((BEA, said(BEA, "two", MARCH))))
        for each in range(3):
            await there.built.store.take_import("corner-shop", f"dead {each}")
            store.delete("{corner-shop}:importer")
        await there.take_over()
        return await there.cid(ANA), await there.log(BEA), await there.built.store.quarantined("corner-shop")

    ana, log, aside = play(store_url, store, scene)

    assert (ana, log) == (None, [("contact", "two")])
    assert [each.reason for each in aside] == ["It ended its process three times"]


@pytest.mark.parametrize("kind", ["import", "c", "sync"])
def test_what_a_later_version_wrote_waits_for_it(store_url, store, kind):
    """The body, the contact's record, or how far it has come; nothing is kept aside."""

    async def scene(there):
        await there.post(meta.text_message(LINE, ANA, "now", at=datetime.now(UTC)))
        store.hset("{corner-shop}:sync", LINE.phone_number_id, packed(sync.Sync(progress=7)))
        await there.post(history((ANA, said(ANA, "before", MARCH))))
        name, field = {
            "import": (there.keys("import")[0], "body"),
            "c": (there.keys("c")[0], "state"),
            "sync": ("{corner-shop}:sync", LINE.phone_number_id),
        }[kind]
        blob = store.hget(name, field)
        store.hset(name, field, b"\x02" + blob[1:])
        await there.take_over()
        waits = store.llen("{corner-shop}:imports"), await there.built.store.quarantined("corner-shop")
        store.hset(name, field, blob)
        await there.take_over()
        return waits, [words for who, words in await there.log() if who == "contact"]

    assert play(store_url, store, scene) == ((1, []), ["before", "now"])


def test_a_contact_whose_record_is_broken_stays_alone(store_url, store):
    """What was to be remembered of them is kept aside."""

    async def scene(there):
        await there.post(meta.text_message(LINE, ANA, "now", at=datetime.now(UTC)))
        store.hset(there.keys("c")[0], "state", b"\x01\xff")
        await there.post(history((ANA, said(ANA, "before", MARCH)), (BEA, said(BEA, "two", MARCH))))
        await there.take_over()
        [aside] = await there.built.store.quarantined("corner-shop")
        return await there.log(BEA), aside.reason, b"before" in aside.raw

    assert play(store_url, store, scene) == ([("contact", "two")], "It could not be imported", True)


def test_a_body_is_taken_by_one(store_url, store):
    """Until it is given back or its time is over; given back, it has hurt nobody."""

    async def scene(there):
        await there.post(history((ANA, said(ANA, "one", MARCH))))
        taken = await there.built.store.take_import("corner-shop", "me")
        others = await there.built.store.take_import("corner-shop", "you")
        await there.built.store.give_back_import("corner-shop", taken.name)
        return taken, others, await there.built.store.take_import("corner-shop", "you")

    mine, others, theirs = play(store_url, store, scene)

    assert others is None
    assert (mine.tries, theirs) == (1, mine)


def test_a_stopped_importer_leaves_the_body_to_others(store_url, store):
    """As it was."""

    async def scene(there):
        await there.post(history((ANA, said(ANA, "one", MARCH))))
        importer = there.built.importer()
        importer.stop()
        await importer.take("corner-shop")
        left = await there.built.store.take_import("corner-shop", "other")
        return left.tries, await there.cid(ANA)

    assert play(store_url, store, scene) == (1, None)


@pytest.mark.parametrize("name", ["history-declined", "history-declined-bare"])
def test_who_does_not_share_the_history_is_told_once_that_this_is_fine(store_url, store, name):
    """With or without Meta's envelope."""

    async def scene(there):
        body = json.loads((PAYLOADS / f"{name}.json").read_bytes())
        await there.post(name, {**body, "again": True})
        await there.take_over()
        return await there.sync(), [read_alert(each.blob) for each in await there.built.store.alerts("corner-shop")]

    found, alerts = play(store_url, store, scene)

    assert sync.state(found) == "declined"
    assert [(each.code, each.words) for each in alerts] == [("history", sync.NOT_SHARED)]


def test_the_owner_hears_when_all_has_come(store_url, store):
    """From then on the app need not stay open."""

    async def scene(there):
        await there.post("history-phase0", "history-phase2-complete")
        await there.take_over()
        return await there.sync(), [
            read_alert(each.blob).words for each in await there.built.store.alerts("corner-shop")
        ]

    found, alerts = play(store_url, store, scene)

    assert (sync.state(found), alerts) == ("whole", [sync.SHARED])


def test_the_address_book_names_contacts_and_takes_only_its_names_away(store_url, store):
    """What somebody calls themselves stays theirs; the newest entry counts, whenever it comes."""

    async def scene(there):
        await there.post(meta.text_message(LINE, ANA, "hello", at=datetime.now(UTC)))
        await there.post(book((ANA, "Ana, pays late", MARCH), (BEA, "Bea", MARCH)))
        await there.take_over()
        added = await there.contact(ANA)
        await there.post(book((ANA, None, MARCH + 2 * SOON)), book((ANA, "Ana", MARCH + SOON), (CUBAN, None, MARCH)))
        await there.take_over()
        return added, await there.contact(ANA), await there.contact(BEA), await there.cid(CUBAN), await there.sync()

    added, left, bea, nobody, found = play(store_url, store, scene)

    assert (added.name, added.book[LINE.phone_number_id].name) == ("Ana", "Ana, pays late")
    assert (left.name, left.book[LINE.phone_number_id].name) == ("Ana", None)
    assert (bea.name, bea.ids.phones, bea.book[LINE.phone_number_id].name) == (None, (BEA.phone,), "Bea")
    assert (nobody, found.names) == (None, 5)


def test_meta_s_own_address_books_are_read(store_url, store):
    """Also of people without a number."""

    async def scene(there):
        await there.post("app-state-sync-add", "app-state-sync-batch", "app-state-sync-remove")
        await there.take_over()
        nora = await there.contact(Person(bsuid="ES.27750193364481029956"))
        return nora, await there.built.store.quarantined("corner-shop")

    nora, aside = play(store_url, store, scene)

    assert (nora.username, nora.book[LINE.phone_number_id].name, aside) == ("nora.vidal", "Nora Vidal", [])


def test_a_contact_of_the_past_who_writes_is_the_same(store_url, store):
    """Their log goes on."""

    async def scene(there):
        await there.post(history((ANA, said(ANA, "before", MARCH))))
        await there.take_over()
        await there.post(meta.text_message(LINE, ANA, "now", at=datetime.now(UTC)))
        return await there.log(), await there.contact(ANA)

    log, ana = play(store_url, store, scene)

    assert [words for who, words in log if who == "contact"] == ["before", "now"]
    assert (ana.name, ana.ids.phones) == ("Ana", (ANA.phone,))
