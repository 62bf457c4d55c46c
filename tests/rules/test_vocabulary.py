"""What each word of an FAQ weighs, and what a word of a message stands for."""

import pytest

from rules.vocabulary import FORM, UNKNOWN, Meaning, Use, Vocabulary

EN, PT = frozenset({"en"}), frozenset({"pt"})
KNOWN = Vocabulary(
    {
        "price": Use(frozenset({0, 1, 2, 3}), EN),
        "prices": Use(frozenset({4}), EN),
        "opening": Use(frozenset({5}), EN),
        "delivery": Use(frozenset({6}), EN),
        "vegetarian": Use(frozenset({7}), EN),
        "vegetariano": Use(frozenset({7}), PT),
        "42": Use(frozenset({8}), EN),
    }
)


def test_a_word_weighs_the_more_the_fewer_answers_it_leads_to():
    """Forms of one word count together."""
    assert {word: round(weight, 2) for word, weight in KNOWN.weights.items()} == {
        "price": 0.45,
        "prices": 0.45,
        "opening": 1.0,
        "delivery": 1.0,
        "vegetarian": 1.0,
        "vegetariano": 1.0,
        "42": 1.0,
    }


@pytest.mark.parametrize(
    ("said", "languages", "meant"),
    [
        ("price", ("en",), {"price": 1.0, "prices": FORM}),
        ("opens", ("en",), {"opening": FORM}),
        ("opens", ("pt",), {}),
        ("delivrey", ("en",), {"delivery": 0.875}),
        ("pirce", ("en",), {"price": 0.8, "prices": 0.8 * FORM}),
        ("delivrey", ("pt",), {}),
        ("vegetarain", ("en", "pt"), {"vegetarian": 0.9}),
        ("42", ("en",), {"42": 1.0}),
        ("43", ("en",), {}),
        ("taxi", ("en",), {}),
    ],
)
def test_a_word_stands_for_itself_or_for_what_it_may_be(said, languages, meant):
    """For forms of it before misspellings, and only in the languages of the message."""
    found = KNOWN.meaning(said, languages)

    assert (found.word, found.meant) == (said, meant)


def test_a_word_nobody_knows_weighs_too():
    """It may be what the message is about."""
    assert KNOWN.meaning("taxi", ("en",)) == Meaning("taxi", UNKNOWN, {})


def test_no_words_are_a_vocabulary_too():
    """Of a business without questions."""
    assert Vocabulary({}).weights == {}
