"""What does a list of restrictions say, and what is wrong with it?

The first line is `# version: 2026-11-22`, further lines that begin with `#` are remarks, then comes a CSV table.
A list with any mistake is refused whole: half a list would let through what the other half forbids.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from msgspec import Struct

from rules.policy.countries import COUNTRIES, LONGEST
from rules.source import Mistake, Mistakes

COLUMNS = ("scope", "prefix", "iso2", "name", "since", "source", "action", "note")
_VERSION = "# version:"


class Scope(StrEnum):
    """Whom a restriction is about."""

    COEXISTENCE_NUMBER = "coexistence_number"
    ANYONE = "anyone"


class Action(StrEnum):
    """What follows when a restriction fits."""

    REFUSE = "refuse"
    WARN = "warn"


class Restriction(Struct, frozen=True, kw_only=True):
    """A country or region; `prefix` judges phone numbers, `iso2` user ids and, without a prefix, numbers too."""

    scope: Scope
    prefix: str
    iso2: str
    name: str
    since: date
    source: str
    action: Action
    note: str = ""


def rows_of(text: str) -> tuple[str, tuple[Restriction, ...]]:
    """Return the version and the rows of a list; raise `Mistakes` with all that is wrong in it."""
    lines = text.removeprefix("\ufeff").splitlines()
    mistakes = [*_mistakes_of_version(lines)]
    rows: list[Restriction] = []
    try:
        for line, cells in _table(lines):
            found = [*_mistakes_of_row(line, cells)]
            mistakes += found
            if not found:
                rows.append(_row(cells))
    except csv.Error as problem:
        mistakes.append(_mistake(len(lines), f"The table cannot be read: {problem}."))
    except Mistakes as problem:
        mistakes += problem.mistakes
    if not rows and not mistakes:
        mistakes.append(
            _mistake(len(lines), "The list has no rows.", "Write at least one row, or use the built-in list.")
        )
    if mistakes:
        raise Mistakes(*mistakes)
    return _version(lines), tuple(rows)


def _version(lines: list[str]) -> str:
    return lines[0].removeprefix(_VERSION).strip() if lines and lines[0].startswith(_VERSION) else ""


def _mistakes_of_version(lines: list[str]) -> Iterator[Mistake]:
    if not _is_date(_version(lines)):
        yield _mistake(
            1, "The first line gives no version.", "Write `# version: 2026-11-22`, with the date of the list."
        )


def _table(lines: list[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Go through the rows with the number of their line; the header has to be right first."""
    numbers = [number for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    table = csv.reader((lines[number - 1] for number in numbers), strict=True)
    header = next(table, None)
    if header is None or tuple(header) != COLUMNS:
        line = numbers[0] if numbers else max(len(lines), 1)
        raise Mistakes(_mistake(line, "The columns are not the expected ones.", f"Write `{','.join(COLUMNS)}`."))
    for cells in table:
        line = numbers[table.line_num - 1]
        if len(cells) != len(COLUMNS):
            words = f"The row has {len(cells)} cells; {len(COLUMNS)} are expected."
            raise Mistakes(_mistake(line, words, "Put a cell that holds a comma in double quotes."))
        yield line, {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}


def _mistakes_of_row(line: int, cells: Mapping[str, str]) -> Iterator[Mistake]:
    prefix, iso2 = cells["prefix"], cells["iso2"]
    yield from _unknown_word(line, "scope", cells["scope"], tuple(Scope))
    yield from _unknown_word(line, "action", cells["action"], tuple(Action))
    if not prefix and not iso2:
        yield _mistake(line, "A row needs a `prefix` or an `iso2`, else it fits nobody.")
    if prefix and not _is_prefix(prefix):
        yield _mistake(line, f"`{prefix}` is no prefix.", "Write the digits a number begins with, without `+` or `00`.")
    if iso2 and iso2 not in COUNTRIES:
        yield _mistake(line, f"`{iso2}` is no country.", "Write the two capital letters of ISO 3166, such as `CU`.")
    if not _is_date(cells["since"]):
        yield _mistake(line, f"`{cells['since']}` is no date.", "Write `since` as year-month-day: `2026-11-22`.")
    for name in ("name", "source"):
        if not cells[name]:
            yield _mistake(line, f"`{name}` is empty.", "Say what is restricted and who says so.")


def _unknown_word(line: int, column: str, word: str, known: tuple[str, ...]) -> Iterator[Mistake]:
    if word not in known:
        near = get_close_matches(word, known, n=1)
        hint = (
            f"Did you mean `{near[0]}`?" if near else "Write one of " + ", ".join(f"`{each}`" for each in known) + "."
        )
        yield _mistake(line, f"`{column}` cannot be `{word}`.", hint)


def _is_prefix(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST and text[0] != "0"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _row(cells: Mapping[str, str]) -> Restriction:
    return Restriction(
        scope=Scope(cells["scope"]),
        prefix=cells["prefix"],
        iso2=cells["iso2"],
        name=cells["name"],
        since=date.fromisoformat(cells["since"]),
        source=cells["source"],
        action=Action(cells["action"]),
        note=cells["note"],
    )


def _mistake(line: int, message: str, hint: str | None = None) -> Mistake:
    return Mistake(line, 1, "restriction-list", message, hint)
