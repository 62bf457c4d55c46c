"""Does the language do what its README says?"""

import json
import re
from pathlib import Path

import pytest

from rules.conditions import check, compiled, facts_from
from rules.conditions.functions import FUNCTIONS
from rules.conditions.shown import shown
from rules.conditions.types import ANY_KIND, ARITHMETIC, BETWEEN, ORDERED, RELATIONS, STATES, TYPES
from rules.source import Mistakes

README = Path(__file__).parents[3] / "rules" / "README.md"
TEXT = README.read_text(encoding="utf-8")
FACTS, SCOPE = facts_from(json.loads(re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0]))
REASONS = re.findall(r"```why\n(.*?)```", TEXT, re.DOTALL)[0].splitlines()
EXAMPLES = [line for block in re.findall(r"```conditions\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def table(head, rows):
    """Write a table in Markdown."""
    return "\n".join([f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)])


def kinds(types):
    """Call several kinds."""
    known = {ANY_KIND: "anything", ORDERED: "a number, span, time, date or moment"}
    return known.get(types) or " or ".join(TYPES[each][0] for each in sorted(types))


def taken(function):
    """Call what a function takes in its brackets."""
    first_optional = len(function.takes) - function.optional
    each = [f"{'perhaps ' if at >= first_optional else ''}{kinds(types)}" for at, types in enumerate(function.takes)]
    return f"{kinds(function.takes[0])}, several" if function.endless else "; ".join(each)


def gives(text):
    """Evaluate an example, and write its value as an author would."""
    return shown(compiled(check(text, SCOPE, wants=None)).value(FACTS))


def types():
    """Write the table of kinds."""
    return table(["kind", "written"], [[word, written] for word, written in TYPES.values() if written])


def operators():
    """Write the table of operators."""
    rows = [["`* /`, then `+ -`", "numbers; spans, dates and moments where it makes sense"]]
    rows += [[f"`{row.word}`", row.means] for row in RELATIONS.values()]
    rows += [[f"`{word}` … `and`", means] for word, means in BETWEEN.items()]
    rows += [[f"`{word}`", means] for word, means in STATES.items()]
    rows += [["`not`", "does not hold"], ["`and`", "all hold"], ["`or`", "one holds"]]
    return table(["operator", "means"], rows)


def functions():
    """Write the table of functions."""
    rows = [
        [f"`{row.name}`", taken(row), row.means, f"`{row.example}` → {gives(row.example)}"]
        for row in FUNCTIONS.values()
    ]
    return table(["function", "takes", "gives", "such as"], rows)


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_gives_what_it_says(line):
    """An example stands before its value, or before the place and words of its first mistake."""
    text, sign, expected = re.findall(r"^(.*?)\s+([→✗]) (.*)$", line)[0]

    if sign == "→":
        assert gives(text) == expected
    else:
        with pytest.raises(Mistakes) as told:
            check(text, SCOPE)
        first = told.value.mistakes[0]
        assert f"{first.line}:{first.column} {first.message}. {first.hint}" == expected


@pytest.mark.parametrize("line", REASONS)
def test_every_reason_is_the_one_that_is_told(line):
    """A condition stands before the words that explain its value."""
    text, why = re.findall(r"^(.*?)\s+→ (.*)$", line)[0]

    assert compiled(check(text, SCOPE)).why(FACTS) == why


@pytest.mark.parametrize("make", [types, operators, functions])
def test_every_table_is_the_codes_own(make):
    """The tables are copies of the code's; a failing comparison shows what to paste."""
    found = re.findall(rf"<!-- {make.__name__} -->\n(.*?)\n\n", TEXT, re.DOTALL)

    assert found == [make()]


def test_every_sign_of_arithmetic_is_in_the_tables():
    """The row of arithmetic is written by hand."""
    assert set(ARITHMETIC) == set("*/+-")
