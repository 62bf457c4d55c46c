"""Is every example a folder that a business could publish as it is?"""

from pathlib import Path

import pytest

from flows.compile import ruleset
from flows.coverage import measure
from flows.load import load
from flows.transcript import play
from flows.transcript_file import transcripts

EXAMPLES = sorted(path.parent for path in (Path(__file__).parents[2] / "examples").glob("*/business.yaml"))


def test_there_are_examples():
    """An empty list would pass everything below."""
    assert [folder.name for folder in EXAMPLES] == ["bakery", "clinic", "realestate", "shop"]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_is_in_order(folder: Path):
    """It checks clean, its transcripts pass, and together they come to every step and branch."""
    loaded = load(folder)
    assert loaded.problems == ()
    assert loaded.folder is not None
    rules = ruleset(loaded.folder, "v1")
    read, problems = transcripts(loaded)

    played = [play(each, rules) for each in read]

    assert problems == ()
    assert [each.failure for each in played if each.failure] == []
    assert measure(rules, frozenset().union(*(each.seen for each in played))).gaps == ()


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_explains_itself(folder: Path):
    """A README says what it is."""
    assert (folder / "README.md").is_file()
