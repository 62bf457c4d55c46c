"""Does `doctor` find what is wrong, one thing at a time, and say what to do?"""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from click.testing import CliRunner

from adapters.cli import main
from adapters.doctor import stored
from adapters.publish import publish
from adapters.records import packed
from adapters.settings import read
from adapters.spool import EVENTS, Record, Spool
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_settings import Settings
from adapters.whatsapp.meta import Line
from adapters.wiring import parts
from engine.approval import TemplateState
from engine.chat import Number, Pause
from rules.policy.restrictions import DEFAULT, DEFAULT_TEXT

LINE = Line("1001", "+55 11 91234-5671", "100")
BUSINESS = """
business: shop
timezone: UTC
language: en
numbers: [{id: "1001", phone: "+55 11 91234-5671", waba: "100"}]
otherwise: {steps: [{send: "Hello", template: again}]}
---
templates: "100"
list:
  - {name: again, language: en, category: UTILITY, status: APPROVED, body: "Hello again."}
"""
TOKEN = "a-token-that-nobody-may-see"
SECRETS = {"BATON_APP_SECRET": "a-hidden-secret", "BATON_VERIFY_TOKEN": "a-word", "BATON_ACCESS_TOKEN": TOKEN}
HOUR_MS = 3_600_000


class Practice:
    """An installation in which all is well, and somebody who asks for what is not."""

    def __init__(self, store, store_url, folder):
        self.store = store
        self.folder = folder
        self.graph = FakeGraph(Settings(lines=(LINE,), tokens=(TOKEN,), callback_url="http://127.0.0.1:1/webhook"))
        self.environ = {**SECRETS, "BATON_REDIS_URL": store_url}
        now = int(time.time() * 1000)
        for kind in ("chat", "echo", "status"):
            store.hset("{shop}:came", f"{kind} 1001", now)
        for queue in ("send", "work", "import"):
            store.sadd(f"rq:workers:{queue}", "rq:worker:one")
        store.set("baton:tick", "somebody")
        self.told(templates={"again/en": TemplateState("APPROVED", told_at=datetime.now(UTC))})

    def told(self, **fields):
        """Let Meta have told something of the number."""
        number = Number(id="1001", business="shop", phone=LINE.display_phone_number, waba="100", **fields)
        self.store.hset("{shop}:s:1001", "state", packed(number))

    def asked(self, *arguments, **more):
        """Return the exit code and what was found, as programs read it."""

        async def scene():
            url = await self.graph.start()
            environ = {**self.environ, "BATON_GRAPH_URL": url, **more}
            try:
                return await asyncio.to_thread(CliRunner().invoke, main, ["doctor", *arguments], env=environ)
            finally:
                await self.graph.stop()

        return asyncio.run(scene())

    def found(self, *arguments, **more):
        """Return what was found that is not fine: exit code, and level, what it is about and both sentences."""
        done = self.asked("--format", "json", *arguments, **more)
        found = json.loads(done.stdout)["findings"]
        worse = [each for each in found if each["level"] != "fine"]
        return done.exit_code, [(each["level"], each["about"], f"{each['words']} {each['advice']}") for each in worse]


@pytest.fixture
def practice(store, store_url, tmp_path):
    """Give an installation in which all is well."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "business.yaml").write_text(BUSINESS)

    async def published():
        async with parts(read({"BATON_REDIS_URL": store_url})) as built:
            done = await publish(built.store, folder, DEFAULT, by="a test")
            assert done.changed, done.problems

    asyncio.run(published())
    found = Practice(store, store_url, folder)
    store.delete("{shop}:quarantine")
    return found


def test_all_is_well(practice):
    """Each thing has its line with a tick, and no secret stands anywhere."""
    done = practice.asked(str(practice.folder))

    abouts = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert done.exit_code == 0, done.stdout
    assert {each[:1] for each in abouts} == {"✓"}
    assert {each.removeprefix("✓ ") for each in abouts} == {
        *("settings", "countries", "prices", "spool", "store", "clock", "live", "folder", "secrets", "processes"),
        *("queue", "templates", "number", "webhooks", "phone", "token", "subscription"),
    }
    assert not any(secret in done.output for secret in (TOKEN, SECRETS["BATON_APP_SECRET"]))


# What is spoiled by settings, and what is told then: level, what it is about, and a part of the sentences.
BY_SETTINGS = {
    "a value of the wrong kind": ({"BATON_DOUBT_WAIT": "soon"}, "wrong", "settings", "`BATON_DOUBT_WAIT` must be"),
    "a name that is none": (
        {"BATON_ACCESS_TOKEN_one": "x"},
        "wrong",
        "settings",
        "`BATON_ACCESS_TOKEN_one` must end in",
    ),
    "quotes around a token": ({"BATON_ACCESS_TOKEN": f"'{TOKEN}'\n"}, "warning", "settings", "quotes around it"),
    "no secret": ({"BATON_APP_SECRET": ""}, "wrong", "secrets", "`BATON_APP_SECRET` is not set"),
    "no token": ({"BATON_ACCESS_TOKEN": ""}, "wrong", "token", "there is none for 1001 Set `BATON_ACCESS_TOKEN`"),
    "a refused token": ({"BATON_ACCESS_TOKEN": "another"}, "wrong", "token", "does not accept that of 1001 (190)"),
    "no network": ({"BATON_GRAPH_URL": "http://127.0.0.1:1"}, "wrong", "token", "Meta cannot be asked about 1001"),
    "no store": ({"BATON_REDIS_URL": "redis://127.0.0.1:1"}, "wrong", "store", "nothing listens there"),
    "no address of a store": ({"BATON_REDIS_URL": "nowhere"}, "wrong", "store", "without its address"),
    "another store": ({"BATON_STORE_ID": "x"}, "wrong", "store", "is not the one that `BATON_STORE_ID` names"),
    "lists that are not there": ({"BATON_RESTRICTIONS": "/nowhere"}, "wrong", "countries", "cannot be read"),
    "other lists": ({"BATON_UNKNOWN_COUNTRY": "allow"}, "warning", "countries", "are judged by other lists"),
    "no folder for the spool": ({"BATON_SPOOL": "/proc/none"}, "wrong", "spool", "cannot be used"),
}


@pytest.mark.parametrize("case", BY_SETTINGS)
def test_what_settings_spoil_is_told(practice, case):
    """In a sentence that names the setting or says what to do, and never the value."""
    more, *expected, part = BY_SETTINGS[case]
    practice.store.hset("baton:store", "id", "its-own")

    code, found = practice.found(**more)

    told = [words for level, about, words in found if [level, about] == expected]
    assert any(part in words for words in told), found
    assert code == int(any(level == "wrong" for level, _, _ in found))
    assert not any(TOKEN in words for _, _, words in found)


DAY_MS = 24 * HOUR_MS

# What is spoiled in the store by one command, `ago` meaning so many ms; and what is told then.
BY_STORE = {
    "a store that may forget": (("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"), "wrong", "store", "noeviction"),
    "a store without fsync": (("CONFIG", "SET", "appendfsync", "everysec"), "wrong", "store", "appendfsync"),
    "a store that lost something": (("HSET", "baton:store", "held", "rolled_back"), "wrong", "store", "baton resume"),
    "no worker": (("DEL", "rq:workers:send"), "wrong", "processes", "no worker of the queue `send` runs"),
    "no tick": (("DEL", "baton:tick"), "wrong", "processes", "nobody looks after timers"),
    "nothing runs": (
        ("DEL", "rq:workers:send", "rq:workers:work", "rq:workers:import", "baton:tick"),
        *("warning", "processes", "none of Baton's processes runs"),
    ),
    "events wait": (("ZADD", "{shop}:waiting", "1", "1001/x"), "wrong", "queue", "have waited undecided"),
    "a message waits": (("ZADD", "{shop}:open:1001", "1", "row"), "wrong", "queue", "Nobody sends"),
    "a message is parked": (("ZADD", "{shop}:parked", "1", "row"), "warning", "queue", "baton parked"),
    "a body is unreadable": (("LPUSH", "{shop}:quarantine", "x"), "warning", "queue", "1 bodies for `shop`"),
    "an erase was interrupted": (("HSET", "{shop}:erasing", "x", "y"), "wrong", "queue", "baton erase CONTACT"),
    "nothing is live": (("DEL", "{shop}:live"), "wrong", "live", "baton publish FOLDER"),
    "nothing was published": (("DEL", "baton:businesses"), "wrong", "live", "nothing was published"),
    "no echo ever came": (("HDEL", "{shop}:came", "echo 1001"), "warning", "webhooks", "`smb_message_echoes`"),
    "a record of another version": (
        ("HSET", "{shop}:s:1001", "state", "x"),
        "wrong",
        "number",
        "could not be looked at",
    ),
}


@pytest.mark.parametrize("case", BY_STORE)
def test_what_is_wrong_in_the_store_is_told(practice, case):
    """Everything else is looked at all the same."""
    command, *expected, part = BY_STORE[case]
    name = command[2] if command[0] == "CONFIG" else ""
    before = practice.store.config_get(name) if name else {}
    practice.store.execute_command(*command)
    try:
        code, found = practice.found()
    finally:
        for setting, value in before.items():
            practice.store.config_set(setting, value)

    told = [words for level, about, words in found if [level, about] == expected]
    assert any(part in words for words in told), found
    assert code == int(expected[0] == "wrong")


def test_waiving_makes_a_warning_of_it(practice):
    """Whoever says that losing messages is fine is told so, and no more."""
    practice.store.config_set("appendfsync", "everysec")
    try:
        code, found = practice.found(BATON_ALLOW_VOLATILE="1")
    finally:
        practice.store.config_set("appendfsync", "always")

    assert (code, [(level, about) for level, about, _ in found]) == (0, [("warning", "store")])


def test_a_wrong_password_is_called_so(practice, store_url):
    """Also where none is given."""
    told = "The store refuses the user or the password in `BATON_REDIS_URL`. Without it nothing else can be looked at."
    practice.store.config_set("requirepass", "the-right-one")
    try:
        code, found = practice.found()
    finally:
        with redis.Redis.from_url(store_url, password="the-right-one") as client:
            client.config_set("requirepass", "")

    assert (code, found) == (1, [("wrong", "store", told)])


def test_a_clock_that_is_off_is_told(practice, monkeypatch):
    """Above two seconds."""
    monkeypatch.setattr(stored, "time", type("Clock", (), {"time": staticmethod(lambda: time.time() - 600)}))

    code, found = practice.found()

    assert (code, [(level, about) for level, about, _ in found]) == (1, [("wrong", "clock")])
    assert "differs by +600 s" in found[0][2]


@pytest.mark.parametrize(("days", "level"), [(9, None), (11, "warning"), (15, "wrong")])
def test_a_phone_that_was_not_seen_for_long_is_told(practice, days, level):
    """Meta ends the link after two weeks."""
    practice.store.hset("{shop}:came", "echo 1001", int(time.time() * 1000) - days * DAY_MS - HOUR_MS)

    _, found = practice.found()

    assert [each[0] for each in found if each[1] == "phone"] == ([level] if level else [])


TOLD: dict[str, Any] = {
    "paused": ({"pauses": (Pause("token", datetime.now(UTC)),)}, "wrong", "number", "sends nothing: token"),
    "a template is off": (
        {"templates": {"again/en": TemplateState("PAUSED", told_at=datetime.now(UTC))}},
        *("wrong", "templates", "`again/en` is PAUSED, and used by business.yaml"),
    ),
    "templates were not asked for": ({"templates": {}}, "warning", "templates", "baton templates pull"),
    "templates were asked for long ago": (
        {"templates": {"again/en": TemplateState("APPROVED", told_at=datetime.now(UTC) - timedelta(days=40))}},
        *("warning", "templates", "is 40 days old"),
    ),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_meta_told_of_a_number_is_told(practice, case):
    """With what to do about it."""
    fields, *expected, part = TOLD[case]
    known = {"again/en": TemplateState("APPROVED", told_at=datetime.now(UTC))}
    practice.told(**{"templates": known} | fields)

    _, found = practice.found()

    assert [(level, about) for level, about, _ in found] == [tuple(expected)], found
    assert part in found[0][2]


def test_what_meta_knows_otherwise_is_told(practice):
    """Another number, no app, and nobody who gets the webhooks."""
    practice.graph.change(lines=(Line("1001", "+55 11 91234-9999", "100"),), callback_url=None)

    code, found = practice.found()

    assert code == 1
    assert [(about, words.partition(" ")[0]) for _, about, words in found] == [
        ("number", "Meta"),
        ("subscription", "no"),
    ]


def test_offline_asks_meta_nothing(practice):
    """So that it can be said where there is no network."""
    done = practice.asked("--offline", "--format", "json", BATON_GRAPH_URL="http://127.0.0.1:1")

    assert done.exit_code == 0
    assert {each["about"] for each in json.loads(done.stdout)["findings"]}.isdisjoint({"token", "subscription"})


@pytest.mark.parametrize(
    ("text", "level", "part"),
    [
        (f"{BUSINESS}# more\n", "warning", "differs from what is live"),
        ("business: [", "wrong", "has problems See them with: baton check"),
    ],
)
def test_a_folder_is_compared_with_what_is_live(practice, text, level, part):
    """What differs is no mistake; what is broken is."""
    (practice.folder / "business.yaml").write_text(text)

    _, found = practice.found(str(practice.folder))

    assert [(each[0], each[1]) for each in found] == [(level, "folder")]
    assert part in found[0][2]


def test_what_waits_on_disk_is_told(practice, tmp_path):
    """Whoever serves would bring it."""
    spool = Spool(tmp_path / "spool")
    asyncio.run(spool.add(Record(datetime.now(UTC), b"{}"), (EVENTS,)))
    spool.close()

    _, found = practice.found(BATON_SPOOL=str(tmp_path / "spool"))

    assert [(level, about) for level, about, _ in found] == [("warning", "spool")]


@pytest.mark.parametrize(("version", "level"), [("2025-01-01", "warning"), ("the newest", None)])
def test_old_lists_are_told(practice, tmp_path, version, level):
    """Their version is a day; one that is none has no age."""
    text = DEFAULT_TEXT.replace(f"# version: {DEFAULT.version}", f"# version: {version}")
    (tmp_path / "lists.csv").write_text(text)

    _, found = practice.found(BATON_RESTRICTIONS=str(tmp_path / "lists.csv"))

    old = [each[0] for each in found if "days old" in each[2]]
    assert old == ([level] if level else [])


def test_a_business_that_is_not_there_is_told(practice):
    """By its name."""
    code, found = practice.found("--business", "north")

    assert (code, found) == (1, [("wrong", "live", "no business is called `north` ")])


def test_without_an_address_the_embedded_store_is_looked_at(tmp_path):
    """Nothing was published there; nothing crashes."""
    data = tmp_path / "data"

    done = CliRunner().invoke(main, ["doctor", "--offline"], env={"BATON_DATA": str(data), "BATON_REDIS_URL": ""})

    assert done.exit_code == 1
    assert "✗ live: nothing was published here yet" in done.stdout
    assert Path(data).exists()
