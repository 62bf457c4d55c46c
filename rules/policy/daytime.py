"""At which hours may a message that nobody asked for arrive?

`zones.csv` beside this module has the time zones of each country, as the IANA time zone database lists them.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
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
        local = now.astimezone(ZoneInfo(self.zone))
        if local.time() < self.begins:
            return self._moment(local, self.begins)
        return now if local.time() < self.ends else self._moment(local + timedelta(days=1), self.begins)

    def closes_at(self, now: datetime) -> datetime:
        """Return when the hours of the day end that a moment within lies in."""
        return self._moment(now.astimezone(ZoneInfo(self.zone)), self.ends)

    def _moment(self, day: datetime, clock: time) -> datetime:
        return datetime.combine(day.date(), clock, ZoneInfo(self.zone)).astimezone(UTC)


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
