"""How is a seed played and judged, and what do many of them add up to?"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from msgspec import Struct

from adapters.embedded import EmbeddedStore
from engine.row import RowState
from tests.simulator.plan import Plan
from tests.simulator.plants import BUGS, planted
from tests.simulator.stored import Patch, Server
from tests.simulator.town import Town
from tests.simulator.verdict import Case, judged


class Store:
    """A server of the simulator's own, which may forget: nobody cuts its power here."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        self._embedded = EmbeddedStore(folder)
        self._server: Server | None = None

    @contextmanager
    def opened(self) -> Iterator["Store"]:
        """Run the server for a while."""
        with self._embedded as embedded, redis.Redis.from_url(embedded.url) as client:
            client.config_set("appendonly", "no")
            self.client = client
            self.path = embedded.url.removeprefix("unix://").partition("?")[0]
            yield self
            self._close()

    def server(self, patches: tuple[Patch, ...] = ()) -> Server:
        """Connect to it, with other texts of scripts; whatever was connected before is not any more."""
        self._close()
        self._server = Server(self.path, patches)
        return self._server

    def _close(self) -> None:
        if self._server is not None:
            self._server.line.close()


class Figures(Struct):
    """What was played, and what was found."""

    seeds: int = 0
    crashes: int = 0
    scripts: int = 0
    acked: int = 0
    rows: int = 0
    begins: int = 0
    takeovers: int = 0
    posts: int = 0
    resent: int = 0
    parked: int = 0
    breaches: dict[int, list[str]] = {}

    def lines(self) -> list[str]:
        """Say it with each n, and with 3/n, which bounds at 95 % how often it happens if it never did."""
        found = sum(len(words) for words in self.breaches.values())
        cases = {
            "acknowledged events lost or applied twice": self.acked,
            "rows without exactly one true end": self.rows,
            "messages more than declared": self.posts,
            "sends begun after an owner's message, too late, out of order or to whom is forbidden": self.begins,
        }
        return [
            f"seeds {self.seeds}, crashes {self.crashes}, scripts run {self.scripts}, takeovers {self.takeovers}, "  # noqa: ISC004 - one line
            f"resent in doubt {self.resent}, parked {self.parked}; breaches {found}",
            *(f"  {words}: {found or 0} of {n} (below {3 / max(n, 1):.5f})" for words, n in cases.items() if not found),
            *(f"  seed {seed}: {'; '.join(words)[:600]}" for seed, words in self.breaches.items()),
        ]


def play(store: Store, server: Server, seed: int, figures: Figures) -> list[str]:
    """Play one seed; return the breaches."""
    town = Town(server, Plan.of(seed))
    town.run()
    case, found = Case(town, store.client), judged(town, store.client)
    figures.seeds += 1
    figures.crashes += len(town.loop.kills)
    figures.scripts += server.calls
    figures.acked += len(town.meta.acked)
    figures.rows += len(case.states)
    figures.begins += len(case.ledger.begins)
    figures.takeovers += sum(len(each) for each in case.ledger.takeovers.values())
    figures.posts += len(case.posts)
    figures.resent += sum(case.doubts.values())
    figures.parked += sum(state is RowState.PARKED for state in case.states.values())
    if found:
        figures.breaches[seed] = found
    return found


def story(store: Store, server: Server, seed: int) -> list[str]:
    """Return all that a seed does, in a form in which two plays of it can be compared."""
    town = Town(server, Plan.of(seed))
    town.run()
    case = Case(town, store.client)
    posts = [f"{post.at:.6f} {post.how} {post.row} {post.wamid}" for post in case.posts]
    rows = [f"{name} {state}" for name, state in sorted(case.states.items())]
    return [*posts, *rows, *(f"{process} died in {place}" for process, place in town.loop.kills)]


def play_all(store: Store, seeds: Iterable[int]) -> Figures:
    """Play seeds with everything in its place."""
    server, figures = store.server(), Figures()
    for seed in seeds:
        play(store, server, seed, figures)
    return figures


def seeds_until_found(store: Store, name: str, most: int, first: int = 0) -> tuple[int, str] | None:
    """Plant a bug, and return how many seeds it took to find it, and by what; nothing if it was not."""
    bug = BUGS[name]
    server = store.server(bug.scripts)
    with planted(bug):
        for count in range(1, most + 1):
            found = play(store, server, first + count - 1, Figures())
            told = [words for words in found if words.startswith(bug.found_by)]
            if told:
                return count, told[0]
    return None
