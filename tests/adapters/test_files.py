"""Are files that contacts and the owner send brought, kept and given out, with a real store and a real Graph server?"""

import asyncio
import hashlib
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from redis.exceptions import RedisError

from adapters.cli import main
from adapters.intake import in_turn, item_of
from adapters.publish import publish
from adapters.records import read_file_note
from adapters.settings import read
from adapters.whatsapp import meta
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.meta import Line
from adapters.whatsapp.receive import Arrival, decode
from adapters.wiring import parts
from engine.content import Media
from engine.events import EchoReceived, MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.adapters.lossy import lossy
from tests.flows.pictures import PDF, png

TOP = Path(__file__).parents[2]
LOOKS, LOOK_S = 400, 0.05
ANA, BEA, IRAN = (Ids(phones=(each,)) for each in ("5511987650001", "5511987650002", "989121234567"))
ALIAS = f"p:{ANA.phones[0]}"
PHOTO = png(3, 3)
BUSINESS = """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
"""
pytestmark = pytest.mark.usefixtures("store")


class House:
    """A business that gets files, and the fake Meta that has them."""

    def __init__(self, built, graph, environ):
        self.built = built
        self.graph = graph
        self.environ = environ
        self.subject = ""
        self._count = 0

    async def sends(self, data, ids=ANA, *, kind="image", by="contact", name=None, key=None):
        """Let somebody send a file, and decide that; return what the Graph server keeps."""
        self._count += 1
        file = self.graph.shelf.put("1", data, "a/type", name or "", self.graph.now())
        at, key = datetime.now(UTC).replace(microsecond=0), key or f"w{self._count}"
        content = Media(kind=kind, id=file.id, filename=name)
        event = {"contact": MessageReceived, "owner": EchoReceived}[by](
            id=key, at=at, arrived_at=at, content=content, ids=ids
        )
        sort: Literal["chat", "echo"] = "chat" if by == "contact" else "echo"
        field = {"chat": "messages", "echo": "smb_message_echoes"}[sort]
        arrival = Arrival(number="1", waba=None, field=field, kind=sort, key=key, at=at, event=event, ids=ids)
        [taken] = await self.built.store.ingest("shop", [item_of(arrival, "1", sort)])
        for subject in in_turn(taken):
            await self.built.handler.drain("shop", subject)
        self.subject = taken.subject
        return file

    async def work(self):
        """Do what is due, and no message."""
        await self.built.errands().run(idle_s=0)

    async def again(self):
        """Let so long a time go by that what did not come is asked for again, and do that."""
        for row in await self.built.store.command("ZRANGE", "{shop}:todo:fetch", 0, -1):
            await self.built.store.command("ZADD", "{shop}:todo:fetch", 0, row)
        await self.built.rings.ring_work("shop")
        await self.work()

    async def kept(self, subject=None):
        """Return the bytes that are kept of a chat."""
        files = await self.built.store.received("shop", subject or self.subject)
        return sorted([await self.built.store.received_bytes("shop", each.digest) for each in files])

    async def ends(self):
        """Return how the rows stand, with their reasons."""
        names = [name async for name in self.built.store.client.scan_iter("{shop}:r:*")]
        rows = [await self.built.store.command("HMGET", name, "state", "reason") for name in names]
        return sorted((state.decode(), reason.decode() if reason else "") for state, reason in rows)


@asynccontextmanager
async def a_house(store_url, folder, **environ):
    """Give a house."""
    graph = FakeGraph()
    environ = {
        "BATON_REDIS_URL": store_url,
        "BATON_GRAPH_URL": await graph.start(),
        "BATON_ACCESS_TOKEN": "a-token",
        **environ,
    }
    (folder / "business.yaml").write_text(BUSINESS)
    try:
        async with parts(read(environ)) as built:
            done = await publish(built.store, folder, DEFAULT, by="a test")
            assert done.changed, done.problems
            yield House(built, graph, environ)
    finally:
        await graph.stop()


def played(store_url, folder, scene, **environ):
    """Play a scene in a house, and return what it returns."""

    async def play():
        async with a_house(store_url, folder, **environ) as house:
            return await scene(house)

    return asyncio.run(play())


def test_a_file_is_kept_with_what_is_known_of_it(store_url, tmp_path):
    """The contact's document and the owner's photo lie in the same chat; doing the work again does nothing."""

    async def scene(house):
        await house.sends(PDF, kind="document", name="order.pdf")
        await house.sends(PHOTO, by="owner")
        await house.work()
        await house.again()
        files = await house.built.store.received("shop", house.subject)
        notes = sorted((read_file_note(each.blob) for each in files), key=lambda each: each.by)
        return [(each.by, each.kind, each.mime, each.size, each.name) for each in notes], await house.ends()

    notes, ends = played(store_url, tmp_path, scene)

    assert notes == [
        ("contact", "document", "application/pdf", len(PDF), "order.pdf"),
        ("owner", "image", "image/png", len(PHOTO), None),
    ]
    assert ends == [("sent", ""), ("sent", "")]


def test_a_file_of_a_phone_s_past_is_brought(store_url, tmp_path):
    """Also one of two weeks ago: Meta has it from the moment on at which it tells of it."""
    then = datetime.now(UTC).replace(microsecond=0) - timedelta(days=13)

    async def scene(house):
        file = house.graph.shelf.put("1", PHOTO, "image/png", "", house.graph.now())
        message = {"from": ANA.phones[0], "id": "w1", "timestamp": str(int(then.timestamp()))}
        value = {"messages": [{**message, "type": "image", "image": {"id": file.id, "caption": "My cake"}}]}
        body = meta.envelope(Line("1", "5511912345671", "100"), "history", value)
        await house.built.intake.take(decode(meta.encode(body), datetime.now(UTC)))
        await house.built.importer().take("shop")
        await house.work()
        [kept] = await house.built.store.received("shop", f"1/{await house.built.store.contact_of('shop', [ALIAS])}")
        return read_file_note(kept.blob)

    note = played(store_url, tmp_path, scene)

    assert (note.at, note.by, note.event, note.caption, note.size) == (then, "contact", "w1", "My cake", len(PHOTO))


def test_the_same_file_twice_is_kept_once(store, store_url, tmp_path):
    """Two people send it, and Meta tells of one of them twice."""

    async def scene(house):
        await house.sends(PHOTO, BEA)
        await house.sends(PHOTO, ANA, key="same")
        await house.sends(PHOTO, ANA, key="same")
        await house.work()
        return await house.kept(), len(await house.ends())

    assert played(store_url, tmp_path, scene) == ([PHOTO], 2)
    assert store.get("{shop}:got_bytes") == str(len(PHOTO)).encode()


def test_an_address_that_runs_out_at_once_is_asked_for_later(store_url, tmp_path):
    """And so is a server that forgot the file, until that is believed."""

    async def scene(house):
        house.graph.change(url_life=0)
        await house.sends(PHOTO)
        await house.work()
        early = await house.ends()
        house.graph.change(url_life=300)
        await house.again()
        kept = await house.kept()
        await house.sends(PDF, kind="document")
        house.graph.shelf.forget()
        await house.again()
        return early, kept, await house.ends()

    early, kept, ends = played(store_url, tmp_path, scene)

    assert (early, kept) == ([("queued", "its address has run out")], [PHOTO])
    assert ends == [("failed", "media_gone"), ("sent", "")]


@pytest.mark.parametrize(
    ("data", "change", "end"),
    [
        (PHOTO, {"sha256": "0" * 64}, ("queued", "wrong_sha256")),
        (b"x" * (1024 * 1024 + 1), {}, ("failed", "too_large")),
        (b"x" * (1024 * 1024 + 1), {"size": 5}, ("failed", "too_large")),
        (b"<html>", {}, ("failed", "wrong_type")),
    ],
    ids=["another file", "too large", "larger than told", "no picture"],
)
def test_what_is_not_right_is_not_kept(store_url, tmp_path, data, change, end):
    """The row says why."""

    async def scene(house):
        file = await house.sends(data)
        house.graph.shelf.kept[file.id] = replace(file, **change)
        await house.work()
        return await house.kept(), await house.ends()

    assert played(store_url, tmp_path, scene, BATON_MEDIA_FILE_MB="1") == ([], [end])


def test_nothing_is_brought_of_whom_the_lists_name(store_url, tmp_path):
    """There is not even a row, for a message or for an echo."""

    async def scene(house):
        await house.sends(PHOTO, IRAN)
        await house.sends(PHOTO, IRAN, by="owner")
        await house.work()
        return await house.kept(), await house.ends()

    assert played(store_url, tmp_path, scene) == ([], [])


def test_the_figures_tell_what_waits_and_what_is_kept(store_url, tmp_path):
    """For `baton status` and `/metrics`."""

    async def scene(house):
        await house.sends(PHOTO)
        before = await house.built.store.figures("shop")
        await house.work()
        after = await house.built.store.figures("shop")
        return [(each.files, each.file_bytes) for each in (before, after)]

    assert played(store_url, tmp_path, scene) == [(1, 0), (0, len(PHOTO))]


def test_who_keeps_nothing_asks_for_nothing(store_url, tmp_path):
    """`BATON_MEDIA_DAYS=0`."""

    async def scene(house):
        await house.sends(PHOTO)
        await house.work()
        return await house.kept(), await house.ends()

    assert played(store_url, tmp_path, scene, BATON_MEDIA_DAYS="0") == ([], [])


def test_the_tick_lets_go_of_what_was_kept_long_enough(store, store_url, tmp_path):
    """Thirty days unless the operator says otherwise."""

    async def scene(house):
        await house.sends(PHOTO)
        await house.work()
        await house.built.tick().sweep()
        early = await house.kept()
        for entry in store.zrange("{shop}:got", 0, -1):
            store.zincrby("{shop}:got", -30 * 24 * 3600 * 1000 - 1, entry)
        await house.built.tick().sweep()
        return early, await house.kept()

    assert played(store_url, tmp_path, scene) == ([PHOTO], [])


@pytest.mark.parametrize("script", ["begin", "keep_file"])
def test_a_store_that_loses_an_answer_loses_no_file(store, store_url, tmp_path, script):
    """Whatever had been done is done once in the end."""

    async def scene():
        async with lossy(store_url, tmp_path, script) as (url, way), a_house(url, tmp_path) as house:
            await house.sends(PHOTO)
            with suppress(RedisError):  # a lost connection may end this stretch of work; the next one goes on
                await house.work()
            for row in store.zrange("{shop}:sending", 0, -1):
                store.zadd("{shop}:sending", {row: 0})  # so long a time has gone by
            await house.built.tick().sweep()
            await house.again()
            return way.lost, await house.kept(), await house.ends()

    assert asyncio.run(scene()) == (1, [PHOTO], [("sent", "")])


def test_a_worker_killed_in_the_middle_is_made_up_for(store, store_url, tmp_path):
    """Another one brings the file, from the beginning."""

    async def scene(house):
        house.graph.change(latency=60.0)
        async with worker(house) as process:
            await house.sends(PHOTO)
            await until(lambda: store.zcard("{shop}:sending"))
            kill_family(process)
        house.graph.change(latency=0.0)
        for row in store.zrange("{shop}:sending", 0, -1):
            store.zadd("{shop}:sending", {row: 0})  # so long a time has gone by
        store.delete("baton:working")
        await house.built.tick().sweep()
        await house.again()
        return await house.kept(), await house.ends()

    assert played(store_url, tmp_path, scene) == ([PHOTO], [("sent", "")])


def test_the_command_lists_writes_and_erases(store_url, tmp_path, monkeypatch):
    """What a stranger called a file does not say where it is written."""
    out = tmp_path / "out"

    async def scene(house):
        await house.sends(PDF, kind="document", name="../../etc/ord er.pdf.exe")
        await house.sends(PHOTO)
        await house.work()

    played(store_url, tmp_path, scene)
    monkeypatch.setenv("BATON_REDIS_URL", store_url)

    shown = media("1", "+55 11 98765-0001", "--out", str(out), "--erase")
    after = media("1", "5511987650001")

    assert [line.split("  ")[1:5] for line in sorted(shown.stdout.splitlines(), key=lambda line: "image" in line)] == [
        ["contact", "document", "application/pdf", "1 KB"],
        ["contact", "image", "image/png", "1 KB"],
    ]
    written = {path.name.partition("-")[2].partition("-")[2]: path.read_bytes() for path in out.iterdir()}
    assert written == {
        f"{hashlib.sha256(PDF).hexdigest()[:12]}-ord_er_pdf.pdf": PDF,
        f"{hashlib.sha256(PHOTO).hexdigest()[:12]}-image.png": PHOTO,
    }
    assert (after.stdout, after.stderr) == ("", "No file of this chat is kept.\n")


def test_the_command_says_that_it_knows_nobody_by_that_name(store_url, tmp_path, monkeypatch):
    """With exit code 2."""

    async def scene(_):
        return None

    played(store_url, tmp_path, scene)
    monkeypatch.setenv("BATON_REDIS_URL", store_url)

    result = media("1", "5511999990000")

    assert result.exit_code == 2
    assert result.stderr == (
        "Nobody known as `5511999990000` has a chat with `1`. "
        "Give the phone number with its country code, or see who is there: baton chats\n"
    )


def media(*arguments):
    """Run the command."""
    return CliRunner().invoke(main, ["media", *arguments])


@asynccontextmanager
async def worker(house):
    """Run a real worker of the queue `work` for a while."""
    command = [sys.executable, "-m", "adapters.worker", "work"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), **house.environ}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=env, stdin=pipe, stderr=pipe, process_group=0)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def until(holds):
    """Wait until something holds."""
    for _ in range(LOOKS):
        if holds():
            return
        await asyncio.sleep(LOOK_S)


def kill_family(process):
    """Kill a worker and the job in it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in (process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
