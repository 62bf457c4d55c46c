"""How does a moment look to somebody who chats, by the clock of the business?"""

import re
from datetime import UTC, datetime, tzinfo

IN_UTC = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) UTC")


def day_and_time(moment: datetime, zone: tzinfo) -> str:
    """Write a moment, as in `Mon 2 Mar 2026, 10:00`."""
    here = moment.astimezone(zone)
    return f"{here:%a} {here.day} {here:%b %Y, %H:%M}"


def time_on(moment: datetime, day: datetime, zone: tzinfo) -> str:
    """Write only the time of a moment that is on a day, and the whole of any other."""
    here = moment.astimezone(zone)
    return f"{here:%H:%M}" if here.date() == day.astimezone(zone).date() else day_and_time(moment, zone)


def with_local_times(words: str, zone: tzinfo) -> str:
    """Put the business's time in place of each that the engine gives in UTC."""
    return IN_UTC.sub(lambda found: day_and_time(datetime.fromisoformat(found[1]).replace(tzinfo=UTC), zone), words)
