#!/usr/bin/env python3
"""How does Baton start on a machine that has only Python 3.11 and pip?

python3 start.py demo [...]   everything on this machine, no account needed
python3 start.py test [...]   every check, then the tests; what follows goes to pytest
python3 start.py setup        only make .venv, which then holds .venv/bin/baton
"""

# Only the standard library, and nothing that an older Python could not read: it must still say what is missing.
from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

try:
    import fcntl
except ImportError:
    sys.exit("Baton runs on Linux and macOS; on Windows start it inside WSL.")

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent
VENV = TOP / ".venv"
STAMP = VENV / "made-from"  # written last: without it a set-up was interrupted and is made again
LOCK = TOP / "requirements.lock"
OLDEST_PYTHON = (3, 11)
EXIT_USAGE, EXIT_SIGNAL = 2, 128
HELP = ("help", "-h", "--help")
PIP_DETOURS = ("PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH")
"""Variables by which somebody's shell would make pip install elsewhere than in `.venv`."""


class Failure(Exception):  # noqa: N818 - the word for a person
    """Something that a person can mend, as one sentence."""


def main(arguments: list[str]) -> int:
    """Set up if needed, run the command, and pass its exit code on."""
    command, *rest = arguments or [""]
    if command in HELP:
        print(_usage())
        return 0
    if command not in ("demo", "test", "setup"):
        print(_usage(), file=sys.stderr)
        return EXIT_USAGE
    with _set_up_by_one():
        if command == "demo":
            _become([str(VENV / "bin" / "baton"), "demo", *rest])
        return _check(rest) if command == "test" else 0


def _usage() -> str:
    return (__doc__ or "").partition("\n\n")[2].rstrip()


def _become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - a shell between us and Ctrl-C would be one too many


# Setting up


@contextlib.contextmanager
def _set_up_by_one() -> Iterator[None]:
    """Run side by side with others, but never while the folder that all run from is being made.

    The lock lies on the project's folder. Whatever is started takes it along, so that it lasts while anything still
    writes to `.venv` or runs from it, even when start.py itself was killed.
    """
    door = os.open(TOP, os.O_RDONLY)
    os.set_inheritable(door, True)  # noqa: FBT003 - that is how the standard library spells it
    try:
        _lock(door, fcntl.LOCK_SH)
        while not _is_current():
            _lock(door, fcntl.LOCK_EX)
            if not _is_current():
                _set_up()
            _lock(door, fcntl.LOCK_SH)
        yield
    finally:
        os.close(door)


def _is_current() -> bool:
    with contextlib.suppress(OSError):
        return STAMP.read_text() == _wanted() and (VENV / "bin" / "python").exists()
    return False


def _wanted() -> str:
    """Return what `.venv` depends on as one hash: the locked libraries, our own names, and where the folder lies."""
    import tomllib  # noqa: PLC0415 - Python 3.11 has it, and only now it is sure that this is one

    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    ours = json.dumps([str(TOP), project["build-system"], project["project"]], sort_keys=True)
    return hashlib.sha256(LOCK.read_bytes() + ours.encode()).hexdigest()


def _lock(door: int, kind: int) -> None:
    fcntl.flock(door, fcntl.LOCK_UN)  # two that share it and each want it alone would wait for ever
    try:
        fcntl.flock(door, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        _say("Waiting for another start.py that makes or uses .venv (Ctrl-C gives up).")
        fcntl.flock(door, kind)


def _set_up() -> None:
    environ = {name: value for name, value in os.environ.items() if name not in PIP_DETOURS}
    python = _python_with_pip(environ)
    pip = [python, "-m", "pip", "--python", str(VENV / "bin" / "python"), "--disable-pip-version-check", "--quiet"]
    _say("Setting up .venv: some 15 seconds, and only when requirements.lock has changed.")
    STAMP.unlink(missing_ok=True)
    for command in (
        [python, "-m", "venv", "--without-pip", "--clear", str(VENV)],
        [*pip, "install", "--require-hashes", "-r", str(LOCK)],
        [*pip, "install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(TOP)],
    ):
        if _call(command, environ):
            raise Failure(f"Setting up stopped, for the reason above, at: {shlex.join(command)}")
    STAMP.write_text(_wanted())


def _python_with_pip(environ: dict[str, str]) -> str:
    """Return this Python, or the one it was made from: a virtual environment may have no pip, or be `.venv` itself."""
    own = [] if Path(sys.prefix).resolve() == VENV.resolve() else [sys.executable]
    for python in (*own, getattr(sys, "_base_executable", sys.executable)):
        if _call([python, "-c", "import pip"], environ, stderr=subprocess.DEVNULL) == 0:
            return str(python)
    raise Failure("Baton needs pip: install it (on Debian: apt install python3-pip), then run this again.")


# Checking


def _check(pytest_arguments: list[str]) -> int:
    """Run every check that `pyproject.toml` lists, in its order, until one fails."""
    import tomllib  # noqa: PLC0415 - as above

    checks = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["baton"]["checks"]
    environ = {
        **os.environ,
        "VIRTUAL_ENV": str(VENV),
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    for check in checks:
        program, *options = check["command"]
        options += pytest_arguments if check is checks[-1] else []
        _say(f"{check['name']}: {shlex.join([program, *options])}")
        code = _call([str(VENV / "bin" / program), *options], environ)
        if code:
            _say(f"`{check['name']}` failed: {shlex.join([program, *options])}")
            return code
    return 0


# Processes


def _call(command: list[str], environ: dict[str, str], stderr: int | None = None) -> int:
    """Run a program to its end, and let it end by itself when somebody presses Ctrl-C or stops us."""
    with subprocess.Popen(
        command, cwd=TOP, env=environ, stderr=stderr, close_fds=False
    ) as child:  # it takes the lock along
        try:
            code = child.wait()
        except KeyboardInterrupt:  # the terminal has told the child too
            child.wait()
            raise
        except SystemExit:
            child.terminate()
            child.wait()
            raise
    return code if code >= 0 else EXIT_SIGNAL - code


def _stop(number: int, _: object) -> NoReturn:
    sys.exit(EXIT_SIGNAL + number)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Baton needs Python 3.11 or newer, and this is {platform.python_version()}: try python3.11 start.py")
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(EXIT_SIGNAL + signal.SIGINT)
    except Failure as failure:
        sys.exit(str(failure))
