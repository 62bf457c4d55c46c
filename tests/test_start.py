"""`start.py` makes `.venv` when it must, only then, and only once at a time; then it runs and passes the exit code on.

A small project stands in for Baton: its lock is empty and it builds itself, so that nothing is fetched.
"""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PYTHON: str = getattr(sys, "_base_executable", sys.executable)  # the one outside of `.venv`, which has pip
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "baton"
version = "1"

[tool.baton]
checks = [
    { name = "first", command = ["python", "-c", "print('first ran')"] },
    { name = "second", command = ["python", "-c", "import os, sys; sys.exit(int(os.environ.get('SECOND', 0)))"] },
    { name = "last", command = ["python", "-c", "import sys; print('last ran with', sys.argv[1:])"] },
]
"""
BACKEND = """
import pathlib, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    while pathlib.Path("hang").exists():
        pathlib.Path("hanging").touch()
        time.sleep(0.01)
    info = "baton-1.dist-info/"
    with zipfile.ZipFile(pathlib.Path(folder, "baton-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("baton.pth", str(pathlib.Path.cwd()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: baton\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nbaton = adapters.cli:main\\n")
        wheel.writestr(info + "RECORD", "")
    return "baton-1-py3-none-any.whl"
"""
CLI = """
import sys
def main():
    print("baton", sys.argv[1:], flush=True)
    sys.stdin.read()
    return 7
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give a project that has been set up."""
    top = tmp_path_factory.mktemp("a project")
    shutil.copy(TOP / "start.py", top)
    (top / "pyproject.toml").write_text(PYPROJECT)
    (top / "backend.py").write_text(BACKEND)
    (top / "requirements.lock").write_text("# nothing\n")
    (top / "adapters").mkdir()
    (top / "adapters" / "cli.py").write_text(CLI)
    done = start(top, "setup")
    assert done.returncode == 0, done.stderr
    return top


@pytest.fixture
def project(made):
    """Give the same project to a test that has it set up anew."""
    with (made / "requirements.lock").open("a") as lock:
        lock.write("# and something new\n")
    return made


@pytest.fixture
def hanging(project):
    """Give that project with a set-up that hangs in pip until the file `hang` is gone."""
    (project / "hang").touch()
    (project / "hanging").unlink(missing_ok=True)
    yield project
    (project / "hang").unlink(missing_ok=True)


@pytest.fixture
def begin():
    """Begin `start.py` beside the test, in a process group of its own, and end it with the test."""
    with contextlib.ExitStack() as all_ended:

        def begin_one(top, *arguments, **options):
            process = all_ended.enter_context(popen(top, *arguments, start_new_session=True, **options))
            all_ended.callback(end_group, process)
            return process

        yield begin_one


def popen(top, *arguments, **options):
    """Start `start.py`, and keep what it says."""
    command = [PYTHON, str(top / "start.py"), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, text=True, cwd="/", stdin=pipe, stdout=pipe, stderr=pipe, **options)


def start(top, *arguments, **options):
    """Run `start.py` to its end."""
    with popen(top, *arguments, **options) as process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def end_group(process):
    """Kill whatever a test has left of one `start.py`."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_until_hanging(project, seconds=30):
    """Wait until a set-up has come as far as pip."""
    end = time.monotonic() + seconds
    while not (project / "hanging").exists():
        assert time.monotonic() < end, "pip was never started"
        time.sleep(0.01)


def wait_for(pipe, words):
    """Read lines until one holds the words."""
    while select.select([pipe], [], [], 30)[0] and (line := pipe.readline()):
        if words in line:
            return
    pytest.fail(f"never said: {words}")


def test_it_leaves_a_command_that_works_from_any_folder(made):
    """`.venv/bin/baton` is there after it."""
    baton = made / ".venv" / "bin" / "baton"

    done = subprocess.run([baton, "check"], check=False, cwd="/", input="", capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (7, "baton ['check']\n")


def test_demo_becomes_baton_and_passes_all_on(made):
    """Arguments go in, the exit code comes out, and nothing is set up a second time."""
    done = start(made, "demo", "--script", "a b.yaml")

    assert (done.returncode, done.stdout, done.stderr) == (7, "baton ['demo', '--script', 'a b.yaml']\n", "")


def test_a_new_lock_is_set_up(project):
    """What was set up from another lock does not count, and what was installed by hand is gone."""
    (project / ".venv" / "by-hand").touch()

    done = start(project, "setup")

    assert done.returncode == 0
    assert done.stderr.startswith("Setting up .venv")
    assert not (project / ".venv" / "by-hand").exists()


def test_a_copy_of_the_folder_is_set_up_by_itself(made, tmp_path):
    """A `.venv` knows where it lies, so a copied one would run the other folder's code."""
    shutil.copytree(made, tmp_path / "copy", symlinks=True)

    done = start(tmp_path / "copy", "setup")

    assert done.stderr.startswith("Setting up .venv")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_set_up_is_made_again(hanging, begin, number, code):
    """Half a `.venv` is never used."""
    interrupted = begin(hanging, "setup")
    wait_until_hanging(hanging)

    os.killpg(interrupted.pid, number)
    _, err = interrupted.communicate(timeout=30)
    (hanging / "hang").unlink()
    again = start(hanging, "setup")

    assert (interrupted.returncode, "start.py" in err) == (code, False), err
    assert again.stderr.startswith("Setting up .venv")
    assert again.returncode == 0


def test_a_set_up_left_by_a_killed_start_is_waited_for(hanging, begin):
    """The pip of a killed start.py still writes to `.venv`; the next one lets it end."""
    killed = begin(hanging, "setup")
    wait_until_hanging(hanging)
    os.kill(killed.pid, signal.SIGKILL)

    after = begin(hanging, "setup")
    wait_for(after.stderr, "Waiting for another start.py")
    (hanging / "hang").unlink()
    after.communicate(timeout=60)

    assert after.returncode == 0
    assert start(hanging, "demo").returncode == 7


def test_two_at_once_set_up_once(project, begin):
    """The second waits for the first, and finds all done."""
    both = [begin(project, "setup") for _ in range(2)]

    said = "".join(process.communicate(timeout=60)[1] for process in both)

    assert [process.returncode for process in both] == [0, 0]
    assert said.count("Setting up") == 1


def test_nothing_is_pulled_from_under_a_running_demo(made, begin):
    """With another lock it waits until the demo has ended, and says so."""
    demo = begin(made, "demo")
    wait_for(demo.stdout, "baton")
    with (made / "requirements.lock").open("a") as lock:
        lock.write("# changed under the demo\n")

    setup = begin(made, "setup")
    wait_for(setup.stderr, "Waiting for another start.py")
    demo.communicate()
    setup.communicate(timeout=60)

    assert (demo.returncode, setup.returncode) == (7, 0)


def test_every_check_runs_in_its_order(made):
    """What is typed after `test` goes to the last one."""
    done = start(made, "test", "-k", "window")

    assert done.returncode == 0
    assert done.stdout == "first ran\nlast ran with ['-k', 'window']\n"
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["first", "second", "last"]


def test_the_first_failure_ends_it_and_is_named(made):
    """The exit code is that of the check."""
    done = start(made, "test", env=os.environ | {"SECOND": "3"})

    assert (done.returncode, done.stdout) == (3, "first ran\n")
    assert done.stderr.splitlines()[-1].startswith("`second` failed: python -c ")


@pytest.mark.parametrize(
    ("arguments", "code", "stream"), [([], 2, "stderr"), (["dmeo"], 2, "stderr"), (["--help"], 0, "stdout")]
)
def test_what_it_can_do_is_shown(made, arguments, code, stream):
    """Asked for help it answers on stdout, else it is a mistake."""
    done = start(made, *arguments)

    assert done.returncode == code
    assert re.findall(r"start\.py (\w+)", getattr(done, stream)) == ["demo", "test", "setup"]


@pytest.mark.parametrize(
    ("pretend", "words"),
    [
        ("sys.version_info = (3, 10, 9)", "Baton needs Python 3.11 or newer"),
        ("sys.executable = sys._base_executable = '/bin/false'", "Baton needs pip: install it"),
        ("sys.modules['fcntl'] = None", "Baton runs on Linux and macOS"),
    ],
)
def test_what_the_machine_lacks_is_said_in_a_sentence(project, pretend, words):
    """An old Python, no pip, another system: what to do, and no traceback."""
    run = f"import runpy, sys; {pretend}; sys.argv[1:] = ['setup']; runpy.run_path('start.py', run_name='__main__')"

    done = subprocess.run([PYTHON, "-c", run], check=False, cwd=project, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith(words)
    assert done.stderr.count("\n") == 1


def test_the_lock_pins_what_the_project_asks_for_and_holds_no_address():
    """Every line is a library of one version or its hash."""
    lock = (TOP / "requirements.lock").read_text()
    project = tomllib.loads((TOP / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]

    lines = [line for line in lock.splitlines() if not re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)]
    locked = {line.split(" ")[0] for line in lines}

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+ (; [^/@]+ )?\\", line)] == []
    assert {each.split(" ")[0] for each in asked} - locked == set()


def test_ci_runs_the_same_command():
    """There is one definition of what must hold."""
    script = TOP / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert script.read_text().endswith("\nexec python3 start.py test\n")


@pytest.mark.long
def test_baton_itself_sets_up_where_nothing_is_set(tmp_path):
    """A fresh copy and an empty environment are enough; this one asks the package registry."""
    shutil.copytree(TOP, tmp_path / "baton", ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__"))

    done = subprocess.run(
        [PYTHON, tmp_path / "baton" / "start.py", "setup"],
        check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "baton" / ".venv" / "bin" / "baton").exists()
