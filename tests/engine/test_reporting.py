"""What becomes of a conversion, by all that may be known of it, and which are never reported?"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from engine.chat import Chat, Contact, Number, Pause
from engine.effects import Report
from engine.events import ReportingTroubled
from engine.evidence import Deadline, Forbidden, NotSent, Refused, Reported, Unknown
from engine.gate import Drop, Leave, Wait, judge
from engine.identity import Ids
from engine.number import decide_number
from engine.outbox import settle
from engine.paths import check
from engine.row import MOVES, RowState, queue
from rules.policy.restrictions import DEFAULT, Clearance, Path

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANA = Ids(phones=("5511987650001",))
NUMBER = Number(id="1", business="shop", phone="5511912345671", waba="100")
S, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SALE = Report(event="Purchase", value="40", currency="BRL", claim="claim", clid="click", ad="77")
ALL = (
    *(Reported(taken=True), Reported(taken=False), Refused(100, 400, subcode=2804066), Refused(190, 401)),
    *(Refused(2, 500), NotSent("x"), Forbidden("x"), Unknown("x"), Deadline()),
)
REFUSED = Refused(100, 400, "Invalid parameter", 2804066)


def a_row(effect=SALE, **changes):
    """Return the row of a conversion."""
    cleared = check(Path.REPORT, ANA, NUMBER, DEFAULT)
    assert isinstance(cleared, Clearance)
    row = queue(
        cleared,
        business="shop",
        number="1",
        chat="1/c",
        event="m",
        index=0,
        effect=effect,
        epoch=0,
        asked_at=NOON,
        queued_at=NOON,
        arrived_at=NOON,
    )
    return replace(row, **changes)


def settled(evidence, state=RowState.SENDING, row=None, now=NOON):
    """Return what evidence makes of a conversion."""
    return settle(row or a_row(), state, evidence, now, doubt_wait=180 * S)


def told(evidence, **rest):
    """Return the state, the reason, when it is tried again, and for how long the number's conversions rest."""
    after = settled(evidence, **rest)
    until = after.tell_number and after.tell_number.until
    return after.state.value, after.reason, after.again_at and after.again_at - NOON, until and until - NOON


@pytest.mark.parametrize(
    ("evidence", "wanted"),
    [
        (Reported(taken=True), ("sent", "", None, None)),
        (Reported(taken=False), ("failed", "not_counted", None, None)),
        (Refused(2, 503), ("queued", "meta_fault", 5 * S, None)),
        (Refused(4, 400), ("queued", "throttled", 5 * S, None)),
        (Refused(999, 429), ("queued", "throttled", 5 * S, None)),
        (REFUSED, ("failed", "event_not_allowed", None, None)),
        (Refused(190, 401), ("queued", "token", 10 * MINUTE, 10 * MINUTE)),
        (Refused(368, 403), ("queued", "blocked", HOUR, HOUR)),
        (NotSent("no connection"), ("queued", "no connection", 5 * S, None)),
        (Forbidden("Set it."), ("queued", "not_set_up", 10 * MINUTE, 10 * MINUTE)),
        (Unknown("TimeoutError"), ("doubt", "TimeoutError", 0 * S, MINUTE)),
        (Deadline(), ("doubt", "no answer was recorded", 0 * S, MINUTE)),
    ],
    ids=lambda each: type(each).__name__ + str(getattr(each, "code", "")),
)
def test_what_becomes_of_a_conversion(evidence, wanted):
    """What may pass is tried again, what somebody can mend waits for them, and nothing is reported twice unseen."""
    assert told(evidence) == wanted


def test_what_nobody_knows_of_is_parked():
    """A person can see in the Events Manager whether it arrived."""
    after = settled(Deadline(), RowState.DOUBT)

    assert (after.state, after.alert) == (RowState.PARKED, None)


@pytest.mark.parametrize("state", [RowState.DOUBT, RowState.PARKED, RowState.QUEUED])
def test_an_answer_that_comes_late_settles_it(state):
    """Whoever asked may have been given up meanwhile."""
    assert settled(Reported(taken=True), state).state is RowState.SENT


@pytest.mark.parametrize(("evidence", "state"), [*product(ALL, RowState)], ids=lambda each: str(each)[:30])
def test_every_move_is_legal(evidence, state):
    """Or the row stays where it is."""
    after = settled(evidence, state).state

    assert after is state or after in MOVES[state]


@pytest.mark.parametrize(("tries", "seconds"), [(0, 5), (1, 10), (9, 2560), (10, 3600), (60, 3600)])
def test_it_is_tried_again_less_and_less_often(tries, seconds):
    """Up to once an hour."""
    after = settled(Refused(2, 503), row=a_row(tries=tries))

    assert (after.again_at, after.row.tries) == (NOON + seconds * S, tries + 1)


def judged(row=None, number=NUMBER, now=NOON, ids=ANA):
    """Ask the gate."""
    chat = Chat(number="1", contact=Contact(id="c", ids=ids))
    return judge(row or a_row(), chat, number, DEFAULT, now, answer_within=HOUR)


def test_the_last_try_is_not_put_off_beyond_the_seven_days():
    """Then the gate says that it is too old, and it has its end."""
    late = NOON + 7 * DAY - 2 * MINUTE

    after = settled(Refused(2, 503), row=a_row(tries=20), now=late)

    assert (after.state, after.again_at) == (RowState.QUEUED, NOON + 7 * DAY - MINUTE)
    assert judged(now=after.again_at).reason == "conversion_too_old"


@pytest.mark.parametrize(
    ("effect", "age", "reason"),
    [
        (replace(SALE, clid=None, ad=None), 0 * S, "no_click"),
        (replace(SALE, clid=None), 0 * S, "no_click_id"),
        (SALE, 7 * DAY - MINUTE, "conversion_too_old"),
    ],
    ids=["no ad", "no id", "too old"],
)
def test_what_meta_would_not_take_is_dropped(effect, age, reason):
    """With a reason and a sentence."""
    verdict = judged(a_row(effect), now=NOON + age)

    assert isinstance(verdict, Drop)
    assert (verdict.reason, bool(verdict.words)) == (reason, True)


def test_a_conversion_may_be_reported_for_seven_days():
    """Whether the window is closed or the owner holds the chat: nothing is said to anybody."""
    now = NOON + 7 * DAY - MINUTE - S

    verdict = judged(now=now)

    assert isinstance(verdict, Leave)
    assert verdict.valid_until == now + S


def test_nothing_is_reported_of_whom_the_lists_refuse():
    """Though it was queued before the country was listed."""
    assert judged(ids=Ids(phones=("989121234567",))).reason == "restricted_country"


def test_conversions_rest_while_somebody_has_to_mend_something():
    """Until then, or until it would be too old."""
    number = replace(NUMBER, reporting=(Pause("token", NOON, NOON + HOUR), Pause("noted", NOON, NOON)))

    found = [judged(number=number, now=now) for now in (NOON, NOON + HOUR)]

    assert [type(each) for each in found] == [Wait, Leave]
    assert found[0].until == NOON + HOUR


def troubled(number, at, reason="token"):
    """Let a number hear of a refusal."""
    event = ReportingTroubled(id="e", at=at, arrived_at=at, reason=reason, words="Mend it.", until=at + HOUR)
    return decide_number(number, event, at)


def test_the_owner_is_told_once_a_day_of_each_reason():
    """Not a thousand times, and neither never again."""
    number, alerts = NUMBER, []
    for at, reason in ((0, "token"), (1, "token"), (2, "blocked"), (3, "token"), (25, "token")):
        decided = troubled(number, NOON + at * HOUR, reason)
        number = decided.number
        alerts += [(at, each.code) for each in decided.alerts]

    assert alerts == [(0, "conversion_token"), (2, "conversion_blocked"), (25, "conversion_token")]


def test_a_number_whose_conversions_rest_goes_on_sending():
    """The two have nothing to do with each other."""
    assert troubled(NUMBER, NOON).number.pauses == ()
