"""What an event about a business number means: when its sending stops, and when it goes on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from engine import approval, reporting
from engine.chat import Number, Pause
from engine.effects import Alert
from engine.events import (
    AccountChanged,
    NumberEvent,
    NumberRated,
    PlatformTold,
    ReportingTroubled,
    SendRefused,
    TemplateChanged,
    TemplatesPulled,
)
from rules.policy import errors

# What Meta says about an account -> why sending stops. Source: webhooks reference, account_update.
STOPS = {
    "PARTNER_REMOVED": "The link between the app and Baton was cut. Connect the number again.",
    "ACCOUNT_OFFBOARDED": "The phone is being moved or registered again. Sending goes on when Meta says so.",
    "ACCOUNT_DELETED": "The account was deleted at Meta.",
}
LOOK = "Look at the account in the business settings."
APPEAL = "Appeal in the business settings; messages wait until then."
RESUMES = ("PARTNER_ADDED", "ACCOUNT_RECONNECTED")
NO_REPLIES = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"
_OF_CATEGORY = {approval.MARKETING: "It does not leave to who opted out, and costs what marketing costs."}
QUALITIES = {"FLAGGED": "RED", "DOWNGRADE": "RED", "UNFLAGGED": "GREEN"}
REFUSED_REST = timedelta(minutes=1)
TRIAL = timedelta(minutes=10)  # so much later nobody remembers a pause
TOLD_AGAIN = timedelta(days=1)


class NumberDecision(Struct, frozen=True):
    """The number as it is now, and who must be told."""

    number: Number
    alerts: tuple[Alert, ...] = ()


def decide_number(number: Number, event: NumberEvent, now: datetime) -> NumberDecision:
    """Decide what an event means for a number. `now` is aware, in UTC."""
    match event:
        case AccountChanged():
            return _account(number, event, now)
        case TemplateChanged():
            return _template(number, event)
        case TemplatesPulled():
            return NumberDecision(replace(number, templates=approval.pulled(number.templates, event)))
        case NumberRated():
            return _rated(number, event)
        case SendRefused():
            return _refused(number, event, now)
        case ReportingTroubled():
            return NumberDecision(*reporting.trouble(number, event, now))
        case PlatformTold():
            return NumberDecision(number, (Alert("platform", f"{event.field}: {event.summary}. {LOOK}"),))
        case _:
            assert_never(event)


def is_paused(number: Number, now: datetime) -> Pause | None:
    """Return the pause that stops the number now, or nothing."""
    return next((pause for pause in number.pauses if pause.until is None or pause.until > now), None)


def is_on_trial(number: Number, now: datetime, sent_at: datetime) -> bool:
    """Tell whether one message has to show that a number may send again: a pause ended, and nothing was sent since."""
    ended = [each.until for each in number.pauses if each.until is not None and each.until <= now]
    return any(sent_at < until and now < until + TRIAL for until in ended)


def _account(number: Number, event: AccountChanged, now: datetime) -> NumberDecision:
    if event.event in RESUMES or (event.event == "DISABLED_UPDATE" and event.state == "REINSTATE"):
        return NumberDecision(replace(number, pauses=()), (Alert("resumed", "Meta lets the number send again."),))
    if event.event == "DISABLED_UPDATE":
        return _disabled(number, event, now)
    if event.event == "ACCOUNT_RESTRICTION" and NO_REPLIES in event.restrictions:
        words = f"Meta restricts the account: {', '.join(event.restrictions)}. {APPEAL}"
        return _pause(number, "account_restriction", words, now, event.until)
    if words := STOPS.get(event.event, ""):
        reason = f" Reason: {event.reason}." if event.reason else ""
        return _pause(number, event.event.lower(), words + reason, now, None)
    return NumberDecision(number, (Alert("account", f"Meta reports {event.event}. {LOOK}"),))


def _disabled(number: Number, event: AccountChanged, now: datetime) -> NumberDecision:
    if event.state == "DISABLE":
        return _pause(number, "disabled", f"Meta disabled the account. {APPEAL}", now, None)
    words = f"Meta is about to disable the account ({event.state}). Appeal in the business settings before that."
    return NumberDecision(number, (Alert("account", words),))


def _template(number: Number, event: TemplateChanged) -> NumberDecision:
    states = approval.changed(number.templates, event)
    words = " ".join((f"Template `{event.name}` ({event.language}):", *_news(event)))
    return NumberDecision(replace(number, templates=states), (Alert("template", words),))


def _news(event: TemplateChanged) -> Iterator[str]:
    if event.status is not None:
        yield f"Meta's status is {event.status}. {approval.ADVICE.get(event.status, approval.LOOK)}"
    elif event.values is not None:
        yield "its text was changed. Pull the templates (`baton templates pull`) and run `baton check`."
    if event.quality is not None:
        yield f"its quality is {event.quality}."
    if event.next_category is not None:
        yield f"Tomorrow Meta files it under {event.next_category}. Object in the WhatsApp manager if that is wrong."
    elif event.status is None and event.category is not None:
        yield f"Meta files it under {event.category} now. {_OF_CATEGORY.get(event.category, '')}".rstrip()


def _rated(number: Number, event: NumberRated) -> NumberDecision:
    """Keep what Meta says of a number; it calls the quality low in two ways."""
    quality = event.quality or QUALITIES.get(event.event, number.quality)
    rated = replace(number, quality=quality, reach=event.reach or number.reach)
    told = [f"quality {quality}" if quality else "", f"up to {event.reach:,} people a day" if event.reach else ""]
    words = ", ".join(filter(None, (event.event, *told)))
    advice = " Send less that people did not ask for; campaigns pause." if quality == "RED" else ""
    return NumberDecision(rated, (Alert("number_rated", f"Meta rated the number: {words}.{advice}"),))


def _refused(number: Number, event: SendRefused, now: datetime) -> NumberDecision:
    """Rest after a refusal: whoever mends the account need not tell us, and the next refusal rests again.

    The owner is told once a day as long as that lasts.
    """
    rule = errors.error(event.code, 401)  # what a code that nobody knows must have come with
    reason = f"error_{event.code}"
    since = next((pause.since for pause in number.pauses if pause.reason == reason), now - TOLD_AGAIN)
    is_told, until = now - since < TOLD_AGAIN, now + max(rule.rest, REFUSED_REST)
    decision = _pause(number, reason, rule.words_with(event.details), since if is_told else now, until)
    return replace(decision, alerts=()) if is_told else decision


def _pause(number: Number, reason: str, words: str, now: datetime, until: datetime | None) -> NumberDecision:
    others = tuple(pause for pause in number.pauses if pause.reason != reason)
    return NumberDecision(replace(number, pauses=(*others, Pause(reason, now, until))), (Alert(reason, words),))


def removed(number: str) -> Alert:
    """Tell that a number is not live any more; the code of what is told is why all that waited there was dropped."""
    words = (
        f"The number `{number}` was taken out of what is live, and what still waited there was dropped. "
        "Publish a folder that has it, to answer there again."
    )
    return Alert("number_removed", words, number)
