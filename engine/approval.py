"""What does Meta say of a template, and may a message that uses it leave?

Two copies meet here: the lock that was published with the flows, and what Meta told since, by `baton templates pull`
and by webhooks. What was told decides, part by part; the lock stands in for whatever nobody told yet.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from engine.content import Template
from engine.effects import Leaving, Send
from engine.events import TemplateChanged, TemplatesPulled

APPROVED = "APPROVED"
DELETED = "DELETED"
MARKETING = "MARKETING"
LOOK = "Look at it in the WhatsApp manager."
# What the owner can do about a status; only what is approved leaves.
ADVICE: Mapping[str, str] = {
    APPROVED: "It leaves from now on.",
    "ARCHIVED": "Take it out of the archive in the WhatsApp manager, or name another in the flow.",
    DELETED: "It is gone; name another in the flow.",
    "DISABLED": "It will not come back; make a new one and name it in the flow.",
    "IN_APPEAL": "Wait for Meta's answer.",
    "LIMIT_EXCEEDED": "There are too many templates; delete some in the WhatsApp manager.",
    "PAUSED": "People disliked it. Wait until Meta approves it again, or change it.",
    "PENDING": "Wait until Meta has looked at it.",
    "PENDING_DELETION": "It is about to be deleted; name another in the flow.",
    "REJECTED": "Change it in the WhatsApp manager and hand it in again.",
    "UNKNOWN": "Look for its name and language in the WhatsApp manager, then `baton templates pull`.",
}
_AS_APPROVED = frozenset({"REINSTATED", "UNPAUSED"})


class TemplateState(Struct, frozen=True, array_like=True):
    """What is known of a template; `values` is how many its text takes, `told_at` when the status was told."""

    status: str | None = None
    category: str | None = None
    quality: str | None = None
    values: int | None = None
    told_at: datetime | None = None


States = Mapping[str, TemplateState]


def key(name: str, language: str) -> str:
    """Return under which name a template is kept."""
    return f"{name}/{language}"


def changed(states: States, event: TemplateChanged) -> dict[str, TemplateState]:
    """Return the states after Meta told something of one template; an older status never beats a newer one."""
    name = key(event.name, event.language)
    told = TemplateState(_status(event.status), event.category, event.quality, event.values, event.at)
    return {**states, name: _in_time(states.get(name), told)}


def pulled(states: States, event: TemplatesPulled) -> dict[str, TemplateState]:
    """Return the states after all templates were asked for: what Meta does not list any more is gone."""
    found = {
        key(each.name, each.language): TemplateState(
            _status(each.status), each.category, each.quality, each.values, event.at
        )
        for each in event.templates
    }
    gone = {name: TemplateState(DELETED, told_at=event.at) for name in states if name not in found}
    return {name: _in_time(states.get(name), told) for name, told in {**found, **gone}.items()}


def refusal(template: Template, state: TemplateState) -> tuple[str, str] | None:
    """Return why a template may not leave, as a reason and in words; nothing if it may."""
    given = len(template.params) + len(template.named)
    if state.status not in (None, APPROVED):
        words = f"Meta's status of the template `{template.name}` ({template.language}) is {state.status}."
        return "template_not_approved", f"{words} {ADVICE.get(state.status or '', LOOK)}"
    if state.values not in (None, given):
        words = f"The template `{template.name}` ({template.language}) takes {state.values} values, not {given}."
        return "template_values", f"{words} Pull the templates (`baton templates pull`) and mend the step."
    return None


def categorised(effect: Leaving, state_of: Callable[[Template], TemplateState]) -> Leaving:
    """Return an effect whose templates have the category that Meta files them under now."""
    if not isinstance(effect, Send):
        return effect
    content = _filed(effect.content, state_of) if isinstance(effect.content, Template) else effect.content
    return replace(effect, content=content, fallback=_filed(effect.fallback, state_of) if effect.fallback else None)


def _filed(template: Template, state_of: Callable[[Template], TemplateState]) -> Template:
    return replace(template, category=state_of(template).category or template.category)


def _status(told: str | None) -> str | None:
    return APPROVED if told in _AS_APPROVED else told


def _in_time(known: TemplateState | None, told: TemplateState) -> TemplateState:
    """Put what was told over what is known, but for a status that is older than the one that is known."""
    is_late = known is not None and known.told_at is not None and told.told_at is not None
    if known is not None and (told.status is None or (is_late and told.told_at < known.told_at)):  # type: ignore[operator]
        told = replace(told, status=known.status, told_at=known.told_at)
    elif told.status is None:
        told = replace(told, told_at=None)
    return over(known, told)


def over(known: TemplateState | None, told: TemplateState | None) -> TemplateState:
    """Return what was told, and what was known of the rest."""
    if known is None or told is None:
        return told or known or TemplateState()
    return TemplateState(
        status=told.status or known.status,
        category=told.category or known.category,
        quality=told.quality or known.quality,
        values=known.values if told.values is None else told.values,
        told_at=told.told_at or known.told_at,
    )
