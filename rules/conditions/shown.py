"""How is a value written, as its author would write it?"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from rules.conditions.types import Value, Weekday, YearMonth
from rules.conditions.values import value_of

MOST_SHOWN = 60  # characters of a text
MOST_ITEMS = 3
MOST_DIGITS = 30


def shown(value: Value) -> str:
    """Write a value as an author would."""
    match value:
        case None:
            return "nothing"
        case str():
            return f'"{value if len(value) <= MOST_SHOWN else value[: MOST_SHOWN - 1] + "…"}"'
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < MOST_DIGITS else str(value)
        case tuple():
            items = [shown(value_of(each)) for each in value[:MOST_ITEMS]]
            return f"({', '.join([*items, '…'] if value[MOST_ITEMS:] else items)})"
        case _:
            return _shown_time(value)


def _shown_time(value: timedelta | time | date | Weekday | YearMonth) -> str:
    match value:
        case timedelta():
            return _span(value)
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
        case _:
            return value.name.lower()


def _span(value: timedelta) -> str:
    sign, seconds = ("-", -value) if value < timedelta() else ("", value)
    hours, rest = divmod(seconds.seconds, 3_600)
    minutes, left = divmod(rest, 60)
    parts = ((seconds.days, "d"), (hours, "h"), (minutes, "m"), (left, "s"))
    return sign + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0s")
