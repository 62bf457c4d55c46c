"""What kinds of values are there, and which operators take them?"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TypeAlias

from msgspec import Struct


class Type(StrEnum):
    """The kind of a value; `ANY` is a value whose kind shows only at run time."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    SPAN = "span"
    TIME = "time"
    DATE = "date"
    MOMENT = "moment"
    WEEKDAY = "weekday"
    MONTH = "month"  # only written in conditions: no fact is a month
    LIST = "list"
    ANY = "any"


class Weekday(IntEnum):
    """A day of the week, numbered as `date.weekday()` does."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


class YearMonth(IntEnum):
    """A month of the year."""

    JAN = 1
    FEB = 2
    MAR = 3
    APR = 4
    MAY = 5
    JUN = 6
    JUL = 7
    AUG = 8
    SEP = 9
    OCT = 10
    NOV = 11
    DEC = 12


Single: TypeAlias = str | Decimal | bool | timedelta | time | date | datetime | Weekday | YearMonth
Value: TypeAlias = Single | tuple["Value", ...] | None
Scope: TypeAlias = Mapping[str, Type]
Facts: TypeAlias = Mapping[str, Value]

TYPES = {  # how a type is called in a sentence, and how its values are written
    Type.TEXT: ("text", '`"how much"`'),
    Type.NUMBER: ("a number", "`3` `0.5`"),
    Type.TRUTH: ("true or false", "`true` `false`"),
    Type.SPAN: ("a span", "`90s` `30m` `2h` `1d` `1h30m`"),
    Type.TIME: ("a time of day", "`09:00`"),
    Type.DATE: ("a date", "`2026-12-25`"),
    Type.MOMENT: ("a moment", "`2026-12-24 18:00`"),
    Type.WEEKDAY: ("a weekday", "`mon` or `monday`"),
    Type.MONTH: ("a month", "`dec` or `december`"),
    Type.LIST: ("a list", '`("a", "b")`'),
    Type.ANY: ("a value", ""),
}
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = ["january", "february", "march", "april", "may", "june"]
MONTHS += ["july", "august", "september", "october", "november", "december"]
WEEKDAY_WORDS = {word: Weekday(i) for i, day in enumerate(DAYS) for word in (day, day[:3])}
MONTH_WORDS = {word: YearMonth(i) for i, month in enumerate(MONTHS, start=1) for word in (month, month[:3])}

MOST_ITEMS = 500  # of a list that stands right of an operator
ORDERED = frozenset({Type.NUMBER, Type.SPAN, Type.TIME, Type.DATE, Type.MOMENT})
CYCLIC = frozenset({Type.WEEKDAY, Type.MONTH})
CALENDAR = frozenset({Type.DATE, Type.MOMENT, Type.WEEKDAY, Type.MONTH})
SINGLE = frozenset(Type) - {Type.LIST, Type.ANY}
ANY_KIND = SINGLE | {Type.LIST}


class Right(StrEnum):
    """What an operator takes on its right side."""

    SAME = "a value of the same kind"
    ONE_OF = "values of the same kind in brackets, or a list"
    TEXTS = "text, or several in brackets"
    PATTERN = "a pattern in quotes"


class Relation(Struct, frozen=True):
    """An operator between two values that is true or false.

    A new one is a row in `RELATIONS`: `code` is Python over `{a}` and `{b}`, two values that are there.
    For `TEXTS`, `form` names how both are prepared, `how` says whether any, all or none of them must fit, and `says`
    are the words for that one of them fits, and for that it does not.
    """

    word: str
    left: frozenset[Type]
    right: Right
    means: str
    code: str = ""
    form: str = ""
    how: str = ""
    says: tuple[str, str] = ("", "")


def _family(
    word: str, left: frozenset[Type], code: str, form: str, says: tuple[str, str], *means: str
) -> Iterator[Relation]:
    """Make the rows of a word that takes `any`, `all` and `none` after it."""
    for how, mean in zip(("one", "any", "all", "none"), means, strict=True):
        whole = word if how == "one" else f"{word} {how}"
        yield Relation(whole, left, Right.TEXTS, mean, code, form, how, says)


_TEXT = frozenset({Type.TEXT})
_HAS = frozenset({Type.TEXT, Type.LIST})
RELATIONS = {
    row.word: row
    for row in (
        Relation("=", SINGLE, Right.SAME, "is the same; text without regard to case and accents", "{a} == {b}"),
        Relation("!=", SINGLE, Right.SAME, "is another", "{a} != {b}"),
        Relation("<", ORDERED, Right.SAME, "is less or earlier", "{a} < {b}"),
        Relation("<=", ORDERED, Right.SAME, "is less, earlier or the same", "{a} <= {b}"),
        Relation(">", ORDERED, Right.SAME, "is more or later", "{a} > {b}"),
        Relation(">=", ORDERED, Right.SAME, "is more, later or the same", "{a} >= {b}"),
        Relation("in", SINGLE, Right.ONE_OF, "is one of them", "{a} in {b}"),
        Relation("not in", SINGLE, Right.ONE_OF, "is none of them", "{a} not in {b}"),
        *_family("has", _HAS, "{b} in {a}", "spaced", ("has", "does not have"),
                 "has the whole words, or the item", "has at least one of them", "has every one of them",
                 "has not one of them"),
        *_family("like", _TEXT, "is_like({a}, {b})", "alike", ("is like", "is not like"),
                 "has all words of it, in any order, or nearly so", "is like at least one of them",
                 "is like every one of them", "is like not one of them"),
        *_family("contains", _TEXT, "{b} in {a}", "folded", ("contains", "does not contain"),
                 "has the characters, also inside a word", "has the characters of at least one",
                 "has the characters of every one", "has the characters of not one"),
        Relation("starts with", _TEXT, Right.TEXTS, "begins with it, or with one of them", "{a}.startswith({b})",
                 "plain", "any", ("starts with", "does not start with")),
        Relation("ends with", _TEXT, Right.TEXTS, "ends with it, or with one of them", "{a}.endswith({b})",
                 "plain", "any", ("ends with", "does not end with")),
        Relation("matches", _TEXT, Right.PATTERN, "fits an RE2 pattern somewhere, without regard to case"),
    )
}  # fmt: skip
FAMILIES = frozenset(row.word.removesuffix(" any") for row in RELATIONS.values() if row.word.endswith(" any"))
STATES = {
    "is set": "there is a value",
    "is not set": "there is none",
    "is empty": "there is none, or it has no characters or items",
    "is not empty": "there is one, with characters or items",
}
BETWEEN = {
    "between": "lies from one to the other, both included; a time stops short of the second",
    "not between": "lies before the one or after the other",
}

N, S, M, D = Type.NUMBER, Type.SPAN, Type.MOMENT, Type.DATE
ARITHMETIC = {
    "+": {(N, N): N, (S, S): S, (M, S): M, (S, M): M, (D, S): D, (S, D): D},
    "-": {(N, N): N, (S, S): S, (M, S): M, (M, M): S, (D, S): D, (D, D): S},
    "*": {(N, N): N, (S, N): S, (N, S): S},
    "/": {(N, N): N, (S, N): S, (S, S): N},
}


BUILT_IN = {"now": Type.MOMENT, "today": Type.DATE}

_CLOCK = {Type.MOMENT: {Type.DATE, Type.TIME, Type.WEEKDAY, Type.MONTH}, Type.DATE: {Type.WEEKDAY, Type.MONTH}}


def meet(left: Type, right: Type) -> Type | None:
    """Find the kind in which two values can be compared: a moment and a time meet as times; None if in none."""
    if Type.ANY in (left, right):
        return Type.ANY
    if left == right or right in _CLOCK.get(left, ()):
        return right
    return left if left in _CLOCK.get(right, ()) else None
