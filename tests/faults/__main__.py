"""What does Baton do when everything around it breaks? The rows of the fault matrix, run for real, as one table.

python -m tests.faults                     every row, small
python -m tests.faults F05 F13 --seed 7    some
python -m tests.faults --size nightly      with more of everything
python -m tests.faults --list              what there is
"""

import argparse
import asyncio
import sys
import tempfile
import textwrap
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tests.benchmarks.figures import tell
from tests.faults import chaos, clocks, graph, host, processes, stops, store, store_content, versions, webhooks
from tests.faults.matrix import DoesNotApply, Row, Run, Size, Told, always, chosen, holds

FAMILIES = (processes, stops, versions, store, store_content, graph, webhooks, host, clocks, chaos)
MOST_S = 420.0
WIDTHS = (4, 40, 88, 4, 4, 22)
HEAD = ("row", "what was done", "figures", "seed", "s", "verdict")


class Result(Struct, frozen=True):
    """What became of one row."""

    row: Row
    seed: int
    seconds: float
    verdict: str
    figures: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def main(arguments: Sequence[str]) -> int:
    """Run rows and print their table; 1 if one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("rows", nargs="*", help="F05 F13; all without any")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=("small", "nightly"), default="small")
    parser.add_argument("--list", action="store_true", help="say what each row breaks and what must hold")
    given = parser.parse_args(arguments)
    try:
        rows = chosen(given.rows)
    except KeyError as unknown:
        parser.error(f"There is no row {unknown}; --list names them all.")
    if given.list:
        for row in rows:
            tell(f"{row.name}  {row.what}: {' '.join((row.breaks.__doc__ or '').split())}")
        return 0
    results = table(rows, given.seed, given.size)
    return int(any(each.verdict.startswith("does not hold") for each in results))


def run(row: Row, seed: int, size: Size) -> Result:
    """Run one row in a folder of its own, and judge what it found."""
    began_at = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"faults-{row.name}-") as folder:
        try:
            told = asyncio.run(_within(row, Run(seed, size, Path(folder))))
        except DoesNotApply as why:
            return Result(row, seed, time.monotonic() - began_at, f"does not apply: {why}")
        except Exception as error:  # noqa: BLE001 - the other rows are run all the same
            traceback.print_exc(limit=-3)
            words = f"does not hold: {type(error).__name__} {error}"
            return Result(row, seed, time.monotonic() - began_at, textwrap.shorten(words, 160))
    return judged(row, seed, time.monotonic() - began_at, told)


def judged(row: Row, seed: int, seconds: float, told: Told) -> Result:
    """Compare what a row found with its bounds."""
    figures = ("; ".join(map(str, told.figures)), f"always: {'; '.join(map(str, always(told)))}", str(told.audit))
    fine = holds(told)
    faults = () if fine else tuple(told.audit.faults())
    return Result(row, seed, seconds, "holds" if fine else "does not hold", figures, faults)


async def _within(row: Row, run: Run) -> Told:
    async with asyncio.timeout(MOST_S):
        return await row.breaks(run)


def table(rows: Sequence[Row], seed: int, size: Size) -> list[Result]:
    """Run rows, and print what became of each as soon as it is known."""
    _line(HEAD)
    results = []
    for row in rows:
        found = run(row, seed, size)
        cells = (row.name, row.what, "\n".join(found.figures), str(seed), f"{found.seconds:.0f}", found.verdict)
        _line(cells)
        for words in found.faults:
            tell(f"      ! {words}")
        results.append(found)
    held = sum(each.verdict == "holds" for each in results)
    off = sum(each.verdict.startswith("does not apply") for each in results)
    tell(f"{held} of {len(results)} rows hold, {off} do not apply, {len(results) - held - off} do not hold")
    return results


def _line(cells: Sequence[str]) -> None:
    wrapped = [
        [part for line in cell.split("\n") for part in textwrap.wrap(line, width) or [""]] or [""]
        for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    for place in range(max(map(len, wrapped))):
        parts = [cell[place] if place < len(cell) else "" for cell in wrapped]
        tell("  ".join(part.ljust(width) for part, width in zip(parts, WIDTHS, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
