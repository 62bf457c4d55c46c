"""Numbers in every spelling, and the countries behind them."""

import pytest

from rules.policy.countries import (
    country_of,
    country_of_bsuid,
    country_of_phone,
    digits,
    is_assigned,
    is_bsuid,
    spellings,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+53 5 123 4567", "5351234567"),
        ("0053 5123 4567", "5351234567"),
        ("(+98) 912-345-6789", "989123456789"),
        ("\u06f9\u06f8\u06f9\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9", "989123456789"),
        ("\uff0b\uff19\uff18\uff19\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "989123456789"),
        ("+79781234567", "79781234567"),
        ("79781234567", "79781234567"),
        ("+7 (978) 123\u201145\u201167\u00a0", "79781234567"),
        ("\u202a+79781234567\u202c", "79781234567"),
        ("+1.202.555.0143", "12025550143"),
        ("5215500000042", "5215500000042"),
    ],
)
def test_a_number_is_read_in_any_spelling(text, expected):
    """Marks, spaces, prefixes and scripts vary; the digits are the number."""
    assert digits(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+0",
        "+53",
        "+0053 5123 4567",
        "+07978 123 45 67",
        "07978123456",
        "12345678901234567890",
        "++5351234567",
        "53+51234567",
        "tel:+5351234567",
        "wa.me/5351234567",
        "+5351234567;ext=1",
        "CU.1502576394655843",
        "+53\x0051234567",
        " " * 100 + "+5351234567",
    ],
)
def test_what_is_no_international_number_is_nothing(text):
    """A doubtful number is no number: nothing is sent to it."""
    assert digits(text) is None


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("5351234567", "CU"),
        ("989123456789", "IR"),
        ("850212345678", "KP"),
        ("963944567289", "SY"),
        ("79781234567", "RU"),
        ("79901234567", "RU"),
        ("77771234567", "KZ"),
        ("18681234567", "TT"),
        ("17871234567", "PR"),
        ("15550783881", "US"),
        ("5215500000042", "MX"),
        ("525500000042", "MX"),
        ("554700000042", "BR"),
        ("5511900000042", "BR"),
        ("447700900123", "GB"),
        ("2348012345678", "NG"),
        ("27821234567", "ZA"),
        ("870123456789", None),
        ("99912345678", None),
        ("89781234567", None),
    ],
)
def test_a_number_has_a_country(number, country):
    """Numbers that no plan knows keep the country of their calling code; satellites have none."""
    assert country_of_phone(number) == country


@pytest.mark.parametrize(
    ("bsuid", "valid", "country"),
    [
        ("CU.1502576394655843", True, "CU"),
        ("US.ENT.4071882619", True, "US"),
        ("XK.1", True, "XK"),
        ("XX.1502576394655843", True, None),
        ("cu.1502576394655843", False, None),
        (" CU.1502576394655843", False, None),
        ("CU.1502576394655843\n", False, None),
        ("CU.", False, None),
        ("CU." + "1" * 129, False, None),
        ("5351234567", False, None),
    ],
)
def test_a_user_id_begins_with_its_country(bsuid, valid, country):
    """Only the exact pattern counts, and only countries that exist."""
    assert (is_bsuid(bsuid), country_of_bsuid(bsuid)) == (valid, country)


@pytest.mark.parametrize(
    ("phones", "bsuids", "country"),
    [
        (("5511900000042",), ("US.1",), "BR"),
        ((), ("US.1",), "US"),
        (("870123456789",), ("US.1",), "US"),
        ((), (), None),
    ],
)
def test_a_person_is_where_the_first_identity_says(phones, bsuids, country):
    """A number tells more than a user id; what tells nothing is passed over."""
    assert country_of(phones, bsuids) == country


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("5511987654321", ("5511987654321", "551187654321")),
        ("551187654321", ("551187654321", "5511987654321")),
        ("554700000042", ("554700000042", "5547900000042")),
        ("551132345678", ("551132345678",)),
        ("5511932345678", ("5511932345678",)),
        ("5215500000042", ("5215500000042", "525500000042")),
        ("525500000042", ("525500000042", "5215500000042")),
        ("5491100000042", ("5491100000042", "541100000042")),
        ("541100000042", ("541100000042", "5491100000042")),
        ("12025550143", ("12025550143",)),
    ],
)
def test_every_spelling_of_one_person_is_known(number, expected):
    """The given one comes first; a landline of Brazil never gets the mobiles' ninth digit."""
    assert spellings(number) == expected


def test_a_calling_code_has_to_exist():
    """A satellite number is a number without a country; +89 is no number at all."""
    assert is_assigned("870123456789")
    assert not is_assigned("89781234567")
