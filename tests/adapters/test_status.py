"""Do `status` and `parked` say how it is going, and let a person decide?"""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.cli import main
from adapters.intake import item_of
from adapters.publish import publish
from adapters.records import new_alert, packed
from adapters.settings import read
from adapters.store.records import NextRow
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text
from engine.effects import Alert
from engine.events import MessageReceived
from engine.identity import Ids
from engine.sync import Chunk, Sync, with_chunk, with_messages, with_names
from rules.policy import restrictions

TOP = Path(__file__).parents[2]
BUSINESS = """
business: north
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 4002-8922", waba: "7", coexistence: false}]
otherwise: {steps: [{send: "We are closed, but we will look into it as soon as we can, promised by all of us."}]}
"""
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def shop(store_url, tmp_path):
    """Give a business in which nobody has written yet."""
    (tmp_path / "business.yaml").write_text(BUSINESS)

    async def publishes(house):
        done = await publish(house.store, tmp_path, restrictions.DEFAULT, by="me")
        assert done.problems == ()

    return Shop(store_url, publishes)


class Shop:
    """A business in the store, and somebody who looks after it at a terminal."""

    def __init__(self, store_url, publishes):
        self.store_url = store_url
        self.inside(publishes)

    def inside(self, work):
        """Do something with the parts of a process."""

        async def done():
            async with parts(read({"BATON_REDIS_URL": self.store_url})) as house:
                return await work(house)

        return asyncio.run(done())

    def hears(self, text):
        """Let a contact write, and what they write be decided."""

        async def heard(house):
            now = datetime.now(UTC)
            ids = Ids(phones=("5511900000001",))
            event = MessageReceived(id=text, at=now, arrived_at=now, content=Text(text), ids=ids)
            come = Arrival(number="1", waba=None, field="messages", kind="chat", key=text, at=now, event=event, ids=ids)
            [taken] = await house.store.ingest("north", [item_of(come, "1", "chat")])
            await house.handler.drain("north", taken.subject or "")

        self.inside(heard)

    def doubts(self):
        """Send what is queued, and let nobody ever know what became of it."""

        async def parked(house):
            found = await house.store.next_row("north", "1")
            assert isinstance(found, NextRow)
            fields = {"subject": found.subject, "ver": found.ver, "number_ver": found.number_ver}
            lists = (await house.live.now_live("north")).lists.digest
            await house.store.begin("north", found.row, "one", lists=lists, valid_until_ms=10**14, **fields)
            await house.store.settle("north", found.row, "two", expect=["sending"], state="doubt")
            await house.store.settle("north", found.row, "three", expect=["doubt"], state="parked")
            return found.row

        return self.inside(parked)

    def baton(self, *arguments):
        """Run a command."""
        environ = {"BATON_REDIS_URL": self.store_url}
        return CliRunner().invoke(main, arguments, env=environ, catch_exceptions=False)

    def figures(self):
        """Return what `status` says to programs."""
        [found] = json.loads(self.baton("status", "--format", "json").stdout)
        return found


def test_an_empty_store_says_what_to_do(store_url):
    """In a sentence."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_REDIS_URL": store_url}
    command = [sys.executable, "-m", "adapters.cli", "status"]

    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert "baton publish FOLDER" in done.stderr


def test_it_says_what_waits_and_who_was_told_what(shop):
    """For people and for programs."""
    shop.hears("hi")
    shop.inside(lambda house: house.store.alert("north", new_alert(Alert("template", "It is paused.", "1/abc"))))

    shown, figures = shop.baton("status"), shop.figures()

    assert shown.exit_code == 0
    assert "1 message, the oldest for" in shown.stdout
    assert "template: It is paused.  (1/abc)" in shown.stdout
    assert [(each["id"], each["queued"], each["served"]) for each in figures["numbers"]] == [("1", 1, False)]
    assert [(each["code"], each["chat"]) for each in figures["alerts"]] == [("template", "1/abc")]
    assert figures["counts"]["event.chat"] == 1


def test_it_says_when_nobody_sends(shop, store):
    """Once a message has waited for longer than a start takes."""
    shop.hears("hi")
    soon = shop.figures()["advice"]
    for row in store.zrange("{north}:open:1", 0, -1):
        store.zincrby("{north}:open:1", -5_100, row)  # so long a time has gone by

    assert soon == []
    assert shop.figures()["advice"] == ["Messages of 1 wait and nobody sends them: is `baton work` running?"]


def test_a_parked_message_is_shown_and_sent_again(shop):
    """Its first words help to find it on the phone."""
    shop.hears("hi")
    row = shop.doubts()

    advice, listed = shop.figures()["advice"], shop.baton("parked")
    sent = shop.baton("parked", "--send", row)
    after = shop.figures()

    assert advice[-1].endswith("baton parked --business north")
    assert listed.stdout.startswith(f"{row}  1/")
    assert "We are closed, but we will look into it as soon as we can, …" in listed.stdout
    assert (sent.exit_code, sent.stderr) == (0, f"{row} is queued again.\n")
    assert (after["parked"], after["numbers"][0]["queued"]) == (0, 1)


def test_a_parked_message_is_dropped(shop):
    """It counts as dropped by hand."""
    shop.hears("hi")
    shop.doubts()

    shop.baton("parked", "--drop", "all")

    assert shop.figures()["counts"]["row.dropped.by hand"] == 1
    assert shop.baton("parked").stderr == "Nothing is parked.\n"
    assert shop.baton("parked", "--drop", "all").stderr == "Nothing is parked.\n"


def test_a_message_that_is_not_parked_is_not_touched(shop):
    """And the sentence says how to see those that are."""
    shop.hears("hi")
    shop.doubts()

    done = shop.baton("parked", "--send", "nothing-like-it")

    assert (done.exit_code, shop.figures()["parked"]) == (2, 1)
    assert done.stderr == "No parked message of `north` is called `nothing-like-it`. See them with: baton parked\n"


def test_it_says_how_far_a_phone_s_past_has_come(shop):
    """And what to do where it does not come on."""
    then = datetime(2026, 3, 2, 12, tzinfo=UTC)
    coming = with_names(with_messages(with_chunk(Sync(), Chunk(1, 7, 55), then), 1_234), 812, then)

    async def imports(house):
        await house.store.command("HSET", "{north}:sync", "1", packed(coming))
        await house.store.command("RPUSH", "{north}:imports", "one", "two")

    shop.inside(imports)
    shown, figures = shop.baton("status"), shop.figures()

    assert "history: 55 %, 1,234 messages; days 1 to 90, chunk 7 (2026-03-02 12:00 UTC)" in shown.stdout
    assert "address book: 812 changes" in shown.stdout
    assert "to import: 2" in shown.stdout
    assert "1: The history stopped at 55 %. Open the WhatsApp Business app on the phone" in shown.stderr
    assert figures["imports"] == 2
    assert figures["advice"][-1] == "What phones of `north` told of their past waits: is `baton work` running?"
    assert figures["numbers"][0]["history"] == {
        "state": "coming",
        "progress": 55,
        "chunks": [{"phase": 1, "furthest": 7}],
        "messages": 1_234,
        "last_at": then.isoformat(),
        "words": "55 %, 1,234 messages; days 1 to 90, chunk 7",
        "names": 812,
    }


def test_of_many_those_are_shown_where_something_waits(shop):
    """The others are counted, numbers as well as businesses."""
    shop.hears("hi")
    numbers = {str(number): 20 for number in range(100, 130)}

    async def grows(house):
        for name, own in (("south", numbers), *((f"b{place}", {f"2{place:02}": 20}) for place in range(20))):
            await house.store.publish(name, "v1", files=b"f", typed=b"t", numbers=own, wabas=[], by="me")

    shop.inside(grows)
    everything, one = shop.baton("status").stdout, shop.baton("status", "--business", "south").stdout

    assert "north  version" in everything
    assert "In 21 more businesses nothing waits." in everything
    assert "south" not in everything
    assert "30 more numbers are idle" in one
    assert "  100  " not in one


def test_what_was_told_again_and_again_is_one_line(shop):
    """With how often, since when, and when last."""
    told = new_alert(Alert("template", "It is paused.", "1/abc"))
    for _ in range(3):
        shop.inside(lambda house: house.store.alert("north", told))

    shown, figures = shop.baton("status"), shop.figures()

    assert shown.stdout.count("It is paused.") == 1
    assert "(1/abc)  3 times since " in shown.stdout
    assert [each["count"] for each in figures["alerts"]] == [3]
