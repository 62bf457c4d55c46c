"""What is done about each way in which Meta refuses a conversion."""

import csv
from datetime import timedelta
from importlib.resources import files

import pytest

from rules.policy.conversion_errors import REST, Action, rule

FILE = files("rules.policy").joinpath("conversion_errors.csv").read_text("utf-8")
ROWS = list(csv.DictReader(FILE.splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['code']} {row['subcode']}{row['says']}")
def test_every_row_is_found(row):
    """No row stands behind one that takes everything of its; what somebody can mend has words for them."""
    code = int(row["code"].partition("-")[0])

    found = rule(code, int(row["subcode"] or 0) or None, 400, row["says"])

    assert (found.reason, found.action) == (row["reason"], row["action"])
    assert bool(found.words) is (found.action is not Action.RETRY)


@pytest.mark.parametrize(
    ("refused", "reason", "action"),
    [
        ((190, 463, 401), "token", Action.PAUSE),
        ((100, 2804066, 400), "event_not_allowed", Action.GIVE_UP),
        ((100, 2804999, 400), "not_understood", Action.GIVE_UP),
        ((100, None, 400, "Object with ID '1' does not exist"), "dataset_unknown", Action.PAUSE),
        ((250, None, 403), "no_permission", Action.PAUSE),
        ((4, None, 400), "throttled", Action.RETRY),
        ((80004, None, 429), "throttled", Action.RETRY),
        ((9, None, 401), "token", Action.PAUSE),
        ((9, None, 503), "meta_fault", Action.RETRY),
        ((9, None, 400), "refused", Action.GIVE_UP),
        ((9,), "refused", Action.GIVE_UP),
    ],
    ids=str,
)
def test_what_is_done(refused, reason, action):
    """By the code, the subcode, what Meta says, and last by the HTTP status."""
    found = rule(*refused)

    assert (found.reason, found.action) == (reason, action)


def test_a_pause_takes_a_while():
    """Ten minutes, or what the table says."""
    assert (rule(190).rest, rule(368).rest) == (REST, timedelta(hours=1))


def test_the_owner_reads_what_to_do_and_what_meta_says():
    """The codes come last, for whoever looks them up."""
    words = rule(100, 2804132).words_with(100, 2804132, "No link.")

    assert words == (
        "The dataset is not linked to the number's WhatsApp account. Set `BATON_DATASET_ID` to the account's own one. "
        "Conversions wait until then, seven days at most. Meta says: No link. (100/2804132)"
    )
