"""Play seeds or look for planted bugs: `python -m tests.simulator --seeds 2000`, `--bugs`, `--guards`, `--seed 17`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.simulator.guards import GUARDS, MOST
from tests.simulator.model import seeds_until_missed
from tests.simulator.plants import BUGS
from tests.simulator.runs import Figures, Store, play, play_all, seeds_until_found


def main() -> int:
    """Say what was found; 1 if anything was, or if a bug was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many seeds to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="play just this one")
    parser.add_argument("--bugs", action="store_true", help="switch off each safeguard, and look whether it is found")
    parser.add_argument(
        "--guards", action="store_true", help="take away each guard of a script, and let the models look"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baton-simulated-") as folder, Store(Path(folder)).opened() as store:
        if asked.bugs:
            return _bugs(store, min(asked.seeds, 200))
        if asked.guards:
            return _guards(store)
        if asked.seed is not None:
            figures = Figures()
            play(store, store.server(), asked.seed, figures)
        else:
            figures = play_all(store, range(asked.first, asked.first + asked.seeds))
        _say(*figures.lines())
        return int(bool(figures.breaches))


def _bugs(store: Store, most: int) -> int:
    missed = 0
    for name in BUGS:
        began_at = time.monotonic()
        found = seeds_until_found(store, name, most)
        missed += found is None
        words = f"seed {found[0]}: {found[1][:110]}" if found else f"NOT FOUND in {most}"
        _say(f"{name:58} {words} ({time.monotonic() - began_at:.0f} s)")
    _say(f"{len(BUGS) - missed} of {len(BUGS)} found")
    return int(missed > 0)


def _guards(store: Store) -> int:
    missed = 0
    for name, guard in GUARDS.items():
        found = seeds_until_missed(guard.model, store, guard.patch, MOST)
        missed += found is None
        _say(f"{guard.model.__name__:9} {f'seed {found}' if found else f'NOT FOUND in {MOST}':17} {name}")
    _say(f"{len(GUARDS) - missed} of {len(GUARDS)} found")
    return int(missed > 0)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
