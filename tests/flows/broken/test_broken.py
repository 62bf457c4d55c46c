"""Is an author told what is wrong, where, and what to write instead, and nothing that is not so?"""

import ast
import re
from pathlib import Path

import pytest

from flows.document import parse
from flows.kinds import kinds
from flows.lint import lint, lints, unsilenced
from flows.load import in_order, load_files
from flows.nodes import Map, Scalar, Seq
from flows.transcript_file import transcripts

HERE = Path(__file__).parent
TOP = HERE.parents[2]
FEWEST, FEWEST_OF_MANY = 120, 10
MANY = "many"
AUTHORS = ("flows", "rules")  # whose code tells authors what is wrong
TELLS = frozenset(
    {"tell", "_tell", "refuse", "Problem", "Mistake", "Fault", "of_step", "of_spot", "of_place", "mistake_at"}
    | {"mistake", "_mistake", "_wrong"}
)
CODE = re.compile("[a-z]+(-[a-z]+)*")
IN_STEPS = re.compile(r"[0-9]+:[0-9]+ (?P<code>[a-z-]+): ")
OPERATORS = frozenset({"restriction-list"})
"""Told to who runs Baton, not to authors."""
OF_DISK = frozenset({"unreadable-file", "file-size"})
"""Met only by files that are no text."""
FOLDER = {
    "business.yaml": """
business: Sunrise Bakery
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5678", waba: "2"}]
hours: {mon-fri: 09:00-18:00}
otherwise: {steps: [{send: "Sorry?"}], handoff_after: 3}
digressions: {person: {words: [person], steps: [{handoff: "Wants to talk"}]}}
""",
    "other.yaml": """
flow: other
start: {when: text has "other"}
steps: [end]
""",
    "templates.yaml": """
templates: "2"
list:
  - {name: plain, language: en, category: UTILITY, status: APPROVED, body: "Hello"}
  - {name: greet, language: en, category: MARKETING, status: APPROVED, body: "Hi {{1}}"}
  - {name: greet, language: pt_BR, category: MARKETING, status: APPROVED, body: "Oi {{1}}"}
  - {name: named, language: en, category: UTILITY, status: APPROVED, format: named, body: "Hi {{name}}"}
  - {name: paused, language: en, category: UTILITY, status: PAUSED, body: "Hello"}
  - {name: pictured, language: en, category: UTILITY, status: APPROVED, header: {format: IMAGE}, body: "Hello"}
  - {name: titled, language: en, category: UTILITY, status: APPROVED, header: "Hi {{1}}", body: "Hello"}
  - {name: code, language: en, category: AUTHENTICATION, status: APPROVED, body: "Hello"}
  - {name: coupon, language: en, category: MARKETING, status: APPROVED, buttons: [{type: COPY_CODE, text: Copy}]}
  - name: tracked
    language: en
    category: UTILITY
    status: APPROVED
    body: Hello
    buttons:
      - {type: QUICK_REPLY, text: Thanks}
      - {type: URL, text: Track, url: "https://example.com/t/{{1}}"}
      - {type: PHONE_NUMBER, text: Call, phone_number: "+5511912345678"}
""",
}
"""What the files of a case are put beside, or in the place of."""


def plain(node):
    """Turn values with places into the values alone."""
    if isinstance(node, Scalar):
        return "" if node.style and node.text is None else node.text
    if isinstance(node, Map):
        return {key: plain(value) for key, value in node.items.items()}
    assert isinstance(node, Seq)
    return [plain(each) for each in node.items]


def cases():
    """Read every case, with the name of its file."""
    for path in sorted(HERE.glob("*.yaml")):
        parsed = parse(path.read_text("utf-8"))
        assert parsed.mistakes == (), (path.name, parsed.mistakes)
        yield from ((path.stem, each) for document in parsed.documents for each in plain(document.root)["cases"])


def written(text):
    """Write a file of a case: its text, or what comes again and again in it between a beginning and an end."""
    if isinstance(text, dict):
        return text["begins"] + text["again"] * int(text["times"]) + text["ends"]
    return text or ""


def problems_of(case):
    """Check the folder of a case as `baton check` does."""
    files = FOLDER | {name: written(text) for name, text in case.items() if Path(name).suffix}
    loaded = load_files(files)
    _, of_tests = transcripts(loaded)
    found = lint(loaded.folder) if loaded.folder else ()
    return in_order(tuple(unsilenced((*loaded.problems, *of_tests, *found), files)))


def as_written(problem):
    """Write a problem the way case files do."""
    return {
        "at": f"{problem.file}:{problem.line}:{problem.column}",
        "is": f"{problem.severity} {problem.code}",
        "says": problem.message.replace(", ".join(kinds()), "KINDS"),
        "hint": problem.hint,
    }


def codes_told():
    """Find every code of a problem in the sources."""
    found = set()
    for path in (each for folder in AUTHORS for each in (TOP / folder).rglob("*.py")):
        for call in (each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            texts = [each.value for each in call.args if isinstance(each, ast.Constant) and name in TELLS]
            found |= {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}
    return found


CASES = list(cases())


@pytest.mark.parametrize(("theme", "case"), CASES, ids=[f"{theme}: {case['it']}" for theme, case in CASES])
def test_a_broken_folder_is_told_with_its_fix(theme, case):
    """The whole list, in file order: the place, how serious it is, what is wrong, and what to write instead."""
    told = [as_written(each) for each in problems_of(case)]

    assert told == case["problems"]
    assert told if theme != MANY else len(told) > 1


def test_there_are_enough_cases():
    """Most have one mistake; some have many at once."""
    of_many = [case for theme, case in CASES if theme == MANY]

    assert len(CASES) - len(of_many) >= FEWEST
    assert len(of_many) >= FEWEST_OF_MANY
    assert len({(theme, case["it"]) for theme, case in CASES}) == len(CASES)


def test_every_code_is_met():
    """What is told anywhere in the sources is told in a case, here or of a step; lints have their own pages."""
    met = {problem["is"].split()[1] for _, case in CASES for problem in case["problems"]}
    of_steps = {code for path in HERE.parent.glob("steps/*.yaml") for code in IN_STEPS.findall(path.read_text("utf-8"))}

    assert codes_told() - met - of_steps - set(lints()) - OPERATORS - OF_DISK == set()


def test_the_folder_of_the_cases_is_fine():
    """What is told comes of the case alone."""
    assert problems_of({}) == ()
