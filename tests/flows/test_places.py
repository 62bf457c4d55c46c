"""Do problems point at the very character, however a condition is written into its file?"""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from flows.document import parse
from flows.load import load_files
from flows.nodes import Scalar
from flows.places import offsets

BUSINESS = """business: Sunrise Bakery
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
"""
CASES = tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8"))


def file_of(written):
    """Write a flow around a start or steps."""
    return f"flow: a\n{written}" + ("" if "steps:" in written else "steps: [end]\n")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "BOM"])
@pytest.mark.parametrize("written", CASES["names"].values(), ids=CASES["names"])
def test_every_problem_points_at_its_name(written, mark, ends):
    """Line and column count from 1, in characters, and the mark at the beginning is none."""
    text = file_of(written)
    lines = list(enumerate(text.split("\n"), start=1))
    names = [(line, found.start() + 1) for line, row in lines for found in re.finditer(r"(q|\\u0071)tty", row)]

    problems = load_files({"business.yaml": BUSINESS, "a.yaml": mark + text.replace("\n", ends)}).problems

    told = [(each.line, each.column) for each in problems if each.code == "unknown-name"]
    assert told == names
    assert {each.code for each in problems} <= {"unknown-name", "mixed-and-or"}


@pytest.mark.parametrize("case", CASES["mistakes"], ids=lambda case: case["at"])
def test_a_mistake_is_told_at_its_place(case):
    """The last line of a block, and places after escapes, are found, too."""
    problems = load_files({"business.yaml": BUSINESS, "a.yaml": file_of(case["written"])}).problems

    assert [f"{each.line}:{each.column} {each.code}" for each in problems] == [case["at"]]


PIECES = ["text", " ", "  ", "\n", "\n", "\n\n", "\t", "😀", "é", "#", '"', "'", "\\", "|", ">"]
STYLES = ["", "'", '"', "|", ">", "|-", ">-", "|+", ">+", "|2", "> # why"]
AFTER = ["", "\n", "\n\n", "\n \n", "\nb: c"]


def as_yaml(style, pieces, indent, after):
    """Write pieces of text as a value in a style; YAML may refuse it."""
    body = "".join(pieces)
    gap = f"\n{' ' * indent}"
    match style[:1]:
        case "'":
            return f"a: '{body.replace(chr(39), chr(39) * 2).replace(chr(10), gap)}'{after}"
        case '"':
            escaped = (
                body.replace("\\", "\\\\\\\n ").replace('"', '\\"').replace("é", "\\xe9").replace("😀", "\\U0001F600")
            )
            return f'a: "{escaped.replace(chr(10), gap)}"{after}'
        case "|" | ">":
            return f"a: {style}{gap}{body.replace(chr(10), gap)}{after}"
        case _:
            return f"a: {body.replace(chr(10), gap)}{after}"


@settings(max_examples=200, deadline=None, database=None)
@given(
    some.sampled_from(STYLES),
    some.lists(some.sampled_from(PIECES), max_size=8),
    some.integers(1, 4),
    some.sampled_from(AFTER),
)
def test_every_character_of_a_value_has_its_place(style, pieces, indent, after):
    """Each stands in the file as itself, or as an escape or gap, and the places rise."""
    documents = parse(as_yaml(style, pieces, indent, after)).documents
    value = documents[0].root.items.get("a") if documents else None

    if isinstance(value, Scalar) and value.text is not None:
        raw = value.source.text
        found = offsets(raw, value.start, value.end, value.style, value.text)
        assert found is not None
        assert len(found) == len(value.text) + 1
        assert list(found) == sorted(found)
        for char, offset in zip(value.text, found, strict=False):
            assert raw[offset] == char or (char in " \n" and raw[offset] in " \t\n") or raw[offset] == "\\"
