"""What runs while something is measured, and what does it cost the machine?"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import redis

from adapters import site
from adapters.embedded import EmbeddedStore
from adapters.settings import Settings, read
from tests.benchmarks import shop
from tests.benchmarks.writers import Call, Order

TOP = Path(__file__).parents[2]
SECRETS = {"BATON_APP_SECRET": "a-secret", "BATON_VERIFY_TOKEN": "a-word", "BATON_ACCESS_TOKEN": "a-token"}
SECRET = SECRETS["BATON_APP_SECRET"]
PATIENCE_S = 60.0
LOOK_S = 0.02
GRACE_S = 45.0
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def store() -> Iterator[str]:
    """Give the URL of a new store that syncs every write to disk before it answers."""
    with tempfile.TemporaryDirectory(prefix="baton-measured-") as data, EmbeddedStore(Path(data)) as embedded:
        yield embedded.url


def publish(store_url: str, numbers: int, graph_url: str = "http://127.0.0.1:9") -> Settings:
    """Make the measured business live; returns the settings of its processes."""
    settings = read({**SECRETS, "BATON_REDIS_URL": store_url, "BATON_GRAPH_URL": graph_url})
    with shop.folder(numbers) as folder:
        done = asyncio.run(site.go_live(settings, folder, only_if_nothing_is_live=False))
    assert done.version is not None, done.problems
    return settings


@contextmanager
def python(
    *arguments: str, environ: Mapping[str, str] | None = None, sockets: tuple[int, ...] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program of ours; it is ended cleanly."""
    whole = {**os.environ, **(environ or {}), "PYTHONPATH": str(TOP)}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=whole,
        pass_fds=sockets,
        stdin=subprocess.PIPE,  # our processes end when it does
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def served(
    *arguments: str, environ: Mapping[str, str] | None = None, more: tuple[str, ...] = ()
) -> Iterator[tuple[str, int]]:
    """Run a program that serves a webhook on a socket it is handed; gives the address and the process id."""
    with site.listen("127.0.0.1", 0) as opened:
        port, descriptor = opened.getsockname()[1], opened.fileno()
        with python(*arguments, str(descriptor), *more, environ=environ, sockets=(descriptor,)) as process:
            until(lambda: answers(port) or process.poll() is not None)
            assert process.poll() is None, f"{arguments} ended while it started"
            yield f"http://127.0.0.1:{port}/webhook", process.pid


def web(settings: Settings, module: str = "adapters.web") -> AbstractContextManager[tuple[str, int]]:
    """Run one web process of Baton."""
    return served("-m", module, environ=site.environment(settings))


def baton(*arguments: str, environ: Mapping[str, str]) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """Run a command of Baton as a user would."""
    return python("-m", "adapters.cli", *arguments, environ=environ)


def write(order: Order) -> list[Call]:
    """Let contacts write, from a process of its own."""
    with writing(order) as calls:
        return calls()


@contextmanager
def writing(order: Order) -> Iterator[Callable[[], list[Call]]]:
    """Let contacts write while something else is done; gives a function that waits for what came of it."""
    with python("-m", "tests.benchmarks.writers", msgspec.json.encode(order).decode()) as process:

        def calls() -> list[Call]:
            said = process.communicate(timeout=PATIENCE_S)[0]
            assert process.returncode == 0, f"The writers ended with {process.returncode}"
            found = msgspec.json.decode(said, type=list[Call])
            refused = [call.status for call in found if call.status != 200]
            assert refused == [], f"{len(refused)} webhooks were not taken, the first with {refused[0]}"
            return found

        yield calls


def until(holds: Callable[[], bool], seconds: float = PATIENCE_S) -> float:
    """Wait until something holds; returns when it was seen to."""
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "waited in vain"
        time.sleep(LOOK_S)
    return time.monotonic()


def cpu_seconds(process: int) -> float:
    """Return how long a process has computed so far, itself and in the kernel."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_seconds_below(process: int) -> float:
    """Return how long all that descends from a process and runs has computed so far."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return sum(cpu_seconds(int(child)) + cpu_seconds_below(int(child)) for child in children)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def store_process(client: "redis.Redis") -> int:
    """Return the process id of a store."""
    return int(client.info("server")["process_id"])


def answers(port: int) -> bool:
    """Tell whether somebody answers; a floor has no page for that, which is an answer as well."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection, suppress(OSError):
        connection.request("GET", "/readyz")
        return connection.getresponse().status in {200, 404}
    return False
