"""How does a model call the scripts of the store, in any order, and what is checked after each call?

Every model of the scripts is one of these: a class whose steps are drawn by a seed, so that whatever is found can be
played again. A step calls the store as our processes do, over the simulator's network and clock, and foretells the
answer; now and then the same is asked again, as after a lost answer.
"""

import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, ClassVar

import redis

from adapters.store import Store as RealStore
from tests.dump import Dump, contradictions, read
from tests.simulator.loop import Loop
from tests.simulator.runs import Store
from tests.simulator.stored import EPOCH_MS, Network, Patch, Server, Weather

BUSINESS, NUMBER, OTHER = "bakery", "1001", "1002"
LISTS = "lists-0"


def step(weight: int) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Mark a method as a step, and say how often it is taken, compared with the others."""

    def marked(method: Callable[[Any], None]) -> Callable[[Any], None]:
        method.weight = weight  # type: ignore[attr-defined]  # a mark
        return method

    return marked


class Model:
    """Calls of the store in any order, each answer foretold; so many steps of a seed."""

    steps: ClassVar[int] = 40

    def __init__(self, server: Server, client: redis.Redis, seed: int) -> None:
        """Begin with an empty store."""
        self.server, self.client = server, client
        self.server.empty()
        self.loop = Loop()  # type: ignore[abstract]  # what it lacks nobody here asks for
        self.chance = random.Random(seed)  # noqa: S311 - it should be foreseen
        network = Network(self.server, self.loop, random.Random(1), Weather(slowness_s=0.0001))  # noqa: S311 - no secret
        self.store = RealStore(network)  # type: ignore[arg-type]  # a peer of redis.asyncio's client
        self.count = 0
        self.again: Callable[[], Awaitable[Any]] | None = None
        self.told: Any = None

    def play(self) -> None:
        """Take the steps, and compare after each of them."""
        taken: list[str] = []
        known = [(name, method.weight) for name, method in vars(type(self)).items() if hasattr(method, "weight")]
        names, weights = zip(("ask_again", 10), *known, strict=True)
        self.publish()
        try:
            for _ in range(self.steps):
                [name] = self.chance.choices(names, weights)
                taken.append(name)
                getattr(self, name)()
                self.agrees()
        except Exception as error:
            error.add_note(f"after {', '.join(taken)}")
            raise

    def one(self, things: Iterable[Any]) -> Any:
        """Draw one of several."""
        return self.chance.choice(things if isinstance(things, Sequence) else sorted(things))

    def some(self, things: Collection[Any]) -> list[Any]:
        """Draw some of several, each as often as not."""
        return [each for each in things if self.chance.random() < 0.5]

    def odds(self, chance: float) -> bool:
        """Let something happen so often."""
        return self.chance.random() < chance

    def ask(self, work: Callable[[], Awaitable[Any]], *, repeats: bool = False) -> Any:
        """Call the store and wait; `repeats` lets `ask_again` do the same once more."""
        done: list[Any] = []

        async def call() -> None:
            done.append(await work())

        task = self.loop.begin(None, call())
        self.loop.run_until(lambda: False)
        task.result()
        self.again, self.told = (work, done[0]) if repeats else (None, None)
        return done[0]

    def do(self, word: str, key: str, *words: str | int | bytes) -> Any:
        """Change the store as something did that no script does; keys of the business begin with a colon."""
        named = f"{{{BUSINESS}}}{key}" if key.startswith(":") else key
        return self.server.run(word.encode(), named.encode(), *(_bytes(each) for each in words))

    def name(self, what: str) -> str:
        """Return a name that is new."""
        self.count += 1
        return f"{what}{self.count}"

    @property
    def now_ms(self) -> int:
        """The moment by the store's clock."""
        return EPOCH_MS + int(self.loop.now * 1000)

    @property
    def asked_ms(self) -> int:
        """The moment at which the store did what was asked last."""
        return self.server.now_ms

    def publish(self) -> None:
        """Make a version live."""
        numbers = {NUMBER: 20, OTHER: 20}
        self.ask(
            lambda: self.store.publish(
                BUSINESS, "v1", files=b"f", typed=b"t", numbers=numbers, wabas=["7"], by="me", lists=LISTS
            )
        )

    def ask_again(self) -> None:
        """An answer was lost: the same call again does nothing, and answers as before."""
        before, again, told = self.picture(), self.again, self.told
        if again is None:
            return
        answer = self.ask(again)
        assert type(answer) is type(told)
        assert getattr(answer, "ok", True) == getattr(told, "ok", True)
        assert self.picture() == before

    def picture(self) -> Any:
        """Return all that a business keeps, but for what says just when somebody looks again."""
        dump = self.dump()
        return dump.subjects, dump.rows, dump.lists, dump.count, dump.timer, dump.hashes, dump.sets, dump.sorted.keys()

    def dump(self) -> Dump:
        """Read the whole business."""
        return read(self.client, BUSINESS)

    def agrees(self) -> None:
        """The store is as the model says, and nothing in it contradicts itself."""
        dump = self.dump()
        self.compare(dump)
        found = contradictions(dump)
        assert found == [], found

    def compare(self, dump: Dump) -> None:
        """Compare the store with what the model says."""


def _bytes(word: str | int | bytes) -> bytes:
    return word if isinstance(word, bytes) else str(word).encode()


def play_model(model: type[Model], store: Store, seeds: Iterable[int]) -> None:
    """Look for a way in which the store and a model differ; raises what tells of it."""
    server = store.server()
    for seed in seeds:
        model(server, store.client, seed).play()


def seeds_until_missed(model: type[Model], store: Store, patch: Patch, most: int) -> int | None:
    """Return how many seeds it takes until a model finds out that a guard is gone; nothing if it does not."""
    server = store.server((patch,))
    for seed in range(most):
        try:
            model(server, store.client, seed).play()
        except Exception:  # noqa: BLE001 - what a script without its guard answers, nobody can read
            return seed + 1
    return None
