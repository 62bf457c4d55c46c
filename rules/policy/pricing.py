"""What does Meta charge for a message, by its list prices?

The tables beside this module are dated: `rates.csv` has a price for each market and category from a day on,
`markets.csv` the market of each calling code under each of these cards. Prices are an estimate and no invoice:
discounts for large volumes, taxes and other currencies are not in them.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct

Category = Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
OTHER = "Other"
CURRENCY = "USD"
UTILITY_ALWAYS_SINCE = date(2026, 10, 1)
"""Until then a utility template was free inside the customer service window."""


class Card(Struct, frozen=True):
    """The list prices from a day on, by market and category, with where they come from."""

    since: date
    source: str
    prices: Mapping[tuple[str, str], Decimal]
    by_prefix: Mapping[str, str]
    by_country: Mapping[str, str]

    def market(self, phones: Iterable[str], bsuids: Iterable[str] = ()) -> str:
        """Return the market of a person, by the longest calling code that fits, else by their user id."""
        for phone in phones:
            fitting = (phone[:length] for length in range(len(phone), 0, -1) if phone[:length] in self.by_prefix)
            return self.by_prefix.get(next(fitting, ""), OTHER)
        return next((self.by_country.get(bsuid[:2], OTHER) for bsuid in bsuids), OTHER)

    def price(self, market: str, category: str) -> Decimal:
        """Return what a delivered message of a category costs in a market."""
        return self.prices[market, category.lower()]


def card_on(day: date) -> Card:
    """Return the card that is in force on a day, the oldest known one before all of them."""
    cards = _cards()
    return next((card for card in reversed(cards) if card.since <= day), cards[0])


def is_free(category: str, day: date, *, window_open: bool, free_entry: bool) -> bool:
    """Tell whether a template costs nothing: always where an ad opened the window, once also as an answer."""
    return free_entry or (category == "UTILITY" and window_open and day < UTILITY_ALWAYS_SINCE)


@cache
def _cards() -> tuple[Card, ...]:
    """Read the tables, the oldest card first."""
    rates, markets = _table("rates.csv"), _table("markets.csv")
    return tuple(_card(since, rates, markets) for since in sorted({row["since"] for row in rates}))


def _card(since: str, rates: list[dict[str, str]], markets: list[dict[str, str]]) -> Card:
    mine = [row for row in rates if row["since"] == since]
    return Card(
        since=date.fromisoformat(since),
        source=mine[0]["source"],
        prices={(row["market"], row["category"]): Decimal(row["usd"]) for row in mine},
        by_prefix={row["prefix"]: row[since] for row in markets if row["prefix"]},
        by_country={row["iso2"]: row[since] for row in markets},
    )


def _table(name: str) -> list[dict[str, str]]:
    text = files("rules.policy").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
