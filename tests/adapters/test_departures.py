"""The pace holds at the socket, however late messages come there, and when another sender takes a number over."""

import asyncio
import time
from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as some

from adapters.departures import LATE_S, WINDOW_S, Departures
from rules.policy.pace import ALONE_PER_SECOND, COEXISTENCE_PER_SECOND, gap

JITTER_S = 0.015
lateness = some.lists(some.floats(0, 2) | some.floats(0, 0.02), min_size=1, max_size=120)


def busiest(moments: list[float], seconds: float = 1.0) -> int:
    """Count the most moments within any stretch of that length."""
    return max(place + 1 - bisect_right(moments, at - seconds) for place, at in enumerate(moments))


def leave(departures: Departures, since: float, late: list[float], most: int = 20) -> list[float]:
    """Let messages in even slots come late to the socket; returns when they left."""
    gone, slot_s = [], gap(most).total_seconds()
    coming = sorted((since + place * slot_s + each, since + place * slot_s) for place, each in enumerate(late))
    for comes_at, slot in coming:
        at = max(comes_at, slot, departures.opens_at)
        departures.left(at, slot)
        gone.append(at)
    return gone


@given(lateness, some.sampled_from([5, COEXISTENCE_PER_SECOND, ALONE_PER_SECOND]))
def test_never_more_than_twenty_leave_within_a_second(late, most):
    """Or as many as the number has; whatever held them up."""
    gone = leave(Departures(most), 0.0, late, most)

    assert busiest(gone, WINDOW_S - 1e-6) <= most


@given(lateness)
def test_a_number_that_may_send_less_from_now_on_does_so_at_once(late):
    """What left before counts."""
    departures = Departures(ALONE_PER_SECOND)
    before = leave(departures, 0.0, late, ALONE_PER_SECOND)

    departures.most = COEXISTENCE_PER_SECOND
    after = leave(departures, before[-1], [0.0] * 30)

    assert busiest(after, WINDOW_S - 1e-6) <= COEXISTENCE_PER_SECOND
    assert len(before) < COEXISTENCE_PER_SECOND or after[0] >= before[-COEXISTENCE_PER_SECOND] + WINDOW_S


@given(some.lists(some.floats(0, 0.005), min_size=60, max_size=60))
def test_what_is_a_little_late_costs_nothing(late):
    """The slots go on as they were."""
    gone = leave(Departures(), 0.0, late)

    assert all(at <= place * gap(20).total_seconds() + 0.006 for place, at in enumerate(gone))


@given(lateness, lateness, some.lists(some.floats(0, JITTER_S), min_size=240, max_size=240))
def test_a_number_is_passed_on_without_too_many(before, after, jitter):
    """The next sender knows only the slots: nothing that left late is in the same second, even as it arrives."""
    first = Departures()
    gone = leave(first, 0.0, before)
    free_at = max(gone[-1], first.free_at)
    slot = max(len(before) * gap(20).total_seconds(), free_at)
    then = leave(Departures(), slot, after)

    arrived = sorted(at + each for at, each in zip([*gone, *then], jitter, strict=False))
    assert LATE_S + JITTER_S <= WINDOW_S - 1 + 1e-9
    assert busiest(arrived, 1.0 - 1e-6) <= COEXISTENCE_PER_SECOND


def test_whoever_waits_for_a_turn_waits_until_there_is_room():
    """Twenty may leave at once; the others when the first of them is a window ago."""

    async def scene() -> list[float]:
        departures = Departures()
        gone: list[float] = []

        async def one() -> None:
            await departures.turn(began_at, began_at)
            gone.append(time.monotonic() - began_at)

        began_at = time.monotonic()
        await asyncio.gather(*(one() for _ in range(COEXISTENCE_PER_SECOND + 2)))
        return gone

    gone = asyncio.run(scene())

    assert all(at >= WINDOW_S for at in gone[COEXISTENCE_PER_SECOND:])
    assert sorted(gone) == gone


def test_a_number_nothing_left_late_on_is_free_at_once():
    """Whoever passes it on need not wait."""
    departures = Departures()

    departures.left(10.0, 10.0)

    assert departures.free_at <= 10.0
