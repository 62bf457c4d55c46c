"""Does the schema for editors say yes to what Baton reads, and no to what it does not?"""

import json
import re
from pathlib import Path
from typing import Annotated, get_args

import pytest
from jsonschema import Draft7Validator

from flows.document import parse
from flows.fields import fields_of
from flows.hours import Day
from flows.kinds import kinds
from flows.load import KINDS
from flows.meanings import meaning_of
from flows.reader import By, Reader
from flows.schema import DOCUMENTS, schema, schema_of
from flows.shapes import Shapes
from tests.flows.yaml_data import data, documents

TOP = Path(__file__).parents[2]
SCHEMA = schema()
VALIDATOR = Draft7Validator(SCHEMA)
EXAMPLES = sorted((TOP / "examples").rglob("*.yaml"))
CASES = sorted((TOP / "tests" / "flows" / "steps").glob("*.yaml"))
FOUND_BY_SHAPE = re.compile(r"\S+ (unknown-field|unknown-word|step|missing-field: `\w+` needs `\w+`$)")
"""What `check` tells that an editor can tell, too."""
WRONG = {
    "no such kind": ("flwo: x", "flwo"),
    "no such field": ("flow: x\nsteps: [end]\nstep: []", "step"),
    "no steps": ("flow: x", "steps"),
    "no such step": ("flow: x\nsteps: [{aks: hi}]", "aks"),
    "two kinds in a step": ("flow: x\nsteps: [{ask: hi, send: hi}]", "send"),
    "no such field in a step": ("flow: x\nsteps: [{ask: hi, sav: x}]", "sav"),
    "a word that is no step": ("flow: x\nsteps: [ende]", "ende"),
    "a step inside that is wrong": ('flow: x\nsteps: [{if: text has "a", then: [{sen: x}]}]', "sen"),
    "no such content": ("flow: x\nsteps: [{send: {imgae: x}}]", "imgae"),
    "a field of another content": (
        "flow: x\nsteps: [{send: {link: {label: a, url: b}, text: c, caption: d}}]",
        "caption",
    ),
    "no such word": ("flow: x\noverlap: never\nsteps: [end]", "never"),
    "no such option": ("flow: x\nsteps: [{choose: x, options: {A: {idd: x}}}]", "idd"),
    "steps that are none": ("flow: x\nsteps: end", "end"),
    "a mapping where a text belongs": ("flow: x\nsteps: [{handoff: [a]}]", "a"),
    "no number": (
        "business: x\ntimezone: x\nlanguage: en\nnumbers: [{id: 1, phone: 2, waba: 3, coexistance: true}]",
        "coexistance",
    ),
    "no such field of the handoff": ("business: x\ntimezone: x\nlanguage: en\nhandoff: {paus: 30m}", "paus"),
    "a number that is none": ("faq: x\nthreshold: high\nanswers: []", "high"),
    "no such verb": ("test: x\nchat: [{bott: hi}]", "bott"),
    "two verbs in a line": ("test: x\nchat: [{contact: hi, bot: hi}]", "too many"),
    "a verb that does not stand alone": ("test: x\nchat: [contact]", "contact"),
    "no such field of a message": ("test: x\nchat: [{bot: {buttns: [A]}}]", "buttns"),
    "no chat": ("test: x", "chat"),
    "no such status": ("templates: x\nlist: [{name: a, language: en, category: UTILITY, status: OK}]", "OK"),
}


def steps_of(section):
    """Read the steps of all case files, with the problems they are told to have."""
    for path in CASES:
        for document in parse(path.read_text("utf-8")).documents:
            if document.kind == section:
                yield from ((f"{path.stem}: {case['it']}", case) for case in data(document.root)[section])


def test_it_is_a_schema():
    """Of the draft that editors know best, and written the same each time."""
    Draft7Validator.check_schema(SCHEMA)

    assert json.dumps(schema()) == json.dumps(SCHEMA)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(TOP).as_posix())
def test_every_example_fits(path):
    """No editor marks anything in a folder that checks clean."""
    found = [error.message for each in documents(path.read_text("utf-8")) for error in VALIDATOR.iter_errors(each)]

    assert found == []


@pytest.mark.parametrize("kind", kinds())
def test_the_example_of_every_step_fits(kind):
    """What the documentation shows is what an editor accepts."""
    found: type = kinds()[kind]
    example = meaning_of(found).example

    (flow,) = documents(f"flow: t\nsteps:\n{example}")

    assert [error.message for error in VALIDATOR.iter_errors(flow)] == []


@pytest.mark.parametrize("case", dict(steps_of("cases")).values(), ids=dict(steps_of("cases")))
def test_the_steps_of_every_case_fit(case):
    """Each way of writing a step that works is no mistake to an editor."""
    (flow,) = documents(f"flow: t\nsteps:\n{case['steps']}")

    assert [error.message for error in VALIDATOR.iter_errors(flow)] == []


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name)
        for name, case in steps_of("problems")
        if any(map(FOUND_BY_SHAPE.match, case["problems"]))
    ],
)
def test_what_check_tells_about_fields_an_editor_tells_too(case):
    """A field that is unknown or missing, a word that is none, a step of no kind or of two."""
    (flow,) = documents(f"flow: t\nsteps:\n{case['steps']}")

    assert not VALIDATOR.is_valid(flow)


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_marked(text, said):
    """The mistake itself is among what the validator names."""
    (found,) = documents(text)

    told = [inner for error in VALIDATOR.iter_errors(found) for inner in (error, *error.context)]

    assert any(said in error.message for error in told), [error.message for error in told]


def test_every_kind_of_document_has_a_schema():
    """What the loader knows, editors know; the word that begins one is no field of another."""
    own = {name for word, kind in DOCUMENTS.items() for name in fields_of(kind) if name != word}

    assert set(DOCUMENTS) == set(KINDS)
    assert own.isdisjoint(KINDS)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_kind_alone(kind):
    """The schema of one kind takes its documents, and no others."""
    validator = Draft7Validator(schema_of(kind))
    found = [each for path in EXAMPLES for each in documents(path.read_text("utf-8"))]

    assert {next(iter(each)) for each in found if validator.is_valid(each)} <= {kind}
    assert all(validator.is_valid(each) for each in found if next(iter(each)) == kind)


def test_a_new_step_kind_appears_by_itself():
    """Every kind that is discovered is offered, with its docstring."""
    step = SCHEMA["definitions"]["step"]["anyOf"][0]
    offered = step["allOf"][-1]["then"]["properties"]

    assert list(offered) == list(kinds())
    assert all(SCHEMA["definitions"][f"step.{word}"]["properties"][word]["markdownDescription"] for word in kinds())


def test_every_field_is_described():
    """There is a word for it wherever the cursor stops."""
    missing = {name for name, shape in fields_in(SCHEMA) if "description" not in shape and "$ref" not in shape}

    assert missing - set(get_args(Day)) == set()


def fields_in(shape):
    """Go through all fields that a schema knows, with the shape of each."""
    if isinstance(shape, list):
        for each in shape:
            yield from fields_in(each)
    elif isinstance(shape, dict):
        fields = shape.get("properties")
        yield from fields.items() if isinstance(fields, dict) and "type" not in fields else ()
        for each in shape.values():
            yield from fields_in(each)


def test_a_reader_without_a_shape_is_noticed():
    """Whoever writes a reader of their own says what authors write for it."""
    with pytest.raises(TypeError, match="as_written"):
        Shapes().of(Annotated[bytes, By(Reader.text)])
