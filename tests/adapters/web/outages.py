"""What happens at a door while its store is away, full or busy: each scenario returns figures.

They need a `DoorOfItsOwn`, in whose store nothing happened, and take seconds.
"""

import asyncio
import os
import random
import resource
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

import redis
from msgspec import Struct

from adapters.embedded import EmbeddedStore
from adapters.settings import read
from adapters.site import listen
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from adapters.wiring import parts
from tests.adapters.web.door import Door

LINE = Line("106540352242922", "15550783881", "102290129340398")
SHOP = Path(__file__).parent / "shop"
THREADS = 16


class Outage(Struct, frozen=True, kw_only=True):
    """What became of people's messages; `lost` were acknowledged and are not there, `doubled` are there twice."""

    acked: int
    lost: int
    doubled: int
    kills: int = 0
    torn: int = 0
    slowest_s: float
    refused: int
    back_after_s: float


class DoorOfItsOwn(Door):
    """Web processes that share a socket and, unless told otherwise, a spool, on a store that may be harmed."""

    def __init__(self, folder: Path, port: int, **environ: str) -> None:
        """Start the store, and nothing else."""
        self.folder = folder
        self.embedded = EmbeddedStore(folder / "store")
        self.embedded.ensure()
        self.spool = folder / "spool"
        self._url = self.embedded.url
        self._opened: socket.socket | None = None
        self._others: list[subprocess.Popen[bytes]] = []
        super().__init__(self.embedded.url, port, folder / "web.log", **{"BATON_SPOOL": str(self.spool), **environ})
        self.publish(SHOP)

    @contextmanager
    def running(self, processes: int = 1) -> Iterator[None]:
        """Run web processes until the end of the block, then end the store, too."""
        self._opened = listen("127.0.0.1", self.port)
        try:
            self._others = [self.start_on(self._opened) for _ in range(processes)]
            self.until(lambda: self.request("GET", "/readyz").status == 200)
            yield
        finally:
            for each in self._others:
                each.terminate()
                each.communicate(timeout=20)
            self._opened.close()
            self.client.close()
            self.embedded.close()

    def kill_web(self, chance: random.Random) -> None:
        """Kill a web process and start another, as their parent does."""
        assert self._opened is not None
        place = chance.randrange(len(self._others))
        self._others[place].kill()
        self._others[place].communicate(timeout=20)
        self._others[place] = self.start_on(self._opened)

    def kill_store(self) -> None:
        """Kill the store's server; it stays away until `embedded.ensure`."""
        os.kill(int(self.client.info("server")["process_id"]), signal.SIGKILL)

    def segments(self, kind: str = "e*s") -> list[Path]:
        """Return what waits on disk."""
        return sorted(self.spool.glob(f"*.{kind}"))

    def replayed(self) -> None:
        """Wait until nothing waits on disk, and everything is decided."""
        self.until(lambda: not self.segments())
        self.until(self._is_decided)

    def _is_decided(self) -> bool:
        """Tell whether nothing is left to decide; what a drain left that failed is picked up, as a parent does."""
        if not self.keys("*:in:*") and not self.keys("*:waiting"):
            return True
        asyncio.run(_swept(self._url))
        return False

    def knock(self, raw: bytes) -> tuple[int, float]:
        """Post; returns the status, 0 for none, and how long that took."""
        started_at, status = time.monotonic(), 0
        with suppress(OSError, HTTPException):
            status = self.post(raw).status
        return status, time.monotonic() - started_at


async def _swept(url: str) -> None:
    async with parts(read({"BATON_REDIS_URL": url})) as built:
        await built.tick().sweep()


def message(place: int, at: datetime | None = None) -> bytes:
    """Write the message of one of many people."""
    key = f"3A{place:018}"
    return meta.encode(meta.text_message(LINE, person(place), f"{place:04}", at=at or datetime.now(UTC), key=key))


def echo(place: int, at: datetime | None = None) -> bytes:
    """Write the owner's answer to one of many people."""
    return meta.encode(meta.echo(LINE, person(place), "I am here", at=at or datetime.now(UTC)))


def person(place: int) -> Person:
    """Return one of many people."""
    return Person(phone=f"55119876{place:05}")


def store_killed_and_back(door: DoorOfItsOwn, *, people: int = 150, away_s: float = 1.5) -> Outage:
    """F13: the store is killed in the middle of writing and comes back; nothing is posted twice."""
    with ThreadPoolExecutor(THREADS) as threads:
        knocks = [threads.submit(door.knock, message(place)) for place in range(people)]
        door.until(lambda: sum(each.done() for each in knocks) > people // 4)
        door.kill_store()
        time.sleep(away_s)
        answers = [each.result() for each in knocks]
    back_at = time.monotonic()
    door.embedded.ensure()
    door.replayed()
    return _figures(door, answers, back_at)


def store_frozen(door: DoorOfItsOwn, *, people: int = 150, frozen_s: float = 3.0) -> Outage:
    """F15: the store stops answering for a while."""
    with ThreadPoolExecutor(THREADS) as threads:
        with door.frozen_store():
            started_at = time.monotonic()
            answers = [each.result() for each in [threads.submit(door.knock, message(n)) for n in range(people)]]
            time.sleep(max(0.0, frozen_s - (time.monotonic() - started_at)))
        back_at = time.monotonic()
    door.replayed()
    return _figures(door, answers, back_at)


def web_killed_while_spooling(door: DoorOfItsOwn, *, people: int = 300, kills: int = 6, seed: int = 1) -> Outage:
    """F03: web processes are killed while they write to the spool; what got no answer is posted again."""
    chance, stopped = random.Random(seed), threading.Event()  # noqa: S311 - it should be foreseen
    answers: list[tuple[int, float]] = []

    def persist(place: int) -> tuple[int, float]:
        while not stopped.is_set():
            status, took = door.knock(message(place))
            if status == 200:
                return status, took
            time.sleep(0.02)
        return 0, 0.0

    with door.frozen_store(), ThreadPoolExecutor(THREADS) as threads:
        knocks = [threads.submit(persist, place) for place in range(people)]
        for _ in range(kills):
            time.sleep(chance.uniform(0.02, 0.3))
            door.kill_web(chance)
        door.until(lambda: sum(each.done() for each in knocks) == people)
        stopped.set()
        answers = [each.result() for each in knocks]
    back_at = time.monotonic()
    door.replayed()
    return _figures(door, answers, back_at, kills)


def owner_answers_meanwhile(door: DoorOfItsOwn, *, chats: int = 20) -> dict[str, int]:
    """F44: people write, then the owner answers them, both into the spool; returns how many rows of the bot remain."""
    with ThreadPoolExecutor(THREADS) as threads, door.frozen_store():
        first = [*threads.map(lambda place: door.knock(message(place))[0], range(chats))]
        echoes = [*threads.map(lambda place: door.knock(echo(place))[0], range(chats))]
        late = [*threads.map(lambda place: door.knock(message(place + 1000))[0], range(chats))]
    door.replayed()
    rows = Counter(bytes(door.client.hget(key, "state")).decode() for key in door.keys("*:r:*"))
    statuses = Counter([*first, *echoes, *late])
    return {"acked": statuses[200], "refused": sum(statuses.values()) - statuses[200], "queued": rows["queued"]}


def memory_full(door: DoorOfItsOwn, *, people: int = 20) -> dict[str, int]:
    """F17: the store may take no more; people write, and the owner answers others, whose chats there are."""
    for place in range(people):
        door.knock(message(place))
    door.settle()
    door.client.config_set("maxmemory", 1)
    with ThreadPoolExecutor(THREADS) as threads:
        messages = Counter(status for status, _ in threads.map(door.knock, map(message, range(1000, 1000 + people))))
        echoes = Counter(status for status, _ in threads.map(door.knock, map(echo, range(people))))
    door.until(lambda: _on_hold(door) == people)
    held = _on_hold(door)
    door.client.config_set("maxmemory", 0)
    door.replayed()
    return {
        "messages_taken": messages[200],
        "messages_refused": messages[503],
        "echoes_taken": echoes[200],
        "chats_on_hold": held,
        "messages_there": sum(words >= "1000" for words in door.heard()),
        "still_on_hold": _on_hold(door),
    }


def _on_hold(door: DoorOfItsOwn) -> int:
    return sum(door.client.hexists(key, "hold") for key in door.keys("*:s:*"))


def scripts_flushed(door: DoorOfItsOwn, *, people: int = 30) -> Outage:
    """F21: the store forgets its scripts again and again while people write."""
    answers = []
    for place in range(people):
        door.client.script_flush()
        answers.append(door.knock(message(place)))
    back_at = time.monotonic()
    door.replayed()
    return _figures(door, answers, back_at)


def store_busy(door: DoorOfItsOwn, *, people: int = 20) -> Outage:
    """F21: somebody runs a script that does not end, and the store answers everybody that it is busy."""
    door.client.config_set("busy-reply-threshold", 50)
    with ThreadPoolExecutor(THREADS + 1) as threads:
        endless = threads.submit(_endless, door)
        door.until(lambda: _is_busy(door))
        answers = [*threads.map(door.knock, map(message, range(people)))]
        door.client.script_kill()
        endless.result()
    back_at = time.monotonic()
    door.replayed()
    return _figures(door, answers, back_at)


def _endless(door: DoorOfItsOwn) -> None:
    with suppress(redis.ResponseError):
        door.client.eval("while true do end", 0)


def _is_busy(door: DoorOfItsOwn) -> bool:
    try:
        door.client.ping()
    except redis.ResponseError:
        return True
    return False


def disk_full(door: DoorOfItsOwn, *, people: int = 100, room: int = 60_000) -> Outage:
    """F16, F24: the store's log cannot grow, so that its server ends in the middle of a write; then there is room."""
    server = int(door.client.info("server")["process_id"])
    log = sum(each.stat().st_size for each in (door.folder / "store" / "appendonlydir").glob("*.incr.aof"))
    resource.prlimit(server, resource.RLIMIT_FSIZE, (log + room, log + room))
    with ThreadPoolExecutor(THREADS) as threads:
        answers = [*threads.map(door.knock, map(message, range(people)))]
    door.until(lambda: not Path(f"/proc/{server}").exists())
    back_at = time.monotonic()
    door.embedded.ensure()
    door.replayed()
    return _figures(door, answers, back_at)


def _figures(door: DoorOfItsOwn, answers: list[tuple[int, float]], back_at: float, kills: int = 0) -> Outage:
    back_after_s = time.monotonic() - back_at
    acked = {f"{place:04}" for place, (status, _) in enumerate(answers) if status == 200}
    there = Counter(door.heard())
    rows: Any = door.keys("*:r:*")
    return Outage(
        acked=len(acked),
        lost=len(acked - {*there}),
        doubled=sum(count - 1 for count in there.values()) + max(0, len(rows) - len(there)),
        kills=kills,
        torn=door.log.read_text("utf-8").count('"spool_torn"'),
        slowest_s=max(took for _, took in answers),
        refused=sum(status != 200 for status, _ in answers),
        back_after_s=back_after_s,
    )
