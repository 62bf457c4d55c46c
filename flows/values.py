"""How is a value written for a contact, in their language? The one door to Babel."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_date_format, get_day_names
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal, list_currencies
from msgspec import Struct

from rules.conditions import Type, Weekday
from rules.words import words

LENGTHS = ("short", "medium", "long", "full")
UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
T = TypeVar("T")


class Manner(Struct, frozen=True):
    """For whom a value is written: a language, and the zone of clocks."""

    language: str
    zone: tzinfo


class Argument(Struct, frozen=True):
    """What stands in brackets after a filter: what it is, an example, and the words it can be, if they are few."""

    what: str
    example: str
    allowed: frozenset[str] | None = None
    needed: bool = False


class Filter(Struct, frozen=True):
    """What may follow a name after `|`: the kinds of values it takes (nothing: any), and what it writes."""

    name: str
    takes: frozenset[Type] | None
    means: str
    write: Callable[[Any, str, Manner], str]
    argument: Argument | None = None


def shown(value: Any, manner: Manner) -> str:
    """Write a value as it is without any filter; nothing is written as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case timedelta():
            return _span(value)
        case datetime():
            return f"{_date(value, '', manner)} {_time(value, '', manner)}"
        case date():
            return _date(value, "", manner)
        case time():
            return _time(value, "", manner)
        case Weekday():
            return str(get_day_names("wide", "stand-alone", _locale(manner.language))[value])
        case tuple():
            return ", ".join(shown(each, manner) for each in value)
        case _:
            return str(value)


def day_comes_first(language: str) -> bool:
    """Tell whether a date is written with its day before its month."""
    pattern = str(get_date_format("short", _locale(language)).pattern)
    return pattern.lower().find("d") < pattern.find("M")


@lru_cache(maxsize=256)
def months(language: str) -> dict[str, int]:
    """Find the months by their names and short names, folded; those that are written in numbers are left out."""
    locale = _locale(language)
    named = (locale.months[use][length] for use in ("format", "stand-alone") for length in ("wide", "abbreviated"))
    spelled = ((words(name), month) for names in named for month, name in names.items())
    return {name[0]: month for name, month in spelled if len(name) == 1 and not any(map(str.isdigit, name[0]))}


def is_currency(code: str) -> bool:
    """Tell whether a code names a currency (ISO 4217)."""
    return code in list_currencies()


@lru_cache(maxsize=256)
def is_language(code: str) -> bool:
    """Tell whether a code names a language, as in `pt` or `pt_BR`."""
    try:
        Locale.parse(code.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return False
    return True


@cache
def languages_of_countries(offered: tuple[str, ...]) -> dict[str, str]:
    """Choose for each country, by its two letters, the offered language that most people there understand, if any.

    Countries and their languages are those of Unicode's CLDR; one that is offered for the country itself comes first.
    """
    found: dict[str, str] = {}
    for country in map(str, _locale("en").territories):
        spoken = get_official_languages(country, regional=True, de_facto=True)
        own = [each for each in offered if each.endswith(f"_{country}")]
        alike = [each for tongue in spoken for each in offered if each.split("_", 1)[0] == tongue]
        if own or alike:
            found[country] = (own or alike)[0]
    return found


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    code = language.replace("-", "_")
    for each in (code, code.split("_", 1)[0]):
        if is_language(each):
            return Locale.parse(each)
    return Locale.parse("en")


def _span(value: timedelta) -> str:
    left, parts = int(abs(value).total_seconds()), []
    for size, unit in UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if value < timedelta(0) else "") + (" ".join(parts) or "0s")


def _date(value: Any, length: str, manner: Manner) -> str:
    day = value.astimezone(manner.zone).date() if isinstance(value, datetime) else value
    return str(format_date(day, length or "medium", locale=_locale(manner.language)))


def _time(value: Any, length: str, manner: Manner) -> str:
    clock = value.astimezone(manner.zone).time() if isinstance(value, datetime) else value
    return str(format_time(clock, length or "short", locale=_locale(manner.language)))


def _money(value: Any, currency: str, manner: Manner) -> str:
    return str(format_currency(value, currency, locale=_locale(manner.language)))


def _number(value: Any, _: str, manner: Manner) -> str:
    return str(format_decimal(value, locale=_locale(manner.language)))


def _plural(value: Any, written: str, manner: Manner) -> str:
    """Choose the form by the language's own rule; without names the first is for one and the last for others."""
    forms = written.split("|")
    named = dict(form.split("=", 1) for form in forms if "=" in form)
    known = named or {"one": forms[0], "other": forms[-1]}
    form = known.get(_locale(manner.language).plural_form(value), list(known.values())[-1])
    return form.strip().replace("#", _number(value, "", manner))


def _plain(value: Any, _: str, manner: Manner) -> str:
    return shown(value, manner)


def _upper(value: Any, _: str, manner: Manner) -> str:
    return shown(value, manner).upper()


def _lower(value: Any, _: str, manner: Manner) -> str:
    return shown(value, manner).lower()


def _title(value: Any, _: str, manner: Manner) -> str:
    return shown(value, manner).title()


_NUMBER = frozenset({Type.NUMBER})
_DATE = frozenset({Type.DATE, Type.MOMENT})
_TIME = frozenset({Type.TIME, Type.MOMENT})
_TEXT = Argument("a text in quotes", "there", needed=True)
_CURRENCY = Argument("a currency", "BRL", frozenset(list_currencies()), needed=True)
_FORMS = Argument("the forms, parted by `|`", "# cake|# cakes", needed=True)
_LENGTH = Argument(f"one of {', '.join(LENGTHS)}", "long", frozenset(LENGTHS))
FILTERS = {
    row.name: row
    for row in (
        Filter("default", None, "what is written when there is no value", _plain, _TEXT),
        Filter("upper", None, "in capital letters", _upper),
        Filter("lower", None, "in small letters", _lower),
        Filter("title", None, "each word with a capital letter", _title),
        Filter("number", _NUMBER, "with the language's marks", _number),
        Filter("plural", _NUMBER, "the form that fits the number, with `#` for the number itself", _plural, _FORMS),
        Filter("money", _NUMBER, "as an amount", _money, _CURRENCY),
        Filter("date", _DATE, "as a date", _date, _LENGTH),
        Filter("time", _TIME, "as a time of day", _time, _LENGTH),
    )
}
