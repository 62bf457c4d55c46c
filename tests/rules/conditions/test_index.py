"""Does the index answer as a loop over all conditions does, only sooner?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from rules.conditions import Index, Type, check, compiled
from rules.conditions.generate import expression
from rules.conditions.index import MOST_ENDING
from rules.conditions.signs import LONGEST
from rules.source import Mistakes

SCOPE = {
    "text": Type.TEXT,
    "note": Type.TEXT,
    "country": Type.TEXT,
    "tags": Type.LIST,
    "qty": Type.NUMBER,
    "vip": Type.TRUTH,
    "idle": Type.SPAN,
    "answer": Type.ANY,
}
TOKENS = [
    *("price", "Prices", "PREÇO", "preco", "cake", "vegan cake", "how much", "opening hours", "ok", "a", "aa", "aaa"),
    *("horário", "Straße", "STRASSE", "İstanbul", "ısı", "ſeem", "seem", "\u212aelvin", "kelvin", "ﬁne", "ｐｒｉｃｅ"),
    *("e\u0301clair", "éclair", "цена", "ЦЕНА", "τιμές", "ΤΙΜΗΣ", "سعر", "السعر", "कीमत", "कितना", "가격", "ᄀ", "ᅡ"),
    *("价格", "多少钱", "ราคา", "ราคาเท่าไหร่", "が", "か\u3099", "👍", "👍🏽", "❤️", "12", "١٢", "3", "#77", "order #12"),
    *("R$ 40", "-", "?", "don't", "don’t", "x_y", "chocolate", "delivery"),
]
GAPS = [" ", " ", " ", "", "  ", ", ", "\n", "\u200b", "\u0301", "?", " - "]
ODD = [None, "\ud800", "", " ", "a\ud800b", True, Decimal("sNaN"), Decimal(3), 3, timedelta(1), ("a", None, 3)]
OTHER_TESTS = [
    *("vip", "vip = true", "vip != true", "false = vip", "vip is set", "true", "idle > 2h", "today = mon", "not vip"),
    *(
        "qty = 2",
        "3 = qty",
        "qty in (1, 3)",
        "qty in (1, length(text))",
        "qty not in (1, 2)",
        "qty + 1 > 2",
        "qty >= 2",
    ),
    *("note is not empty", "text = note", "answer = 3", "answer", "tags has 3", "text has any tags", "idle = 3h"),
]
"""What is asked besides words; much of it needs nothing that could be looked for."""


class Situation:
    """Conditions and facts that share a few words, so that the one often finds what the other has."""

    def __init__(self, words):
        self.words = some.sampled_from(words)
        self.cased = self.words | self.words.map(str.upper) | self.words.map(str.swapcase)
        self.quoted = self.cased.map('"{}"'.format)
        self.phrases = self.quoted | some.lists(self.cased, min_size=2, max_size=3).map(" ".join).map('"{}"'.format)
        self.several = some.lists(self.phrases, min_size=1, max_size=3).map(", ".join)
        self.mixed = some.tuples(self.phrases, some.sampled_from(["note", "tags", "answer"])).map(", ".join)
        self.names = some.sampled_from(["text", "text", "text", "note", "answer", "answer"])

    def misspelt(self):
        """Make up to two mistakes in a word, as a hasty contact does."""
        return some.builds(_misspelt, _misspelt_once(self.words), some.integers(0, 20), some.sampled_from(_MISTAKES))

    def texts(self):
        """Write a text."""
        parts = some.tuples(self.cased | _misspelt_once(self.words) | self.misspelt(), some.sampled_from(GAPS))
        return some.lists(parts.map("".join), max_size=4).map("".join)

    def facts(self):
        """Make facts, some absent and some not of the promised kind."""
        odd = some.sampled_from(ODD)
        several = some.lists(self.cased, max_size=3).map(tuple)
        return some.fixed_dictionaries(
            {"text": self.texts() | odd},
            optional={
                "note": self.cased | odd,
                "country": some.sampled_from(["BR", "br ", "PT", "ＢＲ"]) | odd,
                "tags": several | odd,
                "qty": some.sampled_from([Decimal(1), Decimal("2.0"), 3, Decimal("NaN")]) | odd,
                "vip": some.booleans() | odd,
                "idle": some.just(timedelta(hours=3)) | odd,
                "answer": self.cased | several | odd,
                "now": some.just(datetime(2026, 3, 2, 10, tzinfo=UTC)),
            },
        )

    def conditions(self):
        """Write conditions."""
        return some.recursive(
            self._tests(),
            lambda inner: some.one_of(
                some.builds("({} {} {})".format, inner, some.sampled_from(["and", "and", "or"]), inner),
                some.builds("({} {} {})".format, inner, some.sampled_from(["and", "or"]), inner),
                some.builds("{}({})".format, some.sampled_from(["not ", ""]), inner),
            ),
            max_leaves=4,
        )

    def _tests(self):
        searches = some.sampled_from(["has", "contains", "like"])
        how = some.sampled_from(["any", "any", "all", "all", "none"])
        return some.one_of(
            some.builds("{} {} {}".format, self.names, searches, self.phrases),
            some.builds("{} {} {} ({})".format, self.names, searches, how, self.several | self.mixed),
            some.builds("tags has {} ({})".format, how, self.several),
            some.builds("text {} with {}".format, some.sampled_from(["starts", "ends"]), self.phrases),
            some.builds('{} matches "{}"'.format, self.names, _patterns(self.cased)),
            some.builds("{} {} {}".format, self.names, some.sampled_from(["=", "=", "!="]), self.quoted),
            some.builds("note {} ({})".format, some.sampled_from(["in", "in", "not in"]), self.several),
            some.builds(
                "country {} ({})".format, some.sampled_from(["in", "not in"]), some.sampled_from(['"br"', '"BR", "pt"'])
            ),
            some.sampled_from(OTHER_TESTS),
        )


_MISTAKES = ["left out", "too many", "wrong", "changed places"]


def _misspelt(word, at, mistake):
    at %= len(word)
    before, letter, after = word[:at], word[at : at + 1], word[at + 1 :]
    match mistake:
        case "left out":
            return before + after
        case "too many":
            return before + "x" + letter + after
        case "wrong":
            return before + "x" + after
        case _:
            return before + after[:1] + letter + after[1:]


def _misspelt_once(words):
    return some.builds(
        _misspelt, words.filter(lambda word: len(word) > 1), some.integers(0, 20), some.sampled_from(_MISTAKES)
    )


def _patterns(words):
    """Write patterns, some of them wrong."""
    letters = words.map(lambda word: "".join(f"\\{each}" if each in "#$?-'" else each for each in word))
    gaps = [".", ".*", "[a-e]+", "[^x]", r"\s*", r"\d+", r"\pL", r"\b", "^", "$", "(?s)", "(?-i)", r"\x61", "[]a]"]
    return some.recursive(
        letters | letters | some.sampled_from(gaps),
        lambda inner: some.one_of(
            some.lists(inner, min_size=2, max_size=3).map("".join),
            some.lists(inner, min_size=1, max_size=3).map("|".join).map("({})".format),
            some.tuples(inner, some.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,}", "??"])).map("".join),
            inner.map("(?:{})?".format),
            inner.map("(?P<id>{})".format),
        ),
        max_leaves=4,
    )


@some.composite
def situations(draw):
    """Make conditions, without those that could not be read, and facts."""
    situation = Situation(draw(some.lists(some.sampled_from(TOKENS), min_size=2, max_size=4)))
    written = draw(some.lists(situation.conditions(), min_size=20, max_size=25))
    return list(filter(None, map(readable, written))), draw(some.lists(situation.facts(), min_size=10, max_size=15))


def readable(text):
    """Compile a condition; of what was made up, some is no word, or a pattern that repeats nothing."""
    try:
        return compiled(check(text, SCOPE))
    except Mistakes:
        return None


def agree(conditions, several_facts):
    """Compare an index with a loop; and one of what did not hold at first, since there the first comes late."""
    late = [each for each in conditions if not each.holds(several_facts[0])]
    for ready in (conditions, late):
        index = Index(ready)
        for facts in several_facts:
            held = [place for place, each in enumerate(ready) if each.holds(facts)]
            assert index.all(facts) == held
            assert index.first(facts) == (held[0] if held else None)


quick = settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(situations())
def test_the_index_answers_as_a_loop_does(situation):
    """Whatever is asked, of whatever is there or absent: all that hold, in order, and the first."""
    agree(*situation)


@pytest.mark.long
@settings(quick, max_examples=1_000)
@given(situations())
def test_the_index_answers_as_a_loop_does_ten_times_as_often(situation):
    """The same, until hardly a combination is left out."""
    agree(*situation)


@pytest.mark.parametrize(
    "written",
    [
        [],
        ['text contains "{}"'.format("a" * count) for count in range(1, 4 * MOST_ENDING)],
        ['text contains "{}"'.format("z" * count + "a") for count in reversed(range(4 * MOST_ENDING))],
        ['text has any ("{}", "x")'.format(" ".join("a" * count)) for count in range(1, 3 * MOST_ENDING)],
        ['text contains "{}"'.format("a" * LONGEST + each) for each in ("", "a", "z", "aaaz")],
        ['text like "{}"'.format("a" * LONGEST + each) for each in ("", "a", "z", "aaaz")],
        ['text matches "{}"'.format("a" * count) for count in range(1, 4 * MOST_ENDING)],
        ["qty > 1", 'text has "a"', "qty > 0", 'text contains "a" and qty > 1', "not vip", 'text has "a"'],
    ],
)
def test_neither_texts_that_end_alike_nor_long_ones_are_missed(written):
    """What is not looked for as it is, to bound what a hostile text costs, is evaluated where a part of it is seen."""
    texts = ["a", "a a a", "aaaaaaaa", "a" * 100, "a" * 4_096, "z" * 4_095 + "a", "a " * 2_048, "a" * 33 + "z", ""]

    agree([compiled(check(each, SCOPE)) for each in written], [{"text": each, "qty": Decimal(1)} for each in texts])


@pytest.mark.parametrize(
    ("written", "facts"),
    [
        ('text has "unicorn"', {"text": "A UNICORN!"}),
        ('text has any ("three unicorns", "pegasus")', {"text": "Pegasus"}),
        ('text contains any ("centaur", "minotaur")', {"text": "minotaurs"}),
        ('note = "griffin" or note in ("sphinx", "phoenix")', {"note": "Phoenix "}),
        ('tags has "basilisk" or vip or qty = 7', {"tags": ("Basilisk",), "qty": Decimal(1)}),
        ('text has "hydra" and qty > 70', {"text": "dragon", "qty": Decimal(71)}),
    ],
)
def test_what_is_seen_or_not_needs_no_evaluation(written, facts):
    """Where seeing it proves a condition, or not seeing it refutes one, not even its code is made."""
    index = Index([compiled(check(written, SCOPE))])
    before = expression.cache_info().misses

    found = index.all(facts), index.first(facts)

    assert found == (([], None) if "hydra" in written else ([0], 0))
    assert expression.cache_info().misses == before
