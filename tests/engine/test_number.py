"""When does a number stop sending, and when does it go on?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.approval import TemplateState
from engine.chat import Number
from engine.events import AccountChanged, NumberEvent, NumberRated, PlatformTold, SendRefused, TemplateChanged
from engine.number import REFUSED_REST, TRIAL, decide_number, is_on_trial, is_paused

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NUMBER = Number(id="1", business="shop", phone="5511912345678", waba="2")
WEEK = timedelta(days=7)


def account(event: str, **more: object) -> AccountChanged:
    """Return what Meta says about the account."""
    return AccountChanged(id=event, at=NOON, arrived_at=NOON, event=event, **more)  # type: ignore[arg-type]


def refused(code: int) -> SendRefused:
    """Return a refusal of a send for a reason of the whole number."""
    return SendRefused(id=f"r{code}", at=NOON, arrived_at=NOON, code=code)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (account("PARTNER_REMOVED", reason="PRIMARY_INACTIVITY"), "partner_removed"),
        (account("ACCOUNT_OFFBOARDED"), "account_offboarded"),
        (account("ACCOUNT_DELETED"), "account_deleted"),
        (account("DISABLED_UPDATE", state="DISABLE"), "disabled"),
        (
            account("ACCOUNT_RESTRICTION", restrictions=("RESTRICTED_CUSTOMER_INITIATED_MESSAGING",)),
            "account_restriction",
        ),
        (refused(190), "error_190"),
        (account("DISABLED_UPDATE", state="SCHEDULE_FOR_DISABLE"), None),
        (account("ACCOUNT_RESTRICTION", restrictions=("RESTRICTED_BIZ_INITIATED_MESSAGING",)), None),
        (account("SOMETHING_NEW"), None),
        (PlatformTold(id="p", at=NOON, arrived_at=NOON, field="security", summary="PIN_CHANGED"), None),
    ],
)
def test_what_stops_a_number(event: NumberEvent, reason: str | None):
    """Each is told to the owner; only some of it stops the sending."""
    decision = decide_number(NUMBER, event, NOON)

    pause = is_paused(decision.number, NOON)
    assert (pause.reason if pause else None) == reason
    assert len(decision.alerts) == 1


@pytest.mark.parametrize("event", [account("ACCOUNT_RECONNECTED"), account("DISABLED_UPDATE", state="REINSTATE")])
def test_meta_lets_it_send_again(event: NumberEvent):
    """All pauses end."""
    stopped = decide_number(NUMBER, account("ACCOUNT_OFFBOARDED"), NOON).number

    assert is_paused(stopped, NOON + WEEK) is not None
    assert decide_number(stopped, event, NOON).number.pauses == ()


def test_a_refused_number_tries_again_each_minute_and_the_owner_is_told_once():
    """Whoever puts a new token in place does not have to tell Baton."""
    first = decide_number(NUMBER, refused(190), NOON)
    again = decide_number(first.number, refused(190), NOON + REFUSED_REST)

    assert is_paused(first.number, NOON + REFUSED_REST) is None
    assert is_paused(again.number, NOON + REFUSED_REST) is not None
    assert (len(first.alerts), len(again.alerts)) == (1, 0)


def test_a_refusal_that_lasts_is_told_once_a_day():
    """A token that runs out again months later is told again, too."""
    number, told = NUMBER, []
    for hours in (0, 1, 23, 24, 25, 24 * 60):
        decision = decide_number(number, refused(190), NOON + timedelta(hours=hours))
        number = decision.number
        told += [hours for _ in decision.alerts]

    assert told == [0, 24, 24 * 60]


def test_a_code_that_nobody_knows_stops_a_number_with_words_that_fit():
    """It came with an HTTP status that says so."""
    [alert] = decide_number(NUMBER, refused(999999), NOON).alerts

    assert alert.words.startswith("The number cannot send until somebody has mended its account")


def test_an_account_that_is_blocked_is_left_alone_for_an_hour():
    """Whoever knocks each minute at an account that Meta locked makes it worse."""
    number = decide_number(NUMBER, refused(131048), NOON).number

    assert is_paused(number, NOON + timedelta(minutes=59)) is not None
    assert is_paused(number, NOON + timedelta(hours=1)) is None


def test_a_restriction_ends_when_meta_says():
    """The pause has the end that Meta named."""
    event = account("ACCOUNT_RESTRICTION", restrictions=("RESTRICTED_CUSTOMER_INITIATED_MESSAGING",), until=NOON + WEEK)

    number = decide_number(NUMBER, event, NOON).number

    assert is_paused(number, NOON + WEEK - REFUSED_REST) is not None
    assert is_paused(number, NOON + WEEK) is None


def test_the_state_of_a_template_is_kept():
    """The gate reads it there."""
    paused = TemplateChanged(id="t", at=NOON, arrived_at=NOON, name="offer", language="en_US", status="PAUSED")

    number = decide_number(NUMBER, paused, NOON).number

    assert number.templates == {"offer/en_US": TemplateState("PAUSED", told_at=NOON)}


@pytest.mark.parametrize(
    ("news", "words"),
    [
        ({"status": "APPROVED"}, "Meta's status is APPROVED. It leaves from now on."),
        ({"status": "LOCKED"}, "Meta's status is LOCKED. Look at it in the WhatsApp manager."),
        ({"quality": "RED"}, "its quality is RED."),
        (
            {"category": "UTILITY", "next_category": "MARKETING"},
            "Tomorrow Meta files it under MARKETING. Object in the WhatsApp manager if that is wrong.",
        ),
        (
            {"category": "MARKETING"},
            "Meta files it under MARKETING now. It does not leave to who opted out, and costs what marketing costs.",
        ),
        ({"category": "UTILITY"}, "Meta files it under UTILITY now."),
        (
            {"values": 2},
            "its text was changed. Pull the templates (`baton templates pull`) and run `baton check`.",
        ),
    ],
)
def test_the_owner_hears_what_a_change_of_a_template_means(news, words):
    """With what they can do."""
    event = TemplateChanged(id="t", at=NOON, arrived_at=NOON, name="offer", language="en", **news)

    [alert] = decide_number(NUMBER, event, NOON).alerts

    assert alert.words == f"Template `offer` (en): {words}"


@pytest.mark.parametrize(
    ("event", "quality", "reach"),
    [
        (NumberRated(id="q", at=NOON, arrived_at=NOON, event="FLAGGED"), "RED", 250),
        (NumberRated(id="q", at=NOON, arrived_at=NOON, event="UNFLAGGED"), "GREEN", 250),
        (NumberRated(id="q", at=NOON, arrived_at=NOON, event="UPGRADE", reach=2_000), "YELLOW", 2_000),
        (NumberRated(id="q", at=NOON, arrived_at=NOON, quality="RED", reach=50), "RED", 50),
    ],
)
def test_a_rating_is_kept(event: NumberRated, quality: str, reach: int):
    """What campaigns go by; whoever runs them is told."""
    before = replace(NUMBER, quality="YELLOW", reach=250)

    decision = decide_number(before, event, NOON)

    assert (decision.number.quality, decision.number.reach) == (quality, reach)
    assert [alert.code for alert in decision.alerts] == ["number_rated"]


@pytest.mark.parametrize(
    ("after", "sent_after", "expected"),
    [
        (timedelta(0), None, True),
        (timedelta(seconds=-1), None, False),
        (timedelta(seconds=5), timedelta(seconds=-90), True),
        (timedelta(seconds=5), timedelta(seconds=1), False),
        (TRIAL, None, False),
    ],
    ids=["just ended", "still paused", "sent before", "sent since", "long ago"],
)
def test_after_a_pause_one_message_goes_first(after: timedelta, sent_after: timedelta | None, *, expected: bool):
    """Whoever mends an account need not tell us; until one message was taken, no second one is tried beside it."""
    number = decide_number(NUMBER, refused(190), NOON).number
    ended_at = NOON + REFUSED_REST
    sent_at = ended_at + sent_after if sent_after else NOON - WEEK

    assert is_on_trial(number, ended_at + after, sent_at) is expected
