"""Does `countries` say which restrictions are in force, and what they mean for whom?"""

import json

import pytest
from click.testing import CliRunner

from adapters.cli import main
from rules.policy.restrictions import DEFAULT

OWN_LIST = """# version: 2026-10-01
scope,prefix,iso2,name,since,source,action,note
anyone,1868,TT,Trinidad and Tobago,2026-01-01,the operator,refuse,ask Joe
anyone,54,AR,Argentina,2026-01-01,the operator,warn,
"""


def asked(*arguments, **environ):
    """Return what the command says."""
    return CliRunner().invoke(main, ["countries", *arguments], env={"BATON_RESTRICTIONS": "", **environ})


def verdict(text, **environ):
    """Return what it says of one id, as programs read it."""
    done = asked("--format", "json", "--", text, **environ)
    assert done.exit_code == 0, done.stderr
    [found] = json.loads(done.stdout)["ids"]
    return found


def test_the_lists_in_force_are_shown():
    """Whose they are, for whom, each with its action, since when and who says so."""
    done = asked()

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0] == f"Restrictions of {DEFAULT.version}: Baton's own"
    assert lines[-1] == "Whose country nobody can tell: refused (BATON_UNKNOWN_COUNTRY)"
    assert [row.name for row in DEFAULT.rows if not any(f" {row.name}: refused; " in line for line in lines)] == []
    assert lines.index("Business numbers and contacts:") > lines.index(
        "Business numbers that are in the app of a phone:"
    )


def test_a_file_of_the_operators_takes_their_place(tmp_path):
    """With its name; a warning is none that refuses."""
    (tmp_path / "own.csv").write_text(OWN_LIST)

    done = asked(BATON_RESTRICTIONS=str(tmp_path / "own.csv"), BATON_UNKNOWN_COUNTRY="allow")
    refused, warned = (verdict(each, BATON_RESTRICTIONS=str(tmp_path / "own.csv")) for each in ("+18685551234", "AR.1"))

    assert done.stdout.splitlines() == [
        f"Restrictions of 2026-10-01: {tmp_path / 'own.csv'}",
        "",
        "Business numbers that are in the app of a phone:",
        "",
        "Business numbers and contacts:",
        "  +1868 TT   Trinidad and Tobago: refused; the operator says so since 2026-01-01",
        "             ask Joe",
        "  +54 AR     Argentina: allowed, with a note; the operator says so since 2026-01-01",
        "",
        "Whose country nobody can tell: allowed (BATON_UNKNOWN_COUNTRY)",
    ]
    assert "Trinidad and Tobago (+1868) is closed" in refused["contact"]
    assert (warned["contact"], warned["notes"]) == ("", ["warned: Argentina"])


@pytest.mark.parametrize(("text", "part"), [("x", "line 1: The first line gives no version"), (None, "cannot be read")])
def test_a_file_that_cannot_be_used_is_told(tmp_path, text, part):
    """With 2, and nothing is shown in its place."""
    if text is not None:
        (tmp_path / "own.csv").write_text(text)

    done = asked(BATON_RESTRICTIONS=str(tmp_path / "own.csv"))

    assert (done.exit_code, done.stdout) == (2, "")
    assert part in done.stderr


REFUSED = {
    "+53 5 123 4567": "CU",
    "0053 5123 4567": "CU",
    "(+98) 912-345-6789": "IR",
    "۹۸۹۱۲۳۴۵۶۷۸۹": "IR",
    "９８９１２３４５６７８９": "IR",
    "+850 2 123 4567": "KP",
    "+963 944 567 289": "SY",
    "+79781234567": "RU",
    "79781234567": "RU",
    "+7 (978) 123\u201145\u00a067": "RU",
    "\u202a+79781234567\u202c": "RU",
    "CU.1502576394655843": "CU",
    "8 978 123-45-67": None,
    "cu.15": None,
    " CU.15": None,
    "tel:+5351234567": None,
    "wa.me/5351234567": None,
    "+5351234567;ext=1": None,
    "+0053 5123 4567": None,
    "+07978 1234567": None,
    "": None,
    "+": None,
    "+0": None,
    "12345678901234567890": None,
}
"""However it is written, nothing goes there; and which country it is, where that can be told."""


@pytest.mark.parametrize("text", REFUSED)
def test_whom_nothing_goes_to(text):
    """With the reason in words."""
    found = verdict(text)

    assert found["contact"]
    assert found["country"] == REFUSED[text]


ALLOWED = {
    "+55 11 91234-5678": ("BR", "", []),
    "+1 868 555 1234": ("TT", "", []),
    "+1 787 555 1234": ("PR", "", []),
    "+79901234567": ("RU", "", []),
    "+234 803 123 4567": ("NG", "Nigeria (+234) is closed to coexistence numbers", []),
    "+27 82 123 4567": ("ZA", "South Africa (+27) is closed to coexistence numbers", []),
    "UA.15025": ("UA", "", ["the user id does not say whether they are in a restricted region of that country"]),
}
"""Whom something may go to: the country, why it can be no number of a phone's app, and what is worth a look."""


@pytest.mark.parametrize("text", ALLOWED)
def test_whom_something_may_go_to(text):
    """Another business's number may be refused all the same."""
    country, coexistence, notes = ALLOWED[text]

    found = verdict(text)

    assert (found["country"], found["contact"], found["business"], found["notes"]) == (country, "", "", notes)
    assert coexistence in found["coexistence"]
    assert bool(found["coexistence"]) is bool(coexistence)


def test_each_is_told_in_words():
    """The country, and as what they are refused; what a terminal would obey is not passed on."""
    cuba, nigeria = verdict("+5351234567")["contact"], verdict("+2348031234567")["coexistence"]

    done = asked("+5351234567", "+2348031234567", "\x1b[31mred", "UA.15025")

    assert done.stdout.splitlines() == [
        "+5351234567  CU",
        f"  as a contact: refused. {cuba}",
        "+2348031234567  NG",
        "  as a contact: may be written to and answered",
        f"  as a business number in the app of a phone: refused. {nigeria}",
        "\ufffd[31mred  country unknown",
        "  as a contact: refused. This is neither an international phone number nor a user id.",
        "UA.15025  UA",
        "  as a contact: may be written to and answered",
        "    but the user id does not say whether they are in a restricted region of that country",
    ]


def test_whose_country_nobody_knows_goes_by_the_setting():
    """Refused, unless the operator allows it; then that is told."""
    by_default, allowed = verdict("+870123456789"), verdict("+870123456789", BATON_UNKNOWN_COUNTRY="allow")

    assert "`BATON_UNKNOWN_COUNTRY` says to refuse" in by_default["contact"]
    assert (allowed["contact"], len(allowed["notes"])) == ("", 1)
