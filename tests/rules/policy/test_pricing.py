"""What does a message cost?"""

from datetime import date
from decimal import Decimal

import pytest

from rules.policy.pricing import card_on, is_free

BEFORE, AFTER = date(2026, 9, 30), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("phone", "day", "market", "price"),
    [
        ("5511987650001", AFTER, "Brazil", "0.0625"),
        ("12125550123", AFTER, "North America", "0.0250"),
        ("18095551234", AFTER, "Rest of Latin America", "0.0740"),
        ("8801711111111", BEFORE, "Rest of Asia Pacific", "0.0732"),
        ("99999", AFTER, "Other", "0.0604"),
    ],
)
def test_a_card_has_a_price_for_everybody(phone: str, day: date, market: str, price: str):
    """By the longest calling code that fits, on the card of that day."""
    card = card_on(day)

    assert card.market((phone,)) == market
    assert card.price(market, "MARKETING") == Decimal(price)


def test_a_card_is_whole():
    """Each market that a calling code leads to has each price; the oldest card stands for the time before it."""
    for day in (date(2020, 1, 1), BEFORE, AFTER):
        card = card_on(day)
        wanted = {*card.by_prefix.values(), *card.by_country.values()}
        categories = ("MARKETING", "UTILITY", "AUTHENTICATION")
        assert all(card.price(market, category) > 0 for market in wanted for category in categories)
        assert card.source


def test_somebody_without_a_number():
    """The user id begins with a country."""
    card = card_on(AFTER)

    assert (card.market((), ("IN.4071882619",)), card.market((), ("ZZ.1",)), card.market(())) == (
        "India",
        "Other",
        "Other",
    )


@pytest.mark.parametrize(
    ("category", "day", "window", "entry", "free"),
    [
        ("MARKETING", BEFORE, True, False, False),
        ("UTILITY", BEFORE, True, False, True),
        ("UTILITY", AFTER, True, False, False),
        ("UTILITY", BEFORE, False, False, False),
        ("MARKETING", AFTER, False, True, True),
    ],
)
def test_what_is_free(category: str, day: date, window: bool, entry: bool, free: bool):  # noqa: FBT001 - a table
    """Whatever an ad opened, and until October 2026 a utility template in an open window."""
    assert is_free(category, day, window_open=window, free_entry=entry) is free
