"""A business that sends from this process: a real store, real HTTP, and a fake Graph that posts statuses back."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from adapters.intake import in_turn, item_of
from adapters.perform import Lane
from adapters.publish import publish
from adapters.records import read_alert, read_chat, read_contact, read_number
from adapters.settings import read
from adapters.store import Row
from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.fake_settings import Settings as GraphSettings
from adapters.whatsapp.meta import Body, Meta
from adapters.whatsapp.receive import Arrival, decode
from adapters.wiring import Parts, parts
from engine.chat import Chat, Contact, Number
from engine.content import Text
from engine.effects import Alert
from engine.events import MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT

SECRET = "a-secret"
TOKEN = "a-token"


class Counter:
    """What a test does at the counter, and what it looks at afterwards."""

    def __init__(self, built: Parts, graph: FakeGraph, client: GraphClient, business: str) -> None:
        """Nobody has written yet."""
        self.built = built
        self.graph = graph
        self.business = business
        self.url = ""
        self.address = ""
        self._client = client
        self._lanes: dict[str, Lane] = {}

    async def writes(self, number: str, phone: str, text: str, key: str, at: datetime | None = None) -> str:
        """Let a contact write, decide it, and return the chat."""
        moment = at or datetime.now(UTC).replace(microsecond=0)
        ids = Ids(phones=(phone,))
        event = MessageReceived(id=key, at=moment, arrived_at=moment, content=Text(text), ids=ids)
        arrival = Arrival(
            number=number, waba=None, field="messages", kind="chat", key=key, at=moment, event=event, ids=ids
        )
        taken = await self.built.store.ingest(self.business, [item_of(arrival, number, "chat")])
        for subject in in_turn(taken[0]):
            await self.built.handler.drain(self.business, subject)
        return taken[0].subject or ""

    async def serve(self, numbers: Iterable[str], *, one_each: bool = True) -> None:
        """Send for numbers: one POST of each, or until nothing is due for a while; then hear what Meta says."""
        self._lanes = {number: self._lane(number) for number in numbers}
        lanes = list(self._lanes.values())
        if not one_each:
            self._lanes = {}
        await asyncio.gather(*(lane.run() for lane in lanes))
        await self.hear_out()

    async def hear_out(self) -> None:
        """Wait until everything that Meta says was taken and decided."""
        await self.graph.quiet()
        await self.built.intake.close()

    def heard(self, received: Received) -> None:
        """Stop a number after its POST, whatever it is answered."""
        if received.number_id in self._lanes:
            self._lanes[received.number_id].stop()

    async def tells(self, body: Body) -> int:
        """Let Meta post a webhook; return what it is answered."""
        async with Meta(f"{self.url}/webhook", SECRET) as meta:
            status = await meta.post(body)
        await self.built.intake.close()
        return status

    def posts(self, number: str) -> list[Received]:
        """Return what the fake Graph got of a number."""
        return [each for each in self.graph.received if each.number_id == number]

    async def queued(self, subject: str) -> list[Row]:
        """Return the rows of a chat that have not ended."""
        found = await self.built.store.subject(self.business, subject)
        rows = [await self.built.store.row(self.business, row) for row in (found.rows if found else ())]
        return [row for row in rows if row]

    async def row(self, name: str) -> Row:
        """Return a row."""
        found = await self.built.store.row(self.business, name)
        assert found is not None
        return found

    async def chat(self, subject: str) -> Chat:
        """Return what is remembered of a chat, without its contact."""
        found = await self.built.store.subject(self.business, subject)
        assert found is not None
        assert found.state is not None
        return read_chat(found.state)

    async def contact(self, subject: str) -> Contact:
        """Return what is remembered of a chat's contact."""
        state, _ = await self.built.store.contact(self.business, subject.partition("/")[2])
        assert state is not None
        return read_contact(state)

    async def number(self, number: str) -> Number | None:
        """Return what Meta told of a number, nothing if it told nothing."""
        found = await self.built.store.subject(self.business, number)
        return read_number(found.state) if found and found.state else None

    async def alerts(self) -> list[Alert]:
        """Return what the owner was told, oldest first."""
        return [read_alert(told.blob) for told in reversed(await self.built.store.alerts(self.business, 1_000))]

    def _lane(self, number: str) -> Lane:
        built = self.built
        return Lane(
            self.business,
            number,
            store=built.store,
            live=built.live,
            ends=built.ends,
            handler=built.handler,
            client=self._client,
            token=lambda _: TOKEN,
            stopping=asyncio.Event(),
        )


@asynccontextmanager
async def a_counter(store_url: str, folder: Path) -> AsyncIterator[Counter]:
    """Publish a folder and open a counter for it."""
    hears: list[Counter] = []
    graph = FakeGraph(GraphSettings(app_secret=SECRET), lambda received: hears[0].heard(received))  # noqa: PLW0108 - there is none yet
    address = await graph.start()
    environ = {"BATON_REDIS_URL": store_url, "BATON_GRAPH_URL": address, "BATON_ACCESS_TOKEN": TOKEN}
    async with parts(read(environ)) as built, GraphClient(address) as client:
        done = await publish(built.store, folder, DEFAULT, by="a test")
        assert done.business is not None, done.problems
        counter = Counter(built, graph, client, done.business)
        counter.address = address
        hears.append(counter)
        runner = web.AppRunner(_webhook(counter), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        counter.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        graph.change(callback_url=f"{counter.url}/webhook")
        try:
            yield counter
        finally:
            await runner.cleanup()
            await graph.stop()


def _webhook(counter: Counter) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        await counter.built.intake.take(decode(await request.read(), datetime.now(UTC)))
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhook", take)
    return app


def now_ms() -> int:
    """Return this moment as the store writes it."""
    return round(time.time() * 1000)
