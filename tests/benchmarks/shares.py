"""How do worker processes share many numbers, who takes over from one that is killed, and what memory does each take?

`python -m tests.benchmarks.shares`. Store, web and workers are those that a user runs; the fake Graph answers after
3 s, so that each number has work for a while. A sender is then killed with SIGKILL, and its numbers are followed.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import shop, stage
from tests.benchmarks.figures import table, tell
from tests.benchmarks.send import Town, town

LATENCY_S = 3.0
SETTLE_S = 8.0
"""How long the senders are given to come up and to pass numbers on."""
RATED_S = 3.0
LEASES = "baton:shift:*"
SHIFTS = "baton:shifts"
KIB = 1024
PROC = Path("/proc")
CHATS = 2
"""How many chats each number has, each with eight messages that leave one after the other."""


class Process(NamedTuple):
    """What a process is there for, and the memory that it takes: with, and for its part, what it shares."""

    role: str
    resident: float
    proportional: float


class Shared(NamedTuple):
    """How many numbers each sender held, and in how many seconds others had those of one that was killed."""

    numbers: list[int]
    taken_over_s: float
    rate: float
    processes: list[Process]


def leases(store: Any) -> dict[str, str]:
    """Return which shift has which number."""
    names = list(store.scan_iter(match=LEASES, count=1_000))
    held = zip(names, store.mget(names) if names else (), strict=True)
    return {name.decode(): shift.decode() for name, shift in held if shift}


def counts(held: Mapping[str, str]) -> list[int]:
    """Return how many numbers each shift has, the most first."""
    return sorted(Counter(held.values()).values(), reverse=True)


def senders(work: int) -> list[int]:
    """Return the processes of shifts, which are children of the workers of `baton work`."""
    return [shift for worker in _children(work) if _words(worker)[-1:] == ["send"] for shift in _children(worker)]


def handed_on(store: Any, work: int) -> float:
    """Kill a sender; return how long it took until others had all its numbers."""
    before, started = leases(store), time.monotonic()
    os.kill(senders(work)[0], signal.SIGKILL)
    stage.until(lambda: bool(_gone(store, before)))
    gone = _gone(store, before)
    mine = {name for name, shift in before.items() if shift in gone}

    def taken() -> bool:
        now = leases(store)
        return all(now.get(name, "") not in {"", *gone} for name in mine)

    return stage.until(taken) - started


def _gone(store: Any, before: Mapping[str, str]) -> set[str]:
    return set(before.values()) - {each.decode() for each in store.zrange(SHIFTS, 0, -1)}


def measure(place: Town, numbers: int, processes: int, chats: int = CHATS) -> Shared:
    """Queue work on every number, and let the worker processes share it."""
    stage.write(place.write(shop.OFTEN, 0, chats * numbers, numbers))
    stage.until(place.all_decided)
    with stage.baton("work", "--processes", str(processes), environ=place.environ) as work:
        stage.until(lambda: len(set(leases(place.store).values())) == processes)
        time.sleep(SETTLE_S)
        shared, began, sent = counts(leases(place.store)), time.monotonic(), place.graph.count()
        found = [*_members(os.getpid()), _process(stage.store_process(place.store), "store")]
        time.sleep(RATED_S)
        rate = place.graph.count(sent) / (time.monotonic() - began)
        return Shared(shared, handed_on(place.store, work.pid), rate, found)


def _members(parent: int) -> Iterator[Process]:
    for child in _children(parent):
        if role := _role(_words(child), _words(parent)):
            yield _process(child, role)
        yield from _members(child)


def _role(words: list[str], above: list[str]) -> str:
    match words:
        case [_, "-m", "adapters.cli", command, *_]:
            return f"parent of `{command}`"
        case [_, "-m", "adapters.web", *_]:
            return "web"
        case [_, "-m", "adapters.worker", queue]:
            return f"worker of `{queue}`, {'while it works' if words == above else 'which waits'}"
        case _:
            return ""


def _process(process: int, role: str) -> Process:
    rows = (PROC / f"{process}/smaps_rollup").read_text("ascii").splitlines()
    sizes = {row.split()[0]: int(row.split()[1]) / KIB for row in rows if row.endswith("kB")}
    return Process(role, sizes["Rss:"], sizes["Pss:"])


def _children(process: int) -> list[int]:
    return [int(each) for each in (PROC / f"{process}/task/{process}/children").read_text("ascii").split()]


def _words(process: int) -> list[str]:
    return (PROC / f"{process}/cmdline").read_bytes().decode().rstrip("\0").split("\0")


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    with town(asked.numbers, statuses=False, latency=LATENCY_S) as place:
        found = measure(place, asked.numbers, asked.processes)
    tell(f"{asked.numbers} numbers, all with work, and {asked.processes} worker processes; Graph {LATENCY_S:g} s:")
    tell(f"numbers of each: {', '.join(map(str, found.numbers))}; {found.rate:.0f} messages/s")
    tell(f"one killed: others had its numbers after {found.taken_over_s:.1f} s\n")
    roles = sorted({each.role for each in found.processes})
    head = ("memory of each process", "processes", "resident MiB", "its part of what is shared")
    table(head, [_shown(role, [each for each in found.processes if each.role == role]) for role in roles])
    tell(f"Together {sum(each.proportional for each in found.processes):.0f} MiB.")
    return 0


def _shown(role: str, processes: Sequence[Process]) -> tuple[str, ...]:
    sizes = (max(each.resident for each in processes), max(each.proportional for each in processes))
    return (role, str(len(processes)), *(f"{size:.0f}" for size in sizes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.shares", description=__doc__)
    parser.add_argument("--numbers", type=int, default=500, help="numbers that all have work")
    parser.add_argument("--processes", type=int, default=3, help="worker processes that send")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
