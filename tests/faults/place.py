"""Where are faults made? In a town whose store, processes and lines are ours to break."""

import asyncio
import secrets
import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import Struct

from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from tests.benchmarks.figures import percentile
from tests.faults.audit import Audit, Talk, audit
from tests.faults.line import Line
from tests.faults.matrix import Run
from tests.faults.server import Server
from tests.main_job import family
from tests.main_job.ledgers import BUSINESS
from tests.main_job.senders import crowd
from tests.main_job.town import LINE, SECRETS, Town

SHOP = Path(__file__).parents[1] / "main_job" / "shop"
BLOCKED = (Person(phone="5351234567", name="C"), Person(bsuid="CU.1502576394655843", name="D"))
FIRST = Person(phone="5511987599999", name="F")
POST_S = 12.0
READY_S = 90.0  # a machine may have much else to do
REST_S = 100.0
READY_KEY = f"{BUSINESS}:ready:{LINE.phone_number_id}"
OPEN_KEYS = (f"{BUSINESS}:waiting", f"{BUSINESS}:sending", f"{BUSINESS}:doubt", READY_KEY)


class Post(Struct, frozen=True):
    """One webhook that was posted: when, what was answered (0: nothing), and how long that took."""

    at: float
    status: int
    seconds: float


class Place(Town):
    """A town on its own store; web and workers reach it over lines of their own, and workers Meta over a third."""

    def __init__(self, server: Server, logs: Path, mark: str, webs: int, environ: dict[str, str]) -> None:
        """Nothing runs yet."""
        super().__init__(server.url, free_port(), logs, **{family.MARK: mark, "BATON_DOUBT_WAIT": "3", **environ})
        self.mark = mark
        self.server = server
        self.store = server.client
        self.webs = webs
        self.folder = SHOP
        self.web_line, self.work_line, self.graph_line = Line(server.port), Line(server.port), Line(0)
        self.talks: dict[str, Talk] = {}
        self.blocked: dict[str, Talk] = {}
        self.silent_at: dict[str, float] = {}
        self.taken_at: dict[str, float] = {}
        self.posts: list[Post] = []
        self.services = family.Services({})

    def serve(self, folder: Path | None = None) -> Any:
        """Start `baton serve`, on the line of the web."""
        self.store_url = f"redis://127.0.0.1:{self.web_line.port}"
        workers = ("--port", str(self.port), "--workers", str(self.webs))
        return self._baton("serve", str(folder or self.folder), *workers)

    def work(self, processes: int = 1) -> Any:
        """Start `baton work`, on the line of the workers."""
        self.store_url = f"redis://127.0.0.1:{self.work_line.port}"
        return super().work(processes)

    def pids(self, *roles: family.Role) -> list[int]:
        """Return the ids of this town's processes in these roles."""
        return family.of_role(self.mark, *roles)

    async def write(self, person: Person, text: str, *, ago: float = 0, again: bool = True, **more: Any) -> int:
        """Let a contact write, the same bytes until they are taken; returns how many tries that took."""
        at = datetime.now(UTC) - timedelta(seconds=ago)
        self.graph.contact_wrote(LINE.phone_number_id, person, at)
        raw = meta.encode(meta.text_message(LINE, person, text, at=at, **more))
        return await self.deliver(raw, person, text, again=again)

    async def deliver(self, raw: bytes, person: Person, text: str, *, again: bool = True) -> int:
        """Post a webhook of a contact until it is taken, or once; returns how many tries that took, 0 for in vain."""
        tries = 0
        while True:
            tries += 1
            if await self.post(raw) == 200:
                self.talk(person).wrote.append(text)
                self.taken_at.setdefault(str(person.phone), time.monotonic())
                return tries
            if not again:
                return 0
            await asyncio.sleep(min(0.1 * tries, 1))

    async def post(self, raw: bytes) -> int:
        """Post a webhook once, on a connection of its own; returns the status, 0 for no answer."""
        began_at, status = time.monotonic(), 0
        headers = {meta.SIGNATURE_HEADER: meta.sign(SECRETS["BATON_APP_SECRET"], raw), "Connection": "close"}
        headers["Content-Type"] = "application/json"
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(POST_S)) as session,
                session.post(f"{self.url}/webhook", data=raw, headers=headers) as answer,
            ):
                status = answer.status
        self.posts.append(Post(began_at, status, time.monotonic() - began_at))
        return status

    async def crowd(self, people: Sequence[Person], seconds: float, text: str = "count please") -> int:
        """Let everybody write within a stretch of time, blocked ones too; returns how many posted again."""

        async def one(place: int, person: Person) -> int:
            await asyncio.sleep(seconds * place / len(everybody))
            return await self.write(person, text)

        everybody = [*people, *BLOCKED]
        tries = await asyncio.gather(*(one(place, person) for place, person in enumerate(everybody)))
        return sum(each > 1 for each in tries)

    async def owner_writes(self, person: Person, text: str = "I am here") -> float:
        """Let the owner write into a chat until it is taken; returns the moment it was."""
        raw = meta.encode(meta.echo(LINE, person, text, at=datetime.now(UTC)))
        while await self.post(raw) != 200:  # noqa: ASYNC110 - posted again, as Meta does
            await asyncio.sleep(0.1)
        at = time.monotonic()
        self.talk(person).silent = True
        self.silent_at[str(person.phone)] = at
        return at

    async def rest(self, seconds: float = REST_S) -> float:
        """Wait until nothing is left to decide, to send or to find out; returns how long that took."""
        began_at = time.monotonic()
        with suppress(AssertionError):  # the ledgers tell better what is missing
            await self.until(self.is_at_rest, seconds)
        await asyncio.sleep(0.3)
        return time.monotonic() - began_at

    def is_at_rest(self) -> bool:
        """Tell whether nothing is under way."""
        with suppress(Exception):  # the store may be away
            return not self.store.exists(*OPEN_KEYS)
        return False

    async def audit(self, *allowed: str) -> Audit:
        """Compare the ledgers when everything is at rest."""
        await asyncio.wait_for(self.graph.quiet(), 60)
        with suppress(AssertionError):
            await self.until(self.is_at_rest, 30)
        return audit(
            self.store,
            self.graph.received,
            self.graph_line.departures,
            self.talks.values(),
            list(self.blocked.values()),
            allowed=allowed,
            logs=self.server.log_files(),
        )

    def late(self, grace_s: float = 0.05) -> list[float]:
        """Return by how many seconds what was sent after an echo's 200 was late, less what is on its way already."""
        heard = [(each.at, self.silent_at.get(each.body.get("to", "").lstrip("+"))) for each in self.graph.received]
        return [at - silent - grace_s for at, silent in heard if silent is not None and at > silent + grace_s]

    def heard(self, person: Person) -> int:
        """Count what was sent to a contact."""
        return len(self.heard_by(person))

    def answered(self, share: float, since: float = 0, until: float = float("inf")) -> float:
        """Return how long an answer to webhooks took that this share did not exceed."""
        return percentile([each.seconds for each in self.posts if since <= each.at <= until] or [0.0], share)

    def refused(self, since: float = 0, until: float = float("inf")) -> list[Post]:
        """Return the webhooks that were not taken."""
        return [each for each in self.posts if each.status != 200 and since <= each.at <= until]

    def count(self, name: str) -> int:
        """Return a counter of the store."""
        return int(self.store.hget(f"{BUSINESS}:count", name) or 0)

    def alerts(self) -> list[bytes]:
        """Return what people were told."""
        found: Any = self.store.hvals(f"{BUSINESS}:alert")
        return list(found)

    def logged(self) -> bytes:
        """Return what the processes wrote to their log."""
        return Path(self._log.name).read_bytes()

    def talk(self, person: Person) -> Talk:
        """Return what is known of one contact."""
        name = str(person.phone or person.bsuid)
        talks = self.blocked if person in BLOCKED else self.talks
        return talks.setdefault(name, Talk(person))


@asynccontextmanager
async def place(
    run: Run,
    *,
    works: int = 1,
    webs: int = 1,
    options: Sequence[str] = (),
    shop: Path = SHOP,
    log: Path | None = None,
    **environ: str,
) -> AsyncIterator[Place]:
    """Raise a town; afterwards nothing of it is left but its folder."""
    home = run.folder / secrets.token_hex(3)
    preload = {"LD_PRELOAD": environ.pop("PRELOAD")} if "PRELOAD" in environ else {}
    preload |= {name: environ.pop(name) for name in ("NOTES",) if name in environ}
    server = Server(home, free_port(), *options, environ=preload)
    found = Place(server, log or home / "processes.log", secrets.token_hex(8), webs, environ)
    found.folder = shop
    try:
        server.start()
        await _raise(found, works)
        async with found.meta, found.services.keep_up():
            await found.until(found.is_ready, READY_S)
            if works:  # the store knows every script from here on
                await found.write(FIRST, "ping")
                await found.rest(20)
            yield found
    finally:
        await _end(found)


async def _raise(found: Place, works: int) -> None:
    graph_url = await found.graph.start()
    found.graph.change(latency=0.1, callback_retries=12, callback_backoff=0.05)
    found.graph_line.target = int(graph_url.rpartition(":")[2])
    for each in (found.web_line, found.work_line, found.graph_line):
        await each.open()
    found.graph_url = f"http://127.0.0.1:{found.graph_line.port}"
    programs: dict[str, family.Start] = {"serve": found.serve, **{f"work {each}": found.work for each in range(works)}}
    found.services = family.Services(programs)


async def _end(found: Place) -> None:
    found.server.signal(signal.SIGCONT)
    family.send(signal.SIGCONT, [each.pid for each in family.family(found.mark)])
    await asyncio.to_thread(family.end_all, found.mark)
    for process in found.processes:
        await asyncio.to_thread(process.wait)
    await found.graph.stop()
    found._log.close()
    for each in (found.web_line, found.work_line, found.graph_line):
        each.refuse()
    found.server.kill()


def changed_shop(run: Run, **changes: str) -> Path:
    """Return a copy of the shop with lines added to its files, by the name of the file without its ending."""
    folder = run.folder / f"shop-{secrets.token_hex(3)}"
    shutil.copytree(SHOP, folder)
    for name, text in changes.items():
        with (folder / f"{name}.yaml").open("a") as file:
            file.write(text)
    return folder


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def people(count: int) -> list[Person]:
    """Return contacts nobody has seen before."""
    return crowd(count)
