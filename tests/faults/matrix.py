"""What is a row of the fault matrix, and when does it hold?

A row breaks something in a town of real processes and returns figures. Each figure carries its own bound; the three
ledgers and the dump of the store are judged for every row alike.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tests.faults.audit import Audit
from tests.main_job.test_load import MOST_A_SECOND

Size = Literal["small", "nightly"]


class DoesNotApply(Exception):  # noqa: N818 - a sentence, and no failure
    """Why a row cannot be run here, or has nothing to break in this product."""


class Figure(Struct, frozen=True):
    """One number of a row, what it counts out of (`n`), and the most and least it may be."""

    name: str
    value: float
    n: int | None = None
    most: float | None = None
    least: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its bounds."""
        above = self.most is not None and self.value > self.most
        return not above and not (self.least is not None and self.value < self.least)

    def __str__(self) -> str:
        """Say it with its `n`, and for none of `n` with the bound that this proves; a broken bound is marked."""
        words = f"{self.name} {self.value:.4g}{self.unit and ' '}{self.unit}"
        if self.n is not None:
            words += f" of {self.n}" + (f" (<= {min(100, 300 / self.n):.3g} %)" if not self.value and self.n else "")
        if self.holds:
            return words
        bound = f"at most {self.most:.4g}" if self.most is not None else ""
        return f"{words} [bound: {bound or f'at least {self.least:.4g}'}]"


def none_of(name: str, value: float, n: int) -> Figure:
    """Count what must not be."""
    return Figure(name, value, n=n, most=0)


def at_most(name: str, value: float, most: float, unit: str = "s") -> Figure:
    """Tell a measurement that has a bound."""
    return Figure(name, value, most=most, unit=unit)


def all_of(name: str, value: float, n: int) -> Figure:
    """Count what must be every time."""
    return Figure(name, value, n=n, least=n)


class Told(Struct, frozen=True):
    """What a row found; `declared` doubles are messages that were resent after a doubt and say so.

    Where the store itself `lost` something that is what was broken, and what is missing from it is told, not judged.
    """

    figures: tuple[Figure, ...]
    audit: Audit
    declared: bool = False
    lost: bool = False


class Run(Struct, frozen=True):
    """One running of a row: its chance, its size, and a folder of its own."""

    seed: int
    size: Size
    folder: Path

    @property
    def chance(self) -> random.Random:
        """Chance that comes out the same for the same seed."""
        return random.Random(self.seed)  # noqa: S311 - it should be foreseen

    def many(self, small: int, nightly: int) -> int:
        """Choose by the size."""
        return small if self.size == "small" else nightly


Breaks = Callable[[Run], Awaitable[Told]]


class Row(Struct, frozen=True):
    """A row of the matrix."""

    name: str
    what: str
    breaks: Breaks


ROWS: list[Row] = []


def row(name: str, what: str) -> Callable[[Breaks], Breaks]:
    """Put a function into the matrix; its docstring says what is broken and what must hold."""

    def put(breaks: Breaks) -> Breaks:
        ROWS.append(Row(name, what, breaks))
        return breaks

    return put


def always(told: Told) -> tuple[Figure, ...]:
    """Return what must hold whatever was broken."""
    audit = told.audit
    doubled = len(audit.undeclared if told.declared else audit.doubled)
    return (
        Figure("missing", len(audit.lost)) if told.lost else none_of("lost", len(audit.lost), audit.acked),
        none_of("undeclared double" if told.declared else "double", doubled, audit.rows),
        none_of("out of order", len(audit.disordered), audit.people),
        none_of("to blocked", len(audit.blocked), audit.blocked_wrote),
        at_most("busiest second", audit.busiest, MOST_A_SECOND, ""),
        Figure("faults in the dump", len(audit.dump), most=0),
    )


def holds(told: Told) -> bool:
    """Tell whether every figure is within its bounds."""
    return all(each.holds for each in (*told.figures, *always(told)))


def chosen(names: Sequence[str]) -> list[Row]:
    """Return the rows of these names, all if none is named, in order."""
    ordered = sorted(ROWS, key=lambda each: each.name)
    known = {each.name for each in ordered}
    if unknown := [name for name in names if name not in known]:
        raise KeyError(unknown[0])
    return [each for each in ordered if not names or each.name in names]
