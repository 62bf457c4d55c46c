"""What becomes of a conversion that is to be told to Meta?

The theory. Meta takes an event for seven days from when it happened, so what may pass is tried again until then, less
and less often, and the gate drops what is too old. What somebody has to mend stops the conversions of the number for a
while; they wait, and whoever can mend it is told once a day.

What nobody knows the outcome of is not reported a second time by itself. The request carries the claim as its
`event_id`, but Meta says that it does not drop repeats of events from chats, even though some have seen it do so: a
sale might count twice, and no webhook ever tells. A person can find out, since the Events Manager shows what arrived
within some twenty minutes. So it is parked for them; what is reported again by hand carries the same `event_id`. And
conversions rest for a minute then, so that while Meta does not answer, few come to that.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.chat import Number, Pause
from engine.effects import Alert, Report
from engine.events import ReportingTroubled
from engine.evidence import Deadline, Evidence, Forbidden, NotSent, Refused, Reported, Settled, Unknown
from engine.row import Row, RowState
from rules.policy import conversion_errors
from rules.policy.conversion_errors import REST, Action

TAKEN_FOR = timedelta(days=7)
ON_ITS_WAY = timedelta(minutes=1)  # Meta looks at the time when it arrives
AGAIN_FIRST = timedelta(seconds=5)  # twice as long after each further try
AGAIN_MOST = timedelta(hours=1)
UNKNOWN_REST = timedelta(minutes=1)
TOLD_AGAIN = timedelta(days=1)

NO_CLICK, NO_CLICK_ID, TOO_OLD = "no_click", "no_click_id", "conversion_too_old"
NOT_SET_UP, UNKNOWN, NOT_COUNTED, NOTED = "not_set_up", "unknown_outcome", "not_counted", "noted"

_AWAY = frozenset({RowState.SENDING, RowState.DOUBT})
_OPEN = _AWAY | {RowState.QUEUED, RowState.PARKED}


def ends_at(row: Row) -> datetime:
    """Return until when Meta takes a conversion."""
    return row.asked_at + TAKEN_FOR - ON_ITS_WAY


def refusal(row: Row, effect: Report, now: datetime) -> tuple[str, str] | None:
    """Return why a conversion is never reported: a reason, and a sentence."""
    if effect.ad is None:
        return NO_CLICK, "The contact came by no ad, and Meta takes conversions of ads alone."
    if effect.clid is None:
        return NO_CLICK_ID, "Meta gave no id with the click, as with ads in a status; without it none is taken."
    if now >= ends_at(row):
        return TOO_OLD, f"It happened more than {TAKEN_FOR.days} days ago, and Meta takes it no more."
    return None


def rests_until(number: Number, now: datetime) -> datetime | None:
    """Return until when a number reports nothing, if it rests."""
    return max((each.until for each in number.reporting if each.until and each.until > now), default=None)


def settle(before: Settled, evidence: Evidence, now: datetime) -> Settled:
    """Return what a piece of evidence makes of a conversion."""
    is_proof = isinstance(evidence, Reported) and evidence.taken
    if before.state not in (_OPEN if is_proof else _AWAY):
        return before
    match evidence:
        case Reported():
            return _reported(before, evidence, now)
        case Refused():
            return _refused(before, evidence, now)
        case NotSent(why=why):
            return _again(before, why, now)
        case Forbidden(words=words):
            return _paused(before, NOT_SET_UP, words, now, REST)
        case Unknown(why=why) if before.state is RowState.SENDING:
            return _doubted(before, why, now)
        case Deadline() if before.state is RowState.SENDING:
            return _doubted(before, "no answer was recorded", now)
        case Deadline():
            return replace(before, state=RowState.PARKED, reason=UNKNOWN)
        case _:
            return before


def trouble(number: Number, event: ReportingTroubled, now: datetime) -> tuple[Number, tuple[Alert, ...]]:
    """Let a number's conversions rest, if they should; the owner is told of each reason once a day."""
    since = next((each.since for each in number.reporting if each.reason == event.reason), now - TOLD_AGAIN)
    is_told = now - since < TOLD_AGAIN
    others = tuple(each for each in number.reporting if each.reason != event.reason)
    pause = Pause(event.reason, since if is_told else now, event.until or now)
    alerts = () if is_told else (Alert(f"conversion_{event.reason}", event.words),)
    return replace(number, reporting=(*others, pause)), alerts


def _reported(before: Settled, evidence: Reported, now: datetime) -> Settled:
    if not evidence.taken:
        words = f"Meta did not count a conversion. Meta says: {evidence.notes or 'nothing about why'}"
        return _told(replace(before, state=RowState.FAILED, reason=NOT_COUNTED), NOT_COUNTED, words, now)
    sent = replace(before, state=RowState.SENT)
    return _told(sent, NOTED, f"Meta took a conversion, and says: {evidence.notes}", now) if evidence.notes else sent


def _refused(before: Settled, refused: Refused, now: datetime) -> Settled:
    rule = conversion_errors.rule(refused.code, refused.subcode, refused.http_status, refused.details)
    words = rule.words_with(refused.code, refused.subcode, refused.details)
    match rule.action:
        case Action.RETRY:
            return _again(before, rule.reason, now)
        case Action.PAUSE:
            return _paused(before, rule.reason, words, now, rule.rest)
        case Action.GIVE_UP:
            return _told(replace(before, state=RowState.FAILED, reason=rule.reason), rule.reason, words, now)


def _again(before: Settled, why: str, now: datetime) -> Settled:
    """Queue it once more, at the latest when the gate drops it."""
    wait = min(AGAIN_FIRST * 2 ** min(before.row.tries, 20), AGAIN_MOST)
    return _queued(before, why, now, wait)


def _queued(before: Settled, why: str, now: datetime, wait: timedelta) -> Settled:
    row = replace(before.row, tries=before.row.tries + 1)
    at = max(now, min(now + wait, ends_at(row)))
    return replace(before, row=row, state=RowState.QUEUED, reason=why, again_at=at)


def _paused(before: Settled, reason: str, words: str, now: datetime, rest: timedelta) -> Settled:
    return _told(_queued(before, reason, now, rest), reason, words, now, now + rest)


def _doubted(before: Settled, why: str, now: datetime) -> Settled:
    doubted = replace(before, state=RowState.DOUBT, reason=why, again_at=now)
    words = (
        "Meta gave no answer to a conversion. Look in the Events Manager in half an hour whether it arrived; what "
        "nobody knows of is listed by `baton parked`, which reports it again or lets it go."
    )
    return _told(doubted, UNKNOWN, words, now, now + UNKNOWN_REST)


def _told(settled: Settled, reason: str, words: str, now: datetime, until: datetime | None = None) -> Settled:
    """Add what the number learns; the count of tries is in the id, since each refusal stops it anew."""
    event = f"{settled.row.id}.{reason}.{settled.row.tries}"
    told = ReportingTroubled(id=event, at=now, arrived_at=now, reason=reason, words=words, until=until)
    return replace(settled, tell_number=told)
