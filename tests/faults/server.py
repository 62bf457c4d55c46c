"""What does a store of its own allow that no shared one does? To be killed, stopped, filled and cut."""

import os
import resource
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.embedded import _binary

READY_S = 20.0


class Server:
    """A store's server on a port of this machine, with its data in a folder; every write is synced."""

    def __init__(self, folder: Path, port: int, *options: str, environ: dict[str, str] | None = None) -> None:
        """Prepare; nothing runs."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = port
        self.url = f"redis://127.0.0.1:{port}"
        self.client = redis.Redis(port=port, socket_timeout=30, retry=Retry(NoBackoff(), 0))
        self._options = options
        self._environ = environ or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that runs now."""
        return self._process.pid if self._process else 0

    def start(self, most_bytes: int | None = None) -> float:
        """Run, and wait until it answers; returns how long that took. Files may grow to `most_bytes`: a full disk."""
        options = {
            "port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "yes",
            "appendfsync": "always", "maxmemory-policy": "noeviction", "enable-debug-command": "yes",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        began_at = time.monotonic()
        with (self.folder / "store.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_binary()), *words, *self._options],
                env={**os.environ, **self._environ},
                stdout=log,
                stderr=log,
                preexec_fn=None if most_bytes is None else lambda: _limit(most_bytes),  # noqa: PLW1509 - no threads
            )
        while not self.answers():
            assert time.monotonic() < began_at + READY_S, "the store did not start"
            assert self._process.poll() is None, "the store ended while it started"
            time.sleep(0.02)
        return time.monotonic() - began_at

    def answers(self) -> bool:
        """Tell whether it answers."""
        with suppress(redis.RedisError, OSError):
            return bool(self.client.ping())
        return False

    def is_up(self) -> bool:
        """Tell whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        self.client.connection_pool.disconnect()

    def log_files(self) -> list[Path]:
        """Return the files of its log that grow, oldest first."""
        return sorted(
            (self.folder / "appendonlydir").glob("*.incr.aof"), key=lambda each: int(each.name.split(".")[-3])
        )


def _limit(most_bytes: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
