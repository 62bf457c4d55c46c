"""Does the command line say what it should, where it should, and with which exit code?"""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rich_click as click
from click.testing import CliRunner, Result

from adapters.cli import COMMANDS, SECTIONS, main
from adapters.running import HELP_WIDTH
from adapters.settings import SETTINGS

TOP = Path(__file__).parents[2]
BAKERY = str(TOP / "examples" / "bakery")
BATON = [sys.executable, "-m", "adapters.cli"]
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
WARNED = """  - end: true
  - send: "never said"
"""


def run(*words: str, typed: str = "") -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, words, input=typed)


def a_folder(tmp_path: Path, text: str) -> str:
    """Write a folder of one file."""
    (tmp_path / "shop.yaml").write_text(text, "utf-8")
    return str(tmp_path)


def test_check_of_a_clean_folder():
    """Nothing on stdout, a word on stderr, and 0."""
    result = run("check", BAKERY)

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("No problems in")


def test_check_points_at_the_place(tmp_path: Path):
    """A problem is shown with its line, a caret and the fix, and the exit code is 1."""
    folder = a_folder(tmp_path, SHOP.replace("contact.name", "contact.nam"))

    result = run("check", folder)

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "shop.yaml:10:18: Nothing is called `contact.nam`",
        '  |   - send: "Hi {{ contact.nam }}!"',
        "  |                  ^",
        "  Did you mean `contact.name`?",
    ]
    assert result.stderr == "1 problem.\n"


def test_check_in_json(tmp_path: Path):
    """Programs get every field."""
    folder = a_folder(tmp_path, SHOP + "---\ntest: it\nchat:\n  - bott: hi\n")

    result = run("check", folder, "--format", "json")

    (problem,) = (each for each in json.loads(result.stdout)["problems"] if each["severity"] == "error")
    assert result.exit_code == 1
    assert problem["message"].endswith("not `bott`")
    assert {name: problem[name] for name in ("file", "line", "column", "severity", "code", "hint")} == {
        "file": "shop.yaml",
        "line": 14,
        "column": 5,
        "severity": "error",
        "code": "unknown-verb",
        "hint": "Did you mean `bot`?",
    }


def test_check_for_github(tmp_path: Path):
    """GitHub gets a command for each problem."""
    folder = a_folder(tmp_path, SHOP.replace("steps", "stepps"))

    result = run("check", folder, "--format", "github")

    assert result.exit_code == 1
    assert result.stdout.startswith("::error file=shop.yaml,line=")


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_check_and_warnings(tmp_path: Path, options: tuple[str, ...], code: int):
    """A warning fails only where it is asked to."""
    folder = a_folder(tmp_path, SHOP + WARNED)

    result = run("check", folder, *options)

    assert "never reached" in result.stdout
    assert result.exit_code == code


@pytest.mark.parametrize("command", ["check", "test", "chat", "graph", "publish", "run", "serve"])
def test_a_folder_that_is_not_there(command: str):
    """A missing folder is told in a sentence, with 2."""
    result = run(command, "nowhere")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no folder `nowhere`" in result.stderr


@pytest.mark.parametrize("command", ["check", "publish", "run"])
def test_a_file_in_place_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str):
    """Whoever names a file of the folder is told that the folder is wanted."""
    a_folder(tmp_path, SHOP)
    monkeypatch.chdir(tmp_path)
    file = next(each for each in tmp_path.rglob("*.yaml")).relative_to(tmp_path)

    result = run(command, str(file))

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"`{file}` is a file. Give the folder" in result.stderr


def test_a_file_that_cannot_be_read(tmp_path: Path):
    """What is no text is told in a sentence, with 2."""
    (tmp_path / "shop.yaml").write_bytes(b"business: \xff\xfe")

    result = run("check", str(tmp_path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "shop.yaml: The file cannot be read: it is not UTF-8." in result.stderr


def test_a_command_that_is_not_there():
    """The nearest name is offered."""
    result = run("chek")

    assert result.exit_code == 2
    assert "Did you mean `check`?" in result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str):
    """Nothing has to be guessed."""
    command = main.get_command(click.Context(main), name)

    assert command is not None
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_lists_every_command(name: str):
    """A line each, in one of its two lists."""
    listed = re.findall(r"^baton ([a-z-]+)\b.* {2}\S", (TOP / "README.md").read_text("utf-8"), re.MULTILINE)

    assert name in listed


def test_help_names_every_command_once_under_what_it_is_for():
    """Whoever begins sees what there is to do, and in which order."""
    said = run("--help").stdout

    places = [said.index(f"─ {title} ─") for title in SECTIONS]
    assert places == sorted(places)
    assert "─ Commands ─" not in said  # for what stands under nothing


def test_help_of_campaigns_is_in_the_order_of_their_life():
    """A plan comes before a start."""
    command = main.get_command(click.Context(main), "campaign")

    assert isinstance(command, click.Group)
    assert command.list_commands(click.Context(command)) == [
        "list",
        "plan",
        "start",
        "watch",
        "pause",
        "resume",
        "stop",
    ]


def test_settings_fit_a_narrow_terminal():
    """Each is named with its default, and its help stands below."""
    lines = run("settings").stdout.splitlines()

    assert lines[:2] == ["BATON_REDIS_URL: (unset)", f"    {SETTINGS[0].help}"]
    assert max(map(len, lines)) <= HELP_WIDTH


def test_an_interrupt(tmp_path):
    """Ctrl-C ends a check with 130, and no traceback."""
    many = "".join(f'---\nflow: f{n}\nstart: [{{when: text has "a{n}"}}]\nsteps: [end]\n' for n in range(6_000))
    (tmp_path / "shop.yaml").write_text(SHOP + many)
    checking = subprocess.Popen([*BATON, "check", str(tmp_path)], cwd=TOP, stderr=subprocess.PIPE, text=True)

    time.sleep(0.7)
    checking.send_signal(signal.SIGINT)
    _, said = checking.communicate(timeout=30)

    assert (checking.returncode, said) == (130, "")


def test_output_into_a_closed_pipe():
    """Whoever reads only the first line gets no traceback."""
    piped = subprocess.run(
        ["/bin/sh", "-c", '"$@" | head -1', "sh", *BATON, "test", "-v", BAKERY],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(piped.stdout.splitlines()) == 1
    assert "Traceback" not in piped.stderr
