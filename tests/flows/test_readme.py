"""Does the page for authors say what is so, and does the business on it work?"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct
from msgspec.structs import fields

from engine.facts import NAMES
from flows.compile import ruleset
from flows.kinds import kinds
from flows.load import load_files
from flows.meanings import meaning_of
from flows.schema import DOCUMENTS
from flows.shapes import is_object, leaves_of
from flows.transcript import play
from flows.transcript_file import transcripts
from flows.values import FILTERS
from flows.verbs import VERBS
from rules.conditions.types import TYPES

README = Path(__file__).parents[2] / "flows" / "README.md"
EXAMPLE = re.compile("- [a-z]")
TEXT = README.read_text(encoding="utf-8")


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table in Markdown."""
    lines = (" | ".join(each.replace("|", "\\|") for each in row) for row in (head, ["---"] * len(head), *rows))
    return "\n".join(f"| {line} |" for line in lines)


def steps() -> str:
    """Write what the docstrings of the steps say."""
    return "\n\n".join(_step(word, inspect.getdoc(kind) or "") for word, kind in kinds().items())


def _step(word: str, page: str) -> str:
    """Write the docstring of a kind: its examples become blocks of their own."""
    paragraphs = [f"```yaml\n{each}\n```" if EXAMPLE.match(each) else each for each in page.split("\n\n")]
    return "\n\n".join([f"### `{word}`", *paragraphs])


def documents() -> str:
    """Write what may stand in each kind of document, and what it means."""
    return "\n\n".join(_document(word, kind) for word, kind in DOCUMENTS.items())


def _document(word: str, kind: type[Struct]) -> str:
    return "\n\n".join([f"### `{word}:`", meaning_of(kind).says, "\n".join(_bullets(kind))])


def _bullets(kind: type[Struct], indent: str = "") -> Iterator[str]:
    """Write each field a document may have, with the fields in it below."""
    names = {each.encode_name: each.name for each in fields(kind)}
    hints = get_type_hints(kind, include_extras=True)
    for name, words in meaning_of(kind).fields.items():
        yield f"{indent}- `{name}`: {words}"
        for each in dict.fromkeys(_within(hints[names[name]]) if name in names else ()):
            yield from _bullets(each, f"{indent}  ")


def _within(hint: Any) -> Iterator[type[Struct]]:
    """Find the fields that may be written for a type, also as items of a list or under names."""
    for leaf in leaves_of(hint):
        if get_origin(leaf) is dict:
            yield from _within(get_args(leaf)[1])
        elif get_origin(leaf) is tuple:
            yield from _within(get_args(leaf)[0])
        elif is_object(leaf):
            yield leaf


def filters() -> str:
    """Write the table of filters."""
    return table(
        ["filter", "writes"],
        [
            [f"`{row.name}({row.argument.example!r})`" if row.argument else f"`{row.name}`", row.means]
            for row in FILTERS.values()
        ],
    )


def names() -> str:
    """Write the table of names."""
    return table(
        ["name", "kind", "what it is"], [[f"`{name}`", TYPES[kind][0], means] for name, (kind, means) in NAMES.items()]
    )


def verbs() -> str:
    """Write the table of lines of a transcript."""
    return table(["line", "what it does"], [[f"`- {each.example}`", each.means] for each in VERBS.values()])


@pytest.mark.parametrize("write", [documents, steps, filters, names, verbs], ids=lambda write: write.__name__)
def test_the_generated_parts_are_up_to_date(write):
    """They come from the code."""
    assert f"<!-- {write.__name__} -->\n\n{write()}\n" in TEXT


def test_the_business_of_the_ten_minutes_checks_clean_and_passes_its_test():
    """What a new author copies from the page works as it says."""
    section = TEXT.split("\n## ")[1]
    files = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", section, re.DOTALL))
    loaded = load_files(files)
    assert loaded.folder is not None, loaded.problems
    written, wrong = transcripts(loaded)

    results = [play(each, ruleset(loaded.folder, "v1")) for each in written]

    assert (loaded.problems, wrong) == ((), ())
    assert [each.failure for each in results] == [None]
