"""How many webhooks does one web process take in, and how soon does it answer, beside a bare handler?

`python -m tests.benchmarks.ingest`. The floor is `bare_door.py`: the least that a webhook can do. Baton's door does
more before it answers, it finds the contact and keeps the order of each chat; and the same process then decides every
message, which is why it is measured with that and without.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median

import redis
from msgspec import Struct

from adapters.store.keys import key
from tests.benchmarks import shop, stage
from tests.benchmarks.figures import percentile, table, tell
from tests.benchmarks.writers import Order

TARGET_SHARE = 0.7
TARGET_P99_MS = 100


class Door(Struct, frozen=True, kw_only=True):
    """A webhook that runs."""

    name: str
    url: str
    process: int
    store: "redis.Redis"
    decided: Callable[[int], bool]


class Measured(Struct, frozen=True, kw_only=True):
    """One repetition at one door: webhooks taken and done with a second, times in milliseconds for each."""

    taken: float
    done: float
    p50: float
    p99: float
    cpu: float
    store_cpu: float


@contextmanager
def bare() -> Iterator[Door]:
    """Run the floor."""
    with (
        stage.store() as url,
        redis.Redis.from_url(url) as client,
        stage.served("-m", "tests.benchmarks.bare_door", more=(url, stage.SECRET)) as (webhook, process),
    ):
        yield Door(name="bare handler", url=webhook, process=process, store=client, decided=lambda _: True)


@contextmanager
def alone() -> Iterator[Door]:
    """Run Baton's web process without its decisions, with its own store of the same kind."""
    with (
        stage.store() as url,
        redis.Redis.from_url(url) as client,
        stage.web(stage.publish(url, 1), "tests.benchmarks.door_alone") as (webhook, process),
    ):
        yield Door(name="Baton's door", url=webhook, process=process, store=client, decided=lambda _: True)


@contextmanager
def baton() -> Iterator[Door]:
    """Run Baton's web process, with its own store of the same kind."""
    with (
        stage.store() as url,
        redis.Redis.from_url(url) as client,
        stage.web(stage.publish(url, 1)) as (webhook, process),
    ):

        def decided(taken: int) -> bool:
            count, waiting = key(shop.BUSINESS, "count"), key(shop.BUSINESS, "waiting")
            return int(client.hget(count, "event.chat") or 0) >= taken and not client.exists(waiting)

        yield Door(name="and decisions", url=webhook, process=process, store=client, decided=decided)


def measure(door: Door, first: int, count: int, rate: float | None = None) -> Measured:
    """Let new contacts write, and wait until every message was decided."""
    order = Order(
        url=door.url,
        secret=stage.SECRET,
        lines=tuple(shop.lines(1)),
        text=shop.ONCE,
        first=first,
        count=count,
        rate=rate,
    )
    before = cpu(door)
    with stage.writing(order) as calls:
        decided_at = stage.until(lambda: door.decided(first + count))
        done = calls()
    used, store_used = (after - earlier for after, earlier in zip(cpu(door), before, strict=True))
    began_at, ended_at = min(call.due_at for call in done), max(call.due_at + call.seconds for call in done)
    return Measured(
        taken=count / (ended_at - began_at),
        done=count / (max(decided_at, ended_at) - began_at),
        p50=1000 * percentile([call.seconds for call in done], 0.5),
        p99=1000 * percentile([call.seconds for call in done], 0.99),
        cpu=1000 * used / count,
        store_cpu=1000 * store_used / count,
    )


def cpu(door: Door) -> tuple[float, float]:
    """Return what the web process and its store have computed so far, in seconds."""
    return stage.cpu_seconds(door.process), stage.cpu_seconds(stage.store_process(door.store))


def middle(runs: Sequence[Measured]) -> Measured:
    """Return the median of every figure."""
    fields = Measured.__struct_fields__
    return Measured(**{name: median(getattr(each, name) for each in runs) for name in fields})


def interleaved(doors: Sequence[Door], count: int, repetitions: int, first: int, rate: float | None) -> list[Measured]:
    """Measure every door as often, in turn, since the machine is not always as fast."""
    runs: dict[str, list[Measured]] = {door.name: [] for door in doors}
    for repetition in range(repetitions):
        for door in doors if repetition % 2 else reversed(doors):
            runs[door.name].append(measure(door, first + repetition * count, count, rate))
    return [middle(runs[door.name]) for door in doors]


def show(doors: Sequence[Door], found: Sequence[Measured]) -> None:
    """Print what was found; the first is the floor."""
    head = ("", "taken/s", "of bare", "done/s", "p50 ms", "p99 ms", "CPU ms each", "store's CPU ms each")
    table(head, [(door.name, *_shown(each, found[0])) for door, each in zip(doors, found, strict=True)])


def _shown(each: Measured, floor: Measured) -> tuple[str, ...]:
    rates = (f"{each.taken:.0f}", f"{each.taken / floor.taken:.0%}", f"{each.done:.0f}")
    return (*rates, f"{each.p50:.1f}", f"{each.p99:.1f}", f"{each.cpu:.2f}", f"{each.store_cpu:.2f}")


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as running:
        doors = [running.enter_context(each()) for each in (bare, alone, baton)]
        interleaved(doors, asked.warm_up, 1, 0, None)
        tell(f"As fast as 32 connections may, medians of {asked.repetitions} times {asked.requests} webhooks:")
        fast = interleaved(doors, asked.requests, asked.repetitions, asked.warm_up, None)
        show(doors, fast)
        share = fast[1].taken / fast[0].taken
        tell(f"Baton's door takes {share:.0%} of what the bare handler takes (target: {TARGET_SHARE:.0%} or more).\n")
        tell(f"{asked.rate:g} webhooks a second, medians of {asked.repetitions} times {asked.offered}:")
        first = asked.warm_up + asked.requests * asked.repetitions
        offered = interleaved(doors, asked.offered, asked.repetitions, first, asked.rate)
        show(doors, offered)
        tell(f"With decisions, 99% are answered within {offered[2].p99:.1f} ms (target: {TARGET_P99_MS} ms).")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ingest", description=__doc__)
    parser.add_argument("--requests", type=int, default=3000, help="webhooks in one repetition")
    parser.add_argument("--offered", type=int, default=1000, help="webhooks in one repetition at a fixed rate")
    parser.add_argument("--rate", type=float, default=100, help="that rate, a second")
    parser.add_argument("--repetitions", type=int, default=5, help="how often each is measured")
    parser.add_argument("--warm-up", type=int, default=300, help="webhooks before anything is measured")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
