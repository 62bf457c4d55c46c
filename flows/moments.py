"""At which moment, or what time of day, as authors write it?"""

import re
from datetime import datetime, time, tzinfo

from flows.spans import clock
from rules.source import Mistakes

A_MOMENT = "a date and a time such as `2026-03-02 10:00`"
ONE_DIGIT = re.compile("(?<=[ T])(?=[0-9]:)")  # before an hour that is written as in `9:00`
A_MOMENT_OR_TIME = f"{A_MOMENT}, or a time of day such as `09:00`"


def moment(text: str, zone: tzinfo) -> datetime | None:
    """Read a date and a time, in a zone unless it has its own; nothing if it is none."""
    try:
        found = datetime.fromisoformat(ONE_DIGIT.sub("0", text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def moment_or_time(text: str, zone: tzinfo) -> datetime | time | None:
    """Read a date and a time, or a time of day; nothing if it is neither."""
    try:
        return clock(text)
    except Mistakes:
        return moment(text, zone)
