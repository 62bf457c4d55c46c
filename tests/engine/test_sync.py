"""How far has a phone's past come, and what should the owner hear and do?"""

from datetime import UTC, datetime, timedelta

import pytest

from engine.sync import (
    DECLINED,
    NOT_SHARED,
    OPEN_APP,
    SHARED,
    Chunk,
    NoHistory,
    Sync,
    advice,
    news,
    state,
    told,
    with_chunk,
    with_failure,
    with_messages,
    with_names,
)

THEN = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COMING = with_messages(with_chunk(Sync(), Chunk(0, 3, 12), THEN), 7)
WHOLE = with_chunk(COMING, Chunk(2, 1, 100), THEN + HOUR)
NO, WRONG = NoHistory(DECLINED), NoHistory(2593108, "Too late")


@pytest.mark.parametrize(
    ("sync", "expected", "words"),
    [
        (Sync(), "none", "none came"),
        (COMING, "coming", "12 %, 7 messages; the last day, chunk 3"),
        (with_chunk(COMING, Chunk(0, 1, 4), THEN), "coming", "12 %, 7 messages; the last day, chunk 3"),
        (with_chunk(COMING, Chunk(1, 1, 40), THEN), "coming", "40 %, 7 messages; days 1 to 90, chunk 1"),
        (with_chunk(COMING, Chunk(7, 1, 41), THEN), "coming", "41 %, 7 messages; phase 7, chunk 1"),
        (WHOLE, "whole", "whole, 7 messages"),
        (with_chunk(WHOLE, Chunk(1, 9, 90), THEN + 2 * HOUR), "whole", "whole, 7 messages"),
        (with_chunk(WHOLE, Chunk(0, 1, 5), THEN + 3 * DAY), "coming", "5 %, 0 messages; the last day, chunk 1"),
        (with_failure(Sync(), NO, THEN), "declined", "not shared, as the owner chose"),
        (with_failure(Sync(), WRONG, THEN), "failed", "did not come"),
        (with_chunk(with_failure(Sync(), NO, THEN), Chunk(0, 1, 1), THEN), "coming", None),
    ],
)
def test_it_is_told_how_far_it_has_come(sync, expected, words):
    """Whatever the order of the chunks; long after the last one another history begins."""
    assert state(sync) == expected
    assert words in (None, told(sync))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Sync(), COMING, None),
        (COMING, WHOLE, SHARED),
        (WHOLE, with_chunk(WHOLE, Chunk(2, 1, 100), THEN), None),
        (Sync(), with_failure(Sync(), NO, THEN), NOT_SHARED),
        (with_failure(Sync(), NO, THEN), with_failure(Sync(), NO, THEN + HOUR), None),
        (Sync(), with_failure(Sync(), WRONG, THEN), f"Meta does not send the history (Too late; 2593108). {OPEN_APP}"),
    ],
)
def test_the_owner_hears_of_its_end_once(before, after, expected):
    """That sharing was declined is no trouble."""
    assert news(before, after) == expected


@pytest.mark.parametrize(
    ("sync", "after", "expected"),
    [
        (COMING, HOUR, None),
        (COMING, 2 * DAY, f"The history stopped at 12 %. {OPEN_APP}"),
        (WHOLE, 2 * DAY, None),
        (with_failure(Sync(), NO, THEN), 2 * DAY, None),
        (with_failure(Sync(), WRONG, THEN), HOUR, f"Meta does not send the history (Too late; 2593108). {OPEN_APP}"),
        (Sync(), DAY, None),
    ],
)
def test_it_is_said_what_to_do(sync, after, expected):
    """Where it failed or has come to a stand."""
    assert advice(sync, THEN + after) == expected


def test_the_address_book_goes_on_counting():
    """Also when another history begins."""
    again = with_chunk(with_names(WHOLE, 5, THEN), Chunk(0, 1, 5), THEN + 3 * DAY)

    assert with_names(again, 1, THEN + 4 * DAY).names == 6
