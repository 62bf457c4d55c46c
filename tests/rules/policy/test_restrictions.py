"""Nothing leaves, and nothing is answered, where the lists say no."""

import dataclasses

import pytest

from rules.policy.restrictions import DEFAULT, DEFAULT_TEXT, Clearance, Path, Refusal, clear, read
from rules.source import Mistakes

HERE = "15550783881"
THERE = "12025550143"
HEADER = "scope,prefix,iso2,name,since,source,action,note"
MUDDLED = "anybody,+53,cu,,2026-02-30,x,refuze,"
NOWHERE = "anyone,,,Nowhere,2026-01-01,x,warn,"
TOBAGO = "anyone,1868,TT,Trinidad and Tobago,2026-01-01,the operator,refuse,"


def ask(path=Path.FLOW, *, business=HERE, coexistence=True, phones=(THERE,), bsuids=(), lists=DEFAULT):
    """Ask the lists about an ordinary contact of an ordinary number, unless told otherwise."""
    return clear(path, business_phone=business, coexistence=coexistence, phones=phones, bsuids=bsuids, lists=lists)


def answer(found):
    """Return the reason of a no or the notes of a yes."""
    return found.reason if isinstance(found, Refusal) else found.notes


@pytest.mark.parametrize(
    ("phones", "bsuids", "expected"),
    [
        ((THERE,), (), ()),
        ((THERE,), ("US.4071882619",), ()),
        (("5351234567",), (), "restricted_country"),
        (("989123456789",), (), "restricted_country"),
        (("850212345678",), (), "restricted_country"),
        (("963944567289",), (), "restricted_country"),
        (("79781234567",), (), "restricted_country"),
        (("+7 (978) 123\u201145\u201167",), (), "restricted_country"),
        (("79901234567",), (), ()),
        (("73651234567",), (), ()),
        (("2348012345678",), (), ()),
        (("27821234567",), (), ()),
        (("18681234567",), (), ()),
        ((THERE, "5351234567"), (), "restricted_country"),
        ((THERE,), ("CU.1502576394655843",), "restricted_country"),
        ((), ("CU.1502576394655843",), "restricted_country"),
        ((), ("IR.ENT.15025763",), "restricted_country"),
        ((), ("cu.1502576394655843",), "unusable_identity"),
        ((), (" CU.1502576394655843",), "unusable_identity"),
        (("8 978 123-45-67",), (), "unusable_identity"),
        (("+0053 5123 4567",), (), "unusable_identity"),
        (("",), (), "unusable_identity"),
        ((), ("UA.1502576394655843",), ("region_unknown",)),
        ((), ("RU.1502576394655843",), ("region_unknown",)),
        (("79901234567",), ("RU.1502576394655843",), ()),
        ((), ("XX.1502576394655843",), "unknown_country"),
        (("870123456789",), (), "unknown_country"),
        ((), (), "unknown_country"),
    ],
)
def test_every_identity_of_a_contact_is_checked(phones, bsuids, expected):
    """One blocked identity is enough for a no, and so is one that nobody can place."""
    assert answer(ask(phones=phones, bsuids=bsuids)) == expected


@pytest.mark.parametrize(
    ("business", "coexistence", "expected"),
    [
        ("+234 801 234 5678", True, "business_restricted_country"),
        ("+27 82 123 4567", True, "business_restricted_country"),
        ("+234 801 234 5678", False, ()),
        ("+27 82 123 4567", False, ()),
        ("+53 5 123 4567", True, "business_restricted_country"),
        ("+53 5 123 4567", False, "business_restricted_country"),
        ("+7 978 123 45 67", False, "business_restricted_country"),
        ("not a number", True, "business_unusable_identity"),
        ("+870 123 456 789", True, "business_unknown_country"),
    ],
)
def test_the_business_number_is_checked_too(business, coexistence, expected):
    """Two countries are closed to coexistence numbers only, the others to everybody."""
    assert answer(ask(business=business, coexistence=coexistence)) == expected


@pytest.mark.parametrize("path", list(Path))
def test_a_blocked_contact_is_refused_on_every_path(path):
    """Whoever adds a path adds it here: there is no way round."""
    assert answer(ask(path, phones=("5351234567",))) == "restricted_country"


@pytest.mark.parametrize("path", list(Path))
def test_a_clearance_says_what_was_cleared(path):
    """A yes names the path and the version of the list that was asked."""
    found = ask(path)

    assert isinstance(found, Clearance)
    assert (found.path, found.version) == (path, DEFAULT.version)


@pytest.mark.parametrize("path", list(Path))
def test_only_onboarding_has_no_contact(path):
    """Everywhere else nobody is somebody of unknown country."""
    expected = () if path is Path.ONBOARDING else "unknown_country"

    assert answer(ask(path, phones=())) == expected


@pytest.mark.parametrize(
    ("phones", "bsuids", "expected"),
    [
        (("870123456789",), (), ("unknown_country",)),
        ((), ("XX.15",), ("unknown_country",)),
        (("8 978 123-45-67",), (), "unusable_identity"),
        ((), ("cu.15",), "unusable_identity"),
        (("5351234567",), (), "restricted_country"),
    ],
)
def test_an_operator_may_allow_unknown_countries(phones, bsuids, expected):
    """That lets satellites through, but nothing that is no identity at all."""
    lists = read(DEFAULT_TEXT, unknown="allow")

    assert answer(ask(phones=phones, bsuids=bsuids, lists=lists)) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda _: Clearance(Path.FLOW, "2026-11-22", (), object()),
        lambda _: Clearance(Path.FLOW, "2026-11-22", (), None),
        lambda one: dataclasses.replace(one, path=Path.TIMER, key=None),
    ],
)
def test_nobody_else_makes_a_clearance(make):
    """A path that does not ask has nothing to show."""
    with pytest.raises(TypeError):
        make(ask())


def test_a_clearance_stays_as_it_is():
    """A clearance of one path cannot become that of another."""
    found = ask()

    with pytest.raises(dataclasses.FrozenInstanceError):
        found.path = Path.TIMER


def test_words_hold_no_number():
    """A refusal can be logged: it names the country, never the person."""
    found = ask(phones=("5351234567",))

    assert found == Refusal(
        "restricted_country",
        "Cuba (+53) is closed to businesses and contacts; "
        "the list names Meta, Support: sanctioned countries and regions as its source.",
    )


def test_an_operator_brings_a_list_of_their_own():
    """Their rows count and ours do not; the digest tells the lists apart."""
    text = f"\ufeff# version: 2026-12-01\r\n# ours\r\n\r\n{HEADER}\r\n{TOBAGO}\r\n"

    lists = read(text)

    assert lists.version == "2026-12-01"
    assert len({lists.digest, read(text, "allow").digest, DEFAULT.digest}) == 3
    assert answer(ask(phones=("18681234567",), lists=lists)) == "restricted_country"
    assert answer(ask(phones=(), bsuids=("TT.15",), lists=lists)) == "restricted_country"
    assert answer(ask(phones=("5351234567",), lists=lists)) == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("anyone,,TT,Trinidad and Tobago,2026-01-01,the operator,refuse,", "restricted_country"),
        ("anyone,1868,TT,Trinidad and Tobago,2026-01-01,the operator,warn,", ("warned: Trinidad and Tobago",)),
        ("coexistence_number,1868,,Trinidad and Tobago,2026-01-01,the operator,refuse,", ()),
    ],
)
def test_a_row_can_go_by_country_and_can_only_warn(row, expected):
    """Without a prefix the country of the number decides; a warning lets through and says so."""
    lists = read(f"# version: 2026-12-01\n{HEADER}\n{row}\n")

    assert answer(ask(phones=("18681234567",), lists=lists)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "The first line gives no version."), (1, "The columns are not the expected ones.")]),
        (f"{HEADER}\n{TOBAGO}\n", [(1, "The first line gives no version.")]),
        (f"# version: soon\n{HEADER}\n{TOBAGO}\n", [(1, "The first line gives no version.")]),
        ("# version: 2026-12-01\nprefix,name\n53,Cuba\n", [(2, "The columns are not the expected ones.")]),
        (f"# version: 2026-12-01\n{HEADER}\n", [(2, "The list has no rows.")]),
        (f"# version: 2026-12-01\n# a\n{HEADER}\nanyone,53\n", [(4, "The row has 2 cells; 8 are expected.")]),
        (
            f"# version: 2026-12-01\n{HEADER}\n{TOBAGO}\n{MUDDLED}\n\n{NOWHERE}\n",
            [
                (4, "`scope` cannot be `anybody`."),
                (4, "`action` cannot be `refuze`."),
                (4, "`+53` is no prefix."),
                (4, "`cu` is no country."),
                (4, "`2026-02-30` is no date."),
                (4, "`name` is empty."),
                (6, "A row needs a `prefix` or an `iso2`, else it fits nobody."),
            ],
        ),
    ],
)
def test_a_broken_list_is_refused_whole(text, expected):
    """Every mistake is told at its line; none of its rows is used."""
    with pytest.raises(Mistakes) as found:
        read(text)

    assert [(each.line, each.message) for each in found.value.mistakes] == expected


def test_a_broken_quote_is_a_mistake_of_the_list():
    """A table that cannot be read is told in words as well."""
    with pytest.raises(Mistakes, match="The table cannot be read"):
        read(f'# version: 2026-12-01\n{HEADER}\nanyone,1868,TT,"Trinidad,2026-01-01,x,refuse,\n')


def test_the_near_word_is_offered():
    """A slip of the pen is told with the word that was meant."""
    with pytest.raises(Mistakes) as found:
        read(f"# version: 2026-12-01\n{HEADER}\nanyone,1868,TT,Tobago,2026-01-01,x,refuze,\n")

    assert [each.hint for each in found.value.mistakes] == ["Did you mean `refuse`?"]
