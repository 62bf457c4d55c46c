"""Does the page for authors say what is so, and does the business on it work?"""

import inspect
import re
from pathlib import Path

import pytest

from engine.facts import NAMES
from flows.compile import ruleset
from flows.kinds import kinds
from flows.load import load_files
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


@pytest.mark.parametrize("write", [steps, filters, names, verbs], ids=lambda write: write.__name__)
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
