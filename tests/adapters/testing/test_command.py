"""Does `baton test` tell people and programs how transcripts went?"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from adapters.cli import main
from rules.policy import restrictions

TOP = Path(__file__).parents[3]
SHOP = """business: Corner Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
---
flow: hello
start:
  - when: text has "hello"
steps:
  - send: "Hi {{ contact.name }}!"
"""
TEST = """---
test: hello
chat:
  - contact: hello
  - bot: "Hi Ana!"
"""
FAILING = TEST.replace("Hi Ana", "Hello Ana")
LONGER = """  - wait: 1h
  - send: "never said"
"""


def run(folder: Path, text: str, *options: str) -> Result:
    """Play the transcripts of a folder of one file."""
    (folder / "shop.yaml").write_text(text, "utf-8")
    return CliRunner().invoke(main, ["test", *options, str(folder)])


def test_a_folder_that_passes(tmp_path: Path):
    """The counts and the coverage are told."""
    result = run(tmp_path, SHOP + TEST)

    assert result.exit_code == 0
    assert result.stdout == "1 passed, 0 failed.\nSteps: 1 of 1 covered. Branches: 0 of 0 covered.\n"


def test_a_folder_that_fails(tmp_path: Path):
    """What was expected stands beside what came, and below it why the bot did that."""
    result = run(tmp_path, SHOP + FAILING)

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "shop.yaml:12: hello: failed",
        "shop.yaml:15: Something else left.",
        "",
        "        expected     got",
        "  text  Hello Ana! ≠ Hi Ana!",
        "",
        "  Why, after line 14 (`contact`):",
        '    trigger: `hello` fits: `text` has "hello" (shop.yaml:8)',
        "    flow: starts `hello`",
        "    step: `send` (shop.yaml:10:5)",
        "    flow: the run ends",
        '    gate: "Hi Ana!" leaves. The window is open until Tue 3 Mar 2026, 09:59.',
        "",
        "0 passed, 1 failed.",
        "Steps: 1 of 1 covered. Branches: 0 of 0 covered.",
    ]


WIDE = """---
test: wide
chat:
  - contact: hello
  - bot: {text: "日本語のテキスト、とても長いものですから折り返されるはずです。そうでしょう？", buttons: [はい, いいえ]}
"""


def test_wide_characters_keep_the_columns_straight(tmp_path: Path):
    """A character that takes two places counts as two, and no line ends in spaces."""
    result = run(tmp_path, SHOP + WIDE)

    lines = result.stdout.splitlines()
    assert lines[3:8] == [
        "           expected                                      got",
        "  text     日本語のテキスト、とても長いものですから折  ≠ Hi Ana!",
        "           り返されるはずです。そうでしょう？",
        "  buttons  はい                                        ≠ –",
        "           いいえ",
    ]
    assert [line for line in lines if line != line.rstrip()] == []


def test_chats_and_gaps_are_shown_on_request(tmp_path: Path):
    """With `-v` each line, what was said, why, and what no transcript comes to; else that there are gaps."""
    short = run(tmp_path, SHOP + LONGER + TEST)
    long = run(tmp_path, SHOP + LONGER + TEST, "-v")

    assert short.stdout.endswith("1 gap: `baton test -v` names what no transcript comes to.\n")
    assert '    bot: "Hi Ana!"' in long.stdout
    assert "starts `hello`" in long.stdout
    assert "shop.yaml:12:5: no transcript comes to the `send` in `hello`" in long.stdout


PORTUGAL = 'contact: {name: Ana, phone: "+351 912 345 678"}\nchat:'


def test_the_operators_lists_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What would not leave in production does not leave here."""
    lists = tmp_path / "lists.csv"
    lists.write_text(restrictions.DEFAULT_TEXT.replace("53,CU,Cuba", "351,PT,Portugal"), "utf-8")
    text = SHOP + TEST.replace("chat:", PORTUGAL)

    ours = run(tmp_path, text)
    monkeypatch.setenv("BATON_RESTRICTIONS", str(lists))
    theirs = run(tmp_path, text)

    assert (ours.exit_code, theirs.exit_code) == (0, 1)
    assert "restriction: Portugal (+351) is closed" in theirs.stdout


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BATON_RESTRICTIONS", "nowhere.csv", "The file that `BATON_RESTRICTIONS` names cannot be read."),
        ("BATON_RESTRICTIONS", "shop.yaml", "`BATON_RESTRICTIONS`, line 1:"),
        ("BATON_UNKNOWN_COUNTRY", "perhaps", "`BATON_UNKNOWN_COUNTRY` must be one of: refuse, allow."),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str):
    """A setting that is wrong is told in a sentence, with 2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)

    result = run(tmp_path, SHOP + TEST)

    assert (result.exit_code, result.stdout) == (2, "")
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_no_transcripts(tmp_path: Path):
    """Nothing to play is no failure, but is told."""
    result = run(tmp_path, SHOP)

    assert result.exit_code == 0
    assert result.stderr == "There are no transcripts: write a document that begins with `test:`.\n"


def test_a_broken_folder(tmp_path: Path):
    """Problems are told instead, those of the transcripts among them."""
    result = run(tmp_path, SHOP.replace("steps", "stepps") + TEST.replace("bot", "bott"))

    assert result.exit_code == 1
    assert "Did you mean `steps`?" in result.stdout
    assert "Did you mean `bot`?" in result.stdout
    assert result.stderr == "Mend 2 problems first.\n"


def test_json(tmp_path: Path):
    """Programs get counts, failures and coverage."""
    result = run(tmp_path, SHOP + FAILING, "--format", "json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "passed": 0,
        "failed": 1,
        "failures": [
            {"file": "shop.yaml", "line": 15, "test": "hello", "message": 'Expected "Hello Ana!", got "Hi Ana!".'}
        ],
        "coverage": {"steps": {"covered": 1, "total": 1}, "branches": {"covered": 0, "total": 0}},
    }


FAQ = """---
faq: shop
finds_nothing: ["how much is a taxi"]
answers:
  - id: hours
    questions: ["When do you open?"]
    answer: "At nine."
    finds: ["wen do u open"]
"""


def test_messages_of_the_faq_are_looked_up(tmp_path: Path):
    """They are counted, and a failure has its place and the reason."""
    found = run(tmp_path, SHOP + TEST + FAQ)
    lost = run(tmp_path, SHOP + TEST + FAQ.replace("wen do", "why dont"))

    assert (found.exit_code, lost.exit_code) == (0, 1)
    assert found.stdout.startswith("FAQ: 2 of 2 messages found what they should.\n1 passed, 0 failed.\n")
    assert "shop.yaml:23: `why dont u open` should find `hours`, and finds nothing" in lost.stdout
    assert "FAQ: 1 of 2 messages found what they should.\n1 passed, 0 failed.\n" in lost.stdout


def test_messages_of_the_faq_in_json(tmp_path: Path):
    """A message counts as a test, and the document is its name."""
    result = run(tmp_path, SHOP + TEST + FAQ.replace("how much is a taxi", "when do you open"), "--format", "json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["passed"], told["failed"]) == (1, 2, 1)
    assert [(each["line"], each["test"]) for each in told["failures"]] == [(18, "faq shop")]


def test_json_of_a_broken_folder(tmp_path: Path):
    """What cannot be played is a failure, too."""
    result = run(tmp_path, SHOP.replace("steps", "stepps") + TEST, "--format", "json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["passed"], told["failed"]) == (0, len(told["failures"]))
    assert told["failures"][0]["test"] == "check"


SCHEMA: dict[str, tuple[set[str], list[str]]] = {
    "testsuites": (set(), ["testsuite"]),
    "testsuite": (
        {"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "time"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["failure", "error"]),
    "failure": ({"type", "message"}, []),
    "error": ({"type", "message"}, []),
    "system-out": (set(), []),
    "system-err": (set(), []),
}
"""What the schemas of Ant and Jenkins have in common: of each element all attributes, and its children in order."""

ODD = TEST.replace("test: hello", r'test: "<&> \u0001 \uFFFE \U0001F600"').replace("Hi Ana", r"\u0002 & ]]>")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (SHOP, []),
        (SHOP + TEST, [("1", "0", "0")]),
        (SHOP + TEST + FAILING, [("2", "1", "0")]),
        (SHOP + TEST + FAQ, [("1", "0", "0"), ("2", "0", "0")]),
        (SHOP + FAQ.replace("wen do", "why dont"), [("2", "1", "0")]),
        (SHOP + ODD, [("1", "1", "0")]),
        (SHOP.replace("steps", "stepps") + TEST, [("1", "0", "1")]),
    ],
    ids=["none", "passed", "failed", "FAQ", "FAQ that fails", "odd characters", "broken"],
)
def test_junit(tmp_path: Path, text: str, counts: list[tuple[str, str, str]]):
    """CI gets XML that is valid by both schemas, whatever is in the texts."""
    result = run(tmp_path, text, "--format", "junit")

    root = ET.fromstring(result.stdout_bytes)  # noqa: S314 - our own words
    assert result.exit_code == (0 if all(wrong == ["0", "0"] for _, *wrong in counts) else 1)
    assert [tuple(suite.attrib[name] for name in ("tests", "failures", "errors")) for suite in root] == counts
    for element in root.iter():
        attributes, children = SCHEMA[element.tag]
        assert set(element.attrib) == attributes
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)


def test_junit_shows_what_people_would_see(tmp_path: Path):
    """A failure in XML has the same place, sides and reasons."""
    result = run(tmp_path, SHOP + FAILING, "--format", "junit")

    (failure,) = ET.fromstring(result.stdout_bytes).iter("failure")  # noqa: S314 - our own words
    assert failure.attrib["message"] == 'Expected "Hello Ana!", got "Hi Ana!".'
    assert (failure.text or "").startswith("shop.yaml:15: Something else left.\n")
    assert "≠ Hi Ana!" in (failure.text or "")


@pytest.mark.parametrize("form", ["json", "junit"])
def test_watching_is_for_people(tmp_path: Path, form: str):
    """A stream of documents is of no use to a program."""
    result = run(tmp_path, SHOP + TEST, "--watch", "--format", form)

    assert result.exit_code == 2
    assert "`--watch` is for people" in result.stderr


def wait_for(stream: IO[bytes], words: bytes) -> bytes:
    """Read until words come, or for ten seconds."""
    read, ends_at = b"", time.monotonic() + 10
    while words not in read and time.monotonic() < ends_at:
        if select.select([stream], [], [], 0.1)[0]:
            read += os.read(stream.fileno(), 65536)
    return read


def test_watching(tmp_path: Path):
    """Transcripts are played again when a file changes, also after one that was broken; Ctrl-C ends with 130."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP + TEST, "utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "test", "--watch", str(tmp_path)],
        cwd=TOP,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = wait_for(process.stdout, b"covered")
        wait_for(process.stderr, b"Ctrl-C")

        file.write_text(SHOP.replace("steps", "stepps"), "utf-8")
        broken = wait_for(process.stdout, b"Did you mean")
        wait_for(process.stderr, b"Ctrl-C")
        file.write_text(SHOP + FAILING, "utf-8")
        mended = wait_for(process.stdout, b"covered")
        wait_for(process.stderr, b"Ctrl-C")
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 130
        assert b"Traceback" not in process.stderr.read()
    assert b"1 passed, 0 failed." in first
    assert b"shop.yaml" in broken
    assert b"Did you mean `steps`?" in broken
    assert b"0 passed, 1 failed." in mended
