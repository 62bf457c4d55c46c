"""Which processes are there, who starts them again, and what happens to everybody, by a seed?

The processes run the real code of the adapters; only their edges are the simulator's: the connection to the store,
the session to the Graph API, RQ's queue, the clock and chance.
"""

import asyncio
import random
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import msgpack
from redis.exceptions import RedisError

from adapters.settings import read
from adapters.store import Store
from adapters.watch import Watch
from adapters.web.webhook import Door, webhook
from adapters.whatsapp import meta
from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.meta import Person
from adapters.wiring import Parts
from flows.compile import pack, version_of
from flows.load import load_files, read_folder
from rules.policy.restrictions import DEFAULT_TEXT
from rules.policy.restrictions import read as read_lists
from tests.simulator.edges import SECRET, Knock, Queue, edges
from tests.simulator.graph import LINE, Meta, Session
from tests.simulator.ledger import IGNORED, Ledger
from tests.simulator.loop import Loop, Process, bury
from tests.simulator.plan import DOUBT_WAIT_S, INPUT_S, LATE_BY_S, Plan
from tests.simulator.stored import EPOCH_MS, Network, Server, Weather

SHOP = Path(__file__).parent / "shop"
BUSINESS: Final = "corner-shop"
QUIET_S: Final = 900.0
DAY_S, MARGIN_S = 24 * 3600, 60
WEBS, WORKERS = 2, 2
WORDS = ("count", "order", "5", "many", "later", "news", "person", "stop", "hello", "count")
OWNER_WORDS = ("I will take this one", "Ana here", "#bot", IGNORED, "One moment")


class Town:
    """Everything of one seed."""

    def __init__(self, server: Server, plan: Plan) -> None:
        """Publish the shop into an empty store; nobody runs yet."""
        self.plan = plan
        self.chance = random.Random(f"town {plan.seed}")  # noqa: S311 - it should be foreseen
        self.loop = Loop()  # type: ignore[abstract]  # what it lacks nobody here asks for
        self.server = server
        self.jobs = Queue()
        self.people = {each.phone: each for each in map(_person, range(plan.people))}
        self.meta = Meta(self.loop, self.chance, plan.manners, self.people)  # type: ignore[arg-type]  # all have phones
        self.meta.deliver = self._deliver
        self.ledger = Ledger(self.meta)
        self.listed: str = DEFAULT_TEXT
        self.processes: list[Process] = []
        self.intakes: dict[str, Parts] = {}
        self.logged: list[str] = []
        server.empty()
        server.told = self.ledger.hear

    def run(self) -> None:
        """Play it to the end."""
        with edges(self.plan.seed, self.loop, self.jobs, self.logged):
            self.loop.begin(None, self._publish())
            self.loop.run_until(lambda: self.loop.now > 1_001)
            for number in range(WEBS):
                self._start(f"web {number}")
            for number in range(WORKERS):
                self._start(f"worker {number}")
            self._plan_inputs()
            self._plan_harm()
            self.loop.run_until(self._is_over)
            for each in self.processes:
                each.dead = True
                bury(each)

    def _is_over(self) -> bool:
        if self.loop.now > 1_000 + INPUT_S + QUIET_S:
            return True
        if self.loop.now < 1_003 + INPUT_S or self.meta.under_way or self._looked_at > self.loop.now - 1:
            return False
        self._looked_at = self.loop.now
        return self._is_quiet()

    _looked_at = 0.0

    def _is_quiet(self) -> bool:
        b = f"{{{BUSINESS}}}:".encode()
        names = (b"waiting", b"sending", b"doubt", b"timers", b"ready:" + LINE.phone_number_id.encode())
        open_keys: int = self.server.run(b"EXISTS", *(b + name for name in names))
        return open_keys == 0

    async def _publish(self) -> None:
        store = Store(self._network(Weather()))  # type: ignore[arg-type]  # a peer of redis.asyncio's client
        version, files, typed, waba = _published()
        await store.publish(
            BUSINESS, version, files=files, typed=typed, numbers={LINE.phone_number_id: 20}, wabas=[waba], by="a test"
        )
        await store.put_lists(BUSINESS, _lists(self.listed).digest)

    def _network(self, weather: Weather) -> Network:
        return Network(self.server, self.loop, self.chance, weather)

    def _start(self, name: str) -> None:
        process = Process(name)
        self.processes.append(process)
        client = GraphClient("https://graph.example")
        client._session = Session(self.meta)  # type: ignore[assignment]  # the edge where bytes leave
        store = Store(self._network(self.plan.weather))  # type: ignore[arg-type]  # a peer of redis.asyncio's client
        watch = Watch(now=lambda: EPOCH_MS / 1000 + self.loop.now)
        parts = Parts(_settings(), store, self.jobs, client, watch)  # type: ignore[arg-type]  # a peer of RQ's store
        parts.live._lists = _lists(self.listed)  # a file of the operator's
        process.on_death.append(lambda: self._again(process))
        if name.startswith("web"):
            self.intakes[name] = parts
            self.meta.webs[:] = [each for each in self.meta.webs if each.name != name] + [process]
            self.loop.begin(process, parts.tick().run(asyncio.Event()))
        else:
            self.loop.begin(process, self._work(parts))

    def _again(self, process: Process) -> None:
        self.loop.world(self.chance.uniform(0.1, 2), self._start, process.name)

    async def _work(self, parts: Parts) -> None:
        """Do what RQ does: take a job, run it, take the next."""
        while True:
            while not self.jobs.count:
                bell = self.loop.create_future()
                self.jobs.waiting.append(bell)
                await bell
            self.jobs.count -= 1
            await asyncio.sleep(0.02)
            try:
                if await parts.shift().run():
                    parts.rings.enqueue("send")
            except (OSError, RedisError) as error:
                self.logged.append(f"job failed: {error!r}")

    def _deliver(self, web: Process, raw: bytes) -> "asyncio.Task[int]":
        return self.loop.begin(web, self._post(self.intakes[web.name], raw))

    async def _post(self, parts: Parts, raw: bytes) -> int:
        door = Door({"keeper": parts.keeper, "app_secret": SECRET, "verify_token": "a-word"})
        knock = Knock(door, raw)
        await webhook.fn(knock.scope, knock.receive, knock.send)
        return knock.status

    def _plan_inputs(self) -> None:
        chance = self.chance
        if self.plan.kind == "edges":
            self._all_windows_close(chance.randint(2, 5))
            self._all_windows_close(chance.randint(6, 11))
            return
        if self.plan.kind == "account":
            at = chance.uniform(2, INPUT_S - 6)
            self.loop.world(at, self._account, "PARTNER_REMOVED")
            self.loop.world(at + chance.uniform(1, 6), self._account, "ACCOUNT_RECONNECTED")
            self._all_write_about(at)
            return
        for person in self.people.values():
            if self.plan.kind == "rush":
                self.loop.world(3 + chance.uniform(0, 0.3), self._writes, person, "count", 0.0)
                continue
            for _ in range(chance.randint(1, 4)):
                self._plan_message(person)
            for _ in range(chance.choice((0, 0, 1, 2))):
                said, ago = chance.choice(OWNER_WORDS), 3600.0 if chance.random() < 0.1 else 0.0
                self.loop.world(chance.uniform(0, INPUT_S), self._owner_writes, person, said, ago)

    def _all_write_about(self, moment: float) -> None:
        for person in self.people.values():
            self.loop.world(max(0.0, moment - self.chance.uniform(0, 0.4)), self._writes, person, "count", 0.0)

    def _all_windows_close(self, at: int) -> None:
        """So many wait for a slot that one was judged before the end of its window, and begins after it."""
        now = self.loop.now
        for person in self.people.values():
            near = int(now) + at - self.chance.uniform(0.1, 0.3)
            self.loop.world(near - now, self._writes, person, "count", DAY_S - MARGIN_S - 1.0)

    def _plan_message(self, person: Person) -> None:
        chance, at, kind = self.chance, self.chance.uniform(0, INPUT_S), self.plan.kind
        words, ago = "news" if kind == "offers" else chance.choice(WORDS), 0.0
        if chance.random() < 0.05:  # the window closes when the answer is about to leave
            now = self.loop.now
            at, words = int(now + at) + 1 - chance.uniform(0.01, 0.4) - now, "count"
            at, ago = max(at, 0.0), DAY_S - MARGIN_S - chance.choice((1, 1, 1, 0))
        elif chance.random() < 0.05:
            ago = LATE_BY_S
        self.loop.world(at, self._writes, person, words, ago)
        if chance.random() < 0.3:  # the owner answers just then
            near = at + chance.expovariate(1 / 0.15)
            self.loop.world(near, self._owner_writes, person, chance.choice(OWNER_WORDS), 0.0)

    def _plan_harm(self) -> None:
        chance = self.chance
        for _ in range(self.plan.kills):
            self.loop.world(chance.uniform(0, INPUT_S + 5), self._kill_one)
        for _ in range(self.plan.stops):
            self.loop.world(chance.uniform(0, INPUT_S), self._stop_one)
        if self.plan.kind == "lists":
            at = chance.uniform(3, INPUT_S)
            self.loop.world(at, self._new_lists)
            self._all_write_about(at)

    def _alive(self) -> list[Process]:
        return [each for each in self.processes if not each.dead and each.stopped_until <= self.loop.now]

    def _kill_one(self) -> None:
        if alive := self._alive():
            victim = self.chance.choice(alive)
            victim.dies_at = victim.steps + 1 + int(self.chance.expovariate(1 / 30))

    def _stop_one(self) -> None:
        if alive := self._alive():
            self.chance.choice(alive).stopped_until = self.loop.now + self.chance.choice((2.0, 12.0, 40.0))

    def _new_lists(self) -> None:
        """The operator forbids the first contact's number, and starts every process again."""
        phone = next(iter(self.people))
        self.listed = f'{DEFAULT_TEXT}anyone,{phone},,Nowhere,2026-01-01,"A test",refuse,\n'
        digest = _lists(self.listed).digest.encode()
        self.server.run(b"SET", f"{{{BUSINESS}}}:lists".encode(), digest)
        self.ledger.forbid(phone or "")
        for process in self.processes:
            if not process.dead:
                self.loop.world(self.chance.uniform(0, 3), process.kill)

    def _writes(self, person: Person, words: str, ago: float) -> None:
        key = "".join(self.chance.choices("0123456789ABCDEF", k=20))
        self.meta.tell(meta.text_message(LINE, person, words, at=self.meta.moment(ago), key=key), "message")

    def _owner_writes(self, person: Person, words: str, ago: float) -> None:
        key = "".join(self.chance.choices("0123456789ABCDEF", k=18))
        named = meta.wamid(person.phone or "", key, "outbound")
        self.meta.tell(meta.echo(LINE, person, words, at=self.meta.moment(ago), message_id=named), "echo")

    def _account(self, event: str) -> None:
        self.meta.tell(meta.envelope(LINE, "account_update", {"event": event}), "account")


@cache
def _published() -> tuple[str, bytes, bytes, str]:
    files, _ = read_folder(SHOP)
    folder = load_files(files).folder
    assert folder is not None
    return version_of(files), msgpack.encode(files), pack(folder), folder.business.numbers[0].waba


@cache
def _lists(text: str) -> Any:
    return read_lists(text)


@cache
def _settings() -> Any:
    return read({"BATON_REDIS_URL": "redis://x", "BATON_ACCESS_TOKEN": "a", "BATON_DOUBT_WAIT": str(DOUBT_WAIT_S)})


def _person(place: int) -> Person:
    return Person(phone=f"55119876{place:05}", bsuid=f"BR.2{place:018}", name=f"C{place}")
