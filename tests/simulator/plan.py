"""What does a seed stand for: what is it about, and how much goes wrong?"""

import random
from typing import Final

from msgspec import Struct

from tests.simulator.graph import Manners
from tests.simulator.stored import Weather

DOUBT_WAIT_S: Final = 20
INPUT_S: Final = 12.0
LATE_BY_S: Final = 26 * 3600
# What seeds are about, most of them everything: the end of windows, new country lists, marketing whose answer is lost,
# too many at once, and a number that is cut off for a while.
KINDS = {"mixed": 0.6, "edges": 0.08, "lists": 0.08, "offers": 0.08, "rush": 0.08, "account": 0.08}
MANY = {"rush": 16, "edges": 8, "account": 8}
OFTEN_LOST = {"ok": 0.6, "no_answer": 0.25, "never_came": 0.15}
WAYS = {
    "ok": 0.8, "slow": 0.03, "refuse": 0.06, "page": 0.02, "no_answer": 0.04, "never_came": 0.02, "no_line": 0.03,
}  # fmt: skip


class Plan(Struct, kw_only=True):
    """What a seed stands for: what it is about, the weather, and how much goes wrong."""

    seed: int
    kind: str
    weather: Weather
    manners: Manners
    people: int
    kills: int
    stops: int

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """Draw what a seed stands for."""
        chance = random.Random(seed)  # noqa: S311 - it should be foreseen
        [kind] = chance.choices(list(KINDS), list(KINDS.values()))
        rough, calm = chance.random() < 0.4, chance.random() < 0.25
        ways = OFTEN_LOST if kind == "offers" else {"ok": 1.0} if calm else WAYS
        return cls(
            seed=seed,
            kind=kind,
            weather=Weather(
                slowness_s=chance.choice((0.0003, 0.002, 0.01)),
                lost_before=0.01 * rough,
                lost_after=0.02 * rough,
                stalls=0.004 * rough,
                forgets=0.005,
            ),
            manners=Manners(ways=ways, latency_s=chance.choice((0.05, 0.3, 1.0))),
            people=MANY.get(kind) or chance.randint(2, 4),
            kills=chance.choice((0, 1, 2, 4)),
            stops=chance.choice((0, 0, 1)),
        )
