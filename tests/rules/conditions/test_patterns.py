"""Does a pattern fit where it should, however it is asked?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.conditions.patterns import MOST_ALONE, PatternError, finder, fits, pattern

SIGNS = [*"abß1 (|)*+?^$.", r"\b", r"\d", r"\pL", "[ab]", "[^a]", "(?P<id>", "(?:", "(?-i)", "{2}", "{0,3}", "{40,}"]


def does_search(source, text):
    """Tell whether a plain search finds something."""
    return pattern(source).search(text.encode("utf-8", "replace")) is not None


@settings(max_examples=500, deadline=None, database=None)
@given(some.lists(some.sampled_from(SIGNS), max_size=8).map("".join), some.text("aAbBßẞ1 \ud800", max_size=8))
def test_being_asked_only_whether_it_fits_changes_nothing(source, text):
    """A pattern in a set of its own fits what it fits elsewhere; many that are made up are none."""
    try:
        find = finder(source)
    except PatternError:
        return

    assert fits(find, text) == does_search(source, text)


@pytest.mark.parametrize("source", ["(?:[ab]{1,9}a){9}c|b", "[ab]*a[ab]{400}c", "(?:a|b)*a(?:a|b){900}", "a{1000}b"])
def test_a_large_pattern_fits_what_it_should(source):
    """Those that are not put into a set, which would be slow with them or refuse them."""
    assert pattern(source).programsize > MOST_ALONE

    for text in ("ab" * 2_000, "a" * 1_000 + "b", "b" * 4_096):
        assert fits(finder(source), text) == does_search(source, text)


@pytest.mark.parametrize("value", [None, 3, True, ("a",)])
def test_nothing_but_text_fits(value):
    """A fact may be of another kind than was promised."""
    assert not fits(finder("a|3|^"), value)
