"""What if the clock is set, a month ends, or a leap day comes? Local rules against a count of every minute in UTC.

The count knows nothing of the product: it asks `zoneinfo` what each minute's clock shows. A time that comes twice in a
night means the first; one that is left out comes so much later.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.step import Turn
from flows.dates import day_in
from flows.document import parse
from flows.hours import Opening, OpeningHours
from flows.reader import Reader
from flows.until import read_until
from rules.conditions import Compiled, Type, check, compiled
from rules.policy.daytime import Daytime
from tests.faults.audit import Audit
from tests.faults.matrix import Figure, Run, Told, none_of, row

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SMALL = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu")
MORE = (
    *("Europe/Dublin", "Europe/Lisbon", "America/St_Johns", "America/Havana", "America/Asuncion", "America/Sao_Paulo"),
    *("Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Jerusalem", "Asia/Kolkata", "Australia/Sydney"),
    *("Pacific/Auckland", "Pacific/Chatham", "Pacific/Norfolk", "Atlantic/Azores"),
)
ENDS = ((2026, 2, 28), (2026, 4, 30), (2026, 12, 31), (2028, 2, 28), (2028, 2, 29))
EACH = 20  # minutes between the moments that are asked about
COUNTED = timedelta(days=12)
FIRST = int(2 * DAY / MINUTE)
ASKED = range(FIRST, FIRST + int(2 * DAY / MINUTE), EACH)
"""The minutes that are asked about: a day before and a day behind what is counted around."""
OPENINGS = (Opening(time(1, 30), time(2, 10)), Opening(time(9), time(12)), Opening(time(22), time(2, 40)))
HOURS: dict[int, tuple[Opening, ...]] = {day: OPENINGS if day != 2 else () for day in range(7)}
QUIET = ((time(9), time(20)), (time(1, 45), time(2, 20)), (time(0), time(23, 59)))
CLOCKS = (time(0), time(1, 30), time(2), time(2, 30), time(3), time(9))
NOBODY = Audit(
    acked=0, people=0, rows=0, posts=0, accepted=0, ends={}, lost=(), doubled=(), undeclared=(),
    disordered=(), blocked=(), blocked_wrote=0, doubts=0, busiest=0, dump=(),
)  # fmt: skip


class Case(NamedTuple):
    """What was asked, when, and what the product and the count say."""

    rule: str
    at: str
    found: object
    expected: object


class Count:
    """What the clock of a zone shows at each minute from a beginning on."""

    def __init__(self, zone: str, begins: datetime) -> None:
        """Step through all of them."""
        self.zone = ZoneInfo(zone)
        self.begins = begins
        steps = range(int(COUNTED / MINUTE))
        self.shown = [(begins + step * MINUTE).astimezone(self.zone).replace(tzinfo=None) for step in steps]
        self._highest = [self.shown[0]]  # so that it rises where the clock is set back
        for each in self.shown[1:]:
            self._highest.append(max(each, self._highest[-1]))

    def at(self, minute: int) -> datetime:
        """Return a minute as a moment."""
        return self.begins + minute * MINUTE

    def minute(self, day: date, clock: time) -> int:
        """Return the first minute that shows a time on a day; if none does, as many after the last one before it."""
        wanted = datetime.combine(day, clock)
        found = bisect_left(self._highest, wanted)
        if self._highest[found] == wanted:
            return found
        return found - 1 + int((wanted - self._highest[found - 1]) / MINUTE)

    def days(self) -> Iterator[date]:
        """Return the days that are counted whole."""
        first = self.shown[0].date() + DAY
        return (first + each * DAY for each in range(COUNTED.days - 2))

    def within(self, spans: Iterator[tuple[int, int]]) -> list[bool]:
        """Mark each minute that lies in one of these stretches."""
        found = [False] * len(self.shown)
        for begins, ends in spans:
            found[max(begins, 0) : max(ends, begins, 0)] = [True] * max(0, ends - max(begins, 0))
        return found[: len(self.shown)]


@row("F52", "nights in which the clock is set, ends of months, a leap day")
async def clock_changes(run: Run) -> Told:
    """Whatever goes by a local clock does what a count of every minute says."""
    zones = (*SMALL, *MORE) if run.size == "nightly" else SMALL
    places = [(zone, at) for zone in zones for at in (*_changes(zone), *(datetime(*each, tzinfo=UTC) for each in ENDS))]
    counted: Counter[str] = Counter()
    wrong: list[Case] = []
    for zone, at in places:
        for each in (*_of_hours(zone, at), *_of_quiet_hours(zone, at), *_of_waits(zone, at), *_of_conditions(zone, at)):
            counted[each.rule] += 1
            wrong += [each] if each.found != each.expected else []
    for each in _of_dates():
        counted[each.rule] += 1
        wrong += [each] if each.found != each.expected else []
    figures = (
        Figure("nights and days", len(places)),
        *(none_of(rule, sum(each.rule == rule for each in wrong), count) for rule, count in counted.items()),
    )
    return Told(figures, Audit(**{**_fields(NOBODY), "dump": [str(each) for each in wrong[:20]]}))


def _fields(audit: Audit) -> dict[str, Any]:
    return {name: getattr(audit, name) for name in audit.__struct_fields__}


def _changes(zone: str) -> Iterator[datetime]:
    """Find the moments at which a zone's clock is set, of two years."""
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(2 * 366 * 24)]
    for before, after in pairwise(hours):
        if before.astimezone(ZoneInfo(zone)).utcoffset() != after.astimezone(ZoneInfo(zone)).utcoffset():
            yield before


def _count(zone: str, around: datetime) -> Count:
    return Count(zone, around - 3 * DAY)


def _hours(zone: str) -> OpeningHours:
    return OpeningHours(zone, tuple(HOURS[day] for day in range(7)))


def _open(count: Count) -> list[bool]:
    def spans() -> Iterator[tuple[int, int]]:
        for day in count.days():
            for opening in HOURS[day.weekday()]:
                last = day if opening.ends > opening.begins else day + DAY
                yield count.minute(day, opening.begins), count.minute(last, opening.ends)

    return count.within(spans())


def _of_hours(zone: str, around: datetime) -> Iterator[Case]:
    count, hours = _count(zone, around), _hours(zone)
    open_ = _open(count)
    for minute in ASKED:
        at = count.at(minute)
        told = partial(Case, at=f"{zone} {at}")
        yield told("hours.open", found=hours.is_open(at), expected=open_[minute])
        yield told("until open", found=hours.opens_at(at), expected=count.at(open_.index(True, minute)))


def _of_quiet_hours(zone: str, around: datetime) -> Iterator[Case]:
    count = _count(zone, around)
    for begins, ends in QUIET:
        daytime = Daytime(begins, ends, zone)
        fits = count.within((count.minute(day, begins), count.minute(day, ends)) for day in count.days())
        for minute in ASKED:
            at = count.at(minute)
            told = partial(Case, at=f"{zone} {at} {begins}-{ends}")
            yield told("hours of a campaign", found=daytime.opens_at(at), expected=count.at(fits.index(True, minute)))
            if fits[minute]:
                closes = count.at(fits.index(False, minute))
                yield told("their end", found=daytime.closes_at(at), expected=closes)


WAITS: dict[str, Callable[[Count, int], int | None]] = {
    **{f"{clock:%H:%M}": lambda count, minute, clock=clock: _next(count, minute, clock) for clock in CLOCKS},  # type: ignore[misc]
    "sun 02:30": lambda count, minute: _next(count, minute, time(2, 30), 6),
    "2 business days 02:30": lambda count, minute: _business_day(count, minute, time(2, 30)),
    "{until: today + 1d, at: 02:30}": lambda count, minute: count.minute(_day(count, minute) + DAY, time(2, 30)),
    "{until: now + 3h}": lambda _, minute: minute + 180,
    "20h": lambda _, minute: minute + 1_200,
}


def _day(count: Count, minute: int) -> date:
    return count.shown[minute].date()


def _next(count: Count, minute: int, clock: time, weekday: int | None = None) -> int:
    days = (_day(count, minute) + ahead * DAY for ahead in range(9))
    found = (count.minute(day, clock) for day in days if weekday in (None, day.weekday()))
    return next(each for each in found if each > minute)


def _business_day(count: Count, minute: int, clock: time) -> int:
    days = (_day(count, minute) + ahead * DAY for ahead in range(1, 9))
    return count.minute([day for day in days if HOURS[day.weekday()]][1], clock)


def _of_waits(zone: str, around: datetime) -> Iterator[Case]:
    count, hours = _count(zone, around), _hours(zone)
    for written, expected in WAITS.items():
        node = parse(f"a: {written}").documents[0].root.items["a"]
        reader = Reader("a.yaml", [], scope={"now": Type.MOMENT, "today": Type.DATE}, zone=zone, has_hours=True)
        until = read_until(reader, node, "wait")
        for minute in ASKED:
            at, local = count.at(minute), count.at(minute).astimezone(count.zone)
            facts = {"now": local, "today": local.date()}
            turn = Turn(facts=facts, now=at, zone=count.zone, language="en", at="0", hours=hours)
            wanted = expected(count, minute)
            found = until.moment(turn)
            yield Case("wait", f"{zone} {at} {written}", found, None if wanted is None else count.at(wanted))


SEEN_AGO = 200  # minutes
CONDITIONS: dict[str, Callable[[datetime, date], bool]] = {
    "now between 01:30 and 02:45": lambda shown, _: time(1, 30) <= shown.time() < time(2, 45),
    "now between 22:00 and 02:30": lambda shown, _: shown.time() >= time(22) or shown.time() < time(2, 30),
    "today in (sat, sun)": lambda _, day: day.weekday() in (5, 6),
    "today between mon and thu": lambda _, day: day.weekday() <= 3,
    "day(today + 1d) = 1": lambda _, day: (day + DAY).month != day.month,
    "month(today) = 2 and day(today) = 29": lambda _, day: (day.month, day.day) == (2, 29),
    "now = today": lambda _, __: True,
    "now - seen = 200m and now > seen": lambda _, __: True,
    "seen + 200m = now and now - 200m = seen": lambda _, __: True,
    "now between seen and seen + 201m": lambda _, __: True,
}


def _of_conditions(zone: str, around: datetime) -> Iterator[Case]:
    count = _count(zone, around)
    scope = {"now": Type.MOMENT, "today": Type.DATE, "seen": Type.MOMENT}
    ready: dict[str, Compiled] = {text: compiled(check(text, scope)) for text in CONDITIONS}
    for minute in ASKED:
        now, seen = (count.at(each).astimezone(count.zone) for each in (minute, minute - SEEN_AGO))
        shown = count.shown[minute]
        facts = {"now": now, "today": shown.date(), "seen": seen}
        for text, expected in CONDITIONS.items():
            yield Case("conditions", f"{zone} {now} {text}", ready[text].holds(facts), expected(shown, shown.date()))


def _of_dates() -> Iterator[Case]:
    """Days that a contact writes without their year: the next one that this year or the next one has."""
    for ahead in range(0, 4 * 366, 5):
        today = date(2026, 1, 1) + ahead * DAY
        for month, day in ((2, 29), (2, 28), (12, 31), (1, 31), (4, 30), (today.month, today.day)):
            days = (today + step * DAY for step in range((date(today.year + 2, 1, 1) - today).days))
            wanted = next((each for each in days if (each.month, each.day) == (month, day)), None)
            yield Case(
                "dates that contacts write", f"{today} {day}/{month}", day_in(f"{day}/{month}", "pt_BR", today), wanted
            )
        yield Case("days that are none", f"{today} 31/4", day_in("31/4", "pt_BR", today), None)
