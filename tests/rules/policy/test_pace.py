"""How fast messages may follow each other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules.policy.pace import (
    AHEAD,
    COEXISTENCE_PER_SECOND,
    INBOUND_MOST,
    PAIR_BURST,
    PAIR_EVERY,
    SLOT,
    WINDOW,
    Counted,
    Pace,
    booked,
    heard,
    pair_next,
    pair_rest,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)

moves = some.lists(
    some.tuples(some.integers(0, 60) | some.integers(0, 2000), some.sampled_from(["comes in", "asks", "waits"])),
    max_size=150,
)


def played(steps):
    """Let messages come in, and senders ask for slots; return all slots, and when what came in was counted.

    Each step is how many milliseconds later it happens, and what: a sender that only asks gets no slot too far ahead.
    With each slot comes what had counted when it was given.
    """
    pace, now, slots = Pace(), NOON, []
    inbound: list[Counted] = []
    for later, what in steps:
        now += later * MS
        if what == "comes in":
            pace = heard(pace, now)
            inbound = sorted({*inbound, *(each for each in pace.counted if each.inbound)})
            continue
        at, after = booked(pace, now)
        now = at if what == "waits" else now
        if at <= now + AHEAD:
            pace = after
            slots.append((at, pace.counted))
    return slots, [each.at for each in inbound]


def within(moments, end, length):
    """Count the moments of a stretch of time that ends, inclusive, at one."""
    return sum(end - length < each <= end for each in moments)


def test_slots_stay_below_the_cap():
    """Twenty slots take longer than the second in which twenty messages are allowed, and than the window."""
    assert timedelta(seconds=1) < WINDOW < COEXISTENCE_PER_SECOND * SLOT


@given(moves)
def test_no_window_has_more_than_twenty_slots(steps):
    """Whoever asks, and whenever."""
    slots = [at for at, _ in played(steps)[0]]

    assert all(within(slots, at, WINDOW) <= COEXISTENCE_PER_SECOND for at in slots)


@given(moves)
def test_no_slot_is_the_twenty_first_of_what_came_in_and_left(steps):
    """Counting all that had counted when it was given."""
    for at, counted in played(steps)[0]:
        assert within([each.at for each in counted], at, WINDOW) <= COEXISTENCE_PER_SECOND


@given(moves)
def test_what_comes_in_takes_half_of_a_window_at_most(steps):
    """So there is always room for ten answers."""
    inbound = played(steps)[1]

    assert all(within(inbound, at, WINDOW) <= INBOUND_MOST for at in inbound)


@given(moves)
def test_two_slots_at_most_are_close_together(steps):
    """Whoever comes late catches up by one slot, not more."""
    slots = [at for at, _ in played(steps)[0]]

    assert all(third - first >= SLOT for first, third in zip(slots, slots[2:], strict=False))


@given(moves)
def test_nobody_waits_longer_than_a_window(steps):
    """However much was counted."""
    pace, now = Pace(), NOON
    for later, what in steps:
        now += later * MS
        at, after = booked(pace, now)
        assert now <= at <= now + WINDOW + AHEAD
        now, pace = (now, heard(pace, now)) if what == "comes in" else (at, after)


def test_an_answer_leaves_at_once_and_later_slots_pay():
    """While the number is idle; when much is sent, nineteen more leave in the window of the message that came in."""
    pace = heard(Pace(), NOON)
    slots: list[datetime] = []
    for _ in range(20):
        at, pace = booked(pace, slots[-1] if slots else NOON)
        slots.append(at)

    assert slots[:19] == [NOON + place * SLOT for place in range(19)]
    assert slots[19] == NOON + WINDOW


def test_who_is_late_by_less_than_a_slot_loses_nothing():
    """The next slot is where it would have been."""
    first, pace = booked(Pace(), NOON)
    late, pace = booked(pace, NOON + 1.8 * SLOT)
    third, _ = booked(pace, late)

    assert (first, late, third) == (NOON, NOON + 1.8 * SLOT, NOON + 2 * SLOT)


def test_a_busy_number_keeps_its_slots():
    """19.2 messages a second, for as long as there are any, each asked for a little late."""
    pace, now = Pace(), NOON
    for place in range(400):
        now, pace = booked(pace, now + (place * 7 % 11) * MS)

    assert NOON + 399 * SLOT <= now <= NOON + 399 * SLOT + 11 * MS


def test_what_is_remembered_is_what_counts():
    """What is older than a window is forgotten."""
    _, pace = booked(heard(Pace(), NOON), NOON)

    assert heard(pace, NOON + WINDOW).counted == (Counted(NOON + WINDOW, inbound=True),)


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 4), (2, 16), (3, 64), (4, 256), (5, 1024), (50, 1024)])
def test_a_pair_rests_four_times_as_long_each_time(tries, seconds):
    """Up to a quarter of an hour or so."""
    assert pair_rest(tries) == timedelta(seconds=seconds)


def test_a_burst_is_paid_back():
    """45 messages may go at once; the next ones follow each 6 seconds."""
    tat, allowed = None, []
    for _ in range(PAIR_BURST + 2):
        at, tat = pair_next(tat, NOON)
        allowed.append(at - NOON)

    assert allowed == [timedelta()] * PAIR_BURST + [PAIR_EVERY, 2 * PAIR_EVERY]


def test_a_rested_pair_starts_afresh():
    """What was sent long ago is paid for."""
    assert pair_next(NOON - timedelta(hours=1), NOON) == (NOON, NOON + PAIR_EVERY)
