"""Who stands in a list of people, a CSV file as spreadsheets write it?

The first line names the columns. Commas, semicolons and tabs may divide them. One column has the phone numbers, with
their country, in whatever spelling; the others can be said in texts, as `list.city` for a column `City`.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO

from msgspec import Struct

from flows.reader import listed, nearest, shortened
from rules.policy import countries
from rules.source import Mistake, Mistakes, Severity
from rules.words import fold

SUFFIX = ".csv"
PREFIX = "list."
"""What the names of columns begin with, in texts."""
DIVIDERS = ",;\t"
LONGEST_LINE = 10_000
MOST_COLUMNS = 100
BYTE_ORDER_MARK = "\ufeff"
UNREADABLE = "\ufffd"
AS_TEXT = re.compile(r'="(?P<text>[^"]*)"')  # how spreadsheets keep the zeros and the plus of a number
A_LINK = re.compile(r"(?:tel|whatsapp|sms):", re.IGNORECASE)
ROUNDED = re.compile(r"[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+")
FORMULA = re.compile(r"[=@]|\+(?![\d\s(])|-(?!\d)")


class Person(Struct, frozen=True):
    """One line: where it stands, the number as Meta writes it, and what else is known under names such as `city`."""

    line: int
    phone: str
    values: dict[str, str] = {}
    agreed: str = ""


class Columns(Struct, frozen=True):
    """Which column is what: names as texts say them, the place of the phone number, and that of the opt-in if any."""

    names: tuple[str, ...]
    phone: int
    agreed: int | None = None
    divider: str = ","

    @property
    def in_texts(self) -> tuple[str, ...]:
        """The names that texts can say."""
        return tuple(f"{PREFIX}{name}" for name in self.names if name)


def columns(text: str, phone: str, agreed: str | None) -> Columns:
    """Read the first line; raise `Mistakes` that point into the file when it cannot be used."""
    if UNREADABLE in text:
        hint = "Save it in the spreadsheet as `CSV UTF-8`"
        raise _wrong(text[: text.index(UNREADABLE)].count("\n") + 1, "unreadable-file", "The list is not UTF-8", hint)
    head = _first_line(text)
    divider = max(DIVIDERS, key=head.count)
    titles = next(csv.reader([head], delimiter=divider), [])
    if len(titles) > MOST_COLUMNS:
        raise _wrong(1, "list-columns", f"A list has at most {MOST_COLUMNS} columns, and this one has {len(titles)}")
    names = tuple(column_name(title) for title in titles)
    twice = next((name for at, name in enumerate(names) if name and name in names[:at]), None)
    if twice:
        raise _wrong(1, "list-columns", f"Two columns of the list are called `{twice}`", "Give one another title")
    return Columns(names, _place(titles, names, phone), _place(titles, names, agreed) if agreed else None, divider)


def column_name(title: str) -> str:
    """Return the name by which texts say a column: `Nome da Cidade` is `nome_da_cidade`."""
    name = "_".join(re.findall(r"[a-z0-9]+", fold(title)))
    return f"n{name}" if name[:1].isdigit() else name


def people(text: str, found: Columns, mistakes: list[Mistake], most: int | None = None) -> Iterator[Person]:
    """Go through the people of a list, at most so many lines of it; a line that cannot be used is a mistake.

    Whoever stands in it twice comes once.
    """
    lines = StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")
    reader = csv.reader(lines, delimiter=found.divider, strict=True)
    first_at: dict[str, int] = {}
    for cells in _cells(reader, mistakes):
        line = reader.line_num
        if line == 1 or not any(cell.strip() for cell in cells):
            continue
        if most is not None and line > most:
            return
        person = _person(cells, line, found, mistakes)
        if person is None:
            continue
        at = first_at.setdefault(person.phone, line)
        if at != line:
            mistakes.append(_odd(line, "list-twice", f"This number stands on line {at} already; it gets one message"))
            continue
        yield person


def without_people(files: Mapping[str, str]) -> dict[str, str]:
    """Leave of each list among files its first line: who is published knows the columns, and keeps nobody's number."""
    return {name: _head_of(text) if name.endswith(SUFFIX) else text for name, text in files.items()}


def _head_of(text: str) -> str:
    head = _first_line(text)
    return f"{head}\n" if head else ""


def _first_line(text: str) -> str:
    return text.removeprefix(BYTE_ORDER_MARK).partition("\n")[0].rstrip("\r")[:LONGEST_LINE]


def _place(titles: list[str], names: tuple[str, ...], wanted: str) -> int:
    """Find a column by its title, or by its name in texts."""
    for known in (titles, names):
        if wanted in known:
            return known.index(wanted)
    name = column_name(wanted)
    if name in names:
        return names.index(name)
    there = f"Its columns are {listed(titles)}" if any(titles) else "Its first line names the columns"
    raise _wrong(1, "list-columns", f"The list has no column `{shortened(wanted)}`", nearest(name, names) or there)


def _cells(reader: "Iterator[list[str]]", mistakes: list[Mistake]) -> Iterator[list[str]]:
    """Go through the lines as far as they can be divided."""
    try:
        yield from reader
    except csv.Error:
        line = getattr(reader, "line_num", 1)
        words = "The quotes of this line do not fit, and no line after it can be read"
        mistakes.append(_odd(line, "list-line", words, severity=Severity.ERROR))


def _person(cells: list[str], line: int, found: Columns, mistakes: list[Mistake]) -> Person | None:
    if len(cells) > len(found.names):
        words = f"This line has {len(cells)} values, and the list has {len(found.names)} columns; it is left out"
        mistakes.append(_odd(line, "list-line", words, 'Put what holds a comma into quotes: `"Lima, Ana"`'))
        return None
    cells = [*cells, *[""] * (len(found.names) - len(cells))]
    phone = phone_of(cells[found.phone])
    if phone is None:
        mistakes.append(_bad_phone(cells[found.phone], line))
        return None
    values = {name: cell.strip() for name, cell in zip(found.names, cells, strict=True) if name}
    formula = next((name for name, cell in values.items() if FORMULA.match(cell) and name != _phone(found)), None)
    if formula:
        words = f"`{formula}` looks like a formula, and would be said as it stands; the line is left out"
        mistakes.append(_odd(line, "list-formula", words, "Let the spreadsheet write values, not formulas"))
        return None
    return Person(line, phone, values, cells[found.agreed].strip() if found.agreed is not None else "")


def _phone(found: Columns) -> str:
    return found.names[found.phone]


def phone_of(cell: str) -> str | None:
    """Return a number as Meta writes it; nothing if no numbering plan has it, as without its country."""
    text = cell.strip()
    if kept := AS_TEXT.fullmatch(text):
        text = kept["text"].strip()
    number = countries.digits(A_LINK.sub("", text, count=1).strip())
    return number if number is not None and countries.is_in_a_plan(number) else None


def _bad_phone(cell: str, line: int) -> Mistake:
    if not cell.strip():
        return _odd(line, "list-phone", "There is no phone number here; the line is left out")
    if ROUNDED.fullmatch(cell.strip()):
        hint = "Set the column to text in the spreadsheet, and save the list again"
        return _odd(line, "list-phone", "The spreadsheet has rounded this phone number; the line is left out", hint)
    hint = "Write it with its country, as in `+55 11 91234-5678`"
    return _odd(line, "list-phone", "This is no phone number of any country; the line is left out", hint)


def _odd(line: int, code: str, message: str, hint: str | None = None, severity: Severity = Severity.WARNING) -> Mistake:
    return Mistake(line, 1, code, message, hint, severity)


def _wrong(line: int, code: str, message: str, hint: str | None = None) -> Mistakes:
    return Mistakes(Mistake(line, 1, code, message, hint))
