"""What value does a literal stand for?"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from rules.conditions.desk import Desk, Typed
from rules.conditions.nodes import Date, Day, Moment, Month, Number, Span, Text, Time, Truth
from rules.conditions.syntax import Part
from rules.conditions.types import CALENDAR, MONTH_WORDS, WEEKDAY_WORDS, Type

MOST_DAYS = 36_500
SPAN_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])", re.IGNORECASE)
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_QUOTED = re.compile(r"""\\(["'“”„‘’‚«»])""")


def literal(desk: Desk, part: Part) -> Typed:
    """Read a literal; a day or time that does not exist is a mistake."""
    start, end, word = part.start, part.end, part.word
    match part.kind:
        case "TEXT":
            return Typed(Text(start, end, quoted(word)), Type.TEXT)
        case "NUMBER":
            return Typed(Number(start, end, Decimal(word)), Type.NUMBER)
        case "TRUTH":
            return Typed(Truth(start, end, word.lower() == "true"), Type.TRUTH)
        case "SPAN":
            return _span(desk, part)
        case _:
            return _on_clock(desk, part)


def quoted(word: str) -> str:
    """Take a text out of its quotes."""
    return _QUOTED.sub(r"\1", word[1:-1])


def span(text: str) -> timedelta | None:
    """Read `90s`, `2h` or `1h30m`; None if it is longer than a hundred years."""
    seconds = sum(Decimal(count) * SECONDS[unit.lower()] for count, unit in SPAN_PART.findall(text))
    return timedelta(microseconds=int(seconds * 1_000_000)) if seconds <= MOST_DAYS * SECONDS["d"] else None


def calendar_word(part: Part, beside: Type) -> Typed | None:
    """Read a weekday or month, which are words only beside a value of the calendar."""
    while part.kind == "bracket":
        part = part.parts[0]
    word = part.word.casefold()
    if part.kind != "NAME" or beside not in CALENDAR:
        return None
    if word in WEEKDAY_WORDS:
        return Typed(Day(part.start, part.end, WEEKDAY_WORDS[word]), Type.WEEKDAY)
    if word in MONTH_WORDS:
        return Typed(Month(part.start, part.end, MONTH_WORDS[word]), Type.MONTH)
    return None


def is_calendar_word(part: Part) -> bool:
    """Tell whether a part could be a weekday or month."""
    return calendar_word(part, Type.DATE) is not None


def _span(desk: Desk, part: Part) -> Typed:
    value = span(part.word)
    if value is None:
        return desk.tell(part, "span-too-long", f"A span has at most {MOST_DAYS:,} days")
    return Typed(Span(part.start, part.end, value), Type.SPAN)


def _on_clock(desk: Desk, part: Part) -> Typed:
    numbers = [int(each) for each in re.findall("[0-9]+", part.word)]
    try:
        match part.kind:
            case "TIME":
                return Typed(Time(part.start, part.end, time(numbers[0], numbers[1])), Type.TIME)
            case "DATE":
                return Typed(Date(part.start, part.end, date(numbers[0], numbers[1], numbers[2])), Type.DATE)
            case _:
                year, month, day, hour, minute = numbers
                moment = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - see Moment
                return Typed(Moment(part.start, part.end, moment), Type.MOMENT)
    except ValueError:
        hint = "Write midnight as `00:00`" if "24:00" in part.word else "Days go by the calendar, hours from 0 to 23"
        return desk.tell(part, "no-such-time", f"There is no `{part.word}`", hint)
