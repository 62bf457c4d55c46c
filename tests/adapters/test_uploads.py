"""Do files of an author's folder reach contacts, over real HTTP, and what if Meta does not take one?"""

import asyncio
import hashlib
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from adapters.intake import in_turn, item_of
from adapters.publish import publish
from adapters.records import read_alert
from adapters.settings import read
from adapters.store.files import PIECE
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text
from engine.events import EchoReceived, MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.flows.pictures import PDF, png

LOOKS, LOOK_S = 1000, 0.02
PEOPLE = tuple(Ids(phones=(f"551198765000{each}",)) for each in range(4))
ANA = PEOPLE[0]
BUSINESS = """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
---
templates: "100"
list:
  - {name: papers, language: en, category: UTILITY, status: APPROVED, body: Hello, header: {format: DOCUMENT}}
---
flow: menu
start: [{when: text has "menu"}]
steps:
  - send: {image: pictures/menu.png, caption: Ours}
  - send: "Hungry?"
---
flow: papers
start: [{when: text has "papers"}]
steps:
  - send: {template: papers, header: papers.pdf}
"""
pytestmark = pytest.mark.usefixtures("store")


class House:
    """A business with files in its folder, a sender, and the fake Meta."""

    def __init__(self, built, graph, folder):
        self.built = built
        self.graph = graph
        self.folder = folder
        self._count = 0

    async def publish(self):
        """Make the folder live."""
        done = await publish(self.built.store, self.folder, DEFAULT, by="a test")
        assert done.problems == ()
        return done.version

    async def writes(self, ids, text):
        """Let a contact write, and decide it."""
        at = datetime.now(UTC).replace(microsecond=0)
        self._count += 1
        event = MessageReceived(id=f"w{self._count}", at=at, arrived_at=at, content=Text(text), ids=ids)
        await self._take(event, "chat", "messages")

    async def echoes(self, ids, text):
        """Let the owner write from the app, and decide it."""
        at = datetime.now(UTC).replace(microsecond=0)
        event = EchoReceived(id="wamid.echo", at=at, arrived_at=at, content=Text(text), ids=ids)
        await self._take(event, "echo", "smb_message_echoes")

    async def _take(self, event, kind, field):
        arrival = Arrival(
            number="1", waba=None, field=field, kind=kind, key=event.id, at=event.at, event=event, ids=event.ids
        )
        for taken in await self.built.store.ingest("shop", [item_of(arrival, "1", kind)]):
            for subject in in_turn(taken):
                await self.built.handler.drain("shop", subject)

    def heard(self, ids=ANA):
        """Return what a contact got: the caption or words, and the digest of the file that came along."""
        return [
            self._said(each.body) for each in self.graph.received if each.wamid and ids.phones[0] in each.body["to"]
        ]

    def _said(self, body):
        if body["type"] == "text":
            return body["text"]["body"]
        if body["type"] == "template":
            (parameter,) = body["template"]["components"][0]["parameters"]
            held = parameter[parameter["type"]]
        else:
            held = body[body["type"]]
        return held.get("caption") or held.get("filename"), self.graph.shelf.kept[held["id"]].sha256

    async def hears(self, *said, ids=ANA):
        """Wait until a contact heard so much, and compare."""
        await until(lambda: len(self.heard(ids)) >= len(said))
        assert self.heard(ids) == list(said)

    async def alerts(self):
        """Return what the owner was told."""
        return [read_alert(each.blob).code for each in await self.built.store.alerts("shop")]


def digest(data):
    """Return what a file is known by."""
    return hashlib.sha256(data).hexdigest()


MENU = ("Ours", digest(png(3, 3)))


async def send(built, stopping):
    """Serve one shift after the other, as workers do."""
    while not stopping.is_set():
        shift = built.shift()
        ended = asyncio.create_task(end(shift, stopping))
        await shift.run()
        ended.cancel()


async def end(shift, stopping):
    """End a shift when it is time."""
    await stopping.wait()
    shift.stop()


async def until(holds):
    """Wait until something holds."""
    for _ in range(LOOKS):
        if holds():
            return
        await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def a_house(store_url, folder):
    """Give a house that sends."""
    graph = FakeGraph()
    environ = {
        "BATON_REDIS_URL": store_url,
        "BATON_GRAPH_URL": await graph.start(),
        "BATON_ACCESS_TOKEN": "a-token",
    }
    (folder / "pictures").mkdir()
    (folder / "pictures" / "menu.png").write_bytes(png(3, 3))
    (folder / "papers.pdf").write_bytes(PDF + b"\n" * PIECE)
    (folder / "business.yaml").write_text(BUSINESS)
    try:
        async with parts(read(environ)) as built:
            house = House(built, graph, folder)
            await house.publish()
            stopping = asyncio.Event()
            working = asyncio.gather(send(built, stopping), built.tick().run(stopping))
            yield house
            stopping.set()
            await working
    finally:
        await graph.stop()


def played(store_url, folder, scene):
    """Play a scene in a house."""

    async def play():
        async with a_house(store_url, folder) as house:
            await scene(house)

    asyncio.run(play())


def test_a_file_is_uploaded_once_and_sent_by_its_id(store_url, tmp_path):
    """Four people ask at the same moment; the words behind the picture keep their place."""

    async def scene(house):
        house.graph.change(latency=0.1)
        await asyncio.gather(*(house.writes(ids, "menu") for ids in PEOPLE))

        for ids in PEOPLE:
            await house.hears(MENU, "Hungry?", ids=ids)
        (file,) = house.graph.shelf.kept.values()
        assert (file.mime, file.name, file.size) == ("image/png", "menu.png", len(png(3, 3)))

    played(store_url, tmp_path, scene)


def test_a_template_takes_its_document_from_the_folder(store_url, tmp_path):
    """Larger than a piece of the store, it arrives whole."""

    async def scene(house):
        await house.writes(ANA, "papers")

        await house.hears(("papers.pdf", digest(PDF + b"\n" * PIECE)))

    played(store_url, tmp_path, scene)


@pytest.mark.parametrize(
    "trouble",
    [
        {"does": "refuse", "code": 131000},
        {"does": "refuse", "code": 130429},
        {"does": "html", "http_status": 502},
        {"does": "blank"},
        {"does": "drop"},
    ],
    ids=lambda trouble: f"{trouble['does']} {trouble.get('code', '')}".strip(),
)
def test_an_upload_that_fails_for_now_is_made_again(store_url, tmp_path, trouble):
    """The message waits, and then leaves; nothing overtakes it."""

    async def scene(house):
        house.graph.trouble.append(Trouble(at="media", **trouble))
        await house.writes(ANA, "menu")

        await house.hears(MENU, "Hungry?")
        assert await house.alerts() == []

    played(store_url, tmp_path, scene)


def test_a_file_that_meta_does_not_take_ends_its_message_alone(store_url, tmp_path):
    """The owner is told why, and what comes after it leaves."""

    async def scene(house):
        house.graph.trouble.append(Trouble(does="refuse", code=131053, at="media"))
        await house.writes(ANA, "menu")

        await house.hears("Hungry?")
        assert await house.alerts() == ["give_up"]
        assert (await house.built.store.counts("shop"))["row.dropped"] == 1

    played(store_url, tmp_path, scene)


def test_a_file_that_meta_forgot_is_uploaded_again(store_url, tmp_path):
    """The old id is refused, the new one is kept for those who come later."""

    async def scene(house):
        await house.writes(ANA, "menu")
        await house.hears(MENU, "Hungry?")
        house.graph.shelf.forget()
        before = len(house.graph.received)

        await house.writes(PEOPLE[1], "menu")

        await house.hears(MENU, "Hungry?", ids=PEOPLE[1])
        assert [each.code for each in house.graph.received[before:]] == [131009, 0, 0]
        assert len(house.graph.shelf.kept) == 1

    played(store_url, tmp_path, scene)


def test_a_message_that_is_refused_for_its_file_is_tried_again_once(store_url, tmp_path):
    """Then it was not for the file, and it has failed."""

    async def scene(house):
        house.graph.trouble.append(Trouble(does="refuse", code=131009, times=2))
        await house.writes(ANA, "menu")

        await house.hears("Hungry?")
        assert [each.code for each in house.graph.received] == [131009, 131009, 0]
        assert len(house.graph.shelf.kept) == 2
        assert (await house.built.store.counts("shop"))["row.failed"] == 1

    played(store_url, tmp_path, scene)


def test_the_owner_silences_the_bot_while_a_file_is_uploaded(store_url, tmp_path):
    """The upload says nothing to anybody; when it is done, the message is judged once more."""

    async def scene(house):
        house.graph.trouble.append(Trouble(does="slow", seconds=0.5, at="media"))
        await house.writes(ANA, "menu")
        await asyncio.sleep(0.2)
        await house.echoes(ANA, "I'll take this one")
        await until(lambda: house.graph.shelf.kept)
        await asyncio.sleep(0.3)

        assert house.heard() == []

    played(store_url, tmp_path, scene)


def test_a_file_that_is_not_in_the_store_any_more_ends_its_message(store_url, tmp_path):
    """It is told what to do, and nothing waits for ever."""

    async def scene(house):
        await house.built.store.command("DEL", f"{{shop}}:f:{MENU[1]}")
        await house.writes(ANA, "menu")

        await house.hears("Hungry?")
        assert await house.alerts() == ["file_gone"]

    played(store_url, tmp_path, scene)


def test_a_new_picture_under_the_old_name_is_what_the_next_one_gets(store_url, tmp_path):
    """It is another file and another version."""

    async def scene(house):
        await house.writes(ANA, "menu")
        await house.hears(MENU, "Hungry?")
        (house.folder / "pictures" / "menu.png").write_bytes(png(4, 4))
        await house.publish()
        await asyncio.sleep(1.1)  # a process looks once a second which version is live

        await house.writes(PEOPLE[1], "menu")

        await house.hears(("Ours", digest(png(4, 4))), "Hungry?", ids=PEOPLE[1])

    played(store_url, tmp_path, scene)
