"""What is known of templates, when it was told by several, late, or in part."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.approval import ADVICE, TemplateState, categorised, changed, pulled, refusal
from engine.chat import Number
from engine.content import Template, Text
from engine.effects import Send
from engine.events import Listed, TemplateChanged, TemplatesPulled

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFER = Template("offer", "en", params=("10%",))


def told(at=NOON, **more):
    """Return what Meta tells of the offer."""
    return TemplateChanged(id="t", at=at, arrived_at=at, name="offer", language="en", **more)


def listed(*names, at=NOON, **more):
    """Return what a pull found."""
    fields = {"language": "en", "status": "APPROVED", "category": "UTILITY", **more}
    return TemplatesPulled(id="p", at=at, arrived_at=at, templates=tuple(Listed(name=name, **fields) for name in names))


@pytest.mark.parametrize(
    ("known", "event", "expected"),
    [
        (None, told(status="PAUSED"), TemplateState("PAUSED", told_at=NOON)),
        (None, told(status="REINSTATED"), TemplateState("APPROVED", told_at=NOON)),
        (None, told(category="MARKETING"), TemplateState(None, "MARKETING")),
        (
            TemplateState("APPROVED", "UTILITY", "GREEN", 1, NOON),
            told(quality="RED", at=NOON + HOUR),
            TemplateState("APPROVED", "UTILITY", "RED", 1, NOON),
        ),
        (
            TemplateState("PAUSED", told_at=NOON),
            told(status="APPROVED", at=NOON - HOUR),
            TemplateState("PAUSED", told_at=NOON),
        ),
        (
            TemplateState("PAUSED", told_at=NOON),
            told(status="APPROVED", at=NOON + HOUR),
            TemplateState("APPROVED", told_at=NOON + HOUR),
        ),
        (TemplateState("APPROVED", values=1), told(values=0), TemplateState("APPROVED", values=0)),
    ],
)
def test_what_was_told_changes_just_that(known, event, expected):
    """A status that is older than the one that is known came late, and changes nothing."""
    assert changed({"offer/en": known} if known else {}, event) == {"offer/en": expected}


def test_a_pull_replaces_everything_but_what_was_told_since():
    """What Meta does not list any more is gone; a webhook that came during the pull is newer."""
    known = {
        "gone/en": TemplateState("APPROVED", told_at=NOON - HOUR),
        "offer/en": TemplateState("PAUSED", told_at=NOON + HOUR),
        "back/en": TemplateState("PAUSED", "UTILITY", "RED", told_at=NOON - HOUR),
    }

    after = pulled(known, listed("offer", "back", values=0))

    assert {name: (state.status, state.told_at) for name, state in after.items()} == {
        "gone/en": ("DELETED", NOON),
        "offer/en": ("PAUSED", NOON + HOUR),
        "back/en": ("APPROVED", NOON),
    }
    assert (after["back/en"].quality, after["offer/en"].values) == ("RED", 0)


@pytest.mark.parametrize(
    ("locked", "told", "status"),
    [
        ("APPROVED", None, "APPROVED"),
        ("APPROVED", "PAUSED", "PAUSED"),
        ("PENDING", "APPROVED", "APPROVED"),
        (None, "DISABLED", "DISABLED"),
        (None, None, None),
    ],
)
def test_what_was_told_beats_the_lock(locked, told, status):
    """A folder that was published with an older lock changes nothing about what Meta told since."""
    number = Number(
        id="1",
        business="b",
        phone="1",
        waba="2",
        locked={"offer/en": TemplateState(locked)} if locked else {},
        templates={"offer/en": TemplateState(told)} if told else {},
    )

    assert number.state_of(OFFER).status == status


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (TemplateState(), None),
        (TemplateState("APPROVED", values=1), None),
        (TemplateState("APPROVED", values=2), "template_values"),
        (TemplateState(values=0), "template_values"),
        *((TemplateState(status), "template_not_approved") for status in ADVICE if status != "APPROVED"),
        (TemplateState("FROM_THE_FUTURE"), "template_not_approved"),
    ],
)
def test_only_what_is_approved_and_fits_leaves(state, reason):
    """The words say what the owner can do."""
    found = refusal(OFFER, state)

    assert (found[0] if found else None) == reason
    assert found is None or found[1].endswith(".")


def test_a_row_has_the_category_of_today():
    """The step's template and the one that would take its place."""
    number = Number(id="1", business="b", phone="1", waba="2", templates={"offer/en": TemplateState(None, "MARKETING")})

    filed = replace(OFFER, category="MARKETING")

    assert categorised(Send(content=OFFER), number.state_of) == Send(content=filed)
    assert categorised(Send(content=Text("Hi"), fallback=OFFER), number.state_of) == Send(
        content=Text("Hi"), fallback=filed
    )
