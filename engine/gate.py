"""May this row leave now?

The only way out. `judge` is asked when a row is decided, for the trace, and again right before it leaves, because a
row waits in a queue while windows close and owners reply. It is pure, and all it reads lies in the chat and the
number; whoever sends compares their versions, and the judgement's `valid_until` with the clock, before the socket.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from engine import approval, fetching, reporting
from engine.approval import MARKETING
from engine.chat import Chat, Number
from engine.content import Template
from engine.effects import Alert, Fetch, Http, Report, Send, Speaker
from engine.identity import recipient
from engine.marks import run_mark
from engine.paths import check
from engine.row import Row, as_template
from rules.policy import countries, loop, window
from rules.policy.consent import Consent
from rules.policy.handoff import Holder, holder_at
from rules.policy.restrictions import Clearance, Refusal, Restrictions

JUDGED_FOR = timedelta(minutes=1)  # after that it is asked again, whatever it said


class Leave(Struct, frozen=True, kw_only=True):
    """The row may leave as it is, if it begins to before `valid_until`.

    `writes_first` is set where the contact's window is closed: Meta limits how many people get such a message a day.
    """

    clearance: Clearance
    valid_until: datetime
    words: str
    writes_first: bool = False


class LeaveAsTemplate(Struct, frozen=True, kw_only=True):
    """The window is closed: `row`, which holds the template, may be queued in the place of this one."""

    row: Row
    words: str


class Wait(Struct, frozen=True, kw_only=True):
    """Not now; without `until` not before somebody has mended something."""

    until: datetime | None
    reason: str
    words: str


class Drop(Struct, frozen=True, kw_only=True):
    """Never: the row ends as `dropped` with this reason; `alert` when the owner can mend it."""

    reason: str
    words: str
    alert: Alert | None = None


Judgement = Leave | LeaveAsTemplate | Wait | Drop


class _Case(Struct, frozen=True):
    """One question to the gate; `effect` is the row's, known to be a message."""

    row: Row
    effect: Send
    chat: Chat
    number: Number
    now: datetime
    answer_within: timedelta


def judge(
    row: Row, chat: Chat, number: Number, lists: Restrictions, now: datetime, *, answer_within: timedelta
) -> Judgement:
    """Return whether a row may leave now, in which form, and why; `answer_within` is the business's age limit."""
    cleared = check(row.path, chat.contact.ids, number, lists)
    if isinstance(cleared, Refusal):
        return Drop(reason=cleared.reason, words=cleared.words)
    if isinstance(row.effect, Http) and not _is_waited_for(row.effect, chat):
        return Drop(reason="void", words="The run does not wait for this answer any more.")
    if isinstance(row.effect, Fetch) and now >= fetching.gone_at(row):
        return Drop(reason=fetching.GONE, words="Meta does not keep the file any more.")
    if isinstance(row.effect, Report):
        return _report(row, row.effect, number, cleared, now)
    if not isinstance(row.effect, Send):
        return _leave(cleared, now, words="It may leave.")
    case = _Case(row, row.effect, chat, number, now, answer_within)
    stopped = next((found for check in _CHECKS if (found := check(case))), None)
    return stopped or _in_its_form(case, cleared)


def _report(row: Row, effect: Report, number: Number, cleared: Clearance, now: datetime) -> Judgement:
    refused = reporting.refusal(row, effect, now)
    if refused is not None:
        return Drop(reason=refused[0], words=refused[1])
    until = reporting.rests_until(number, now)
    if until is not None:
        until = min(until, reporting.ends_at(row))
        return Wait(
            until=until, reason="reporting_rests", words="The number's conversions rest; the owner was told why."
        )
    return _leave(cleared, now, reporting.ends_at(row), words="It may be reported.")


def _is_waited_for(effect: Http, chat: Chat) -> bool:
    return chat.run is not None and (effect.run, effect.wait) == (run_mark(chat), chat.run.waits)


def _addressed(case: _Case) -> Drop | None:
    to = recipient(case.chat.contact.ids)
    if to.phone is None and to.bsuid is None:
        return Drop(reason="no_recipient", words="The contact has neither a phone number nor a user id.")
    if to.phone is not None and to.phone == countries.digits(case.number.phone):
        return Drop(reason="own_number", words="The contact is the business number itself.")
    return None


def _paused(case: _Case) -> Wait | None:
    pauses = [each for each in case.number.pauses if each.until is None or each.until > case.now]
    if not pauses:
        return None
    ends = [each.until for each in pauses if each.until is not None]
    reasons = ", ".join(dict.fromkeys(each.reason for each in pauses))
    until = max(ends) if len(ends) == len(pauses) else None
    return Wait(until=until, reason="number_paused", words=f"The number sends nothing now: {reasons}.")


def _held(case: _Case) -> Drop | None:
    speaker = case.effect.speaker
    answered = case.row.epoch < case.chat.epoch or _was_answered(case)
    if speaker is not Speaker.PERSON and answered:
        return Drop(reason="owner_replied", words="The owner took the chat after this was decided.")
    if speaker is Speaker.BOT and holder_at(case.chat.holding, case.now) is Holder.OWNER:
        until = case.chat.holding.until
        return Drop(
            reason="owner_holds",
            words=f"The owner holds the chat{f' until {until:%Y-%m-%d %H:%M} UTC' if until else ''}.",
        )
    return None


def _was_answered(case: _Case) -> bool:
    """Tell whether the owner wrote after what the row answers; in the same second, which is all webhooks tell, too."""
    owner_at, back_at = case.chat.owner_at, case.chat.handed_back_at
    if owner_at is None or case.row.asked_at != owner_at:
        return owner_at is not None and case.row.asked_at < owner_at
    return back_at is None or back_at < owner_at


def _refused_marketing(case: _Case) -> Drop | None:
    content = case.effect.content
    return _unwanted(case, content) if isinstance(content, Template) else None


def _unwanted(case: _Case, template: Template) -> Drop | None:
    filed = case.number.state_of(template).category
    if (filed or template.category) != MARKETING:
        return None
    contact = case.chat.contact
    if case.effect.bulk and contact.marketing is Consent.UNKNOWN:
        return Drop(reason="no_opt_in", words="The contact did not opt in, and a campaign asks for that.")
    if contact.marketing is Consent.REFUSED:
        return Drop(reason="opted_out", words="The contact wants no marketing.")
    after = contact.marketing_after
    if after is not None and case.now < after:
        words = f"Meta held marketing back from this contact; none leaves before {after:%Y-%m-%d %H:%M} UTC."
        return Drop(reason="later_day", words=words)
    return None


def _out_of_hours(case: _Case) -> Wait | Drop | None:
    bulk = case.effect.bulk
    if bulk is None:
        return None
    if bulk.stop is not None and bulk.stop <= case.now:
        return Drop(reason="campaign_over", words=f"The campaign `{bulk.campaign}` is over.")
    opens = bulk.hours.opens_at(case.now)
    if opens <= case.now:
        return None
    return Wait(until=opens, reason="out_of_hours", words=f"The campaign `{bulk.campaign}` leaves at other hours.")


def _until(case: _Case) -> datetime | None:
    """Return when the hours of a campaign end, or the campaign does."""
    bulk = case.effect.bulk
    if bulk is None:
        return None
    closes = bulk.hours.closes_at(case.now)
    return closes if bulk.stop is None else min(closes, bulk.stop)


def _unreachable(case: _Case) -> Drop | None:
    until = case.chat.contact.unreachable_until
    if until is None or until <= case.now:
        return None
    return Drop(reason="unreachable", words="Meta could not deliver to this contact a short while ago.")


def _too_old(case: _Case) -> Drop | None:
    too_old_at = _too_old_at(case)
    if too_old_at is None or case.now < too_old_at:
        return None
    return Drop(reason="too_old", words="What this answers happened too long ago; `answer_within` says how long.")


def _too_old_at(case: _Case) -> datetime | None:
    return case.row.asked_at + case.answer_within if case.effect.asked else None


def _looping(case: _Case) -> Drop | None:
    # Counted are the answers decided before this one, so that the verdict does not change later on.
    earlier = tuple(at for at in case.chat.answers_at if at < case.row.queued_at)
    if case.effect.speaker is not Speaker.BOT or loop.allows(earlier, case.row.queued_at):
        return None
    return Drop(
        reason="loop_guard", words=f"The bot answered {loop.MOST} times within {loop.SPAN.seconds // 60} minutes."
    )


_CHECKS: tuple[Callable[[_Case], Wait | Drop | None], ...] = (
    _addressed,
    _paused,
    _held,
    _refused_marketing,
    _unreachable,
    _out_of_hours,
    _too_old,
    _looping,
)


def _in_its_form(case: _Case, cleared: Clearance) -> Judgement:
    """Let a template leave if it is approved, anything else if the window is open, else its fallback."""
    content = case.effect.content
    too_old_at = _too_old_at(case)
    until = window.open_until(case.chat.heard_at, case.chat.window_shut_at)
    is_open = until is not None and case.now < until
    if isinstance(content, Template):
        words = "An approved template may leave."
        left = _leave(cleared, case.now, too_old_at, _until(case), words=words)
        return _unfit(case, content) or replace(left, writes_first=not is_open)
    if until is not None and is_open:
        words = f"The window is open until {until:%Y-%m-%d %H:%M} UTC."
        return _leave(cleared, case.now, until, too_old_at, words=words)
    return _with_fallback(case, cleared)


def _with_fallback(case: _Case, cleared: Clearance) -> Judgement:
    template = case.effect.fallback
    if template is None:
        words = "The contact's last message is more than 24 hours old, and no template is named to use instead."
        return Drop(reason="window_closed", words=words)
    stopped = _unwanted(case, template) or _unfit(case, template)
    if stopped is not None:
        return stopped
    words = _noted(cleared, f"The window is closed; the template `{template.name}` leaves instead.")
    return LeaveAsTemplate(row=as_template(case.row, template), words=words)


def _unfit(case: _Case, template: Template) -> Drop | None:
    refused = approval.refusal(template, case.number.state_of(template))
    if refused is None:
        return None
    reason, words = refused
    return Drop(reason=reason, words=words, alert=Alert(reason, f"A message did not leave. {words}"))


def _leave(cleared: Clearance, now: datetime, *ends: datetime | None, words: str) -> Leave:
    return Leave(clearance=cleared, valid_until=_earliest(now, *ends), words=_noted(cleared, words))


def _earliest(now: datetime, *ends: datetime | None) -> datetime:
    return min([now + JUDGED_FOR, *(each for each in ends if each is not None)])


def _noted(cleared: Clearance, words: str) -> str:
    return " ".join((words, *(f"Note: {note}." for note in cleared.notes)))
