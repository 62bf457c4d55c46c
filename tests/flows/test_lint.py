"""Does each rule find what its own page says, and nothing on what it recommends; and can it be silenced?"""

import re
import textwrap
from pathlib import Path

import pytest

from flows.attachments import FolderFiles, Look, nowhere
from flows.lint import lint, lints, unsilenced
from flows.load import load_files, read_folder
from rules.source import Problem, Severity

TOP = Path(__file__).parents[2]
BUSINESS = """business: Corner Shop
timezone: UTC
language: en
numbers: [{id: "1", phone: "+1 202 555 0100", waba: "2", coexistence: false}]
"""
EXAMPLE = re.compile(r"^(Bad|Good):\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def examples(code: str, kind: str) -> list[str]:
    """Return the good or the bad examples of a rule."""
    page = (lints()[code].__doc__ or "") + "\n"
    return [textwrap.dedent(text) for name, text in EXAMPLE.findall(page) if name == kind]


def told(flow: str, business: str = BUSINESS) -> list[str]:
    """Return the codes and lines of what is told of the flows."""
    return [f"{each.code} {each.file}:{each.line}" for each in problems({"business.yaml": business, "flow.yaml": flow})]


def problems(files: dict[str, str], look: Look = nowhere) -> list[Problem]:
    """Return what `check` tells of files that load."""
    loaded = load_files(files, look=look)
    assert loaded.folder is not None, loaded.problems
    return list(unsilenced((*loaded.problems, *lint(loaded.folder)), files))


def quoted(start: str) -> str:
    """Write a start as YAML."""
    return start if start.startswith("ad") else f"when: {start.removeprefix('when: ')!r}"


@pytest.mark.parametrize("code", lints())
def test_a_rule_finds_its_bad_example_and_not_its_good_one(code):
    """The page of a rule is what it does."""
    bad, good = examples(code, "Bad"), examples(code, "Good")

    assert bad
    assert good
    assert all(any(line.startswith(f"{code} ") for line in told(each)) for each in bad)
    assert not any(line.startswith(f"{code} ") for each in good for line in told(each))


def test_the_readme_has_a_page_for_each_rule():
    """It is what the modules say."""
    pages = "\n".join(f"## `{code}`\n\n{rule.__doc__}" for code, rule in lints().items())

    assert (TOP / "flows" / "lints" / "README.md").read_text().endswith(f"{pages}"), pages


@pytest.mark.parametrize("folder", sorted((TOP / "examples").iterdir()), ids=lambda folder: folder.name)
def test_the_examples_give_no_false_alarm(folder):
    """Not a hint."""
    files, _ = read_folder(folder)

    assert problems(files, FolderFiles(folder)) == []


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ("flow: a  # ok unused-flow: a campaign starts it\nsteps: [{send: x}]\n", []),
        ("# ok unused-flow: a campaign starts it\nflow: a\nsteps: [{send: x}]\n", []),
        (
            "flow: a  # ok unused-flow\nsteps: [{send: x}]\n",
            ["silence-without-reason flow.yaml:1"],
        ),
        (
            "flow: a  # ok no-person: nobody is asked\nsteps: [{send: x}]\n",
            ["unused-flow flow.yaml:1", "needless-silence flow.yaml:1"],
        ),
        (
            "flow: a\n# ok unused-flow: too far away\nsteps: [{send: x}]\n",
            ["unused-flow flow.yaml:1", "needless-silence flow.yaml:2"],
        ),
    ],
)
def test_a_rule_is_silenced_on_its_line_with_a_reason(flow, expected):
    """Silence without a reason, or where nothing is told, is told."""
    assert told(flow, BUSINESS + "otherwise: {steps: [{send: Sorry?}]}\n") == expected


def test_an_error_cannot_be_silenced():
    """It would never go live."""
    error = Problem("a.yaml", 1, 1, Severity.ERROR, "step", "A step needs exactly one of: ask", None)

    assert next(unsilenced([error], {"a.yaml": "- aks: x  # ok step: it is my own word"})) == error


START = 'flow: a\nstart: {when: text has "a"}\nsteps:\n'
ANSWERED = BUSINESS + "otherwise: {steps: [{send: Sorry?}], handoff_after: 2}\n"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("  - wait: 20h\n  - wait: 4h\n  - send: x\n", [6]),
        ("  - wait: 25h\n  - ask: x\n  - send: x\n", [5]),
        ("  - ask: x\n    no_reply: {after: 30h, steps: [{send: x}]}\n  - send: x\n", [5]),
        ("  - ask: x\n    no_reply: {after: 3h, steps: [{wait: 22h}, {send: x}]}\n", [5]),
        ("  - wait: 25h\n    when: chat.new\n  - send: x\n", []),
        ("  - wait: 2d\n  - goto: b\n---\nflow: b\nsteps: [{send: x}]\n", [8]),
        ('  - wait: 2d\n  - goto: b\n---\nflow: b\nstart: {when: text has "b"}\nsteps: [{send: x}]\n', []),
        ("  - wait: 2d\n  - call: b\n  - send: x\n---\nflow: b\nsteps: [{ask: x}]\n", [9]),
        (
            (
                "  - wait: 2d\n  - call: b\n  - send: x\n---\n"
                "flow: b\nsteps: [{call: c}]\n---\nflow: c\nsteps: [{ask: x}]\n"
            ),
            [12],
        ),
        ("  - call: b\n  - send: x\n---\nflow: b\nsteps: [{wait: 2d}]\n", [5]),
        ("  - call: b\n  - send: x\n---\nflow: b\nsteps: [{wait: 2d}, {return: }, {send: x}]\n", [5]),
        ("  - call: b\n  - send: x\n---\nflow: b\nsteps: [{wait: 2d, when: chat.new}]\n", []),
        ("  - call: b\n  - send: x\n---\nflow: b\nsteps: [{wait: 2d}, end]\n", []),
        ("  - if: chat.new\n    then: [{wait: 2d}]\n    else: [{wait: 3d}]\n  - send: x\n", [7]),
        ("  - if: chat.new\n    then: [{wait: 2d}]\n  - send: x\n", []),
        ("  - id: again\n    ask: x\n  - wait: 23h\n  - goto: again\n", []),
        ("  - wait: 3 business days\n  - send: x\n", [5]),
        ("  - wait: 1 business day\n  - send: x\n", []),
        ("  - wait: until open\n  - send: x\n", []),
    ],
)
def test_the_window_is_followed_through_the_flows(steps, expected):
    """By the shortest way on which nobody writes, since nothing is told that may be fine."""
    hours = ANSWERED + "hours: {mon-fri: [09:00-18:00]}\n"

    lines = [line.split(":")[1] for line in told(START + steps, hours) if line.startswith("closed-window")]

    assert lines == [str(each) for each in expected]


@pytest.mark.parametrize(
    ("first", "later", "is_shadowed"),
    [
        ('when: text has "cake"', 'when: text has "cake"', True),
        ('when: text has any ("cake", "pie")', 'when: text has any ("a cake", "PIE!")', True),
        ('when: text has any ("cake", "pie")', 'when: text has any ("a cake", "bread")', False),
        ('when: text has "cake"', 'when: text has "cake" and hours.open', True),
        ('when: text has "cake" and hours.open', 'when: text has "cake"', False),
        ('when: text has "cake" or chat.new', "when: chat.new", True),
        ('when: text has "cake"', 'when: text has "pancakes"', False),
        ('when: contact.name has "cake"', 'when: text has "cake"', False),
        ('when: text contains "cake"', 'when: text has "cake"', False),
        ('when: contact.tags has "vip"', 'when: contact.tags has "vip"', True),
        ('when: contact.tags has "vip"', 'when: contact.tags has "vip gold"', False),
        ("ad: any", 'ad: "120"', True),
        ('ad: "120"', "ad: any", False),
        ("ad: any", "when: chat.new", False),
    ],
)
def test_a_start_is_shadowed_where_that_is_sure(first, later, is_shadowed):
    """What may still be reached is not told."""
    flow = (
        f"flow: a\nstart:\n  {quoted(first)}\nsteps: [{{send: x}}]\n---\n"
        f"flow: b\nstart:\n  {quoted(later)}\nsteps: [{{send: x}}]\n"
    )

    found = told(flow, ANSWERED + "hours: {mon-fri: [09:00-18:00]}\n")

    assert any(line.startswith("shadowed-start") for line in found) is is_shadowed


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("  - send: '{{ qty }}'\n  - ask: x\n    save: qty\n", True),
        ("  - ask: x\n    save: qty\n  - send: '{{ qty }}'\n", False),
        ("  - if: chat.new\n    then: [{set: {qty: 1}}]\n  - send: '{{ qty }}'\n", False),
        ("  - id: again\n    send: '{{ qty }}'\n  - ask: x\n    save: qty\n  - goto: again\n", False),
        ("  - ask: x\n    save: qty\n    where: qty != 'y'\n", False),
        ("  - set: {qty: '{{ qty }}'}\n", True),
        ("  - send: '{{ contact.city }}'\n  - ask: x\n    save: contact.city\n", False),
    ],
)
def test_a_value_is_read_too_early_where_no_way_saves_it_before(steps, expected):
    """One way on which it is there is enough."""
    assert any(line.startswith("read-too-early") for line in told(START + steps, ANSWERED)) is expected


def test_conditions_that_surprise_are_told_in_flows_too():
    """Where brackets would be kinder, and where `not` meets nothing."""
    flow = 'flow: a\nstart: {when: text has "a" or text has "b" and chat.new}\nsteps: [{send: x}]\n'

    assert told(flow, ANSWERED) == ["mixed-and-or flow.yaml:2"]


PERSON = "person: {words: [person], steps: [{handoff: x}]}"
TO_PERSON = "---\nflow: menu\nsteps: [{goto: human}]\n---\nflow: human\nsteps: [{handoff: x}]\n"


@pytest.mark.parametrize(
    ("business", "flow", "is_told"),
    [
        ("", "", True),
        (f"digressions: {{{PERSON}}}\n", "", False),
        (f"digressions: {{{PERSON}}}\n", "digressions: {person: off}\n", True),
        ("", f"digressions: {{{PERSON}}}\n", False),
        ("digressions: {menu: {words: [menu], run: menu}}\n", TO_PERSON, False),
        ("digressions: {menu: {words: [menu], steps: [{goto: menu}]}}\n", TO_PERSON, False),
        ("otherwise: {steps: [{handoff: x}]}\n", "", False),
        ("otherwise: {steps: [{handoff: x}]}\n", "otherwise: {steps: [{send: Sorry?}]}\n", True),
        ("otherwise: {steps: [{send: Sorry?}], handoff_after: 2}\n", "", False),
    ],
)
def test_a_person_is_near_if_the_flow_the_business_or_a_way_out_leads_there(business, flow, is_told):
    """Also through other flows; a flow may close a way that its business opened."""
    found = told(START + "  - ask: x\n" + flow, BUSINESS + business)

    assert ("no-person flow.yaml:1" in found) is is_told
