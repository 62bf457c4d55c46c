"""What happened to an account, a number or a template, by the fields that are about no chat?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from adapters.whatsapp.contents import code_of
from adapters.whatsapp.fields import Fields, Unreadable, child, children, moment_or_nothing, text
from adapters.whatsapp.messages import details_of
from adapters.whatsapp.payloads import Reading, Source
from engine.events import AccountChanged, NumberEvent, NumberRated, PlatformTold, TemplateChanged
from flows.templates import PARAMETER

SUMMARY_MOST: Final = 500
UNLIMITED: Final = 10**9
# How many people a business may write to first within 24 hours, by Meta's word for it.
REACHES: Final[Mapping[str, int]] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": UNLIMITED,
}

# What people should see of fields that change nothing here; a dot leads into an object.
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "account_alerts": (
        "alert_info.alert_severity",
        "alert_info.alert_status",
        "alert_info.alert_type",
        "alert_info.alert_description",
    ),
    "account_review_update": ("decision",),
    "account_settings_update": ("event",),
    "automatic_events": ("event_name", "custom_data.value", "custom_data.currency"),
    "business_username_updates": ("status",),
    "flows": ("event", "message"),
    "partner_solutions": ("event", "solution_status"),
    "payment_configuration_update": ("configuration_name", "status"),
    "phone_number_name_update": ("decision", "requested_verified_name", "rejection_reason"),
    "security": ("event",),
    "tracking_events": (),
}


def account(source: Source, value: Fields, raw: bytes) -> Reading:
    """Read `account_update`."""
    event = text(value, "event")
    if event is None:
        raise Unreadable("`event` should say what happened to the account")
    limits = children(value, "restriction_info")
    untils = [until for each in limits if (until := moment_or_nothing(each, "expiration"))]
    return _reading(
        source,
        raw,
        partial(
            AccountChanged,
            event=event.upper(),
            reason=_reason(value),
            state=text(child(value, "ban_info"), "waba_ban_state"),
            restrictions=tuple(filter(None, (text(each, "restriction_type") for each in limits))),
            until=max(untils, default=None),
        ),
    )


def template(source: Source, value: Fields, raw: bytes) -> Reading:
    """Read a field about one template; a quality score makes it one about quality, whatever the field is called."""
    name, language = text(value, "message_template_name"), text(value, "message_template_language")
    if name is None or language is None:
        raise Unreadable("`message_template_name` and `message_template_language` should name a template")
    state, body = text(value, "event"), text(value, "message_template_element")
    return _reading(
        source,
        raw,
        partial(
            TemplateChanged,
            name=name,
            language=language_of(language),
            status=state.upper() if state else None,
            quality=text(value, "new_quality_score"),
            category=text(value, "new_category") or text(value, "message_template_category"),
            next_category=text(value, "correct_category"),
            values=None if body is None else len(set(PARAMETER.findall(body))),
        ),
    )


def rating(source: Source, value: Fields, raw: bytes) -> Reading:
    """Read how Meta rates a number, and how many people it may write to."""
    limits = (text(value, name) for name in ("max_daily_conversations_per_business", "current_limit"))
    return _reading(
        source,
        raw,
        partial(
            NumberRated,
            event=(text(value, "event") or "").upper(),
            quality=(text(value, "quality_rating") or "").upper(),
            reach=next((reach for limit in limits if (reach := _reach(limit))), None),
        ),
    )


def told(source: Source, value: Fields, raw: bytes) -> Reading:
    """Read a field that changes nothing here, for people to see."""
    paths = TOLD.get(source.field, ())
    summary = ", ".join(filter(None, (_inside(value, path) for path in paths)))
    return _reading(source, raw, partial(PlatformTold, field=source.field, summary=summary[:SUMMARY_MOST]))


def platform_error(source: Source, item: Fields, raw: bytes) -> Reading:
    """Read an item of `errors` that stands beside no message."""
    whole = {"errors": [item]}
    words = " ".join(str(each) for each in (code_of(whole), text(item, "title"), details_of(whole)) if each)
    return _reading(source, raw, partial(PlatformTold, field=source.field, summary=words[:SUMMARY_MOST]))


def imported(source: Source, _value: Fields, raw: bytes) -> Reading:
    """Pass on a value that an import reads later, as it is."""
    return Reading(kind="import", key=source.key_of(raw), at=source.told_at or source.arrived_at, raw=raw)


def language_of(written: str) -> str:
    """Return a template's language the way the API writes it: `en-us` and `en_US` are `en_US`."""
    first, *rest = written.replace("-", "_").split("_")
    return "_".join((first.lower(), *(part.upper() if len(part) <= 2 else part for part in rest)))  # noqa: PLR2004 - a country


def _reading(source: Source, raw: bytes, event: Callable[..., NumberEvent]) -> Reading:
    key, at = source.key_of(raw), source.told_at or source.arrived_at
    return Reading(kind="number", key=key, at=at, event=event(id=key, at=at, arrived_at=source.arrived_at))


def _reason(value: Fields) -> str | None:
    for name, word in (("disconnection_info", "reason"), ("violation_info", "violation_type")):
        if found := text(child(value, name), word):
            return found
    return None


def _reach(limit: str | None) -> int | None:
    """Read a limit; Meta wrote it as a number before it had words, with -1 for none."""
    if limit == "-1":
        return UNLIMITED
    return int(limit) if limit and limit.isascii() and limit.isdigit() else REACHES.get((limit or "").upper())


def _inside(value: Fields, path: str) -> str | None:
    *outer, last = path.split(".")
    for name in outer:
        value = child(value, name)
    return text(value, last)
