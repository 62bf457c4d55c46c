"""A real web process on a store of its own, and somebody who knocks: what the tests of the door need."""

import asyncio
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import redis
from msgspec import Struct

from adapters.publish import publish
from adapters.records import LogEntry, read_log
from adapters.site import listen
from adapters.store import Store
from adapters.wiring import connect
from rules.policy import restrictions

TOP = Path(__file__).parents[3]
SECRET = "example-app-secret-for-tests-only"
WORD = "example-verify-token"
SIGNATURE = "X-Hub-Signature-256"
PATIENCE_S = 20.0
PASSING = (b"lease", b"lease_until", b"tries", b"commit")
"""Fields of a chat that say who decides just now, not what was decided."""

T = TypeVar("T")


class Answer(Struct, frozen=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class Door:
    """The web process on a store of its own, and ways to knock."""

    def __init__(self, store_url: str, port: int, log: Path, **environ: str) -> None:
        """Nothing runs yet; `environ` is for the process."""
        self.environ = environ
        self.port = port
        self.log = log
        self.client: Any = redis.Redis.from_url(store_url)  # its types know every way to ask, not ours
        self._store_url = store_url
        self._published: dict[bytes, bytes] = {}
        self._forgot = 0

    def publish(self, *folders: Path) -> None:
        """Make folders live; from now on a store in which nothing happened holds them."""
        for folder in folders:
            self.ask(partial(published, folder=folder))
        self._published = {key: self.client.dump(key) for key in self.client.keys("*")}

    def start(self) -> None:
        """Start the web process the way `baton serve` does."""
        with listen("127.0.0.1", self.port) as opened:
            self.process = self.start_on(opened)

    def start_on(self, opened: socket.socket) -> "subprocess.Popen[bytes]":
        """Start a web process on a socket that others may share."""
        secrets = {"BATON_APP_SECRET": SECRET, "BATON_VERIFY_TOKEN": WORD, **self.environ}
        environ = {**os.environ, **secrets, "BATON_REDIS_URL": self._store_url, "PYTHONPATH": str(TOP)}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "adapters.web", str(opened.fileno())],
                env=environ,
                pass_fds=[opened.fileno()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)

    def forget(self) -> None:
        """Let nothing be in the store but what is published."""
        self.settle()
        self.until(lambda: bool(self.client.hexists("baton:store", "id")))
        known, self._forgot = self.client.hget("baton:store", "id"), self._forgot + 1
        with self.client.pipeline() as at_once:  # else the process says that its store was emptied
            at_once.flushdb()
            at_once.hset("baton:store", mapping={"id": known, "mark": self._forgot * 10**9})
            for key, value in self._published.items():
                at_once.restore(key, 0, value)
            at_once.execute()
        self.until(lambda: self.request("GET", "/readyz").text == "ready\n")

    def request(self, method: str, path: str, body: Any = None, headers: Any = None) -> Answer:
        """Send a request over a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read().decode())
        finally:
            line.close()

    def post(self, body: bytes | dict[str, Any]) -> Answer:
        """Post a body as Meta does, signed."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", "/webhook", raw, {"Content-Type": "application/json", SIGNATURE: signature(raw)})

    def says(self, sent: bytes) -> bytes:
        """Send bytes over a bare connection and return all that comes until it is closed."""
        with self.line() as line:
            line.sendall(sent)
            return all_of(line)

    def line(self) -> socket.socket:
        """Open a bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        ends_at = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < ends_at, "waited in vain"
            time.sleep(0.002)

    def settle(self) -> None:
        """Wait until every inbox is empty."""
        self.until(lambda: not self.keys("*:in:*") and not self.keys("*:waiting"))

    def ask(self, question: Callable[[Store], Awaitable[T]]) -> T:
        """Ask the store something the way the processes do."""

        async def asked() -> T:
            connection = connect(self._store_url)
            try:
                return await question(Store(connection))
            finally:
                await connection.aclose()

        return asyncio.run(asked())

    def keys(self, pattern: str) -> list[str]:
        """Return the keys that fit, sorted."""
        return sorted(key.decode() for key in self.client.keys(pattern))

    def effects(self) -> dict[str, Any]:
        """Return all that the store holds of what happened: no counters, marks, or who decides just now."""
        keys = [
            key for key in (*self.keys("{*"), *self.keys("baton:quarantine")) if key.encode() not in self._published
        ]
        return {key: self._value(key) for key in keys if ":seen:" not in key and not key.endswith(":count")}

    def _value(self, key: str) -> Any:
        match self.client.type(key):
            case b"hash":
                return {name: value for name, value in self.client.hgetall(key).items() if name not in PASSING}
            case b"list":
                return self.client.lrange(key, 0, -1)
            case b"zset":
                return self.client.zrange(key, 0, -1, withscores=True)
            case b"set":
                return self.client.smembers(key)
            case _:
                return self.client.get(key)

    def counts(self) -> dict[str, int]:
        """Return every counter, those of all businesses and those of none."""
        found: Counter[str] = Counter()
        for key in self.keys("*:count"):
            found.update({name.decode(): int(value) for name, value in self.client.hgetall(key).items()})
        return dict(found)

    def log_of(self, business: str = "corner-shop") -> list[LogEntry]:
        """Return all lines of the logs of a business's chats, one chat after the other."""
        keys = self.keys(f"{{{business}}}:log:*")
        return [line for key in keys for turn in self.client.lrange(key, 0, -1) for line in read_log(turn)]

    def heard(self, business: str = "corner-shop") -> list[str]:
        """Return what contacts wrote to a business, sorted."""
        return sorted(entry.words for entry in self.log_of(business) if entry.who == "contact")

    @contextmanager
    def frozen_store(self) -> Iterator[None]:
        """Stop the store's server in the middle of whatever it does, and let it go on."""
        server = int(self.client.info("server")["process_id"])
        os.kill(server, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(server, signal.SIGCONT)


async def published(store: Store, folder: Path) -> None:
    """Make a folder live."""
    done = await publish(store, folder, restrictions.DEFAULT, by="a test")
    assert done.problems == ()


def signature(body: bytes, secret: str = SECRET) -> str:
    """Sign exact bytes."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def all_of(line: socket.socket) -> bytes:
    """Return what comes until the other side closes, however it does."""
    received = b""
    while True:
        try:
            part = line.recv(65536)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part
