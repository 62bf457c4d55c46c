"""What becomes of a row: each piece of evidence leads to a next state.

The theory. `sending` means that a request may be on its way. When its outcome is lost the row is in `doubt`: a status
or an echo of it proves that it arrived; without one, after a while, it is sent once more, and the second time it is
parked. Marketing is parked at once: it is better missed than doubled.

`sent` says nothing about delivery, which is a value of its own that only rises. A message that Meta accepted and
then failed to deliver stays `sent`, and is never sent again by itself; a template may leave in its place.

Evidence comes late and twice. A row that has ended keeps its end, but still learns its message id and delivery,
so that later statuses and echoes find it. Only `parked` can be resolved by late proof that the message arrived.
"""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from engine import asking, fetching, reporting
from engine.content import Template
from engine.effects import Alert, Fetch, Http, Report, Send
from engine.events import RowEnded, SendRefused, TemplateChanged
from engine.evidence import (
    Accepted,
    Answered,
    Deadline,
    Echoed,
    Evidence,
    Fetched,
    FileForgotten,
    Forbidden,
    NotSent,
    NotUploaded,
    Refused,
    Reported,
    Settled,
    Status,
    Unfit,
    Unknown,
)
from engine.row import MOVES, Delivery, Row, RowState, as_template, risen
from rules.policy import errors, pace
from rules.policy.errors import Action, ErrorRule

# Rows are made in `engine/row.py`; whoever settles them finds their states here as well, and the evidence.
__all__ = [
    "MOVES", "Accepted", "Answered", "Deadline", "Delivery", "Echoed", "Evidence", "FileForgotten", "Forbidden",
    "NotSent", "NotUploaded", "Refused", "Reported", "Row", "RowState", "Settled", "Status", "Unknown", "settle",
]  # fmt: skip

REFUSED_MOST = 5  # refusals of a message that Meta calls passing
RETRY_FIRST = timedelta(seconds=2)  # four times as long after each further refusal
NOT_SENT_MOST = timedelta(seconds=60)  # between tries while Meta cannot be reached
SLOW_REST = timedelta(seconds=5)
PAUSED_REST = timedelta(seconds=60)  # a refused token is tried again once a minute at most

_AWAY = frozenset({RowState.SENDING, RowState.DOUBT})
_OPEN = _AWAY | {RowState.QUEUED, RowState.PARKED}


def settle(
    row: Row,
    state: RowState,
    evidence: Evidence,
    now: datetime,
    *,
    doubt_wait: timedelta,
    delivery: Delivery | None = None,
) -> Settled:
    """Return what a piece of evidence makes of a row; whoever stores it sees to it that each piece counts once."""
    before = Settled(row=row, state=state, delivery=delivery)
    match row.effect:
        case Http():
            return asking.settle(before, row.effect, evidence, now)
        case Fetch():
            return fetching.settle(before, evidence, now)
        case Report():
            return reporting.settle(before, evidence, now)
        case _:
            return _settled(before, evidence, now, doubt_wait)


def _settled(before: Settled, evidence: Evidence, now: datetime, doubt_wait: timedelta) -> Settled:
    state = before.state
    match evidence:
        case Accepted() | Echoed():
            return _arrived(before, evidence.message_id, Delivery.SENT)
        case Status(status="failed"):
            return _undelivered(before, evidence, now)
        case Status():
            return _arrived(before, evidence.message_id, Delivery(evidence.status))
        case Refused() | NotSent() | FileForgotten():
            return _came_to_nothing(before, evidence, now) if state in _AWAY else before
        case Unknown():
            return _doubted(before, evidence.why, now + doubt_wait) if state is RowState.SENDING else before
        case Deadline():
            return _overdue(before, now, doubt_wait)
        case NotUploaded():
            return _without_file(before, evidence.cause, now) if state is RowState.QUEUED else before
        case Answered() | Forbidden() | Fetched() | Unfit() | Reported():
            return before  # those are of what is no message
        case _:
            assert_never(evidence)


def _came_to_nothing(before: Settled, evidence: Refused | NotSent | FileForgotten, now: datetime) -> Settled:
    match evidence:
        case Refused():
            return _refused(before, evidence, now)
        case NotSent():
            return _not_sent(before, evidence, now)
        case FileForgotten():
            return _anew(before, evidence.refused, now)


def _arrived(before: Settled, message_id: str | None, delivery: Delivery) -> Settled:
    state = RowState.SENT if before.state in _OPEN else before.state
    return replace(before, state=state, message_id=message_id, delivery=risen(before.delivery, delivery))


def _undelivered(before: Settled, status: Status, now: datetime) -> Settled:
    after = _arrived(before, status.message_id, Delivery.FAILED)
    if after.delivery is not Delivery.FAILED or before.delivery is Delivery.FAILED or after.state is not RowState.SENT:
        return after
    rule = errors.error(status.code)
    # The status is an event of the chat by itself, which tells the owner what they can do.
    return _lost(replace(_told(after, rule, status.details, now), tell_chat=None, alert=None), rule)


def _doubted(before: Settled, why: str, until: datetime) -> Settled:
    return replace(before, state=RowState.DOUBT, reason=why, again_at=until)


def _overdue(before: Settled, now: datetime, doubt_wait: timedelta) -> Settled:
    if before.state is RowState.SENDING:
        return _doubted(before, "no answer was recorded", now + doubt_wait)
    if before.state is not RowState.DOUBT:
        return before
    row = before.row
    if row.doubts or _is_marketing(row):
        words = "Nobody knows whether a message arrived. Look into the chat before you send it again."
        return replace(before, state=RowState.PARKED, reason="unknown_outcome", alert=Alert("parked", words))
    again = replace(row, doubts=row.doubts + 1, tries=row.tries + 1)
    return replace(before, row=again, state=RowState.QUEUED, reason="unknown_outcome", again_at=now)


def _is_marketing(row: Row) -> bool:
    content = row.effect.content if isinstance(row.effect, Send) else None
    return isinstance(content, Template) and content.category == "MARKETING"


def _not_sent(before: Settled, evidence: NotSent, now: datetime) -> Settled:
    wait = min(timedelta(seconds=2 ** min(before.row.tries, 10)), NOT_SENT_MOST)
    row = replace(before.row, tries=before.row.tries + 1)
    return replace(before, row=row, state=RowState.QUEUED, reason=evidence.why, again_at=now + wait)


def _refused(before: Settled, evidence: Refused, now: datetime) -> Settled:
    rule = errors.error(evidence.code, evidence.http_status)
    wait = _wait(rule, before.row.refused)
    after = _told(before, rule, evidence.details, now)
    if wait is None:
        return _lost(replace(after, state=RowState.FAILED), rule)
    row = replace(before.row, tries=before.row.tries + 1, refused=before.row.refused + 1)
    return replace(after, row=row, state=RowState.QUEUED, again_at=now + wait)


def _without_file(before: Settled, cause: Refused | NotSent | None, now: datetime) -> Settled:
    """Judge an upload as a send would be; but nothing of the message has left, so it is dropped where a send fails."""
    match cause:
        case None:
            words = "A message was not sent: the file in it is not in the store any more. Publish the folder again."
            return replace(before, state=RowState.DROPPED, reason="file_gone", alert=Alert("file_gone", words))
        case NotSent():
            return _not_sent(before, cause, now)
        case Refused():
            after = _refused(before, cause, now)
            return replace(after, state=RowState.DROPPED) if after.state is RowState.FAILED else after


def _anew(before: Settled, refused: Refused, now: datetime) -> Settled:
    """Try once more with files that are uploaded anew; a second time it was not for them."""
    if before.row.renewed:
        return _refused(before, refused, now)
    row = replace(before.row, tries=before.row.tries + 1, renewed=1)
    return replace(before, row=row, state=RowState.QUEUED, reason="file_forgotten", again_at=now)


def _wait(rule: ErrorRule, refused: int) -> timedelta | None:
    """Return how long to wait before the same row is tried again, or nothing when it has failed."""
    match rule.action:
        case Action.RETRY:
            return max(rule.rest, RETRY_FIRST * 4**refused) if refused < REFUSED_MOST - 1 else None
        case Action.SLOW_NUMBER:
            return SLOW_REST
        case Action.REST_PAIR:
            return pace.pair_rest(refused)
        case Action.PAUSE_NUMBER:
            return max(rule.rest, PAUSED_REST)
        case _:
            return None


_TRIED_AGAIN = frozenset({Action.RETRY, Action.SLOW_NUMBER, Action.REST_PAIR})


def _lost(settled: Settled, rule: ErrorRule) -> Settled:
    """Tell the owner about a message that would be tried again, were it not too late for that."""
    if rule.action not in _TRIED_AGAIN:
        return settled
    words = f"A message did not arrive ({rule.title or rule.code}). Look into the chat, and say it again if it matters."
    alert = Alert("undelivered", words)
    return replace(settled, reason="undelivered", alert=alert)


def _reason(rule: ErrorRule) -> str:
    return "window_closed" if rule.action is Action.TEMPLATE else str(rule.action)


_CHAT_LEARNS = frozenset({Action.TEMPLATE, Action.UNREACHABLE, Action.OPTED_OUT, Action.LATER_DAY, Action.COUNTRY})


def _told(settled: Settled, rule: ErrorRule, details: str | None, now: datetime) -> Settled:
    """Add what others have to know about a refusal, or a failure after Meta had accepted."""
    row = settled.row
    chat = _ended(row, rule, details, now) if rule.action in _CHAT_LEARNS else None
    number = _number_learns(row, rule, details, now)
    # Chat and number tell the owner themselves what they hear.
    untold = rule.notify and chat is None and number is None
    return replace(
        settled,
        reason=_reason(rule),
        replacement=_instead(row) if rule.action is Action.TEMPLATE else None,
        tell_chat=chat,
        tell_number=number,
        rest_pair_until=now + pace.pair_rest(row.refused) if rule.action is Action.REST_PAIR else None,
        slow=rule.action is Action.SLOW_NUMBER,
        alert=Alert(str(rule.action), rule.words_with(details)) if untold else None,
    )


def _instead(row: Row) -> Row | None:
    if not isinstance(row.effect, Send) or isinstance(row.effect.content, Template) or row.effect.fallback is None:
        return None
    return as_template(row, row.effect.fallback)


def _ended(row: Row, rule: ErrorRule, details: str | None, now: datetime) -> RowEnded:
    code = rule.code or 0
    return RowEnded(id=f"{row.id}.{code}", at=now, arrived_at=now, row=row.id, code=code, details=details)


def _number_learns(
    row: Row, rule: ErrorRule, details: str | None, now: datetime
) -> SendRefused | TemplateChanged | None:
    # The count of tries is in the id: a number that was mended and is refused again has to stop again.
    event = f"{row.id}.{rule.code}.{row.tries}"
    if rule.action is Action.PAUSE_NUMBER:
        return SendRefused(id=event, at=now, arrived_at=now, code=rule.code or 0, details=details)
    status = rule.template_status
    content = row.effect.content if isinstance(row.effect, Send) else None
    if status is None or not isinstance(content, Template):
        return None
    return TemplateChanged(
        id=event, at=now, arrived_at=now, name=content.name, language=content.language, status=status
    )
