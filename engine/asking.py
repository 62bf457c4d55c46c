"""What becomes of a request to another system?

It is made at least once, always with the same key (`Idempotency-Key`, the row's id). What surely did not arrive is
asked again, and so is a failure that may pass, where asking twice does no harm. A POST or PATCH of which nobody knows
whether it arrived is not made again: the flow goes on at its `on_error`.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from engine.effects import Alert, Http
from engine.events import HttpAnswered
from engine.evidence import Answered, Evidence, Forbidden, NotSent, Settled, Unknown
from engine.request import REPEATABLE, Answer
from engine.row import RowState

TRIES_MOST = 3
TOO_MANY, SERVER_FAILED = 429, 500  # statuses, the second and those above it
AGAIN_FIRST = timedelta(seconds=1)  # four times as long after the second try


def settle(before: Settled, effect: Http, evidence: Evidence, now: datetime) -> Settled:
    """Return what a piece of evidence makes of a request that is being made."""
    if before.state is not RowState.SENDING:
        return before
    repeatable = effect.request.method in REPEATABLE
    match evidence:
        case Answered(answer=answer):
            may_pass = repeatable and _may_pass(answer.status)
            return (_again(before, answer.why, now) if may_pass else None) or _ended(before, effect, answer, now)
        case NotSent(why=why):
            return _again(before, why, now) or _ended(before, effect, Answer(why=why), now)
        case Unknown(why=why):
            return (_again(before, why, now) if repeatable else None) or _ended(before, effect, Answer(why=why), now)
        case Forbidden(words=words):
            ended = _ended(before, effect, Answer(why="forbidden"), now)
            return replace(ended, alert=Alert("http_forbidden", words))
        case _:
            return before


def _may_pass(status: int | None) -> bool:
    return status is not None and (status == TOO_MANY or status >= SERVER_FAILED)


def _again(before: Settled, why: str, now: datetime) -> Settled | None:
    """Queue it once more; nothing if it was tried often enough."""
    tries = before.row.tries + 1
    if tries >= TRIES_MOST:
        return None
    row = replace(before.row, tries=tries)
    return replace(before, row=row, state=RowState.QUEUED, reason=why, again_at=now + AGAIN_FIRST * 4**before.row.tries)


def _ended(before: Settled, effect: Http, answer: Answer, now: datetime) -> Settled:
    told = HttpAnswered(
        id=f"{before.row.id}.answer",
        at=now,
        arrived_at=now,
        run=effect.run,
        wait=effect.wait,
        answer=answer,
        asked=effect.asked,
    )
    state = RowState.SENT if answer.is_good else RowState.FAILED
    return replace(before, state=state, reason=answer.why, tell_chat=told)
