"""Do the scripts of the store do what small models of them say, and would each guard of theirs be missed?

What is asked comes in whichever order, and twice; `python -m tests.simulator --guards` looks for each guard.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.guards import GUARDS, MODELS, MOST, NO_GUARDS, UNMODELLED
from tests.simulator.model import play_model, seeds_until_missed
from tests.simulator.runs import Store
from tests.simulator.stored import SCRIPTS, can_be_planted

SOON = (
    "ingest: `if redis.call('SISMEMBER'",
    "begin: `if chat[2] or business[2] then` is `if business",
    "lease: `if held[1]",
)

CONDITION = re.compile(r"\b(?:if|elseif|while|and|or)\b")


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


def test_each_condition_of_a_script_is_planted_or_is_no_guard():
    """Whoever adds a condition to a script that a model calls says what finds out when it is gone."""
    scripts = [path for path in SCRIPTS.rglob("*.lua") if path.stem not in UNMODELLED]
    conditions = {f"{path.stem}: {line}" for path in scripts for line in conditions_of(path)}
    patches = [guard.patch for guard in GUARDS.values()]
    planted = {each for each in conditions for where, old, _ in patches if is_in(each, where, old)}
    others = {line for lines in NO_GUARDS.values() for line in lines}

    assert sorted(conditions - planted - others) == []
    assert sorted(others - (conditions - planted)) == []


def conditions_of(path: Path) -> list[str]:
    """Return the lines of a script in which something is asked."""
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if not line.startswith("--") and CONDITION.search(line.partition(" --")[0])]


def is_in(condition: str, where: str, old: str) -> bool:
    """Tell whether a patch of a script changes this line of it."""
    return condition.startswith(f"{where}: ") and old.strip() in condition
