"""Are problems shown so that their place can be seen?"""

import json

from flows.problems import as_github, as_json, show
from rules.source import Problem, Severity

PROBLEM = Problem("flows/a.yaml", 3, 5, Severity.ERROR, "step", "A step needs a kind", "Did you mean `ask`?")


def test_a_problem_is_shown_with_its_line_and_a_caret():
    """Place and sentence, the line, the caret, what to write instead."""
    assert show(PROBLEM, "  - aks: Navn?").split("\n") == [
        "flows/a.yaml:3:5: A step needs a kind",
        "  |   - aks: Navn?",
        "  |     ^",
        "  Did you mean `ask`?",
    ]


def test_a_problem_without_a_line_is_only_a_sentence():
    """A missing file has no line to show."""
    assert show(Problem("b.yaml", 1, 1, Severity.ERROR, "x", "No file"), "") == "b.yaml:1:1: No file"


def test_a_long_line_is_cut_around_the_place():
    """The caret still stands below its character."""
    problem = Problem("a.yaml", 1, 501, Severity.ERROR, "x", "Here")

    _, line, caret = show(problem, "a" * 500 + "X" + "b" * 500).split("\n")

    assert line[caret.index("^")] == "X"
    assert len(line) < 170


def test_programs_get_json():
    """The form that `--format json` promises, field by field."""
    assert json.loads(as_json([PROBLEM])) == {
        "problems": [
            {
                "file": "flows/a.yaml",
                "line": 3,
                "column": 5,
                "severity": "error",
                "code": "step",
                "message": "A step needs a kind",
                "hint": "Did you mean `ask`?",
            }
        ]
    }


def test_github_gets_a_command():
    """One line each, with line ends and percent signs escaped."""
    problem = Problem("a.yaml", 2, 3, Severity.HINT, "x", "100 %\nno")

    assert as_github(problem) == "::notice file=a.yaml,line=2,col=3,title=x::100 %25%0Ano"
