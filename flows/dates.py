"""Which day did the contact write?"""

import re
from calendar import monthrange
from datetime import date

from flows.values import day_comes_first, months
from rules.words import fold, words

DIGITS = re.compile(r"[0-9]+")
YEAR_DIGITS = 4
LEAST_BEGUN = 3


def day_in(text: str, language: str, today: date) -> date | None:
    """Read a date in numbers or with the name of its month; a year that is left out is this one or the next."""
    parts = DIGITS.findall(fold(text))
    known = months(language)
    named = {month for word in words(text) for month in _meant(word, known)}
    try:
        return _in_words(named, parts, today) if named else _in_numbers(parts, language, today)
    except ValueError:  # the calendar has no such day
        return None


def _in_words(named: set[int], parts: list[str], today: date) -> date | None:
    match [*named], parts:
        case [month], [day]:
            return _next(today, month, int(day))
        case [month], [first, second] if YEAR_DIGITS in (len(first), len(second)):
            year, day = (first, second) if len(first) == YEAR_DIGITS else (second, first)
            return date(int(year), month, int(day))
        case _:
            return None


def _in_numbers(parts: list[str], language: str, today: date) -> date | None:
    match parts:
        case [year, month, day] if len(year) == YEAR_DIGITS:
            return date(int(year), int(month), int(day))
        case [first, second, year]:
            day_of, month_of = _in_order(first, second, language)
            return date(int(year) if len(year) == YEAR_DIGITS else 2000 + int(year), month_of, day_of)
        case [first, second]:
            day_of, month_of = _in_order(first, second, language)
            return _next(today, month_of, day_of)
        case _:
            return None


def _in_order(first: str, second: str, language: str) -> tuple[int, int]:
    return (int(first), int(second)) if day_comes_first(language) else (int(second), int(first))


def _next(today: date, month: int, day: int) -> date | None:
    years = (today.year, today.year + 1)
    days = (date(year, month, day) for year in years if day <= monthrange(year, month)[1])
    return next((each for each in days if each >= today), None)


def _meant(word: str, known: dict[str, int]) -> set[int]:
    """Find the month a word names, in full, shortened, or as far as it was typed."""
    if word in known:
        return {known[word]}
    begun = {month for name, month in known.items() if name.startswith(word)} if len(word) >= LEAST_BEGUN else set()
    return begun if len(begun) == 1 else set()
