"""Who holds a chat after what happened."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from rules.policy.handoff import TABLE, Holder, Holding, Signal, holder_at, longer, next_holding

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAUSE = timedelta(minutes=30)
ASKED = timedelta(hours=12)


def minutes(count):
    """Make a span."""
    return timedelta(minutes=count)


def played(*signals, pause=PAUSE, asked=ASKED, taken=None):
    """Play signals as (minute it happened, signal) or (minute it happened, signal, minute it arrived)."""
    holding = Holding()
    for at, signal, *arrived in signals:
        now = NOON + minutes(arrived[0] if arrived else at)
        moments = {"at": NOON + minutes(at), "now": now}
        holding = next_holding(holding, signal, **moments, pause=pause, asked=asked, taken=taken)
    return holding


def silent_minutes(holding):
    """Return the minutes, of those tried, at which the owner holds by what the record says in the end."""
    return [
        each
        for each in (0, 5, 29, 30, 59, 60, 719, 720, 10_000)
        if holder_at(holding, NOON + minutes(each)) is Holder.OWNER
    ]


def test_the_table_has_no_holes():
    """Each holder answers each signal."""
    assert set(TABLE) == set(product(Holder, Signal))


@pytest.mark.parametrize(
    ("signals", "silent"),
    [
        ([], []),
        ([(0, Signal.OWNER_MESSAGE)], [0, 5, 29]),
        ([(0, Signal.OWNER_MESSAGE), (30, Signal.OWNER_MESSAGE)], [0, 5, 29, 30, 59]),
        ([(0, Signal.OWNER_MESSAGE), (29, Signal.OWNER_MESSAGE)], [0, 5, 29, 30]),
        ([(30, Signal.OWNER_MESSAGE), (0, Signal.OWNER_MESSAGE, 31)], [0, 5, 29, 30, 59]),
        ([(0, Signal.OWNER_MESSAGE, 180)], [0, 5, 29]),
        ([(0, Signal.STOP_WORD)], [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.STOP_WORD), (5, Signal.OWNER_MESSAGE)], [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.OWNER_MESSAGE), (1, Signal.STOP_WORD), (5, Signal.RESUME_WORD)], []),
        ([(0, Signal.STOP_WORD), (5, Signal.HAND_BACK)], []),
        ([(0, Signal.STOP_WORD), (5, Signal.NOBODY_CAME)], [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.STOP_WORD), (5, Signal.LINK_CUT)], [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.HAND_OFF)], [0, 5, 29, 30, 59, 60, 719]),
        ([(0, Signal.HAND_OFF), (5, Signal.OWNER_MESSAGE)], [0, 5, 29, 30, 59, 60, 719, 720]),
        ([(0, Signal.HAND_OFF), (5, Signal.RESUME_WORD)], []),
        ([(0, Signal.HAND_OFF), (15, Signal.NOBODY_CAME)], []),
        ([(0, Signal.HAND_OFF), (5, Signal.OWNER_MESSAGE), (15, Signal.NOBODY_CAME)], [0, 5, 29, 30, 59, 60, 719, 720]),
        ([(0, Signal.HAND_OFF), (-1, Signal.OWNER_MESSAGE, 2), (15, Signal.NOBODY_CAME)], [0, 5, 29, 30, 59, 60, 719]),
        ([(0, Signal.HAND_OFF), (-31, Signal.OWNER_MESSAGE, 2), (15, Signal.NOBODY_CAME)], []),
        ([(-1, Signal.OWNER_MESSAGE), (0, Signal.HAND_OFF), (15, Signal.NOBODY_CAME)], [0, 5, 29, 30, 59, 60, 719]),
        ([(-31, Signal.OWNER_MESSAGE), (0, Signal.HAND_OFF), (15, Signal.NOBODY_CAME)], []),
        ([(0, Signal.OWNER_MESSAGE), (5, Signal.HAND_OFF), (15, Signal.NOBODY_CAME)], [0, 5, 29, 30, 59, 60, 719, 720]),
        ([(-800, Signal.HAND_OFF), (0, Signal.OWNER_MESSAGE)], [0, 5, 29]),
        ([(0, Signal.OWNER_MESSAGE), (5, Signal.NOBODY_CAME)], [0, 5, 29]),
        ([(0, Signal.NOBODY_CAME), (1, Signal.LINK_CUT), (2, Signal.HAND_BACK), (3, Signal.RESUME_WORD)], []),
    ],
)
def test_the_owner_holds_a_chat_for_as_long_as_they_said(signals, silent):
    """Each line plays some signals and lists when the bot is silent."""
    assert silent_minutes(played(*signals)) == silent


@pytest.mark.parametrize(
    ("signals", "silent"),
    [
        ([(5, Signal.RESUME_WORD), (0, Signal.OWNER_MESSAGE, 6)], []),
        ([(5, Signal.RESUME_WORD), (0, Signal.STOP_WORD, 6)], []),
        ([(5, Signal.RESUME_WORD), (5, Signal.OWNER_MESSAGE, 6)], [0, 5, 29, 30]),
        ([(5, Signal.OWNER_MESSAGE), (0, Signal.RESUME_WORD, 6)], [0, 5, 29, 30]),
        ([(5, Signal.STOP_WORD), (0, Signal.RESUME_WORD, 6)], [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(5, Signal.HAND_BACK), (0, Signal.OWNER_MESSAGE, 6)], [0, 5, 29]),
        ([(5, Signal.RESUME_WORD), (6, Signal.HAND_OFF), (0, Signal.STOP_WORD, 7)], [0, 5, 29, 30, 59, 60, 719, 720]),
    ],
)
def test_the_order_of_the_phone_counts_not_that_of_arrival(signals, silent):
    """An older word of the phone undoes no newer one; a phone's message is not compared with the console's clock."""
    assert silent_minutes(played(*signals)) == silent


@pytest.mark.parametrize("signal", [Signal.OWNER_MESSAGE, Signal.HAND_OFF])
def test_a_pause_can_be_without_end(signal):
    """With `never` the chat comes back only when somebody says so."""
    holding = played((0, signal), (1, Signal.OWNER_MESSAGE), pause=None, asked=None)

    assert (holding.until, holder_at(holding, NOON + timedelta(days=900))) == (None, Holder.OWNER)


@pytest.mark.parametrize(
    ("signals", "taken", "silent"),
    [
        ([(0, Signal.TAKE)], None, [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.TAKE)], 60, [0, 5, 29, 30, 59]),
        ([(0, Signal.TAKE), (5, Signal.HAND_BACK)], 60, []),
        ([(0, Signal.TAKE), (5, Signal.RESUME_WORD)], None, []),
        ([(0, Signal.TAKE), (5, Signal.OWNER_MESSAGE)], 6, [0, 5, 29, 30]),
        ([(0, Signal.TAKE), (5, Signal.OWNER_MESSAGE)], 60, [0, 5, 29, 30, 59]),
        ([(0, Signal.TAKE), (5, Signal.NOBODY_CAME)], 30, [0, 5, 29]),
        ([(0, Signal.TAKE), (5, Signal.STOP_WORD)], 6, [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.STOP_WORD), (5, Signal.TAKE)], 6, [0, 5, 29, 30, 59, 60, 719, 720, 10_000]),
        ([(0, Signal.OWNER_MESSAGE), (5, Signal.TAKE)], 6, [0, 5, 29]),
        ([(0, Signal.OWNER_MESSAGE), (5, Signal.TAKE)], 715, [0, 5, 29, 30, 59, 60, 719]),
        ([(0, Signal.HAND_OFF), (5, Signal.TAKE), (15, Signal.NOBODY_CAME)], 6, [0, 5, 29, 30, 59, 60, 719]),
        ([(0, Signal.TAKE, 90)], 60, [0, 5, 29, 30, 59]),
        ([(5, Signal.TAKE), (0, Signal.RESUME_WORD, 6)], 54, [0, 5, 29, 30]),
        ([(0, Signal.OWNER_MESSAGE), (5, Signal.TAKE), (4, Signal.RESUME_WORD, 6)], 54, [0, 5, 29, 30]),
        ([(5, Signal.TAKE), (5, Signal.RESUME_WORD, 6)], 54, []),
        ([(5.01, Signal.TAKE), (5, Signal.RESUME_WORD, 6)], 54, []),
    ],
)
def test_whoever_takes_a_chat_says_for_how_long(signals, taken, silent):
    """Or until somebody hands it back; never for less than it was held before, and somebody has come."""
    holding = played(*signals, taken=minutes(taken) if taken else None)

    assert silent_minutes(holding) == silent


def test_a_late_echo_may_silence_nothing():
    """An echo older than its pause leaves the chat with the bot."""
    assert holder_at(played((0, Signal.OWNER_MESSAGE, 180)), NOON + minutes(180)) is Holder.BOT


def test_a_holding_tells_how_it_came_about():
    """The record is for people, too: since when, why, and whether anybody came."""
    assert played((0, Signal.HAND_OFF), (5, Signal.OWNER_MESSAGE)) == Holding(
        holder=Holder.OWNER,
        until=NOON + minutes(5) + ASKED,
        since=NOON,
        why="hand_off",
        asked=True,
        owner_came=True,
        phone_at=NOON + minutes(5),
    )


OWNER_FOR = {span: Holding(holder=Holder.OWNER, until=NOON + timedelta(minutes=span)) for span in (-5, 5, 30)}
FOR_EVER = Holding(holder=Holder.OWNER)


@pytest.mark.parametrize(
    ("own", "other", "kept"),
    [
        (Holding(), Holding(since=NOON), Holding()),
        (Holding(), OWNER_FOR[5], OWNER_FOR[5]),
        (OWNER_FOR[5], Holding(), OWNER_FOR[5]),
        (OWNER_FOR[5], OWNER_FOR[-5], OWNER_FOR[5]),
        (OWNER_FOR[-5], OWNER_FOR[5], OWNER_FOR[5]),
        (OWNER_FOR[30], OWNER_FOR[5], OWNER_FOR[30]),
        (OWNER_FOR[5], OWNER_FOR[30], OWNER_FOR[30]),
        (FOR_EVER, OWNER_FOR[30], FOR_EVER),
        (OWNER_FOR[30], FOR_EVER, FOR_EVER),
    ],
)
def test_the_owner_goes_on_holding_a_chat_that_is_joined_with_another(own, other, kept):
    """A pause that ran out in the one never ends a pause in the other."""
    assert longer(own, other, NOON) == kept
