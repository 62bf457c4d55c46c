"""What happened to an account, a number or a template, by the fields that are about no chat?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from adapters.whatsapp.contents import code_of
from adapters.whatsapp.fields import Fields, Unreadable, child, children, moment_or_nothing, text
from adapters.whatsapp.messages import details_of
from adapters.whatsapp.payloads import Reading, Source
from engine.events import AccountChanged, NumberEvent, PlatformTold, TemplateChanged
from flows.templates import PARAMETER

SUMMARY_MOST: Final = 500

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
    "business_capability_update": (
        "max_daily_conversations_per_business",
        "max_phone_numbers_per_business",
        "max_phone_numbers_per_waba",
    ),
    "business_username_updates": ("status",),
    "flows": ("event", "message"),
    "partner_solutions": ("event", "solution_status"),
    "payment_configuration_update": ("configuration_name", "status"),
    "phone_number_name_update": ("decision", "requested_verified_name", "rejection_reason"),
    "phone_number_quality_update": ("event", "current_limit", "max_daily_conversations_per_business"),
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


def _inside(value: Fields, path: str) -> str | None:
    *outer, last = path.split(".")
    for name in outer:
        value = child(value, name)
    return text(value, last)
