"""When free-form messages may be sent."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.policy.window import ends_at, free_until, heard_at, is_open, open_until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("heard", "shut", "after", "expected"),
    [
        (None, None, timedelta(), False),
        (NOON, None, timedelta(), True),
        (NOON, None, DAY - 61 * SECOND, True),
        (NOON, None, DAY - 60 * SECOND, False),
        (NOON, None, DAY - 10 * SECOND, False),
        (NOON, NOON + SECOND, timedelta(hours=1), False),
        (NOON, NOON, timedelta(hours=1), False),
        (NOON, NOON - SECOND, timedelta(hours=1), True),
        (None, NOON, timedelta(hours=1), False),
    ],
)
def test_the_window_is_open_for_a_day_less_a_minute(heard, shut, after, expected):
    """What Meta told about a shut window holds until the contact writes again."""
    assert is_open(heard, shut, NOON + after) is expected


def test_a_late_message_counts_from_when_it_was_written():
    """Of its own time and its arrival the earlier one counts, so a clock ahead of ours gains nothing."""
    assert heard_at(NOON, NOON + DAY) == NOON
    assert heard_at(NOON + DAY, NOON) == NOON


def test_sending_stops_before_meta_shuts_the_window():
    """The margin is for the way the message takes."""
    assert open_until(NOON, None) == ends_at(NOON) - timedelta(seconds=60)


@pytest.mark.parametrize(
    ("answered_after", "expected"),
    [
        (timedelta(hours=1), NOON + timedelta(hours=73)),
        (DAY, NOON + timedelta(hours=96)),
        (DAY + SECOND, None),
    ],
)
def test_a_free_entry_begins_with_a_quick_answer(answered_after, expected):
    """It lasts 72 hours from the answer; who answers after a day has none."""
    assert free_until(NOON, NOON + answered_after) == expected
