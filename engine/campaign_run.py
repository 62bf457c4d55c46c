"""What does a campaign that runs do next: write to more people, rest, pause or end?

It goes through its audience from the beginning to the end, a portion at a time, and once more when somebody's hours
were not open: whoever had it is left out then. So few messages wait in the outbox at any moment that a pause or a stop
has little to take back, and an answer to somebody is never far behind.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from engine.approval import ADVICE, APPROVED, LOOK
from engine.campaign import Admitted, Campaign, Excluded, Later
from engine.chat import Number
from engine.number import is_paused

MOST_QUEUED = 160  # a reply is looked for behind all of them, in each slot
CARRIED = timedelta(seconds=2)  # what a rest leaves over for later
UNKNOWN_REACH = 250  # the least that Meta lets anybody write to
RED = "RED"
REACHED, LATER = "reached", "later"


class Begun(Struct, frozen=True):
    """How a run was begun; `reach` is how many people a day its operator says Meta allows, if Meta does not say."""

    at: datetime
    by: str
    reach: int | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run has come: where the next portion begins (nothing: at the end), and what became of those before.

    `again_at` is when somebody who could not get it yet can; `left` is what may be sent of the pace that was not used.
    """

    at: str | None = "0"
    counts: dict[str, int] = {}
    again_at: datetime | None = None
    left: float = 0.0
    fed_at: datetime | None = None

    def beyond(self, following: str | None, verdicts: Iterable[Admitted | Later | Excluded | str]) -> "Progress":
        """Count a portion that is done with, and go on to the following one."""
        found = tuple(verdicts)
        counts = Counter(self.counts) + Counter(map(_counted_as, found))
        moments = [each.until for each in found if isinstance(each, Later)]
        return replace(
            self,
            at=following,
            counts=dict(counts),
            again_at=min((*moments, *filter(None, (self.again_at,))), default=None),
        )


class Feed(Struct, frozen=True):
    """Write to so many people at most."""

    most: int
    progress: Progress


class Rest(Struct, frozen=True):
    """Do nothing for now."""

    why: str
    until: datetime | None = None


class Pause(Struct, frozen=True):
    """Somebody has to look into it."""

    reason: str
    words: str


class End(Struct, frozen=True):
    """There is nothing left to do."""

    reason: str


def next_move(
    campaign: Campaign, number: Number, begun: Begun, progress: Progress, now: datetime, *, queued: int, reached: int
) -> Feed | Rest | Pause | End:
    """Decide what comes next; `queued` messages have not ended, `reached` people were written to within a day."""
    if campaign.stop is not None and campaign.stop <= now:
        return End("over")
    if wrong := _wrong(campaign, number):
        return wrong
    if campaign.at is not None and now < campaign.at:
        return Rest("it has not begun yet", campaign.at)
    if paused := is_paused(number, now):
        return Rest(f"the number sends nothing now: {paused.reason}", paused.until)
    if progress.at is None:
        return _at_the_end(progress, now, queued)
    return _portion(campaign, number, begun, progress, now, queued, reached)


def _wrong(campaign: Campaign, number: Number) -> Pause | None:
    if number.quality == RED:
        words = "People take the number's messages badly, says Meta. Write to fewer of them, or to others."
        return Pause("quality_red", f"{words} When Meta rates it better: baton campaign resume {campaign.name}")
    states = {name: number.state_by(name).status or APPROVED for name in campaign.templates}
    off = next((name for name, status in states.items() if status != APPROVED), None)
    if off is None:
        return None
    words = f"Meta's status of the template `{off}` is {states[off]}. {ADVICE.get(states[off], LOOK)}"
    return Pause("template_off", f"{words} When it is approved: baton campaign resume {campaign.name}")


def _at_the_end(progress: Progress, now: datetime, queued: int) -> Feed | Rest | End:
    if progress.again_at is not None and progress.again_at > now:
        return Rest("the hours of those who are left have not begun", progress.again_at)
    if progress.again_at is not None:
        return Feed(0, Progress(left=progress.left, fed_at=progress.fed_at))
    return Rest("its last messages are leaving") if queued else End("done")


def _portion(
    campaign: Campaign, number: Number, begun: Begun, progress: Progress, now: datetime, queued: int, reached: int
) -> Feed | Rest:
    reach = reach_of(number, begun.reach)
    if reached >= reach:
        return Rest(f"Meta lets the business write to {reach:,} people first within 24 hours")
    since = min(now - progress.fed_at, CARRIED) if progress.fed_at else timedelta(seconds=1)
    room = most_queued(number)
    allowed = min(progress.left + per_second(campaign, number) * since.total_seconds(), room)
    most = max(0, min(int(allowed), room - queued, reach - reached))
    return Feed(most, replace(progress, left=allowed, fed_at=now))


def reach_of(number: Number, told: int | None) -> int:
    """Return how many people may be written to first within 24 hours: by Meta's word, by the operator's, at least."""
    return number.reach or told or UNKNOWN_REACH


def per_second(campaign: Campaign, number: Number) -> float:
    """Return how many messages a second a campaign takes of its number's pace; it is carried on once a second."""
    return min(number.throughput * campaign.share / 100, MOST_QUEUED)


def most_queued(number: Number) -> int:
    """Return how many messages of a campaign may wait: those of two seconds, while they can be looked past."""
    return min(2 * number.throughput, MOST_QUEUED)


def duration(people: int, campaign: Campaign, number: Number, reach: int) -> timedelta:
    """Estimate how long it takes to write to so many people, in the hours of a day and within the reach of each."""
    a_day = timedelta(days=1)
    hours = datetime.combine(date.min, campaign.ends) - datetime.combine(date.min, campaign.begins)
    sending = timedelta(seconds=people / per_second(campaign, number))
    nights = max(0, -(-sending // hours) - 1)
    waits = max(0, -(-people // reach) - 1)
    return max(sending + nights * (a_day - hours), waits * a_day)


def left_out(counts: Mapping[str, int]) -> dict[str, int]:
    """Return why people get nothing, with how many, the most frequent first."""
    found = {reason: count for reason, count in counts.items() if reason not in (REACHED, LATER)}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _counted_as(verdict: Admitted | Later | Excluded | str) -> str:
    match verdict:
        case Admitted():
            return REACHED
        case Later():
            return LATER
        case Excluded(reason=reason):
            return reason
        case _:
            return verdict
