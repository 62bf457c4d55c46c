"""What does a campaign that runs do next?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from engine.approval import TemplateState
from engine.campaign import Admitted, Campaign, Excluded, Later
from engine.campaign_run import (
    Begun,
    End,
    Feed,
    Pause,
    Progress,
    Rest,
    duration,
    left_out,
    most_queued,
    next_move,
)
from engine.chat import Number
from engine.chat import Pause as NumberPause
from engine.content import Template
from engine.step import Turn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


class Bare:
    """A template without parameters."""

    def fill(self, turn: Turn) -> Template:
        """Return it."""
        del turn
        return Template("spring", "en")


SPRING = Campaign(name="spring", number="1", message=Bare(), templates=("spring/en",), share=50)
NUMBER = Number(id="1", business="shop", phone="5511912345678", waba="2", reach=2_000)
BEGUN = Begun(NOON - HOUR, "a test")


def moved(
    campaign: Campaign = SPRING, number: Number = NUMBER, progress: Progress | None = None, **more: Any
) -> Feed | Rest | Pause | End:
    """Ask at noon, a second after the last time, with nothing queued unless told."""
    known = {"queued": 0, "reached": 0, **more}
    return next_move(campaign, number, BEGUN, progress or Progress(fed_at=NOON - SECOND), NOON, **known)


def most(move: object) -> int | None:
    """Return how many people may be written to."""
    return move.most if isinstance(move, Feed) else None


@pytest.mark.parametrize(
    ("share", "since", "queued", "reached", "found"),
    [
        (50, 1.0, 0, 0, 10),
        (100, 1.0, 0, 0, 20),
        (50, 0.5, 0, 0, 5),
        (50, 3_600.0, 0, 0, 20),
        (1, 1.0, 0, 0, 0),
        (50, 1.0, most_queued(NUMBER) - 3, 0, 3),
        (50, 1.0, most_queued(NUMBER) + 5, 0, 0),
        (50, 1.0, 0, 1_996, 4),
    ],
)
def test_a_portion_is_bounded(share: int, since: float, queued: int, reached: int, found: int):
    """By the pace, by what waits already, and by the people whom Meta lets anybody write to."""
    progress = Progress(fed_at=NOON - timedelta(seconds=since))

    move = moved(replace(SPRING, share=share), progress=progress, queued=queued, reached=reached)

    assert most(move) == found


def test_what_is_less_than_one_is_not_lost():
    """A small share sends now and then."""
    progress, sent = Progress(fed_at=NOON), 0
    for second in range(1, 101):
        move = next_move(replace(SPRING, share=1), NUMBER, BEGUN, progress, NOON + second * SECOND, queued=0, reached=0)
        assert isinstance(move, Feed)
        sent += move.most
        progress = replace(move.progress, left=move.progress.left - move.most)

    assert sent in (19, 20)


OTHERWISE = {
    "not begun": (moved(replace(SPRING, at=NOON + HOUR)), Rest("it has not begun yet", NOON + HOUR)),
    "over": (moved(replace(SPRING, stop=NOON)), End("over")),
    "through": (moved(progress=Progress(at=None)), End("done")),
    "through, the last ones leaving": (
        moved(progress=Progress(at=None), queued=1),
        Rest("its last messages are leaving"),
    ),
    "through, others later": (
        moved(progress=Progress(at=None, again_at=NOON + HOUR)),
        Rest("the hours of those who are left have not begun", NOON + HOUR),
    ),
    "enough for a day": (
        moved(reached=2_000),
        Rest("Meta lets the business write to 2,000 people first within 24 hours"),
    ),
    "the number pauses": (
        moved(number=replace(NUMBER, pauses=(NumberPause("disabled", NOON),))),
        Rest("the number sends nothing now: disabled"),
    ),
}


@pytest.mark.parametrize(("move", "found"), OTHERWISE.values(), ids=OTHERWISE)
def test_it_rests_or_ends(move: object, found: object):
    """For what passes by itself, and when there is nothing left."""
    assert move == found


def test_it_begins_again_for_those_whose_hours_came():
    """From the beginning, with new counts."""
    progress = Progress(at=None, again_at=NOON, counts={"later": 3})

    move = moved(progress=progress)

    assert isinstance(move, Feed)
    assert (move.most, move.progress.at, move.progress.counts) == (0, "0", {})


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (replace(NUMBER, quality="RED"), "quality_red", "People take the number's messages badly"),
        (
            replace(NUMBER, templates={"spring/en": TemplateState("PAUSED", told_at=NOON)}),
            "template_off",
            "Meta's status of the template `spring/en` is PAUSED.",
        ),
        (replace(NUMBER, locked={"spring/en": TemplateState("PENDING")}), "template_off", "PENDING"),
    ],
)
def test_somebody_has_to_look(number: Number, reason: str, words: str):
    """With what to do, and how it goes on then."""
    move = moved(number=number)

    assert isinstance(move, Pause)
    assert move.reason == reason
    assert words in move.words
    assert move.words.endswith("baton campaign resume spring")


def test_the_reach_that_nobody_knows_is_the_least():
    """Unless its operator knows better."""
    unknown = replace(NUMBER, reach=None)
    told = replace(BEGUN, reach=1_000)

    least = next_move(SPRING, unknown, BEGUN, Progress(), NOON, queued=0, reached=250)
    known = next_move(SPRING, unknown, told, Progress(), NOON, queued=0, reached=250)

    assert isinstance(least, Rest)
    assert most(known) == 10


@pytest.mark.parametrize(("throughput", "waits", "found"), [(10, 20, 10), (80, 160, 80), (1_000, 160, 160)])
def test_a_faster_number_gets_larger_portions(throughput: int, waits: int, found: int):
    """As far as the outbox is looked through for replies in each slot."""
    number = replace(NUMBER, throughput=throughput)

    move = moved(replace(SPRING, share=100), number)

    assert (most_queued(number), most(move)) == (waits, found)


def test_a_portion_that_is_done_with_is_counted():
    """By reason; the first moment at which somebody's hours begin is kept."""
    verdicts: list[Admitted | Later | Excluded | str] = [
        Admitted(),
        Excluded("spoke", ""),
        Later(NOON + 2 * HOUR),
        Later(NOON + HOUR),
        "reached",
    ]

    progress = Progress(counts={"spoke": 1}).beyond("17", verdicts)

    assert (progress.at, progress.again_at) == ("17", NOON + HOUR)
    assert progress.counts == {"reached": 2, "spoke": 2, "later": 2}
    assert left_out(progress.counts) == {"spoke": 2}


@pytest.mark.parametrize(
    ("people", "reach", "found"),
    [
        (100, 10_000, timedelta(seconds=10)),
        (36_000, 100_000, timedelta(hours=1)),
        (10 * 3_600 * 11 * 2, 10**9, timedelta(hours=35)),
        (1_000, 250, timedelta(days=3)),
    ],
)
def test_how_long_it_takes(people: int, reach: int, found: timedelta):
    """By the pace, in the hours of each day, within what Meta allows."""
    assert duration(people, SPRING, NUMBER, reach) == found
