"""What holds for every text and for all facts, however odd?"""

from datetime import UTC, timedelta, timezone
from decimal import Decimal
from functools import partial
from unicodedata import normalize

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as some

from rules.conditions import Condition, Type, Weekday, check, compiled, lint
from rules.conditions.functions import FUNCTIONS
from rules.conditions.types import RELATIONS
from rules.source import Mistakes

SCOPE = {
    "text": Type.TEXT,
    "tags": Type.LIST,
    "qty": Type.NUMBER,
    "open": Type.TRUTH,
    "idle": Type.SPAN,
    "at": Type.TIME,
    "day": Type.DATE,
    "seen": Type.MOMENT,
    "weekday": Type.WEEKDAY,
    "answer": Type.ANY,
}
WORDS = [
    *SCOPE,
    *("now", "today", "match.id", "mon", "dec", "3", "0", "-", "2.5", "2h", "1d", "09:00", "2026-02-28", "9999-12-31"),
    *('"a"', '"5"', '"(?P<id>a+)"', '"x', "true", "(", ")", "(", ")", ",", "and", "or", "not", "between", "1 and 3"),
    *("=", "!=", "<", ">=", "in", "not in", "has", "has any", "has none", "contains", "contains all", "starts with"),
    *(
        "matches",
        "is set",
        "is not empty",
        "+",
        "*",
        "/",
        "round(",
        "length(",
        "number(",
        "min(",
        "first(",
        "default(",
        "is",
    ),
    *("&&", "!", "like", "%", "\n", "é", "1e9", '"a" or', "not between", '("a", "b")', "(mon, 3)", "(day, seen)"),
]
sentences = some.lists(some.sampled_from(WORDS), max_size=12).map(" ".join)
single = some.one_of(
    some.none(),
    some.text(max_size=20) | some.sampled_from(["a", "5", "٣", "\ud800", ""]),
    some.decimals() | some.integers() | some.sampled_from(["1E+999999", "sNaN", "-Infinity"]).map(Decimal),
    some.booleans(),
    some.timedeltas() | some.just(timedelta.max) | some.just(timedelta.min),
    some.times() | some.times(timezones=some.just(UTC)),
    some.dates(),
    some.datetimes(),
    some.datetimes(timezones=some.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])),
    some.sampled_from(Weekday),
)
values = single | some.lists(single, max_size=3).map(tuple)
all_facts = some.fixed_dictionaries({}, optional=dict.fromkeys([*SCOPE, "now", "today"], values))
quick = settings(max_examples=150, deadline=None, database=None)

OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "in", "not in", "has", "contains", "starts with", "+", "-", "*", "/"]
ENDINGS = [
    "is set",
    "is empty",
    "between qty and 3",
    "between 22:00 and at",
    "between mon and sun",
    "between day and seen",
]
CALLS = [f"{name}({{}}{', qty' * more})" for name, row in FUNCTIONS.items() for more in range(len(row.takes))] + ["-{}"]
VALUES = [*SCOPE, "now", "today", "3", '"a"', "2h", "09:00", "2026-12-24 18:00", "2026-02-28", "qty / 0"]
right = some.sampled_from([*VALUES, '("a", answer)', "(mon, day)", "(3, qty)"])
sensible = some.one_of(
    some.tuples(some.sampled_from(VALUES), some.sampled_from(OPERATORS), right).map(" ".join),
    some.tuples(some.sampled_from(VALUES), some.sampled_from(ENDINGS)).map(" ".join),
    some.tuples(some.sampled_from(CALLS), some.sampled_from(VALUES)).map(lambda pair: pair[0].format(pair[1])),
)


def checked(text):
    """Check a text; its mistakes must point into it."""
    try:
        return check(text, SCOPE, wants=None)
    except Mistakes as told:
        lines = text.split("\n")
        for each in told.mistakes:
            assert each.line <= len(lines)
            assert 1 <= each.column <= len(lines[each.line - 1]) + 1
        return None


def evaluate(condition, facts):
    """Ask a condition everything; nothing may raise."""
    ready = compiled(condition)
    value = ready.value(facts)
    assert ready.holds(facts) is (value is True)
    assert isinstance(ready.why(facts), str)
    assert isinstance(ready.taken(facts), dict)


@quick
@given(some.text(max_size=60))
def test_no_text_breaks_the_checker(text):
    """Whatever is typed gives a condition or mistakes that point into it."""
    checked(text)
    lint(text)


@quick
@given(sentences, all_facts)
def test_no_sentence_breaks_checker_or_evaluation(text, facts):
    """Words of the language in any order give mistakes, or a condition that any facts can be put to."""
    condition = checked(text)
    lint(text)

    if condition is not None:
        evaluate(condition, facts)


@quick
@given(sensible, all_facts)
def test_no_facts_break_an_evaluation(text, facts):
    """Each operator and function takes values of every kind, also those the scope did not promise."""
    condition = checked(text)

    if condition is not None:
        evaluate(condition, facts)


@quick
@given(sensible)
def test_a_condition_survives_the_store(text):
    """A stored condition comes back equal, without a parser."""
    condition = checked(text)

    if condition is not None:
        stored = msgspec.msgpack.encode(condition)
        assert msgspec.msgpack.decode(stored, type=Condition) == condition


@quick
@given(
    some.sampled_from([word for word, row in RELATIONS.items() if Type.TEXT in row.left and word != "matches"]),
    some.text("aáIıßςé한が٣ -'👍", min_size=1, max_size=8),
    some.text("aáIıßςé한が٣ -'👍", max_size=16),
    some.sampled_from([str.upper, str.lower, str.title, partial(normalize, "NFD"), partial(normalize, "NFKC")]),
)
def test_no_operator_minds_how_a_text_is_typed(word, phrase, text, typed):
    """Case, accents and the way characters are composed change neither side of a comparison."""
    right = f"({phrase!r})" if "in" in word else repr(phrase)
    as_written = checked(f"text {word} {right}")
    as_typed = checked(f"text {word} {right.replace(phrase, typed(phrase))}")

    if as_written is not None:
        found = {
            compiled(each).holds({"text": said}) for each in (as_written, as_typed) for said in (text, typed(text))
        }
        assert len(found) == 1
