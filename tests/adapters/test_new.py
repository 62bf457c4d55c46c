"""Does `baton new` make a business that works, and all of it or nothing?"""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.cli import main
from flows.blueprint import blueprints
from flows.load import load, read_folder

BLUEPRINTS = tuple(blueprints(read_folder(Path(__file__).parents[2] / "flows" / "blueprints")[0]))
NAME = 'Joe\'s "Café": #1 {{ x }} 🍰\nline two'
BOOKING = ("--blueprint", "booking", "--answer", "business=Sunrise")


def run(*words: str) -> Result:
    """Run a command in this process, where nobody types."""
    return CliRunner().invoke(main, words)


def plain(text: str) -> str:
    """Return what was said, without its frame."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
@pytest.mark.parametrize("name", BLUEPRINTS)
def test_from_new_to_tested(tmp_path: Path, name: str, language: str):
    """What it makes checks clean and passes its tests, also under an awkward name."""
    folder = str(tmp_path / "shop")

    made = run("new", folder, "--blueprint", name, "--answer", f"business={NAME}", "--answer", f"language={language}")

    assert (made.exit_code, made.stderr) == (0, "")
    assert all(f"baton {each} {folder}" in made.stdout for each in ("check", "chat", "test"))
    assert run("check", folder, "--strict").exit_code == 0
    assert run("test", folder).exit_code == 0
    found = load(Path(folder)).folder
    assert found is not None
    assert found.business.business == NAME


def test_examples_of_numbers_are_called_so(tmp_path: Path):
    """Until they are one's own."""
    own = ("--answer", "phone_id=15550100", "--answer", "waba=15550101", "--answer", "phone=+1 212 555 0199")

    suggested, told = run("new", str(tmp_path / "a"), *BOOKING), run("new", str(tmp_path / "b"), *BOOKING, *own)

    assert "put your own `phone`, `id`, `waba` into business.yaml" in suggested.stdout
    assert "put your own" not in told.stdout


def test_an_answer_is_in_one_language_only(tmp_path: Path):
    """What was answered in words stands in the texts of the other languages as it is, unless it was suggested."""
    both = ("--answer", "languages=pt_BR")

    answered = run("new", str(tmp_path / "a"), *BOOKING, *both, "--answer", "service=a visit")
    suggested, alone = run("new", str(tmp_path / "b"), *BOOKING, *both), run("new", str(tmp_path / "c"), *BOOKING)

    assert 'stands in `pt_BR.yaml` as you wrote it ("a visit")' in answered.stdout
    assert "as you wrote it" not in suggested.stdout + alone.stdout


def test_the_list():
    """A line about each, and what it asks."""
    result = run("new", "--list")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[::2]] == list(BLUEPRINTS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say with --blueprint what the bot is for: `ad`, `booking`"),
        (("--blueprint", "bokking"), "There is no blueprint `bokking`. Did you mean `booking`?"),
        (("--blueprint", "booking"), 'What is the business called? Answer with --answer business="…".'),
        (("--blueprint", "booking", "--answer", "business"), "This takes KEY=VALUE, not `business`."),
        ((*BOOKING, "--answer", "phones=1"), "`booking` does not ask for `phones`. Did you mean `phone`?"),
        ((*BOOKING, "--answer", "opens=nine", "--answer", "most=x"), "opens: This takes a time such as `09:00`"),
    ],
)
def test_what_is_missing_or_wrong_is_said(tmp_path: Path, words: tuple[str, ...], said: str):
    """In a sentence, and nothing is written."""
    result = run("new", str(tmp_path / "shop"), *words)

    assert result.exit_code == 2
    assert said in plain(result.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_left_alone(tmp_path: Path):
    """Not even one file is added."""
    (tmp_path / "notes.txt").write_text("mine")

    result = run("new", str(tmp_path), *BOOKING)

    assert result.exit_code == 2
    assert "holds files already" in plain(result.stderr)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_its_place(tmp_path: Path):
    """It is no folder."""
    (tmp_path / "shop").write_text("mine")

    result = run("new", str(tmp_path / "shop"), *BOOKING)

    assert result.exit_code == 2
    assert "is a file" in plain(result.stderr)


def test_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder is filled where it is."""
    monkeypatch.chdir(tmp_path)

    result = run("new", ".", *BOOKING)

    assert result.exit_code == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["booking.yaml", "business.yaml", "tests"]


def test_where_nothing_can_be_written(tmp_path: Path):
    """A sentence says so."""
    (tmp_path / "file").write_text("")

    result = run("new", str(tmp_path / "file" / "shop"), *BOOKING)

    assert result.exit_code == 2
    assert "cannot be written" in plain(result.stderr)


def in_a_terminal(folder: Path, typed: str) -> tuple[int, str]:
    """Run the real command in a terminal of its own, and type."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "adapters.cli", "new", str(folder)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        said = process.communicate(timeout=60)[0].decode()
        os.close(ours)
    return process.returncode, said


def test_asked_in_a_terminal(tmp_path: Path):
    """What cannot be used is asked again; an empty answer takes what is suggested."""
    answers = ["nonsense", "faq", "pt", "pt_BR", "", "Padaria do Zé", *[""] * 9]

    code, said = in_a_terminal(tmp_path / "shop", "\n".join(answers) + "\n")

    assert code == 0, said
    assert "There is no blueprint `nonsense`." in said
    assert "not in `pt`. Did you mean `pt_BR`?" in said
    found = load(tmp_path / "shop").folder
    assert found is not None
    assert (found.business.business, found.business.timezone) == ("Padaria do Zé", "America/Sao_Paulo")


def test_interrupted_in_a_terminal(tmp_path: Path):
    """The key for it ends the questions, and nothing is written."""
    code, said = in_a_terminal(tmp_path / "shop", "faq\n\x04")

    assert code == 130
    assert "Nothing was written." in said
    assert list(tmp_path.iterdir()) == []
