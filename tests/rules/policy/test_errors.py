"""What to do about each of Meta's codes."""

import csv
from importlib.resources import files

import pytest

from rules.policy.errors import TABLE, WORDS, Action, error

ROWS = list(csv.DictReader(files("rules.policy").joinpath("errors.csv").read_text("utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_every_row_is_in_the_table(row):
    """Ranges included, and each with words for the owner."""
    rule = error(int(row["code"].partition("-")[2] or row["code"]))

    assert rule.action in Action
    assert rule.words_for_owner


@pytest.mark.parametrize(
    ("code", "http_status", "action"),
    [
        (0, 401, Action.PAUSE_NUMBER),
        (2, 503, Action.RETRY),
        (4, 400, Action.SLOW_NUMBER),
        (10, 403, Action.PAUSE_NUMBER),
        (100, 400, Action.GIVE_UP),
        (190, 401, Action.PAUSE_NUMBER),
        (200, 403, Action.PAUSE_NUMBER),
        (250, 403, Action.PAUSE_NUMBER),
        (368, None, Action.PAUSE_NUMBER),
        (130429, 429, Action.SLOW_NUMBER),
        (130472, None, Action.GIVE_UP),
        (130497, None, Action.COUNTRY),
        (131000, 500, Action.RETRY),
        (131008, 400, Action.GIVE_UP),
        (131016, 500, Action.RETRY),
        (131026, None, Action.UNREACHABLE),
        (131031, 403, Action.PAUSE_NUMBER),
        (131042, None, Action.PAUSE_NUMBER),
        (131047, 400, Action.TEMPLATE),
        (131049, None, Action.LATER_DAY),
        (131050, None, Action.OPTED_OUT),
        (131056, 400, Action.REST_PAIR),
        (132001, 404, Action.TEMPLATE_OFF),
        (132015, None, Action.TEMPLATE_OFF),
        (132016, None, Action.TEMPLATE_OFF),
        (133010, 400, Action.PAUSE_NUMBER),
        (999999, 500, Action.RETRY),
        (999999, 503, Action.RETRY),
        (999999, 429, Action.SLOW_NUMBER),
        (999999, 401, Action.PAUSE_NUMBER),
        (999999, 403, Action.GIVE_UP),
        (999999, None, Action.GIVE_UP),
        (None, None, Action.GIVE_UP),
    ],
)
def test_a_code_tells_what_to_do(code, http_status, action):
    """The code decides; the HTTP status only where Meta invents a new code."""
    assert error(code, http_status).action is action


def test_the_owner_hears_what_they_can_mend():
    """A token that has run out is their business, Meta's own trouble is not."""
    assert error(190).notify
    assert not error(131016).notify
    assert not error(131060).notify


def test_no_action_is_without_words_or_codes():
    """Each class is used, and says something."""
    assert set(WORDS) == set(Action)
    assert {rule.action for rule in TABLE.values()} == set(Action)
