"""What does a compiled condition offer besides its value?"""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from rules.conditions import Type, check, compiled, groups
from rules.conditions.generate import expression

SCOPE = {"text": Type.TEXT, "qty": Type.NUMBER, "at": Type.MOMENT, "vip": Type.TRUTH, "tags": Type.LIST}


def condition(text):
    """Compile a text."""
    return compiled(check(text, SCOPE, wants=None))


def test_equal_conditions_share_their_code():
    """Ten thousand flows that ask the same are compiled once."""
    assert condition("qty > 3") is condition("qty > 3")
    assert condition("qty > 3") is not condition("qty > 4")


def test_code_is_made_when_it_is_first_needed():
    """A worker with ten thousand conditions starts at once."""
    before = expression.cache_info().misses

    ready = condition("qty > 3 and qty < 3.14159")
    made_before, held = expression.cache_info().misses, ready.holds({"qty": Decimal("3.1")})

    assert made_before == before
    assert held
    assert expression.cache_info().misses == before + 1


def test_the_same_text_of_another_kind_is_another_condition():
    """What `x` means depends on its scope, not on its spelling."""
    as_text = compiled(check('x = "1"', {"x": Type.TEXT}))
    as_any = compiled(check('x = "1"', {"x": Type.ANY}))

    assert as_text is not as_any


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("qty > 3 and (vip or qty > 5)", {"qty", "vip"}),
        ("today in (mon) and now < 18:00", {"now"}),
        ('text matches "(?P<id>a)" and match.id = "a"', {"text"}),
        ("round(qty) between 1 and qty + 1", {"qty"}),
        ("1 = 1", set()),
    ],
)
def test_it_knows_the_names_it_reads(text, names):
    """`today` is read from `now`."""
    assert condition(text).names == names


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        ('text matches "#(?P<id>[0-9]+)"', "order #77", {"match.id": "77"}),
        ('text matches "#(?P<id>[0-9]+)"', "order", {}),
        ('text matches "#(?P<id>[0-9]+)" and qty > 3', "order #77", {}),
        ('text matches "#(?P<id>[0-9]+)" or text matches "(?P<who>ana)"', "ana", {"match.who": "ana"}),
        ('not text matches "#(?P<id>[0-9]+)"', "order", {}),
        ('text matches "(?P<a>x)|(?P<b>y)"', "y", {"match.b": "y"}),
        ('text matches "(?P<name>olá+)"', "OLÁÁ 👋", {"match.name": "OLÁÁ"}),
    ],
)
def test_it_gives_the_groups_that_matched(text, written, found):
    """A flow's steps read them as `match.NAME`, so a condition that does not hold gives none."""
    assert condition(text).taken({"text": written}) == found


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ('text matches "(?P<id>a)" and vip', {"match.id"}),
        ('text matches "(?P<id>a)(?P<b>b)" or text matches "(?P<id>c)"', {"match.id"}),
        ('text matches "(?P<id>a)" or vip', set()),
        ('not text matches "(?P<id>a)"', set()),
    ],
)
def test_it_knows_the_groups_that_are_sure(text, sure):
    """The scope of a flow's steps holds only what must have matched."""
    assert groups(check(text, SCOPE)) == sure


def test_a_value_of_another_kind_counts_as_nothing():
    """A variable that changed its kind between two versions of a flow must not stop a chat."""
    assert condition("qty").value({"qty": "twelve"}) is None
    assert not condition("qty > 3").holds({"qty": "twelve"})
    assert not condition("at < 2030-01-01").holds({"at": datetime(2026, 1, 1), "now": datetime(2026, 1, 1)})  # noqa: DTZ001
    assert condition("qty > 3").holds({"qty": 4})


def test_only_true_holds():
    """Text or a number where true or false was expected does not hold."""
    assert not condition("vip").holds({"vip": "true"})
    assert not condition("vip").holds({})
    assert condition("not vip").holds({})


def test_moments_are_read_in_the_zone_of_now():
    """A message of 23:30 in the business's zone is of that day, whatever zone its stamp has."""
    now = datetime(2026, 3, 3, 10, tzinfo=timezone(timedelta(hours=-3)))
    facts = {"at": datetime(2026, 3, 3, 2, 30, tzinfo=UTC), "now": now}

    assert condition("at = 2026-03-02 and at between 23:00 and 00:00 and at = mon").holds(facts)
    assert condition("at = 2026-03-02 23:30").holds(facts)
    assert not condition("at = 2026-03-02 23:30").holds({"at": facts["at"]})


@pytest.mark.parametrize(
    ("text", "now", "at"),
    [
        ("now > at and now - at = 40m", "2026-10-25 01:10", "2026-10-25 00:30"),
        ("now != at and at + 1h = now and now - 1h = at", "2026-10-25 01:30", "2026-10-25 00:30"),
        ("now - at = 200m and not now between at and at + 3h", "2026-03-29 03:10", "2026-03-28 23:50"),
        ("date(at + 3h) = 2026-03-29 and time(at + 3h) = 03:50", "2026-03-29 03:10", "2026-03-28 22:50"),
    ],
)
def test_time_passes_while_a_clock_is_set(text, now, at):
    """However much the clocks of the zone show, a span is as long as it is, and the later moment comes later."""
    berlin = ZoneInfo("Europe/Berlin")
    facts = {
        name: datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(berlin)
        for name, moment in (("now", now), ("at", at))
    }

    assert condition(text).holds(facts)


def test_text_of_a_contact_never_becomes_code():
    """Names and literals are constants of the generated code."""
    text = """text = "'); raise SystemExit(('" and qty > 3"""

    assert not condition(text).holds({"text": "'); raise SystemExit(('", "qty": Decimal(1)})
    assert condition(text).holds({"text": "'); raise SystemExit(('", "qty": Decimal(4)})
