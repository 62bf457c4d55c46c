"""Which conditions are right, and may still not say what their author means?"""

import pytest

from rules.conditions import lint
from rules.source import Severity


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a or b and c", [(1, 6, "mixed-and-or", Severity.WARNING, "Write `(b and c)`")]),
        ("(a or b and c)\n and not d = 1", [
            (1, 7, "mixed-and-or", Severity.WARNING, "Write `(b and c)`"),
            (2, 6, "not-with-nothing", Severity.HINT, "If that is not meant, add `d is set and`"),
        ]),
        ("not (qty between 1 and 2)", [
            (1, 1, "not-with-nothing", Severity.HINT, "If that is not meant, add `qty is set and`"),
        ]),
        ("a or b # first\n and # then\n c", [(1, 6, "mixed-and-or", Severity.WARNING, "Write `(b and c)`")]),
        ("a or (b and c)", []),
        ("a and b and c", []),
        ("not a", []),
        ("not a is set", []),
        ("a or and", []),
    ],
)  # fmt: skip
def test_what_surprises_is_told(text, told):
    """Mixed joints and denied comparisons load, and are pointed at."""
    found = [(each.line, each.column, each.code, each.severity, each.hint) for each in lint(text)]

    assert found == told
