"""Is a date read the way people write it in their language?"""

from datetime import date

import pytest

from flows.dates import day_in

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "2026-03-14", "2026-03-14"),
        ("en", "3/14", "2026-03-14"),
        ("en_GB", "14/3", "2026-03-14"),
        ("en", "2 march", "2026-03-02"),
        ("en", "March 1st", "2027-03-01"),
        ("en", "Sept. 5", "2026-09-05"),
        ("en", "2027 May 5", "2027-05-05"),
        ("es", "el 3 de septiembre del 2026", "2026-09-03"),
        ("de", "14. März 2026", "2026-03-14"),
        ("de", "14. Mrz", None),
        ("ja", "3月14日", "2026-03-14"),
        ("ar", "١٤ مارس", "2026-03-14"),
        ("hi", "14 मार्च", "2026-03-14"),
        ("en", "29 February", None),
        ("en", "29 February 2028", "2028-02-29"),
        ("en", "31 April 2026", None),
        ("en", "March", None),
        ("en", "jan or feb 3", None),
        ("en", "ju 3", None),
        ("en", "march 26", "2026-03-26"),
        ("en", "5 6 7 8", None),
        ("en", "", None),
        ("xx", "3 March", "2026-03-03"),
    ],
)
def test_a_date_is_read(language, text, expected):
    """What cannot be one date is none."""
    found = day_in(text, language, TODAY)

    assert found == (date.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2027-03-01", "2028-02-29"), ("2028-02-29", "2028-02-29"), ("2028-03-01", None), ("2026-01-01", None)],
)
def test_a_leap_day_without_its_year(today, expected):
    """It is this year's or the next one's; where neither has one, the contact is asked again."""
    found = day_in("29 February", "en", date.fromisoformat(today))

    assert found == (date.fromisoformat(expected) if expected else None)
