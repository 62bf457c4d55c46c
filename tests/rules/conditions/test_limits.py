"""Does hostile input end in a mistake, and a hostile text in an answer?"""

from decimal import Decimal

import pytest

from rules.conditions import Type, check, compiled
from rules.conditions.patterns import steps
from rules.conditions.syntax import MOST_DEPTH, MOST_TEXT
from rules.source import Mistakes

SCOPE = {"a": Type.TRUTH, "text": Type.TEXT, "qty": Type.NUMBER, "tags": Type.LIST}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 5_000 + "a" + ")" * 5_000, "condition-too-long"),
        ("(" * 2_000 + "a" + ")" * 2_000, "condition-too-deep"),
        ("(" * 300 + "a" + ")" * 300, "condition-too-deep"),
        ("not " * 5_000 + "a", "condition-too-long"),
        ("not " * 1_000 + "a", "condition-too-deep"),
        ("- " * 2_000 + "1", "condition-too-deep"),
        ("abs(" * 500 + "1" + ")" * 500, "condition-too-deep"),
        ("1" + " + 1" * 1_000, "condition-too-deep"),
        (" and ".join(["a"] * 5_000), "condition-too-long"),
        (f'text = "{"x" * 1_000_000}"', "condition-too-long"),
        (f'text matches "{"x" * 1_001}"', "pattern-unreadable"),
        ("(" * 4_000, "condition-incomplete"),
        (f"qty in ({', '.join(map(str, range(501)))})", "too-many-values"),
        (f"text has any ({', '.join(['text'] * 501)})", "too-many-values"),
        ("", "condition-missing"),
        (" \n ", "condition-missing"),
        ("\x00", "condition-unreadable"),
        ("9" * 3_000 + "d > 1d", "span-too-long"),
    ],
)
def test_too_much_is_refused(text, code):
    """The limit is told; no recursion is exhausted."""
    with pytest.raises(Mistakes) as told:
        check(text, SCOPE)

    assert told.value.mistakes[0].code == code


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MOST_DEPTH - 1) + "a" + ")" * (MOST_DEPTH - 1),
        "not " * (MOST_DEPTH - 2) + "a",
        "(" * 31 + "a" + " = a)" * 31,
        "abs(" * (MOST_DEPTH - 3) + "qty" + ")" * (MOST_DEPTH - 3) + " > 0",
        " and ".join(["a"] * 500),
        " or ".join(["a"] * 600),
        f"qty in ({', '.join(map(str, range(500)))})",
        "9" * 4_000 + " > qty",
    ],
)
def test_what_is_within_the_limits_runs(text):
    """The deepest and longest conditions compile, and explain themselves."""
    assert len(text) <= MOST_TEXT

    ready = compiled(check(text, SCOPE))

    assert isinstance(ready.value({"a": True, "qty": Decimal(3)}), bool)
    assert ready.why({})


@pytest.mark.parametrize(
    "text", ["has any tags", "contains any tags", "like any tags", "starts with tags", "has none tags"]
)
def test_a_list_from_the_facts_has_a_limit_on_the_right(text):
    """A contact can fill a list with `words(text)`; what is too long is compared like nothing."""
    condition = compiled(check(f"text {text}", SCOPE))

    held = [
        condition.holds({"text": "b", "tags": (*["a"] * count, "c" if "none" in text else "b")}) for count in (99, 500)
    ]

    assert held == [True, False]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*b", "(x+x+)+y", "(.*)(.*)(.*)z", "a{180}z", "[ab]*a[ab]{180}c"])
def test_no_pattern_takes_long(pattern):
    """RE2 does not backtrack; what does would need years for these, and hang this test."""
    condition = compiled(check(f'text matches "{pattern}"', SCOPE))
    facts = {"text": "a" * 65_535 + "!"}

    assert not condition.holds(facts)


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [
        ("abc", 3, 10),
        ("a{50}", 50, 60),
        (".{10}", 80, 90),
        ("(?:price|cost).{0,20}cake", 190, 210),
        (r"\p{L}+ \p{L}+", 190, 220),
        (r"\p{L}{3}", 290, 320),
        (r"(?:\p{Han}|\p{Greek}|x){5}", 60, 80),
        (r"\\p{1,9}", 9, 30),
        (r"[\p{L}-a]", 200, 2_000),
        (r"(?:\Q\p{L}\E){100}", 500, 2_000),
        (r"[ab]*a[ab]{250}c", 250, 300),
    ],
)
def test_the_steps_of_a_pattern_are_counted(pattern, least, most):
    """What RE2 may have to follow all at once decides how long a hostile text takes."""
    assert least <= steps(pattern) <= most
