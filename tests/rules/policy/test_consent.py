"""Words that mean: no more offers, or offers again."""

import pytest

from rules.policy.consent import Consent, Wish, answered, wish


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STOP", Wish.OPT_OUT),
        (" stop ", Wish.OPT_OUT),
        ("\uff33\uff34\uff2f\uff30", Wish.OPT_OUT),
        ("STOP!", Wish.OPT_OUT),
        ("stop\u200b", Wish.OPT_OUT),
        ("No  more", Wish.OPT_OUT),
        ("N\u00e3o quero.", Wish.OPT_OUT),
        ("start", Wish.OPT_IN),
        ("Both", Wish.OPT_OUT),
        ("nonstop", None),
        ("please stop by", None),
        ("stop stop", None),
        ("!", None),
        ("", None),
    ],
)
def test_only_a_whole_message_is_a_wish(text, expected):
    """However it is typed; a message that merely has the word in it is a message."""
    assert wish(text, ("stop", "no more", "nao quero", "both", "?"), ("start", "both")) == expected


@pytest.mark.parametrize(
    ("known", "said", "expected"),
    [
        (Consent.UNKNOWN, Consent.GIVEN, Consent.GIVEN),
        (Consent.UNKNOWN, Consent.REFUSED, Consent.REFUSED),
        (Consent.GIVEN, Consent.GIVEN, Consent.GIVEN),
        (Consent.GIVEN, Consent.REFUSED, Consent.REFUSED),
        (Consent.REFUSED, Consent.GIVEN, Consent.REFUSED),
        (Consent.REFUSED, Consent.REFUSED, Consent.REFUSED),
    ],
)
def test_an_answer_counts_unless_the_contact_opted_out(known, said, expected):
    """Only a word of their own opts in again."""
    assert answered(known, said) is expected
