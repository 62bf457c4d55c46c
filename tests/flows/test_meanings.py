"""Is it said, in one place, what everything that authors write is for?"""

from typing import get_args, get_origin

import pytest

from flows.fields import fields_of, hints_of
from flows.kinds import kinds
from flows.meanings import meaning_of
from flows.schema import DOCUMENTS
from flows.shapes import is_list, is_object, leaves_of
from flows.step import Steps
from flows.verbs import VERBS


class Whole:
    """Do something.

    - thing: "one"
      with: two

    It has more to say.

    - `thing`: the thing, which
      needs two lines.
    - `with`: what goes with it: `one` or `two`.
    """


class Part(Whole):
    """Do a part of it.

    - `with`: something else.
    """


def structs_of(wanted, seen):
    """Go through all structs that authors write for a type, and those inside them."""
    for leaf in leaves_of(wanted):
        if leaf is Steps:
            inside = list(kinds().values())
        elif is_list(leaf) or get_origin(leaf) is dict:
            inside = [get_args(leaf)[-2 if is_list(leaf) else 1]]
        elif is_object(leaf) and leaf not in seen:
            seen.append(leaf)
            inside = [hints_of(leaf)[field.name] for field in fields_of(leaf).values()]
        else:
            inside = []
        for each in inside:
            structs_of(each, seen)
    return seen


WRITTEN = (*DOCUMENTS.values(), *(verb.as_written for verb in VERBS.values() if verb.as_written))
STRUCTS = [struct for each in WRITTEN for struct in structs_of(each, [])]


@pytest.mark.parametrize("kind", dict.fromkeys(STRUCTS), ids=lambda kind: kind.__name__)
def test_every_field_has_a_meaning(kind):
    """The docstring of its class says `- `field`: what it is for`, and says what the class is for."""
    meaning = meaning_of(kind)
    word = kind.__name__.lower() if kind in kinds().values() else ""

    missing = [name for name in fields_of(kind) if name != word and name not in meaning.fields]

    assert missing == []
    assert meaning.says.endswith((".", "?"))


def test_a_docstring_is_taken_apart():
    """A sentence, an example, more to know, and the fields, each on one line."""
    meaning = meaning_of(Whole)

    assert (meaning.says, meaning.example) == ("Do something.", '- thing: "one"\n  with: two')
    assert meaning.more.startswith("It has more to say.\n\n- `thing`: the thing")
    assert meaning.fields == {
        "thing": "The thing, which needs two lines.",
        "with": "What goes with it: `one` or `two`.",
    }


def test_what_a_class_does_not_explain_its_base_does():
    """Fields that are inherited need no second explanation."""
    meaning = meaning_of(Part)

    assert meaning.example == ""
    assert meaning.fields == {"thing": "The thing, which needs two lines.", "with": "Something else."}
