"""Whoever can write to the store has no function called, nothing unpacked and no address asked."""

import os
import pickle
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.callbacks import Callback
from rq.exceptions import NoSuchJobError
from rq.job import JobStatus
from rq.registry import StartedJobRegistry, clean_registries
from rq.webhook import Webhook

from adapters.rings import JOBS, SEND
from adapters.worker import OwnJob

TOP = Path(__file__).parents[2]
OURS = JOBS[SEND]
HOOK = Webhook("http://127.0.0.1:9/", "failed")


class Trap:
    """Says so when it is unpacked."""

    def __reduce__(self):
        """Print a word."""
        return (print, ("unpacked",))


def put(store: redis.Redis, function: str = OURS, *arguments: object, **more: object) -> str:
    """Put a job into the store as RQ does, and return its id."""
    return str(Queue(SEND, connection=store, serializer="json").enqueue(function, *arguments, **more).id)


def taken(queue: Queue) -> str | None:
    """Take the next job as a worker does, and return its id."""
    found = Queue.dequeue_any([queue], None, queue.connection, job_class=OwnJob, serializer="json")
    return found[0].id if found else None


@pytest.fixture
def own_queue(store: redis.Redis) -> Queue:
    """Give the queue as a worker sees it."""
    return Queue(SEND, connection=store, job_class=OwnJob, serializer="json")


def test_a_job_of_ours_is_taken(store, own_queue):
    """It names one of two functions, and nothing else."""
    ours = put(store)

    assert taken(own_queue) == ours


@pytest.mark.parametrize(
    ("function", "arguments", "more"),
    [
        ("os.system", ("true",), {}),
        ("adapters.worker.main", (), {}),
        (OURS, ("an argument",), {}),
        (OURS, (), {"kwargs": {"a": 1}}),
        (OURS, (), {"on_success": Callback("builtins.print")}),
        (OURS, (), {"on_failure": Callback("builtins.print")}),
        (OURS, (), {"on_stopped": Callback("builtins.print")}),
        (OURS, (), {"webhooks": [HOOK]}),
    ],
)
def test_whatever_is_more_than_ours_is_thrown_away(store, own_queue, function, arguments, more):
    """It is as if it had never been there, and it is counted."""
    name = put(store, function, *arguments, **more)

    with pytest.raises(NoSuchJobError):
        OwnJob.fetch(name, connection=store, serializer="json")

    assert not store.exists(f"rq:job:{name}")
    assert store.hget("baton:count", "job_refused") == b"1"
    assert taken(own_queue) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data", zlib.compress(pickle.dumps((OURS, None, (Trap(),), {})))),
        ("data", b"\x80\x04"),
        ("timeout", b"soon"),
        ("status", b"unheard of"),
        ("created_at", b"yesterday"),
        ("dependency_ids", b"["),
    ],
)
def test_a_record_that_cannot_be_read_ends_no_worker(store, own_queue, capsys, field, value):
    """Nothing is unpacked, and the next job is found."""
    broken = put(store)
    store.hset(f"rq:job:{broken}", field, value)
    fine = put(store)

    found = taken(own_queue)

    assert found == fine
    assert not store.exists(f"rq:job:{broken}")
    assert "unpacked" not in capsys.readouterr().out


def test_what_a_job_names_for_its_end_is_not_called_when_its_worker_died(store, own_queue, capsys):
    """RQ looks for such jobs every ten minutes, and calls what they name in the worker's own process."""
    name = put(store, OURS, on_failure=Callback("builtins.print"), webhooks=[HOOK])
    store.hset(f"rq:job:{name}", "status", JobStatus.STARTED.value)
    store.zadd(StartedJobRegistry(SEND, connection=store).key, {f"{name}:one": 1})

    clean_registries(own_queue)

    assert name not in capsys.readouterr().out.replace(f"job={name}", "")  # of the log
    assert not store.exists(f"rq:job:{name}")


def test_a_worker_without_its_store_says_so_in_a_line(free_port):
    """Its parent starts another; a traceback would say nothing more."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}

    done = subprocess.run(
        [sys.executable, "-m", "adapters.worker", "send"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "worker_lost_store" in done.stderr
    assert "Traceback" not in done.stderr
