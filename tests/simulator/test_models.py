"""Do the scripts of the store do what small models of them say, and would each guard of theirs be missed?

What is asked comes in whichever order, and twice; `python -m tests.simulator --guards` looks for each guard.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.guards import GUARDS, MODELS, MOST
from tests.simulator.model import play_model, seeds_until_missed
from tests.simulator.runs import Store
from tests.simulator.stored import can_be_planted

SOON = (
    "ingest: `if redis.call('SADD'",
    "begin: `if chat[2] or business[2] then` is `if business",
    "lease: `if held[1]",
)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store whose clock is the simulator's."""
    with Store(Path(tmp_path_factory.mktemp("simulated"))).opened() as opened:
        yield opened


@pytest.mark.parametrize("model", MODELS)
def test_the_scripts_do_what_a_model_says(simulated, model):
    """A few hundred calls in many orders; nightly many more."""
    play_model(model, simulated, range(6))


@pytest.mark.long
@pytest.mark.parametrize("model", MODELS)
def test_the_scripts_do_what_a_model_says_at_length(simulated, model):
    """The same, longer."""
    play_model(model, simulated, range(1_000, 1_400))


@pytest.mark.parametrize("begin", SOON)
def test_a_guard_that_a_script_lacks_is_missed_soon(simulated, begin):
    """The model would see it if we broke it."""
    guard = next(guard for name, guard in GUARDS.items() if name.startswith(begin))

    assert seeds_until_missed(guard.model, simulated, guard.patch, MOST) is not None


@pytest.mark.long
@pytest.mark.parametrize("name", GUARDS)
def test_each_guard_that_a_script_lacks_is_missed(simulated, name):
    """Also one of two that stand behind each other: a model asks for just that one."""
    guard = GUARDS[name]

    assert seeds_until_missed(guard.model, simulated, guard.patch, MOST) is not None


def test_every_guard_can_still_be_planted():
    """A script that was rewritten takes its planted guards along."""
    assert [name for name, guard in GUARDS.items() if not can_be_planted(guard.patch)] == []
