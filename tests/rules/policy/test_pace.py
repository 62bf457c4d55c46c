"""How fast messages may follow each other."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.policy.pace import COEXISTENCE_PER_SECOND, PAIR_BURST, PAIR_EVERY, SLOT, pair_next, pair_rest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_slots_stay_below_the_cap():
    """Twenty slots take longer than the second in which twenty messages are allowed."""
    assert timedelta(seconds=1) < COEXISTENCE_PER_SECOND * SLOT


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
