"""Does whatever goes wrong between Meta, the store and our processes leave every promise standing?

A seed is a town of a few contacts, an owner and four processes that run the real code, with the network, the Graph API
and the clock of the simulator. `python -m tests.simulator` plays as many as wanted, and with `--bugs` switches off each
safeguard.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.plants import BUGS
from tests.simulator.runs import Store, play_all, seeds_until_found, story
from tests.simulator.stored import can_be_planted

SEEDS = int(os.environ.get("SIMULATOR_SEEDS", "40"))
MANY = 2_000
MOST = 200
QUICK = (
    "repeats are not known",
    "our own message is taken for the owner's",
    "an echo does not hold its chat",
    "what is in doubt leaves again at once",
    "rows of a chat leave in any order",
    "a delivery may fall",
)
"""Bugs that the first seeds find; the others are looked for with `-m long`."""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store whose clock is the simulator's."""
    with Store(Path(tmp_path_factory.mktemp("simulated"))).opened() as opened:
        yield opened


def test_no_promise_is_broken(simulated):
    """A small number of seeds; `SIMULATOR_SEEDS` of the environment says how many."""
    figures = play_all(simulated, range(SEEDS))

    assert figures.breaches == {}


@pytest.mark.long
def test_no_promise_is_broken_in_many_towns(simulated):
    """Some minutes of it."""
    figures = play_all(simulated, range(10_000, 10_000 + MANY))

    print(*figures.lines(), sep="\n")  # noqa: T201 - the figures are what it is for; shown by `-rP`
    assert figures.breaches == {}


@pytest.mark.parametrize("seed", [0, 3])
def test_a_seed_is_always_the_same(simulated, seed):
    """Whatever is found can be looked at again."""
    server = simulated.server()

    first, again = story(simulated, server, seed), story(simulated, server, seed)

    assert first
    assert first == again


@pytest.mark.parametrize("name", QUICK)
def test_a_safeguard_that_is_switched_off_is_missed_soon(simulated, name):
    """The simulator would see it if we broke it."""
    assert seeds_until_found(simulated, name, 15) is not None


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(BUGS.keys() - set(QUICK)))
def test_each_safeguard_that_is_switched_off_is_missed(simulated, name):
    """Each of them, within so many seeds."""
    assert seeds_until_found(simulated, name, MOST) is not None


@pytest.mark.parametrize("name", BUGS)
def test_every_bug_can_still_be_planted(name):
    """A script that was rewritten takes its planted bug along; the others are found only now and then."""
    assert [patch for patch in BUGS[name].scripts if not can_be_planted(patch)] == []
