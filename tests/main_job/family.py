"""Which processes belong to a town, how are they hit at the worst moment, and who starts them again?"""

import asyncio
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
import redis

from adapters.store.scripts import load

Role = Literal["serve", "work", "run", "web", "worker", "shift", "asker", "importer", "guard", "store"]

MARK = "TOWN"
"""The variable of the environment by which a process is known to belong to a town; children inherit it."""

PROC = Path("/proc")
NEEDS_PROC = pytest.mark.skipif(not (PROC / "self" / "environ").exists(), reason="processes are found in /proc")
END_S = 40
_PATIENCE_S = 3.0


Start = Callable[[], "subprocess.Popen[bytes]"]


class Member(NamedTuple):
    """A process and what it is there for; a shift is what RQ calls a work horse.

    An asker works on `work`, an importer on `import`.
    """

    pid: int
    role: Role


def family(mark: str) -> list[Member]:
    """Return every process of a town that lives, orphans too."""
    found = [Member(int(each.name), role) for each in PROC.iterdir() if (role := _role(each, mark))]
    guards = [each.pid for each in found if each.role == "guard"]
    # The server writes its title over its environment, so it is known by whose child it is.
    return sorted(found + [Member(pid, "store") for guard in guards for pid in _children(guard)])


def of_role(mark: str, *roles: Role) -> list[int]:
    """Return the ids of a town's processes in any of these roles."""
    return [each.pid for each in family(mark) if each.role in roles]


def send(number: signal.Signals, pids: list[int]) -> list[int]:
    """Send a signal to processes; returns those that were still there."""
    return [pid for pid in pids if _sent(number, pid)]


def end_all(mark: str) -> int:
    """Kill every process of a town, and those they start meanwhile; returns how many there were."""
    ended: set[int] = set()
    while here := family(mark):
        ended.update(send(signal.SIGKILL, [each.pid for each in here]))
        time.sleep(0.01)
    return len(ended)


def at_script(store: redis.Redis, script: str, number: signal.Signals, pids: list[int]) -> bool:
    """Send a signal to processes the moment the store runs a script; false if it never ran. It blocks."""
    sha, ends_at = load(script).sha, time.monotonic() + _PATIENCE_S
    with store.monitor() as monitor:
        for line in monitor.listen():
            if sha in line["command"]:
                return bool(send(number, pids))
            if time.monotonic() > ends_at:
                break
    return False


class Services:
    """What a service manager does: starts each program again that ended, however it ended."""

    def __init__(self, programs: dict[str, Start]) -> None:
        """Nothing runs before `keep_up`."""
        self.starts: Counter[str] = Counter()
        self._programs = programs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @asynccontextmanager
    async def keep_up(self) -> AsyncIterator[None]:
        """Keep everything running for a while; afterwards it still runs, and nobody looks any more."""
        task = asyncio.create_task(self._keep_up())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def exit_codes(self) -> list[int]:
        """Tell every program to end, and wait for it."""
        for process in self._running.values():
            process.terminate()
        return [await asyncio.to_thread(process.wait, END_S) for process in self._running.values()]

    async def _keep_up(self) -> None:
        while True:
            for name, start in self._programs.items():
                if name not in self._running or self._running[name].poll() is not None:
                    self._running[name] = start()
                    self.starts[name] += 1
            await asyncio.sleep(0.1)


def _sent(number: signal.Signals, pid: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in (PROC / f"{pid}/task/{pid}/children").read_text().split()]
    return []


def _role(process: Path, mark: str) -> Role | None:
    if not process.name.isdigit():
        return None
    try:
        mine = f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0")
        words = (process / "cmdline").read_bytes().decode().split("\0")
        leads = os.getpgid(int(process.name)) == int(process.name)
    except (OSError, UnicodeDecodeError):  # it ended meanwhile, or is another user's
        return None
    return _named(words, leads=leads) if mine else None


def _named(words: list[str], *, leads: bool) -> Role | None:
    match words:
        case [_, "-m", "adapters.cli", ("serve" | "work" | "run") as command, *_]:
            return command
        case [_, "-m", "adapters.web", *_]:
            return "web"
        case [_, "-m", "adapters.worker", "work", *_]:
            return "asker"
        case [_, "-m", "adapters.worker", "import", *_]:
            return "importer"
        case [_, "-m", "adapters.worker", *_]:
            return "shift" if leads else "worker"
        case [_, "-IS", *_]:
            return "guard"
        case _:
            return None
