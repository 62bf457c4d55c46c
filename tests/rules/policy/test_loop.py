"""Two bots do not talk for ever."""

from datetime import UTC, datetime, timedelta

from rules.policy.loop import allows, remember

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_twenty_first_answer_in_five_minutes_is_not_given():
    """Twenty may; after five minutes the first ones are forgotten."""
    answers: tuple[datetime, ...] = ()
    given = []
    for second in range(0, 400, 10):
        now = NOON + timedelta(seconds=second)
        if allows(answers, now):
            answers = remember(answers, now)
            given.append(second)

    assert given == [*range(0, 200, 10), *range(300, 400, 10)]
    assert len(answers) == 20
