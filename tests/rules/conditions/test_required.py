"""Is it known which letters a text must have for a pattern to fit?"""

import unicodedata

import pytest
import re2  # noqa: TID251 - its own limits are not asked here
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.conditions.patterns import PatternError, finder, fits, letters, pattern
from rules.conditions.required import required
from rules.conditions.signs import EachOf, Form, Sign, sign


def need_of(source):
    """Say what a pattern needs."""
    return required(source, lambda row: sign("text", Form.LETTERS, letters(row)))


def written(need):
    """Write a need as nested tuples: `all`, `any`, or the letters themselves."""
    if need is None or isinstance(need, Sign):
        return need and need.key.value
    parts = tuple(written(part) for part in need.parts)
    return parts[0] if len(parts) == 1 else ("all" if isinstance(need, EachOf) else "any", *parts)


def is_met(need, text):
    """Tell whether a text has what is needed."""
    if need is None:
        return True
    if isinstance(need, Sign):
        assert not need.proves
        return str(need.key.value) in str(letters(text))
    met = [is_met(part, text) for part in need.parts]
    return all(met) if isinstance(need, EachOf) else any(met)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Order", "order"),
        ("order #?[0-9]+", "order "),
        (r"order\s+#(?P<id>[0-9]+)", ("all", "order", "#")),
        ("colou?r", ("all", "colo", "r")),
        ("colou*r", ("all", "colo", "r")),
        ("a{0,3}bc", "bc"),
        ("a{0}bc", "bc"),
        ("abc+de", ("all", "abc", "cde")),
        ("abc{2,}d", ("all", "abc", "cd")),
        ("abc{2}?d", ("all", "abc", "cd")),
        ("a{,3}b", "a{,3}b"),
        ("a{x}", "a{x}"),
        ("cake|pie", ("any", "cake", "pie")),
        ("cake|pie|", None),
        ("(cake|pie)s now", ("all", ("any", "cake", "pie"), "s now")),
        ("(cake|pie)?s now", "s now"),
        ("(?:cake|pie){0,2} now", " now"),
        ("(?:cake|pie){1,2} now", ("all", ("any", "cake", "pie"), " now")),
        ("(cake|[0-9]+) now", " now"),
        ("((a|b)|(c|d))e", ("all", ("any", ("any", "a", "b"), ("any", "c", "d")), "e")),
        ("(?i)CAKE", "cake"),
        ("ca(?-i)KE", "cake"),
        ("(?s:ca)ke", ("all", "ca", "ke")),
        ("(?<who>ana) now", ("all", "ana", " now")),
        (r"\bcake\b.$", "cake"),
        (r"R\$ ?40\.50", ("all", "r$", "40.50")),
        (r"a\\b", "a\\b"),
        (r"[]a]x[^]]y[[:alpha:]\]]z", ("all", "x", "y", "z")),
        (r"\x41b\x{62}c\101d\pLe\p{Greek}f", ("all", "b", "c", "d", "e", "f")),
        ("Straße", "strasse"),
        ("цена|价格", ("any", "цена", "价格")),
        (r"\Qa.b\E", None),
        (r"\d+", None),
        (".*", None),
        (" +", None),
        ("(a*)*", None),
        ("x(a|b*)", "x"),
    ],
)
def test_what_a_pattern_needs(source, expected):
    """Runs of letters between whatever may be different from text to text."""
    pattern(source)  # a good one, or the case is none

    assert written(need_of(source)) == expected


def pattern_of(chars):
    """Make a pattern of one letter, which is one of these in either case."""
    options = re2.Options()
    options.case_sensitive = False
    return re2.compile(f"[{''.join(chars)}]".encode(), options)


def variants(char):
    """List what RE2 may take for a letter, as far as a contact would write it."""
    return sorted(
        {char, char.upper()[:1], char.lower()[:1], *{"s": "ſ", "k": "\u212a", "ß": "ẞ", "σ": "ς"}.get(char, "")}
    )


@some.composite
def literals(draw):
    """Write letters, and a text that they fit."""
    row = draw(some.text("abksß1 #цσ价", min_size=1, max_size=3))
    return row.replace("#", r"\#"), "".join(draw(some.sampled_from(variants(char))) for char in row)


GAPS = [
    ("[ab]", "a"),
    ("[^a]", "z"),
    ("[]a]", "]"),
    (".", "q"),
    (r"\d", "7"),
    (r"\pL", "é"),
    (r"\x41", "A"),
    ("^", ""),
    (r"\b", ""),
    ("(?s)", ""),
]
REPEATS = [
    ("?", 0),
    ("?", 1),
    ("*", 0),
    ("*", 3),
    ("+", 1),
    ("+", 2),
    ("{2}", 2),
    ("{0,2}", 0),
    ("{0}", 0),
    ("{1,}", 2),
]
pairs = some.recursive(
    literals() | some.sampled_from(GAPS),
    lambda inner: some.one_of(
        some.lists(inner, min_size=1, max_size=4).map(
            lambda each: ("".join(a for a, _ in each), "".join(b for _, b in each))
        ),
        some.lists(inner, min_size=1, max_size=3).map(lambda each: (f"({'|'.join(a for a, _ in each)})", each[-1][1])),
        some.tuples(inner, some.sampled_from(REPEATS)).map(
            lambda two: (f"(?:{two[0][0]}){two[1][0]}", two[0][1] * two[1][1])
        ),
        some.tuples(inner, some.sampled_from(REPEATS)).map(lambda two: (two[0][0] + two[1][0], two[0][1])),
    ),
    max_leaves=8,
)


@settings(max_examples=1_000, deadline=None, database=None)
@given(pairs, some.text("ab ", max_size=2))
def test_a_text_that_fits_has_what_is_needed(pair, around):
    """Patterns come with a text made to fit them; most do."""
    source, text = pair
    try:
        find = finder(source)
    except PatternError:
        return

    if fits(find, around + text):
        assert is_met(need_of(source), around + text)


def test_what_stands_for_half_a_character_is_seen():
    """RE2 is given `?` in its place, so that is what may be required."""
    text = "a\ud800b"

    assert fits(finder(r"a\?b"), text)
    assert is_met(need_of(r"a\?b"), text)


def test_letters_that_re2_takes_for_one_are_one_to_us():
    """Else a pattern could fit where its letters were not seen. A few at a time are held against all there are."""
    every = [chr(code) for code in range(0x20000) if unicodedata.category(chr(code))[0] in "LMN"]
    text, wrong = "".join(every).encode(), []
    for start in range(128):
        few = every[start::128]
        found = pattern_of(few).findall(text)
        wrong += [each.decode() for each in found if each.decode().casefold() not in {char.casefold() for char in few}]

    assert wrong == []
