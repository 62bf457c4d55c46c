"""Is every log line a line, and does none of them hold what is nobody's business?"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[2]
START = "import logging, structlog\nfrom adapters import logs\nlogs.configure()\nlog = structlog.get_logger()\n"
PHONE, WORDS = "5511987650001", "please tell nobody"


def run(code: str, stderr: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    """Run some code in a process of its own, its log switched on."""
    return subprocess.run(
        [sys.executable, "-c", START + code], cwd=TOP, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False
    )


def lines_of(code: str) -> list[dict[str, Any]]:
    """Return what it logged."""
    done = run(code)
    assert done.returncode == 0
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_json_with_its_moment_and_level() -> None:
    """A program can read it; a line end inside a value makes no second line."""
    [line] = lines_of("log.debug('no')\nlog.warning('store_away', error='Timeout\\nLevel: fine')")

    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "store_away", "level": "warning", "error": "Timeout\nLevel: fine"}


def test_an_exception_is_told_by_type_and_place_only() -> None:
    """Its words may quote a contact."""
    code = f"""
def decide(words):
    raise ValueError(words)
for tell in (lambda e: log.exception('a'), lambda e: log.error('b', exc_info=e)):
    try:
        decide('{WORDS} {PHONE}')
    except ValueError as error:
        tell(error)
"""
    lines = lines_of(code)

    assert [(line["event"], line["error"]) for line in lines] == [("a", "ValueError"), ("b", "ValueError")]
    assert all(line["at"][-1].endswith("decide") for line in lines)
    assert WORDS not in str(lines)
    assert PHONE not in str(lines)


def test_an_id_of_meta_is_told_by_its_digest() -> None:
    """The contact's number is inside of it; the same id has the same digest."""
    first, second = lines_of("for name in ('wamid.HBgL', 'joined/wamid.HBgL='):\n    log.error('parked', of=name)")

    assert first["of"].startswith("wamid~")
    assert second["of"].startswith("joined/wamid~")
    assert "HBgL" not in str([first, second])


def test_libraries_say_what_and_where_without_their_values() -> None:
    """A warning of theirs is a line of ours; what is below is left out."""
    code = f"""
library = logging.getLogger('somebody.s')
library.info('%s', '{WORDS}')
library.warning('Could not send to %s', '{PHONE}')
library.error("Exception in callback send(b'{WORDS}')")
try:
    raise ValueError('{WORDS}')
except ValueError:
    library.exception('Unexpected\\n{WORDS}')
"""
    lines = lines_of(code)

    assert [line["says"] for line in lines] == ["Could not send to %s", "Exception in callback send", "Unexpected"]
    assert [line["library"] for line in lines] == ["somebody.s"] * 3
    assert [line["level"] for line in lines] == ["warning", "error", "error"]
    assert lines[2]["error"] == "ValueError"
    assert WORDS not in str(lines)
    assert PHONE not in str(lines)


def test_nobody_reading_the_log_stops_nothing() -> None:
    """The service goes on when the other side of its standard error is gone."""
    code = "import os, sys\nreader, writer = os.pipe()\nos.dup2(writer, 2)\nos.close(reader)\n"

    done = run(f"{code}log.error('unheard')\nprint('on')", subprocess.DEVNULL)

    assert done.stdout == "on\n"
