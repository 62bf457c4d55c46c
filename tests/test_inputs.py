"""Does every bad input that was thought of still have a test that sends it?"""

import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

TOP = Path(__file__).parents[1]
TABLE = tomllib.loads(Path(__file__).with_name("inputs.toml").read_text("utf-8"))
# Signatures and HTTP, JSON of payloads, what events mean, people, YAML, conditions, texts, calls, start-up, exports.
THOUGHT_OF = {"S": 26, "J": 28, "W": 24, "P": 24, "Y": 24, "D": 17, "T": 19, "C": 19, "K": 18, "X": 1}


def test_every_test_and_case_of_the_table_is_there() -> None:
    """A test that is renamed takes its row of the table along."""
    files = sorted({test.partition("::")[0] for test in TABLE})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "long or not long", *files]
    told = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False).stdout.splitlines()
    collected = {*told, *(each.partition("[")[0] for each in told)}

    wanted = {test for test, inputs in TABLE.items() if any("what" in each for each in inputs.values())}
    wanted |= {
        f"{test}[{case}]"
        for test, inputs in TABLE.items()
        for each in inputs.values()
        for case in each.get("cases", ())
    }
    assert sorted(wanted - collected) == []


def test_no_input_is_forgotten() -> None:
    """Each says what it is and how it ends; what has no test any more is missed here."""
    rows = [(code, row) for inputs in TABLE.values() for code, row in inputs.items()]

    assert Counter(code[0] for code in {code for code, _ in rows}) == THOUGHT_OF
    assert [code for code, row in rows if set(row) not in ({"cases", "ends"}, {"what", "ends"})] == []
