"""How long, and at what time of day, as authors write it?"""

import re
from datetime import time, timedelta
from typing import Annotated

from flows.reader import of_text, shortened
from rules.source import Mistake, Mistakes

LONGEST = timedelta(days=365)
SPAN = re.compile(
    r"(?:(?P<days>[0-9]{1,6})d)?(?:(?P<hours>[0-9]{1,6})h)?(?:(?P<minutes>[0-9]{1,6})m)?(?:(?P<seconds>[0-9]{1,8})s)?"
)
CLOCK = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])")
A_SPAN = "a span of time such as `90s`, `30m`, `2h` or `1d`"
IN_WORDS = re.compile(r"(?P<count>[0-9]+)\s*(?P<unit>[a-zà-ÿ]+)\.?", re.IGNORECASE)
UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds", "segundo", "segundos"),
    "m": ("m", "min", "mins", "minute", "minutes", "minuto", "minutos"),
    "h": ("h", "hr", "hrs", "hour", "hours", "hora", "horas"),
    "d": ("d", "day", "days", "dia", "dias", "día", "días"),
}
"""What people call the units of a span."""
AN_HOUR = "Hours go from `0:00` to `23:59`"
A_TIME = "a time of day such as `09:00`"


def span(text: str) -> timedelta:
    """Read a span above nothing; raise `Mistakes` otherwise."""
    found = any_span(text)
    if not found:
        raise Mistakes(Mistake(1, 1, "span", f"A span must be longer than nothing, not `{text}`", f"Write {A_SPAN}"))
    return found


def any_span(text: str) -> timedelta:
    """Read a span that may be nothing (`0s`)."""
    found = SPAN.fullmatch(text.strip())
    if text.strip() != "0" and (found is None or not text.strip()):
        message = f"This takes {A_SPAN}, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "span", message, _in_short(text)))
    parts = {name: int(value or 0) for name, value in found.groupdict().items()} if found else {}
    length = timedelta(**parts)
    if length > LONGEST:
        message = f"A span is at most {LONGEST.days}d, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "span", message, f"Write `{LONGEST.days}d` or less"))
    return length


def _in_short(text: str) -> str | None:
    """Write a span in words as it is written here."""
    found = IN_WORDS.fullmatch(text.strip())
    unit = next((unit for unit, names in UNITS.items() if found and found["unit"].lower() in names), None)
    return f"Write `{found['count']}{unit}`" if found and unit else None


def clock(text: str) -> time:
    """Read a time of day."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise Mistakes(Mistake(1, 1, "time", f"This takes {A_TIME}, not `{shortened(text)}`", AN_HOUR))
    return time(int(found["hour"]), int(found["minute"]))


Duration = Annotated[timedelta, of_text(span, A_SPAN)]
DurationOrNone = Annotated[timedelta, of_text(any_span, A_SPAN)]
TimeOfDay = Annotated[time, of_text(clock, A_TIME)]
