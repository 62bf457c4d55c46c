"""Is the first trigger found that a message fits, whether it is an ad or a condition?"""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from engine.content import Text
from engine.events import MessageReceived, Referral
from engine.identity import Ids
from engine.triggers import Trigger, Triggers
from rules.conditions import Type, check, compiled

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AD = Referral("ad", "120330000")
OTHER_AD = Referral("ad", "120330001")
POST = Referral("post", "120330000")


def when(text):
    """Compile a condition."""
    return compiled(check(text, {"text": Type.TEXT, "vip": Type.TRUTH}))


TRIGGERS = [
    Trigger("this ad", ad="120330000"),
    Trigger("any ad", ad="any"),
    Trigger("the same ad", ad="120330000"),
    Trigger("prices", when('text has "price"')),
    Trigger("not a vip", when("not vip")),
    Trigger("nothing"),
]


def message(referral):
    """Make a message."""
    ids = Ids(phones=("5511987650001",))
    return MessageReceived(id="m", at=NOON, arrived_at=NOON, ids=ids, content=Text("?"), referral=referral)


def fits(trigger, referral, facts):
    """Tell whether a trigger fits, asked by itself."""
    if trigger.ad is not None:
        return referral is not None and referral.source == "ad" and trigger.ad in {"any", referral.id}
    return trigger.when is not None and trigger.when.holds(facts)


@pytest.mark.parametrize("referral", [None, AD, OTHER_AD, POST])
@pytest.mark.parametrize(
    "facts", [{"text": "price?", "vip": True}, {"text": "price?"}, {"text": "hello", "vip": True}, {"text": "hello"}]
)
def test_the_first_that_fits_is_found_in_any_order(referral, facts):
    """Ads and conditions are looked up apart, and still take turns."""
    for order in permutations(TRIGGERS):
        found = Triggers(order).first(message(referral), facts)

        assert found == next((each for each in order if fits(each, referral, facts)), None)


def test_there_may_be_none():
    """A business may have only an FAQ."""
    assert Triggers().first(message(AD), {"text": "hello"}) is None
    assert list(Triggers()) == []
