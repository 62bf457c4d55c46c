"""How well is the pace of a number used, and how soon does an answer leave, beside a bare loop?

`python -m tests.benchmarks.send`. Store, web and worker are those that a user runs; the fake Graph answers after
0.3 s in its own process, and says what it saw. The floor is `bare_pace.py`, which posts every 52 ms and does no more
(every 13 ms for the number that is not in coexistence).
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import msgspec
import redis
from msgspec import Struct

from adapters.store.keys import key
from rules.policy.pace import ALONE_PER_SECOND, COEXISTENCE_PER_SECOND, gap
from tests.benchmarks import bare_pace, graph, shop, stage
from tests.benchmarks.figures import busiest_second, percentile, table, tell
from tests.benchmarks.graph import Arrival, Graph
from tests.benchmarks.writers import Order

LATENCY_S = 0.3
LIMIT = "no second may have more than {}."
SLOT_S = gap(COEXISTENCE_PER_SECOND).total_seconds()
TARGET_MS = 15
TARGET_SHARE = 0.95
START_S = 1.0
"""How long after its first message a number is left alone before it is measured."""
WARM_CALLS = 5
LEAST_ROWS = 25
"""Twenty leave in the second that is left out, and a pace is seen between some that follow."""


class Pace(Struct, frozen=True, kw_only=True):
    """One stretch of sending: messages a second of all numbers, and the most of one number in any second."""

    rate: float
    busiest: int
    cpu: float = 0.0

    def slots(self, most: int = COEXISTENCE_PER_SECOND) -> float:
        """Return the share of the slots that carried a message, where it is one number's."""
        return self.rate * gap(most).total_seconds()


class Town(Struct, frozen=True):
    """Where webhooks go, and what is behind."""

    webhook: str
    store: "redis.Redis"
    graph: Graph
    environ: dict[str, str]

    def write(self, text: str, first: int, count: int, numbers: int = 1, rate: float | None = None) -> Order:
        """Return an order to write to some numbers."""
        return Order(
            url=self.webhook,
            secret=stage.SECRET,
            lines=tuple(shop.lines(numbers)),
            text=text,
            first=first,
            count=count,
            rate=rate,
        )

    def all_decided(self) -> bool:
        """Tell whether nothing waits to be decided."""
        return not self.store.exists(key(shop.BUSINESS, "waiting"))


@contextmanager
def town(numbers: int, *, statuses: bool, coexistence: bool = True, latency: float = LATENCY_S) -> Iterator[Town]:
    """Run store, fake Graph and `baton serve`, and no worker yet."""
    port, most = stage.free_port(), COEXISTENCE_PER_SECOND if coexistence else ALONE_PER_SECOND
    webhook = f"http://127.0.0.1:{port}/webhook"
    posted = {"callback_url": webhook, "app_secret": stage.SECRET} if statuses else {}
    with (
        stage.store() as url,
        redis.Redis.from_url(url) as client,
        graph.running(latency=latency, throughput=most, **posted) as heard,
        shop.folder(numbers, coexistence=coexistence) as folder,
    ):
        environ = {**stage.SECRETS, "BATON_REDIS_URL": url, "BATON_GRAPH_URL": heard.url}
        with stage.baton("serve", str(folder), "--port", str(port), environ=environ):
            stage.until(lambda: stage.answers(port))
            yield Town(webhook, client, heard, environ)


def paced(arrivals: Sequence[Arrival], seconds: float | None = None, cpu: float = 0.0) -> Pace:
    """Return the pace of what arrived, without its first second; of so many seconds, or of all that is left."""
    moments = sorted(each.at for each in arrivals)
    steady = [at for at in moments if at > moments[0] + START_S]
    if seconds is not None:
        steady = [at for at in steady if at <= moments[0] + START_S + seconds]
    rate = (len(steady) - 1) / (steady[-1] - steady[0]) if len(steady) > 1 else 0.0
    numbers = {each.number_id for each in arrivals}
    busiest = max(busiest_second(each.at for each in arrivals if each.number_id == number) for number in numbers)
    return Pace(rate=rate, busiest=busiest, cpu=cpu)


def bare(heard: Graph, numbers: int, count: int, seconds: float | None = None, gap_s: float = SLOT_S) -> Pace:
    """Let the floor post."""
    order = bare_pace.Order(heard.url, tuple(line.phone_number_id for line in shop.lines(numbers)), count, gap_s)
    since = time.monotonic()
    with stage.python("-m", "tests.benchmarks.bare_pace", msgspec.json.encode(order).decode()) as process:
        before = stage.cpu_seconds(process.pid)
        found = heard.count()
        stage.until(lambda: heard.count(found) >= numbers * count)
        used = stage.cpu_seconds(process.pid) - before
    return paced(heard.arrivals(since), seconds, used / (numbers * count))


def queued(place: Town, first: int, count: int) -> Pace:
    """Let contacts write at once, and a worker that is up answer each."""
    since, found = time.monotonic(), place.graph.count()
    stage.write(place.write(shop.ONCE, first, count))
    stage.until(lambda: place.graph.count(found) >= count)
    return paced(place.graph.arrivals(since))


def one_number(asked: argparse.Namespace) -> tuple[float, list[float]]:
    """Measure one number; returns its rate, and the milliseconds from each webhook to its answer's POST."""
    floors, ours = [], []
    with (
        town(1, statuses=True) as place,
        graph.running(latency=LATENCY_S) as other,
        stage.baton("work", environ=place.environ),
    ):
        for repetition in range(asked.repetitions):
            floors.append(bare(other, 1, asked.rows))
            ours.append(queued(place, repetition * asked.rows, asked.rows))
        waits = answered(place, asked.repetitions * asked.rows, asked.calls)
    tell(f"One number, medians of {asked.repetitions} times {asked.rows} messages queued, Graph {LATENCY_S} s:")
    floor, found = middle(floors), middle(ours)
    head = ("", "messages/s", "slots used", "busiest second")
    table(head, [(name, *_shown(pace)) for name, pace in (("bare loop", floor), ("Baton", found))])
    tell(f"Baton keeps {found.rate / floor.rate:.1%} of the bare pace; {LIMIT.format(COEXISTENCE_PER_SECOND)}\n")
    return found.rate, waits


def _shown(pace: Pace, most: int = COEXISTENCE_PER_SECOND) -> tuple[str, ...]:
    return f"{pace.rate:.2f}", f"{pace.slots(most):.1%}", str(pace.busiest)


def answered(place: Town, first: int, count: int) -> list[float]:
    """Let contacts write now and then while a shift is up; returns how long each waited for its answer's POST."""
    since, found = time.monotonic(), place.graph.count()
    calls = stage.write(place.write(shop.ONCE, first, count, rate=5))
    stage.until(lambda: place.graph.count(found) >= count)
    posted_at = {each.to: each.at for each in place.graph.arrivals(since)}
    return [1000 * (posted_at[call.phone] - call.due_at) for call in calls[WARM_CALLS:]]


def writers_of(asked: argparse.Namespace, gap_s: float) -> int:
    """Return how many contacts have to write to a number so that it sends all the time."""
    seconds: float = asked.seconds + 2 * START_S
    return round(seconds / gap_s / shop.OFTEN_COUNT) + 1


def fast_number(asked: argparse.Namespace) -> None:
    """Measure one number that is not in coexistence: everything is queued before the worker starts."""
    gap_s = gap(ALONE_PER_SECOND).total_seconds()
    count = writers_of(asked, gap_s)
    with graph.running(latency=LATENCY_S) as other:
        floor = bare(other, 1, count * shop.OFTEN_COUNT, asked.seconds, gap_s)
    with town(1, statuses=False, coexistence=False) as place:
        stage.write(place.write(shop.OFTEN, 0, count))
        stage.until(place.all_decided)
        found = served(place, asked)
    tell(f"One number of {ALONE_PER_SECOND} a second, {asked.seconds:g} s, everything queued, no statuses:")
    head = ("", "messages/s", "slots used", "busiest second")
    table(head, [(name, *_shown(pace, ALONE_PER_SECOND)) for name, pace in (("bare loop", floor), ("Baton", found))])
    tell(f"{LIMIT.format(ALONE_PER_SECOND).capitalize()}\n")


def many_numbers(asked: argparse.Namespace, rate_of_one: float) -> None:
    """Measure many numbers in one worker process: everything is queued before the worker starts."""
    each = writers_of(asked, SLOT_S)
    with graph.running(latency=LATENCY_S) as other:
        floor = bare(other, asked.numbers, each * shop.OFTEN_COUNT, asked.seconds)
    with town(asked.numbers, statuses=False) as place:
        stage.write(place.write(shop.OFTEN, 0, each * asked.numbers, asked.numbers))
        stage.until(place.all_decided)
        found = served(place, asked)
    tell(f"{asked.numbers} numbers in one worker process, {asked.seconds:g} s, everything queued, no statuses:")
    best = asked.numbers * rate_of_one
    head = ("", "messages/s", "of bare", f"of {asked.numbers} times one", "busiest second of one", "CPU ms each")
    table(head, [(name, *_shown_of_many(pace, floor, best)) for name, pace in (("bare loop", floor), ("Baton", found))])
    tell(f"The target is {TARGET_SHARE:.0%} of {asked.numbers} times the rate of one.")


def _shown_of_many(pace: Pace, floor: Pace, best: float) -> tuple[str, ...]:
    shares = (f"{pace.rate / floor.rate:.0%}", f"{pace.rate / best:.0%}")
    return (f"{pace.rate:.0f}", *shares, str(pace.busiest), f"{1000 * pace.cpu:.2f}")


def served(place: Town, asked: argparse.Namespace) -> Pace:
    """Start a worker, and measure once its first message arrived."""
    since = time.monotonic()
    with stage.baton("work", environ=place.environ) as work:
        stage.until(lambda: place.graph.count() > 0)
        before, already = stage.cpu_seconds_below(work.pid), place.graph.count()
        time.sleep(asked.seconds + 2 * START_S)
        used, count = stage.cpu_seconds_below(work.pid) - before, place.graph.count(already)
        return paced(place.graph.arrivals(since), asked.seconds, used / max(count, 1))


def middle(paces: Sequence[Pace]) -> Pace:
    """Return the median rate, and the busiest second of all."""
    return Pace(rate=median(each.rate for each in paces), busiest=max(each.busiest for each in paces))


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    rate, waits = one_number(asked)
    tell(f"From a webhook to its answer's POST, a shift being up, {len(waits)} of them at 5 a second:")
    figures = [f"{share}% in {percentile(waits, share / 100):.1f} ms" for share in (50, 90, 99)]
    tell(f"{', '.join(figures)} (target: half of them in {TARGET_MS} ms).\n")
    fast_number(asked)
    many_numbers(asked, rate)
    return 0


def at_least(least: int) -> Callable[[str], int]:
    """Make a reader of counts below which nothing can be measured."""

    def count(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} are too few to measure anything: {least} are the least")
        return int(text)

    return count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.send", description=__doc__)
    parser.add_argument("--rows", type=at_least(LEAST_ROWS), default=200, help="messages queued on one number")
    parser.add_argument("--repetitions", type=int, default=3, help="how often that is measured")
    parser.add_argument(
        "--calls", type=at_least(WARM_CALLS + 1), default=105, help="webhooks whose answers are waited for"
    )
    parser.add_argument("--numbers", type=int, default=50, help="numbers that send at once")
    parser.add_argument("--seconds", type=float, default=8, help="how long these are measured")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
