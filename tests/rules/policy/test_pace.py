"""How fast messages may follow each other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules.policy.pace import (
    AHEAD,
    ALONE_PER_SECOND,
    COEXISTENCE_PER_SECOND,
    EVENLY,
    FORGIVEN,
    MOST_PER_SECOND,
    PAIR_BURST,
    PAIR_EVERY,
    WINDOW,
    Counted,
    Pace,
    booked,
    gap,
    heard,
    inbound_most,
    pair_next,
    pair_rest,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)
SLOT = gap(COEXISTENCE_PER_SECOND)

paces = some.sampled_from([1, 2, 7, COEXISTENCE_PER_SECOND, 33, ALONE_PER_SECOND, MOST_PER_SECOND])
moves = some.lists(
    some.tuples(some.integers(0, 60) | some.integers(0, 2000), some.sampled_from(["comes in", "asks", "waits"])),
    max_size=150,
)


def played(steps, most):
    """Let messages come in, and senders ask for slots; return all slots, and when what came in was counted.

    Each step is how many milliseconds later it happens, and what: a sender that only asks gets no slot too far ahead.
    With each slot comes what had counted when it was given.
    """
    pace, now, slots = Pace(most), NOON, []
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


@given(some.integers(1, MOST_PER_SECOND))
def test_slots_stay_below_the_cap(most):
    """Twenty slots take longer than the second in which twenty messages are allowed, and than the window."""
    assert timedelta(seconds=1) < WINDOW < EVENLY <= most * gap(most) < EVENLY + MS


@given(moves, paces)
def test_no_window_has_more_than_twenty_slots(steps, most):
    """Or as many as the number has; whoever asks, and whenever."""
    slots = [at for at, _ in played(steps, most)[0]]

    assert all(within(slots, at, WINDOW) <= most for at in slots)


@given(moves, paces)
def test_no_slot_is_the_twenty_first_of_what_came_in_and_left(steps, most):
    """Counting all that had counted when it was given."""
    for at, counted in played(steps, most)[0]:
        assert within([each.at for each in counted], at, WINDOW) <= most


@given(moves, paces)
def test_what_comes_in_takes_half_of_a_window_at_most(steps, most):
    """So there is always room for ten answers of twenty."""
    inbound = played(steps, most)[1]

    assert all(within(inbound, at, WINDOW) <= inbound_most(most) for at in inbound)


@given(moves, paces, some.integers(1, 50))
def test_few_slots_are_close_together(steps, most, apart):
    """Whoever comes late catches up by what is forgiven, not more: by one slot of twenty a second."""
    slots = [at for at, _ in played(steps, most)[0]]

    assert all(last - first >= apart * gap(most) - FORGIVEN for first, last in zip(slots, slots[apart:], strict=False))


def test_what_waited_for_room_is_not_caught_up_with():
    """When half a window leaves it at once, two slots are there at that moment, not three."""
    pace = Pace()
    slots: list[datetime] = []
    for _ in range(10):
        pace = heard(pace, NOON)
    for _ in range(14):
        at, pace = booked(pace, slots[-1] if slots else NOON)
        slots.append(at)

    assert slots[10:] == [NOON + WINDOW, NOON + WINDOW, NOON + WINDOW + SLOT, NOON + WINDOW + 2 * SLOT]


@given(moves, paces)
def test_nobody_waits_longer_than_a_window(steps, most):
    """However much was counted."""
    pace, now = Pace(most), NOON
    for later, what in steps:
        now += later * MS
        at, after = booked(pace, now)
        assert now <= at <= now + max(WINDOW, gap(most)) + AHEAD
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


@pytest.mark.parametrize("most", [COEXISTENCE_PER_SECOND, 33, ALONE_PER_SECOND, MOST_PER_SECOND])
def test_a_busy_number_keeps_its_slots(most):
    """19.2 messages of twenty a second, for as long as there are any, each asked for a little late."""
    pace, now, count = Pace(most), NOON, 20 * most
    slots: list[datetime] = []
    for place in range(count):
        # Who asks ahead of a slot waits for it.
        at, pace = booked(pace, max(now, NOON + place * gap(most) // MS * MS) + (place * 7 % 11) * MS)
        slots.append(at)

    assert all(NOON + place * gap(most) <= at for place, at in enumerate(slots))
    assert slots[-1] <= NOON + count * gap(most) + 11 * MS


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
