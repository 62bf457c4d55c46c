"""Start child processes and keep them running until told to stop."""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence

import structlog
from msgspec import Struct

log = structlog.get_logger()

GRACE_S = 40.0
AGAIN_S = 0.2


class Child(Struct, frozen=True):
    """What to run: a name for the log, the arguments after the Python interpreter, and sockets it inherits."""

    name: str
    arguments: Sequence[str]
    sockets: tuple[int, ...] = ()


class Supervisor:
    """Runs children, starts again whichever ends, and ends them all cleanly on SIGTERM or Ctrl-C."""

    def __init__(self, children: Sequence[Child], environ: Mapping[str, str]) -> None:
        """Prepare; nothing is started."""
        self._children = children
        self._environ = environ
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self.stopping = asyncio.Event()

    def listen(self) -> None:
        """Let SIGTERM and Ctrl-C of this process stop everything."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)

    async def run(self) -> None:
        """Keep the children running until told to stop, then wait for their end."""
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        await self.stopping.wait()
        for process in self._running.values():
            if process.returncode is None:
                process.terminate()
        done, late = await asyncio.wait(keepers, timeout=GRACE_S)
        for process in self._running.values():
            if process.returncode is None:
                process.kill()
        for task in (*done, *late):
            await task

    async def _keep(self, child: Child) -> None:
        while not self.stopping.is_set():
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *child.arguments,
                env=dict(self._environ),
                pass_fds=child.sockets,
                stdin=asyncio.subprocess.PIPE,  # what `tether` watches
                preexec_fn=_deaf_to_terminals,
            )
            self._running[child.name] = process
            if self.stopping.is_set():
                process.terminate()
            code = await process.wait()
            if not self.stopping.is_set():
                log.warning("process_ended", name=child.name, code=code)
                await asyncio.sleep(AGAIN_S)


def _deaf_to_terminals() -> None:
    """Leave Ctrl-C, which a terminal tells to every process, to the parent: it ends the children in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
