"""Does a chat in a real terminal look good, reload changed files, and end politely?"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

TOP = Path(__file__).parents[3]
BATON = [sys.executable, "-m", "adapters.cli"]
COLUMNS = 80
PATIENCE_S = 15
STYLE = re.compile(r"\x1b\[[0-9;]*m")
OTHER_CODES = re.compile(r"\x1b\[\?[0-9]+[hl]|\x1b[=>]|\r")
OPTIONS = ("--at", "2026-03-02 10:00", "--name", "愛")
PROMPT = "愛 › "
ON_ITS_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal its own, so that Ctrl-C reaches it as it would reach any other program."""
SHOP = """business: "مخبز الشروق 日の出"
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
---
flow: order
start:
  - when: text has "order"
steps:
  - send: "مرحبا {{ contact.name }}! هذه رسالة طويلة جدا تمتد على أكثر من سطر واحد في الطرفية، with some English 123."
  - send: "日本語のとても長いメッセージです。端末の幅を超えるので、途中で折り返されるはずです。大丈夫でしょうか？"
  - send: "https://example.com/a/very/long/link/that/has/no/spaces/at/all/and/therefore/must/be/broken/somewhere/in/it"
  - choose: "How many?"
    options: {"Uma caixa de pão": , "パンの箱": }
  - send: "Noted."
"""


class Terminal:
    """A terminal with a chat in it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Start the chat."""
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_ITS_TERMINAL, *BATON, "chat", str(folder), *OPTIONS],
            cwd=TOP,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", **environment},
        )
        os.close(theirs)
        self.read(lambda seen: STYLE.sub("", seen).endswith(PROMPT))

    def read(self, is_over: Callable[[str], bool]) -> str:
        """Read until all has come that is waited for; return it without what only moves the cursor."""
        new, ends_at = b"", time.monotonic() + PATIENCE_S
        while not is_over(_seen(new)) and time.monotonic() < ends_at:
            if select.select([self._own], [], [], 0.1)[0]:
                try:
                    new += os.read(self._own, 65536)
                except OSError:  # nobody has the other end any more
                    break
        return _seen(new)

    def answer(self, keys: str) -> str:
        """Press keys, and return what comes before the next prompt."""
        os.write(self._own, keys.encode())
        return self.read(lambda seen: STYLE.sub("", seen).endswith(PROMPT))

    def press(self, keys: str, until: str) -> str:
        """Press keys, and read until words come."""
        os.write(self._own, keys.encode())
        return self.read(lambda seen: until in seen)

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """Leave nothing running."""
        self.process.kill()
        self.process.wait()
        os.close(self._own)


def _seen(output: bytes) -> str:
    return OTHER_CODES.sub("", output.decode("utf-8", "replace"))


Opening = Callable[..., Terminal]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opening]:
    """Give a function that opens a terminal with a chat in it."""
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")
    terminals: list[Terminal] = []

    def open_one(**environment: str) -> Terminal:
        terminals.append(Terminal(tmp_path, {"NO_COLOR": "1", **environment}))
        return terminals[-1]

    yield open_one
    for each in terminals:
        each.close()


def test_nothing_is_wider_than_the_terminal(opened: Opening):
    """Bubbles fit in 80 columns, whatever the script, and wide characters count as two."""
    lines = opened().answer("order\r").split("\n")

    assert max(map(cell_len, lines)) <= COLUMNS
    assert sum(line.startswith("  ┃ ") for line in lines) == 9
    assert "  ┃ [2] パンの箱" in lines


def test_colours(opened: Opening):
    """The bot's bar is green, the owner's yellow."""
    terminal = opened(NO_COLOR="")

    assert "\x1b[32m┃ \x1b[0m" in terminal.answer("order\r")
    assert "\x1b[33m┃ \x1b[0mhello" in terminal.answer("/owner hello\r")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"NO_COLOR": "", "TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_no_colours(opened: Opening, environment: dict[str, str]):
    """Who wants none gets none, and the same words."""
    drawn = opened(**environment).answer("order\r")

    assert "  ┃ [2] パンの箱" in drawn
    assert STYLE.findall(drawn) == []


def test_the_tab_key_completes(opened: Opening):
    """Words and what can be tapped need not be written to their end."""
    terminal = opened()
    terminal.answer("order\r")

    assert 'taps "Uma caixa de pão".' in terminal.answer("/ta\tU\t\r")


def test_changed_files_answer_what_was_said(opened: Opening, tmp_path: Path):
    """Before the next line is answered the chat is played again, and what goes another way is shown."""
    terminal = opened()
    terminal.answer("order\r")
    (tmp_path / "shop.yaml").write_text(SHOP.replace("How many?", "How much?"), "utf-8")

    drawn = terminal.answer("/tap 2\r")

    assert "shop.yaml changed. From here on the chat goes another way:" in drawn
    assert drawn.index("┃ How much?") < drawn.rindex("愛 › /tap 2\n") < drawn.index("┃ Noted.")


def test_changes_that_change_nothing(opened: Opening, tmp_path: Path):
    """Who only moves a flow elsewhere is told that all stays as it is."""
    terminal = opened()
    terminal.answer("order\r")
    (tmp_path / "shop.yaml").write_text(f"# ours\n{SHOP}", "utf-8")

    assert "shop.yaml changed. What was said so far stays as it is." in terminal.answer("/state\r")


def test_a_broken_folder_keeps_the_old_flows(opened: Opening, tmp_path: Path):
    """Problems are shown, and the chat goes on as if nothing had changed; once mended, it follows again."""
    terminal = opened()
    terminal.answer("order\r")
    (tmp_path / "shop.yaml").write_text(SHOP.replace("steps:", "stepps:"), "utf-8")

    broken = terminal.answer("/tap 1\r")
    (tmp_path / "shop.yaml").write_text(SHOP.replace("Noted.", "Written down."), "utf-8")
    mended = terminal.answer("/reload\r")

    assert "Did you mean `steps`?" in broken
    assert "1 problem to mend. The chat goes on with the files as they were." in " ".join(broken.split())
    assert "┃ Noted." in broken
    assert "From here on the chat goes another way:" in mended
    assert "┃ Written down." in mended


def test_a_chat_that_cannot_go_on(opened: Opening, tmp_path: Path):
    """Where new flows do not offer what was tapped, the chat ends before that."""
    terminal = opened()
    terminal.answer("order\r")
    terminal.answer("/tap 1\r")
    (tmp_path / "shop.yaml").write_text(SHOP.replace("Uma caixa", "Duas caixas"), "utf-8")

    reloaded = terminal.answer("/reload\r")
    tapped = terminal.answer("/tap 1\r")

    assert "Here it ends: There is no `Uma caixa de pão` to tap" in reloaded
    assert 'taps "Duas caixas de pão".' in tapped


def test_a_folder_that_is_gone(opened: Opening, tmp_path: Path):
    """Whoever moves the folder while chatting is told so."""
    terminal = opened()
    elsewhere = tmp_path.rename(tmp_path.with_name("elsewhere"))

    drawn = terminal.answer("order\r")
    elsewhere.rename(tmp_path)

    assert "There is no folder" in drawn
    assert "The chat goes on with the files as they were." in " ".join(drawn.split())


def test_the_end_of_the_input(opened: Opening):
    """Ctrl-D ends with 0."""
    terminal = opened()

    assert terminal.press("\x04", "over.").splitlines()[-1] == "The chat is over."
    assert terminal.end() == 0


def test_an_interrupt(opened: Opening):
    """Ctrl-C ends with 130, and no traceback, also in the middle of a line."""
    terminal = opened()

    terminal.press("half a li", "half a li")
    time.sleep(0.2)  # a signal in the very moment of a key is only seen with the next one: Python's `input` is so

    assert terminal.press("\x03", "over.").splitlines()[-1] == "The chat is over."
    assert terminal.end() == 130


def test_an_interrupt_where_nobody_types(tmp_path: Path):
    """The signal ends a chat that reads from a pipe, too."""
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")
    with subprocess.Popen(
        [*BATON, "chat", str(tmp_path)],
        cwd=TOP,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()

        process.send_signal(signal.SIGINT)

        assert process.wait(PATIENCE_S) == 130
        assert b"Traceback" not in process.stderr.read()


def piped(folder: Path, typed: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Chat through pipes."""
    return subprocess.run(
        [*BATON, "chat", str(folder), "--at", "2026-03-02 10:00"],
        cwd=TOP,
        input=typed,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_pipe_gets_plain_lines_that_are_not_wrapped(tmp_path: Path):
    """What is said can be searched for, and there are no codes of a terminal in it."""
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")

    done = piped(tmp_path, b"order\n/quit\n", PYTHONUTF8="1")

    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\x1b" not in done.stdout.decode()
    assert sum(line.startswith("  ┃ ") for line in lines) == 6
    assert max(map(len, lines)) > COLUMNS


def test_a_terminal_that_knows_only_ascii(tmp_path: Path):
    """What it cannot show becomes question marks, and never a traceback."""
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")

    done = piped(tmp_path, b"order\n", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")

    assert (done.returncode, done.stderr) == (0, b"")
    assert "  | [1] Uma caixa de p?o" in done.stdout.decode("ascii").splitlines()


def test_what_is_no_text_is_taken_for_something_else(tmp_path: Path):
    """Bytes that no encoding knows can be typed and kept."""
    (tmp_path / "shop.yaml").write_text(SHOP, "utf-8")

    done = piped(tmp_path, b"order \xff\xfe\n/save-as-test it\n", PYTHONUTF8="1")

    assert b"and passes." in done.stdout
    assert (done.returncode, done.stderr) == (0, b"")
