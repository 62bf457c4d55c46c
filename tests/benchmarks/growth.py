"""What does a chat take of the store's memory, and is a message slower where there are a million of them?

`python -m tests.benchmarks.growth`. Some hundred contacts write twice and are answered twice, through the real door, a
real worker and a fake Graph; the store is then filled with copies of their records under other names, and contacts
write again, new ones and known ones. `--chats 10000 100000` is a first look: a million takes a few minutes.
"""

import argparse
import secrets
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from adapters.store.keys import key
from tests.benchmarks import shop, stage
from tests.benchmarks.figures import percentile, table, tell
from tests.benchmarks.send import WARM_CALLS, Town, at_least, town

NUMBERS = 50
TURNS = 2
AT_ONCE = 250
TARGET_BYTES = 1_200
RATE = 20
KEPT = ("s", "c", "log")
"""What stays of a chat; its rows, and the list of them, are gone nine days after they ended."""


class Model(NamedTuple):
    """What the store holds of a chat at rest, what its contact is found by, and the bytes of its messages."""

    records: tuple[tuple[str, bytes], ...]
    aliases: tuple[str, ...]
    passing: int


class Measured(NamedTuple):
    """One size of the store."""

    chats: int
    bytes_each: float
    new_ms: list[float]
    known_ms: list[float]
    store_ms: float


def modelled(place: Town, count: int) -> list[Model]:
    """Let contacts write and be answered, and take what the store then holds of each."""
    for turn in range(TURNS):
        stage.write(place.write(shop.ONCE, 0, count, NUMBERS))
        _until_arrived(place.store, (turn + 1) * count)
    found: dict[bytes, list[str]] = {}
    store: Any = place.store  # its types know every way to ask, not ours
    for alias, contact in store.hgetall(key(shop.BUSINESS, "alias")).items():
        found.setdefault(contact, []).append(alias.decode())
    return [_model(store, contact.decode(), aliases) for contact, aliases in found.items()]


def _until_arrived(store: Any, count: int) -> None:
    stage.until(lambda: arrived(store) >= count)


def arrived(store: Any) -> int:
    """Count the answers that reached their contacts."""
    rows = list(store.scan_iter(match=key(shop.BUSINESS, "r", "*"), count=1_000))
    with store.pipeline(transaction=False) as asked:
        for row in rows:
            asked.hget(row, "delivery")
        found: list[bytes] = asked.execute()
        return found.count(b"delivered")


def _model(store: Any, contact: str, aliases: list[str]) -> Model:
    subject = store.hget(key(shop.BUSINESS, "c", contact), "chats").decode()
    chat = subject.removesuffix(contact)
    begins = [key(shop.BUSINESS, kind, "" if kind == "c" else chat) for kind in KEPT]
    own = key(shop.BUSINESS, "own", subject)
    passing = [own.encode(), *(key(shop.BUSINESS, "r", row.decode()).encode() for row in store.lrange(own, 0, -1))]
    return Model(
        tuple((begin, store.dump(f"{begin}{contact}")) for begin in begins),
        tuple(aliases),
        sum(store.memory_usage(name, samples=0) for name in passing),
    )


def fill(store: Any, models: Sequence[Model], count: int) -> None:
    """Add chats that are like the models."""
    store.config_set("appendfsync", "everysec")  # they are made up: nobody waits for them to be on disk
    for first in range(0, count, AT_ONCE):
        with store.pipeline(transaction=False) as asked:
            for place in range(first, min(count, first + AT_ONCE)):
                _copy(asked, models[place % len(models)])
            asked.execute()
    store.config_set("appendfsync", "always")


def _copy(asked: Any, model: Model) -> None:
    contact = secrets.token_hex(6)
    for begin, value in model.records:
        asked.restore(f"{begin}{contact}", 0, value)
    for alias in model.aliases:
        asked.hset(key(shop.BUSINESS, "alias"), f"{alias[: -len(contact)]}{contact}", contact)


def waits(place: Town, first: int, count: int) -> list[float]:
    """Let contacts write evenly; returns how many ms each waited for the POST of an answer."""
    found = place.graph.count()
    calls = stage.write(place.write(shop.ONCE, first, count, NUMBERS, rate=RATE))
    stage.until(lambda: place.graph.count(found) >= count)
    posted_at = {each.to: each.at for each in place.graph.arrivals(calls[0].due_at)}
    return [1_000 * (posted_at[call.phone] - call.due_at) for call in calls[WARM_CALLS:]]


def used(store: Any) -> int:
    """Return the bytes the store holds."""
    return int(store.info("memory")["used_memory"])


def measure(place: Town, models: Sequence[Model], sizes: Sequence[int], calls: int) -> list[Measured]:
    """Fill the store to each size in turn, and let new and known contacts write there."""
    done: list[Measured] = []
    held, empty, first = 0, used(place.store), len(models)
    for size in sizes:
        fill(place.store, models, size - held)
        held, grown = size, used(place.store) - empty
        before = stage.cpu_seconds(stage.store_process(place.store))
        new, known = waits(place, first, calls), waits(place, first, calls)
        spent = stage.cpu_seconds(stage.store_process(place.store)) - before
        done.append(Measured(size, grown / size, new, known, 1_000 * spent / (2 * calls)))
        first += calls
    return done


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    with town(NUMBERS, statuses=True) as place, stage.baton("work", environ=place.environ):
        models = modelled(place, asked.models)
        found = measure(place, models, sorted(asked.chats), asked.calls)
    tell(f"A chat of {TURNS} questions and {TURNS} answers; {asked.calls} new contacts write, then the same once more:")
    head = ("chats", "bytes each", "new: ms to POST", "99%", "known: ms to POST", "99%", "store's CPU ms a message")
    table(head, [_shown(each) for each in found])
    passing = sum(model.passing for model in models) / len(models)
    tell(f"In the first nine days the messages to such a chat take {passing:,.0f} bytes more.")
    tell(f"The target is {TARGET_BYTES:,} bytes a chat.")
    return 0


def _shown(each: Measured) -> tuple[str, ...]:
    waited = [f"{percentile(values, share):.1f}" for values in (each.new_ms, each.known_ms) for share in (0.5, 0.99)]
    return (f"{each.chats:,}", f"{each.bytes_each:,.0f}", *waited, f"{each.store_ms:.2f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("--chats", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes of the store")
    parser.add_argument("--models", type=int, default=200, help="chats that the others are copies of")
    parser.add_argument("--calls", type=at_least(WARM_CALLS + 1), default=200, help="messages of each kind")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
