"""At which hours may a message that nobody asked for arrive?

`zones.csv` beside this module has the time zones of each country, as the IANA time zone database lists them.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from msgspec import Struct


class Daytime(Struct, frozen=True):
    """Hours of every day in a zone; the end is not before the beginning, and excluded; `time.max` is midnight."""

    begins: time
    ends: time
    zone: str

    def opens_at(self, now: datetime) -> datetime:
        """Return the next moment, at or after now, that lies within."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = [today + timedelta(days=ahead) for ahead in range(3)]
        spans = [(self._moment(day, self.begins), self._moment(day, self.ends)) for day in days]
        # In a night in which the clock is set forward the end may come before the beginning: then there are no hours.
        return next((max(now, begins) for begins, ends in spans if max(now, begins) < ends), spans[1][0])

    def closes_at(self, now: datetime) -> datetime:
        """Return when the hours of the day end that a moment within lies in."""
        return self._moment(now.astimezone(ZoneInfo(self.zone)).date(), self.ends)

    def _moment(self, day: date, clock: time) -> datetime:
        """Of a time that comes twice in a night return the first; one that is left out comes so much later."""
        return datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)


def zone_of(country: str | None, of_business: str, now: datetime) -> str:
    """Choose where somebody's clock is: with the business if it is in their country, else in the middle of that."""
    zones = _zones().get(country or "", ())
    if not zones or of_business in zones:
        return of_business
    return sorted(zones, key=lambda zone: _ahead(zone, now))[len(zones) // 2]


def _ahead(zone: str, now: datetime) -> timedelta:
    return now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    text = files("rules.policy").joinpath("zones.csv").read_text("utf-8")
    return {row["iso2"]: tuple(row["zones"].split()) for row in csv.DictReader(text.splitlines())}
