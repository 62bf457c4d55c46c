"""What RQ runs: shifts that send, work that is no message, and taking over what phones told of their past.

RQ stores dotted paths, so `send`, `work` and `take_over` are never renamed. A worker takes only the functions in
`ALLOWED`, as `OwnJob` reads them: whoever can write to the store could otherwise have any importable function called.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import redis
import structlog
from rq import Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job

from adapters import garbage, logs
from adapters.rings import IMPORT, JOBS, SEND, WORK
from adapters.settings import read
from adapters.store.keys import GLOBAL
from adapters.tether import tether
from adapters.wiring import parts

log = structlog.get_logger()

ALLOWED = tuple(JOBS.values())
NICE = 10  # whoever imports leaves the processor to those who answer
_stop_asked = False


def send() -> None:
    """Serve one shift; rings again if it ended with work left."""
    asyncio.run(_shift())


def work() -> None:
    """Do what is due and no message; rings again if it ended with work left."""
    asyncio.run(_errands())


def take_over() -> None:
    """Import what phones told of their past; rings again if it ended with some left."""
    os.nice(NICE)
    asyncio.run(_importing())


async def _shift() -> None:
    async with parts(read(os.environ)) as built:
        shift = built.shift()
        _stop_by_signal(shift.stop)
        if await shift.run():
            await asyncio.to_thread(built.rings.enqueue, SEND)


async def _errands() -> None:
    async with parts(read(os.environ)) as built:
        errands = built.errands()
        _stop_by_signal(errands.stop)
        if await errands.run():
            await asyncio.to_thread(built.rings.enqueue, WORK)


async def _importing() -> None:
    async with parts(read(os.environ)) as built:
        importer = built.importer()
        _stop_by_signal(importer.stop)
        if await importer.run():
            await asyncio.to_thread(built.rings.enqueue, IMPORT)


def _stop_by_signal(stop: Callable[[], None]) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, stop)
    if _stop_asked:
        stop()


class OwnJob(Job):
    """A job of ours; whatever else lies in the store under that name is thrown away as it is read.

    RQ runs more of a record than its function: for a job whose worker died it calls in its own process what the record
    names for that case, and posts to addresses that stand there. A record that it cannot read would end every worker.
    """

    def restore(self, raw_data: Any) -> None:
        """Take the record over; raises `NoSuchJobError`, which RQ passes over, unless it is one of ours."""
        try:
            super().restore(raw_data)
            ours = _is_ours(self)
        except NoSuchJobError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is no job of ours
            ours = False
        if not ours:
            log.error("job_refused", job=self.id)
            self.connection.hincrby(f"{GLOBAL}:count", "job_refused", 1)
            self.connection.delete(self.key)
            raise NoSuchJobError(self.id)


class GentleWorker(Worker):
    """An RQ worker whose jobs end cleanly: a stop reaches the child as "claim nothing more"."""

    def handle_warm_shutdown_request(self) -> None:
        """Pass the stop on to the running shift."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # rq is untyped here
        self._stop_shift()

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Start a shift; a stop that came too early to be passed on is passed on now."""
        super().fork_work_horse(job, queue)
        if self._stop_requested:
            self._stop_shift()

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """Let a second stop change nothing: it would kill the child with all it has in flight; our parent's grace ends.

        Ctrl-C and a stop of the whole group reach a worker twice, directly and through its parent.
        """

    def setup_work_horse_signals(self) -> None:
        """Let a stop of the whole group end the child through its parent only."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, _remember_stop)

    def _stop_shift(self) -> None:
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGUSR1)


def _remember_stop(*_: object) -> None:
    global _stop_asked  # noqa: PLW0603 - a signal handler has nowhere else to write
    _stop_asked = True


def _is_ours(job: Job) -> bool:
    then = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)  # noqa: SLF001
    more = (*then, job.webhooks, job.dependency_ids, job.args, job.kwargs)
    return job.func_name in ALLOWED and not any(more)


def main() -> int:
    """Run one worker process, of the queue that is named, until it is told to stop."""
    logs.configure()
    try:
        _work_off(sys.argv[1] if sys.argv[1:] else SEND)
    except redis.exceptions.RedisError as error:  # our parent starts another
        log.warning("worker_lost_store", error=type(error).__name__)
        return 1
    return 0


def _work_off(name: str) -> None:
    connection = redis.Redis.from_url(read(os.environ).redis_url or "")
    queue = Queue(name, connection=connection, job_class=OwnJob, serializer="json")
    worker = GentleWorker([queue], connection=connection, job_class=OwnJob, serializer="json")
    tether()
    garbage.began()
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    sys.exit(main())
