"""Do `publish`, `versions`, `diff` and `rollback` do and say what an author needs, from the command line?"""

import asyncio
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec import msgpack

from adapters.cli import main
from adapters.intake import item_of
from adapters.publish import FileChangedError, go_live, prepare
from adapters.settings import read
from adapters.store import Store
from adapters.whatsapp.receive import Arrival
from adapters.wiring import connect, parts
from engine.content import Text
from engine.events import MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.flows.pictures import png

ANA, BIA = Ids(phones=("5511900000001",)), Ids(phones=("5511900000002",))
BUSINESS = """
business: north
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 4002-8922", waba: "7", coexistence: false}]
"""
FLOW = """
flow: order
start: [{when: text has "order"}]
steps:
  - ask: "How many?"
    id: count
    save: qty
  - send: "Thanks."
"""
pytestmark = pytest.mark.usefixtures("store")


class Author:
    """Somebody with a folder and a terminal."""

    def __init__(self, folder: Path, store_url: str) -> None:
        self.folder = folder
        self.store_url = store_url
        (folder / "business.yaml").write_text(BUSINESS)

    def writes(self, flow: str) -> "Author":
        """Save the flow."""
        (self.folder / "flow.yaml").write_text(flow)
        return self

    def baton(self, *arguments: str) -> Result:
        """Run a command."""
        environ = {"BATON_REDIS_URL": self.store_url}
        return CliRunner().invoke(main, arguments, env=environ, catch_exceptions=False)

    def publishes(self, *options: str) -> str:
        """Publish; returns the version."""
        done = self.baton("publish", str(self.folder), *options)
        assert done.exit_code == 0, done.stderr
        found = re.search(r"[Vv]ersion ([0-9a-f]{16})", done.stderr)
        assert found, done.stderr
        return found[1]

    def hears(self, text: str, *people: Ids) -> None:
        """Let people write, and what they write be decided."""
        asyncio.run(self._hears(text, people))

    async def _hears(self, text: str, people: tuple[Ids, ...]) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        async with parts(read({"BATON_REDIS_URL": self.store_url})) as house:
            for ids in people:
                key = f"{text}{ids.phones}"
                event = MessageReceived(id=key, at=now, arrived_at=now, content=Text(text), ids=ids)
                come = Arrival(
                    number="1", waba=None, field="messages", kind="chat", key=key, at=now, event=event, ids=ids
                )
                taken = await house.store.ingest("north", [item_of(come, "1", "chat")])
                await house.handler.drain("north", taken[0].subject or "")


@pytest.fixture
def author(tmp_path: Path, store_url: str) -> Author:
    """Give an author with a business of one flow."""
    return Author(tmp_path, store_url).writes(FLOW)


def test_what_is_published_first_needs_something_that_runs(author):
    """Nothing may answer yet, and a new author has to know."""
    first, again = (author.baton("publish", str(author.folder)).stderr for _ in range(2))

    assert f"if nothing does yet: baton run {author.folder}" in first
    assert "baton run" not in again


@pytest.mark.parametrize(
    ("change", "becomes"),
    [
        (("Thanks.", "Thank you."), "they finish the version they began"),
        (("steps:", "on_publish: move\nsteps:"), "they go on in the new version, at the step with the same id"),
        (("steps:", "on_publish: restart\nsteps:"), "they begin again when they write next"),
        (("flow: order", "flow: buy"), "it is gone, and they finish the version they began"),
    ],
)
def test_people_in_the_middle_are_counted_first(author, change, becomes):
    """A dry run counts and changes nothing; in a script nobody is asked."""
    first = author.publishes()
    author.hears("order", ANA, BIA)
    author.writes(FLOW.replace(*change))

    tried = author.baton("publish", str(author.folder), "--dry-run")
    still = author.baton("versions").stdout
    done = author.baton("publish", str(author.folder))

    assert tried.exit_code == 0
    assert f"2 people are in the middle of `order`: {becomes}." in tried.stderr
    assert "Nothing was published" in tried.stderr
    assert re.match(rf"{first}  .*  live\n$", still)
    assert f"2 people are in the middle of `order`: {becomes}." in done.stderr
    assert "is live." in done.stderr


def test_who_publishes_the_ids_of_an_example_is_told(author):
    """Nothing would ever come in under them."""
    business = (author.folder / "business.yaml").read_text()
    (author.folder / "business.yaml").write_text(business.replace('"7"', '"102290129340398"'))

    done = author.writes(FLOW).baton("publish", str(author.folder))

    assert "`102290129340398` is an example" in done.stderr
    assert "is live." in done.stderr


def test_a_flow_that_only_stands_elsewhere_concerns_nobody(author):
    """A comment above it is no reason to count."""
    author.publishes()
    author.hears("order", ANA)

    done = author.writes("# Written by the agency.\n" + FLOW).baton("publish", str(author.folder))

    assert "in the middle" not in done.stderr


def test_versions_are_listed_compared_and_gone_back_to(author):
    """The latest first; `rollback` without a version goes to the one before, and there and back again."""
    first = author.publishes()
    second = author.writes(FLOW.replace("Thanks.", "Thank you.")).publishes()

    listed = author.baton("versions").stdout.splitlines()
    between = author.baton("diff", first[:6], second[:6])
    back = author.baton("rollback")
    after = author.baton("diff", str(author.folder))

    assert [line.split()[0] for line in listed] == [second, first]
    assert listed[0].endswith("live")
    assert between.stdout.splitlines()[-3:] == ["     save: qty", '-  - send: "Thanks."', '+  - send: "Thank you."']
    assert f"Version {first} of `north` is live again." in back.stderr
    assert '+  - send: "Thank you."' in after.stdout
    assert author.baton("rollback").stderr == f"Version {second} of `north` is live again.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["versions"], "Nothing was published here yet. Publish a folder: baton publish FOLDER"),
        (["rollback"], "Nothing was published here yet."),
        (["diff", "abc"], "Nothing was published here yet."),
    ],
)
def test_before_anything_was_published_that_is_said(author, arguments, words):
    """And what to do about it."""
    result = author.baton(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rollback"], "`north` was published once; there is nothing to go back to."),
        (["rollback", "zz"], "`north` has no version `zz`. See them with: baton versions"),
        (["versions", "--business", "south"], "No business is called `south`; the store holds `north`."),
        (["publish", "nowhere"], "There is no folder `nowhere`. Give the folder that holds business.yaml."),
    ],
)
def test_what_cannot_be_done_is_said(author, arguments, words):
    """In a sentence, with 2, and nothing changes."""
    first = author.publishes()

    result = author.baton(*arguments)

    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert author.baton("versions").stdout.startswith(first)


def test_a_version_that_has_problems_today_does_not_come_back(author, store_url):
    """The country lists may have grown since: what is live stays."""
    asyncio.run(_by_another_baton(store_url, "flow: a\nsteps:\n  - aks: x\n"))
    live = author.publishes()

    result = author.baton("rollback", "other")

    assert result.exit_code == 1
    assert "flow.yaml:3:5" in result.stderr
    assert f"version {live} stays live" in result.stderr


def test_what_another_baton_checked_is_read_again_from_the_files(author, store_url):
    """An update of Baton takes no business down."""
    asyncio.run(_by_another_baton(store_url, FLOW))

    author.hears("order", ANA)

    assert "1 person is in the middle of `order`" in author.baton("publish", str(author.folder), "--dry-run").stderr


async def _by_another_baton(store_url: str, flow: str) -> None:
    """Make a version live whose checked form nobody can read."""
    connection = connect(store_url)
    files = {"business.yaml": BUSINESS, "flow.yaml": flow}
    await Store(connection).publish(
        "north", "other", files=msgpack.encode(files), typed=b"\x80", numbers={"1": 20}, wabas=["7"], by="another"
    )
    await connection.aclose()


def test_going_live_needs_no_problems(author):
    """A broken folder leaves the old version live, with its problems told at their lines."""
    live = author.publishes()

    result = author.writes("flow: order\nsteps:\n  - aks: x\n").baton("publish", str(author.folder))

    assert result.exit_code == 1
    assert "flow.yaml:3:5" in result.stderr
    assert f"version {live} stays live" in result.stderr


def test_a_business_with_another_name_is_told_how_to_stay_itself(author):
    """Also before anything is published, and with its `id` it is the same one."""
    author.writes(FLOW).publishes()
    renamed = BUSINESS.replace("business: north", "business: North and Sons")
    (author.folder / "business.yaml").write_text(renamed)

    tried = author.baton("publish", str(author.folder), "--dry-run")
    (author.folder / "business.yaml").write_text(renamed + "id: north\n")

    assert tried.exit_code == 2
    assert tried.stderr == (
        "The number `1` belongs to the business `north`. If this is that business under another name, "
        "write `id: north` in business.yaml; if it is not, take it out there first.\n"
    )
    assert author.publishes()


def with_picture(author: Author, size: int) -> Author:
    """Let the flow send a picture of the folder."""
    (author.folder / "menu.png").write_bytes(png(size, size))
    return author.writes(FLOW.replace('- send: "Thanks."', "- send: {image: menu.png}"))


def test_a_version_takes_its_files_along_and_back(author, store):
    """Another picture is another version; `diff` says so, and `rollback` needs no folder."""
    first = with_picture(author, 1).publishes()
    second = with_picture(author, 2).publishes()
    author.folder.joinpath("menu.png").unlink()

    between = author.baton("diff", first, second).stdout
    back = author.baton("rollback")

    assert f"-PNG, {len(png(1, 1))} bytes, sha256 {hashlib.sha256(png(1, 1)).hexdigest()[:16]}\n" in between
    assert f"+PNG, {len(png(2, 2))} bytes, sha256 {hashlib.sha256(png(2, 2)).hexdigest()[:16]}\n" in between
    assert f"Version {first} of `north` is live again." in back.stderr
    assert store.scard("{north}:files") == 2


def test_going_back_to_a_version_whose_files_are_gone_is_refused(author, store):
    """What is live stays live, and the way out is told."""
    with_picture(author, 1).publishes()
    second = author.writes(FLOW).publishes()
    store.delete(*store.keys("{north}:f:*"))

    back = author.baton("rollback")

    assert back.exit_code != 0
    assert "The file `menu.png` of that version is not kept any more. Publish the folder again." in back.stderr
    assert store.get("{north}:live").decode() == second


def test_a_file_that_changes_while_it_is_published_is_told(author, store_url):
    """What was checked is what goes live, or nothing does."""

    async def publish_late():
        async with parts(read({"BATON_REDIS_URL": store_url})) as house:
            prepared = await prepare(house.store, author.folder, DEFAULT)
            (author.folder / "menu.png").write_bytes(b"GIF89a\0")
            with pytest.raises(FileChangedError, match=r"`menu.png` changed while it was published\. Publish again\."):
                await go_live(house.store, prepared, DEFAULT, by="a test")
            return await house.store.live("north")

    with_picture(author, 1)

    assert asyncio.run(publish_late()) is None


class LosingStore(Store):
    """A store in which somebody else lets the first file go as soon as it is put."""

    lost = 0

    async def put_file(self, business: str, digest: str, data: bytes) -> None:
        """Put it, and lose it."""
        await super().put_file(business, digest, data)
        if not self.lost:
            await self.command("DEL", f"{{{business}}}:f:{digest}")
        self.lost += 1


def test_files_that_somebody_else_let_go_are_put_again(author, store_url):
    """Two publish at once, and each has what it needs."""

    async def publish_beside():
        connection = connect(store_url)
        store = LosingStore(connection)
        await go_live(store, await prepare(store, author.folder, DEFAULT), DEFAULT, by="a test")
        found = await store.has_file("north", hashlib.sha256(png(1, 1)).hexdigest()), store.lost
        await connection.aclose()
        return found

    with_picture(author, 1)

    assert asyncio.run(publish_beside()) == (True, 2)
