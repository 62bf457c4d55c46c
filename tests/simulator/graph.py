"""What does Meta do in the simulator: the Graph API that messages go to, and the webhooks that come from it?

`Session` is a peer of aiohttp's at the edge where bytes leave: it lets a body write itself and gives an answer, or
none. `Meta` delivers each webhook until it is acknowledged: late, twice, out of order.
"""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from msgspec import Struct

from adapters.whatsapp import meta
from adapters.whatsapp.client import TIMEOUT_SECONDS
from adapters.whatsapp.fake_errors import error_answer, error_entry, http_status
from adapters.whatsapp.meta import Body, Line, Person
from tests.simulator.loop import Loop, Process
from tests.simulator.stored import EPOCH_MS

LINE = Line("106540352242922", "+55 11 91234-5678", "102290129340398")


class Post(Struct):
    """A message that left: what it was, when it was written to the socket, and what Meta made of it."""

    row: str
    body: dict[str, Any]
    at: float
    how: str
    wamid: str = ""
    statuses: tuple[str, ...] = ()


class Manners(Struct, kw_only=True):
    """How the Graph API behaves, and the webhooks after it; chances for each message or webhook."""

    ways: Mapping[str, float]
    codes: tuple[int, ...] = (131000, 131000, 130429, 131056, 131047, 131026, 100)
    latency_s: float = 0.3
    no_status: float = 0.1
    failed: float = 0.05
    own_echo: float = 0.2
    twice: float = 0.15
    late: float = 0.1


Deliver = Callable[[Process, bytes], "asyncio.Task[int]"]


class Meta:
    """Everything Meta knows and does."""

    def __init__(self, loop: Loop, chance: random.Random, manners: Manners, people: Mapping[str, Person]) -> None:
        """Nothing happened yet."""
        self.loop = loop
        self.chance = chance
        self.manners = manners
        self.people = people
        self.posts: list[Post] = []
        self.webs: list[Process] = []
        self.deliver: Deliver
        self.acked: dict[str, float] = {}
        self.told: dict[str, str] = {}
        self.under_way = 0
        self.stopped_at = 0.0

    def moment(self, ago: float = 0) -> datetime:
        """Return the moment by the calendar of the simulator."""
        return datetime.fromtimestamp(EPOCH_MS / 1000 + self.loop.now - ago, UTC)

    def tell(self, body: Body, what: str, *, in_s: float = 0.0) -> None:
        """Post a webhook, perhaps late, perhaps twice, until it is acknowledged."""
        chance, key = self.chance, key_of(body)
        self.told[key] = what
        raw = meta.encode(body)
        in_time = what == "account"  # it tells no time of its own, so nobody could put two of them in order
        late = chance.uniform(0.5, 6) if chance.random() < self.manners.late and not in_time else 0.0
        self._try_later(in_s + late, key, raw)
        if chance.random() < self.manners.twice and not in_time:
            self._try_later(in_s + chance.choice((0.0, 0.001, chance.uniform(0, 5))), key, raw)

    def _try_later(self, delay: float, key: str, raw: bytes) -> None:
        self.under_way += 1
        self.loop.world(delay, self._try, key, raw)

    def _try(self, key: str, raw: bytes) -> None:
        self.under_way -= 1
        alive = [each for each in self.webs if not each.dead and each.stopped_until <= self.loop.now]
        if not alive:
            self._try_later(self.chance.uniform(0.2, 1), key, raw)
            return
        web, answered = self.chance.choice(alive), False
        self.under_way += 1

        def ended(status: int) -> None:
            nonlocal answered
            if answered:
                return
            answered = True
            self.under_way -= 1
            if status == 200:
                self.acked.setdefault(key, self.loop.now)
            else:
                self._try_later(self.chance.uniform(0.2, 2), key, raw)

        task = self.deliver(web, raw)
        task.add_done_callback(lambda done: ended(500 if done.cancelled() or done.exception() else done.result()))
        web.on_death.append(lambda: self.loop.world(self.chance.uniform(0, 1), ended, 0))

    def arrive(self, post: Post, answer: "asyncio.Future[tuple[int, bytes]]", after: float) -> None:
        """Take a message that came over the network, and answer."""
        if post.how == "never_came":
            return
        if post.how.startswith("refuse"):
            code = int(post.how.split()[1])
            said = http_status(code), json.dumps(error_answer(code, "The simulator was told to do this.")).encode()
        else:
            said = self._accepted(post)
        if post.how == "page":
            said = 502, b"<html>"
        if post.how != "no_answer":
            self.loop.world(after, _give, answer, said)

    def _accepted(self, post: Post) -> tuple[int, bytes]:
        chance, to = self.chance, post.body.get("to") or post.body["recipient"]
        person = self.people[to.removeprefix("+")]
        key = "".join(chance.choices("0123456789ABCDEF", k=18))
        post.wamid = meta.wamid(to.removeprefix("+"), key, "outbound")
        if chance.random() < self.manners.own_echo and "text" in post.body:
            same = chance.random() < 0.5
            named = post.wamid if same else meta.wamid("5511912345678", key, "outbound")
            own = meta.echo(LINE, person, post.body["text"]["body"], at=self.moment(), message_id=named)
            self.tell(own, "own echo", in_s=chance.uniform(0, 0.5))
        if chance.random() >= self.manners.no_status:
            self._status_all(post, person)
        return 200, json.dumps({"messaging_product": "whatsapp", "messages": [{"id": post.wamid}]}).encode()

    def _status_all(self, post: Post, person: Person) -> None:
        chance = self.chance
        fails = chance.random() < self.manners.failed
        post.statuses = ("failed",) if fails else ("sent", "delivered", "read")[: chance.randint(1, 3)]
        for place, name in enumerate(post.statuses):
            status: Body = {"id": post.wamid, "status": name, "timestamp": str(int(self.moment().timestamp()) + place)}
            status |= {"recipient_id": person.phone or "", "biz_opaque_callback_data": f"b1.{post.row}"}
            if fails:
                status["errors"] = [error_entry(chance.choice((131047, 131026, 131049)), "It was told to.")]
            body = meta.envelope(LINE, "messages", {"statuses": [status]})
            self.tell(body, f"status {name} {post.row}", in_s=chance.uniform(0, 0.6) * (place + 1))


def key_of(body: Body) -> str:
    """Return what tells one webhook from all others."""
    value = body["entry"][0]["changes"][0]["value"]
    for name in ("messages", "message_echoes"):
        if name in value:
            return str(value[name][0]["id"])
    if "statuses" in value:
        return f"{value['statuses'][0]['id']}/{value['statuses'][0]['status']}"
    return json.dumps(value, sort_keys=True)


class Session:
    """What a process has in place of aiohttp's session."""

    def __init__(self, graph: Meta) -> None:
        """Lead to one Meta."""
        self._graph = graph

    def post(self, address: str, *, data: Any, upload_tracker: Any, **_: Any) -> "_Exchange":
        """Post a body that writes itself."""
        assert LINE.phone_number_id in address
        return _Exchange(self._graph, data, upload_tracker)

    async def close(self) -> None:
        """Close nothing."""


class _Exchange:
    """One request and its answer; also the socket that the body is written to, and the answer's content."""

    def __init__(self, graph: Meta, data: Any, upload: Any) -> None:
        self._graph, self._data, self._upload = graph, data, upload
        self._written, self._written_at, self.status, self._raw = b"", 0.0, 0, b""
        self.content = self

    async def __aenter__(self) -> Self:
        graph, chance = self._graph, self._graph.chance
        ways = graph.manners.ways
        [how] = chance.choices(list(ways), list(ways.values()))
        if how == "refuse":
            how = f"refuse {chance.choice(graph.manners.codes)}"
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await asyncio.sleep(chance.expovariate(1 / 0.001) + (chance.random() < 0.02) * chance.uniform(0, 6))
            if how == "no_line":
                raise ConnectionRefusedError
            await self._data.write_with_length(self, len(self._data._value))  # as aiohttp asks it
            self._upload._flushed = len(self._written)  # as aiohttp does it
            return await self._answered(how)

    async def _answered(self, how: str) -> Self:
        graph, chance = self._graph, self._graph.chance
        body = json.loads(self._written)
        post = Post(body["biz_opaque_callback_data"].removeprefix("b1."), body, self._written_at, how)
        graph.posts.append(post)
        answer = graph.loop.create_future()
        takes = chance.expovariate(1 / graph.manners.latency_s) + (how == "slow") * chance.uniform(3, 9)
        there = min(0.01, takes / 2)
        graph.loop.world(there, graph.arrive, post, answer, takes - there)
        if how in {"no_answer", "never_came"}:
            await asyncio.sleep(chance.choice((0.0005, 0.05, 2.0, 60.0)))
            raise ConnectionResetError
        self.status, self._raw = await answer
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""

    async def write(self, chunk: bytes) -> None:
        """Take what the body writes: from here on it may have left."""
        self._written += chunk
        self._written_at = self._graph.loop.now

    async def iter_any(self) -> Any:
        """Give the answer's body."""
        yield self._raw


def _give(answer: "asyncio.Future[tuple[int, bytes]]", said: tuple[int, bytes]) -> None:
    if not answer.done():
        answer.set_result(said)
