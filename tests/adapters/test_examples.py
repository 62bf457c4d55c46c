"""Are people told whose numbers are still those of an example?"""

from pathlib import Path

import pytest

from adapters.examples import still_examples
from flows.blueprint import blueprints
from flows.load import load, load_files, read_folder

TOP = Path(__file__).parents[2]
BUSINESS = """
business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "ID", phone: "+55 11 91234-5678", waba: "WABA"}]
"""


def business(number: str, waba: str):
    """Read a business with these ids."""
    loaded = load_files({"business.yaml": BUSINESS.replace("WABA", waba).replace("ID", number)})
    assert loaded.folder is not None, loaded.problems
    return loaded.folder.business


def test_own_numbers_are_fine():
    """Nobody is warned of what is theirs."""
    assert list(still_examples(business("1", "2"))) == []


def test_each_number_of_an_example_is_told_with_its_place():
    """What to fill in, and where."""
    told = list(still_examples(business("106540352242922", "102290129340398")))

    assert [each.split()[0] for each in told] == ["`106540352242922`", "`102290129340398`"]
    assert "in business.yaml, under `numbers`, write yours as `id` of +55 11 91234-5678." in told[0]
    assert "in business.yaml, under `numbers`, write yours as `waba` of +55 11 91234-5678." in told[1]


@pytest.mark.parametrize("folder", sorted((TOP / "examples").iterdir()), ids=lambda folder: folder.name)
def test_all_examples_are_known(folder):
    """Who copies one is told of both ids."""
    folder_read = load(folder).folder

    assert folder_read is not None
    assert len(list(still_examples(folder_read.business))) == 2 * len(folder_read.business.numbers)


def test_what_blueprints_suggest_is_known():
    """So is who took what was suggested."""
    found = blueprints(read_folder(TOP / "flows" / "blueprints")[0])

    for each in found.values():
        suggested = {wanted.name: wanted.default or "" for wanted in each.inputs}
        assert len(list(still_examples(business(suggested["phone_id"], suggested["waba"])))) == 2
