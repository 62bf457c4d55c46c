"""Is what the README says of questions true?"""

import re
from pathlib import Path

import pytest

from rules.questions import Question, Questions

TEXT = (Path(__file__).parents[2] / "rules" / "README.md").read_text(encoding="utf-8")


def lines(kind):
    """Go through the lines of the README's blocks of a kind."""
    return [line for block in re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def asked():
    """Read the questions."""
    for line in lines("faq"):
        answer, phrases = line.split(maxsplit=1)
        yield from (Question(answer, phrase) for phrase in phrases.split(" / "))


ASKED = Questions(asked(), ["en", "pt"])


@pytest.mark.parametrize("line", lines("questions"))
def test_every_message_finds_what_it_says(line):
    """A message stands before its answer and score, or before the answer that only comes near, if there is one."""
    message, sign, expected = re.findall(r"^(.*?)\s+([→✗]) ?(.*)$", line)[0]

    found = ASKED.best(message)
    near = ASKED.nearest(message, 1, 0.4)

    assert (found is not None) == (sign == "→")
    assert [f"{each.answer} {each.score:.2f}" for each in ([found] if found else near)] == (
        [expected] if expected else []
    )
