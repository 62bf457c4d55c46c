"""What becomes of a file that is to be brought from Meta?

Asking for it twice does no harm, so there is no doubt here: what did not come is asked for again, less and less often,
for as long as Meta keeps it. A refused token is asked with again, too, since somebody may mend it.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.evidence import Deadline, Evidence, Fetched, NotSent, Refused, Settled, Unfit, Unknown
from engine.row import Row, RowState
from rules.policy import errors
from rules.policy.errors import Action

KEPT_BY_META = timedelta(days=7)  # the id of a file that a contact sent
GONE = "media_gone"
AGAIN_FIRST = timedelta(seconds=5)  # twice as long after each further try
AGAIN_MOST = timedelta(hours=1)

_MAY_PASS = frozenset({Action.RETRY, Action.SLOW_NUMBER, Action.REST_PAIR, Action.PAUSE_NUMBER})


def gone_at(row: Row) -> datetime:
    """Return when Meta forgets the file: files of a phone's past are older than its word of them."""
    return max(row.asked_at, row.arrived_at) + KEPT_BY_META


def settle(before: Settled, evidence: Evidence, now: datetime) -> Settled:
    """Return what a piece of evidence makes of a file that is being brought."""
    if before.state is not RowState.SENDING:
        return before
    match evidence:
        case Fetched():
            return replace(before, state=RowState.SENT)
        case Unfit(reason=reason, tries=tries):
            return _again(before, reason, now) if before.row.tries + 1 < tries else _ended(before, reason)
        case Refused(code=code, http_status=status):
            rule = errors.error(code, status)
            return _again(before, str(rule.action), now) if rule.action in _MAY_PASS else _ended(before, GONE)
        case NotSent(why=why) | Unknown(why=why):
            return _again(before, why, now)
        case Deadline():
            return _again(before, "no answer was recorded", now)
        case _:
            return before


def _again(before: Settled, why: str, now: datetime) -> Settled:
    """Queue it once more, unless Meta will have forgotten it by then."""
    at = now + min(AGAIN_FIRST * 2 ** min(before.row.tries, 20), AGAIN_MOST)
    if at >= gone_at(before.row):
        return _ended(before, GONE)
    row = replace(before.row, tries=before.row.tries + 1)
    return replace(before, row=row, state=RowState.QUEUED, reason=why, again_at=at)


def _ended(before: Settled, reason: str) -> Settled:
    return replace(before, state=RowState.FAILED, reason=reason)
