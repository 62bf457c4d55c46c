"""Does the page for those who run Baton say what is so?"""

import configparser
import importlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rich_click as click

from adapters import processes
from adapters.cli import main
from adapters.durability import CONFIG_NAMES
from adapters.settings import SETTINGS
from adapters.web import webhook
from adapters.web.app import create
from adapters.web.edge import BODY_S, HEAD_S
from adapters.web.metrics import Exposition
from tests.flows.yaml_data import documents

TOP = Path(__file__).parents[2]
TEXT = (TOP / "adapters" / "README.md").read_text("utf-8")
SYSTEMD = shutil.which("systemd-analyze")
FOLDERS = {"FOLDER", "/srv/bakery", "/flows"}
BATON = "/opt/baton/.venv/bin/baton"


def blocks(language: str) -> list[str]:
    """Return what stands in the code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def units() -> dict[str, configparser.RawConfigParser]:
    """Return the units by their file names."""
    found = {}
    for block in blocks("ini"):
        unit = configparser.RawConfigParser(strict=True)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
        unit.read_string(block)
        found[block.splitlines()[0].rpartition("/")[2]] = unit
    return found


def compose() -> Any:
    """Return the compose file."""
    (block,) = blocks("yaml")
    (found,) = documents(block)
    return found


def commands() -> list[list[str]]:
    """Return every command of Baton on the page, as words."""
    shown = [word for word in re.findall(r"`([^`\n]+)`", TEXT) if word.startswith("baton ")]
    started = [unit["Service"]["ExecStart"].replace(BATON, "baton") for unit in units().values()]
    contained = [["baton", *each["command"]] for name, each in compose()["services"].items() if name != "store"]
    return [*map(shlex.split, (*shown, *started)), *contained]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_accepted(words):
    """Each command exists and takes what it is shown with."""
    context = click.Context(main)
    command = main.get_command(context, words[1])

    assert command is not None
    if words[2:]:  # alone it is only spoken of
        command.make_context(words[1], [str(TOP) if each in FOLDERS else each for each in words[2:]])


@pytest.mark.parametrize("name", ["baton.service", "baton-web.service", "baton-work.service"])
def test_a_unit_lets_baton_end_in_order(name):
    """Only the parent is signalled, it has more time than it needs, and it is always started again."""
    service = units()[name]["Service"]

    assert (service["KillMode"], service["Restart"]) == ("mixed", "always")
    assert int(service["TimeoutStopSec"]) > processes.GRACE_S
    assert units()[name]["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not here")
def test_systemd_knows_every_line_of_the_units(tmp_path):
    """What it does not know it would pass over."""
    for name, unit in units().items():
        unit["Service"]["ExecStart"] = unit["Service"]["ExecStart"].replace(BATON, sys.executable)
        unit["Service"]["User"] = "root"
        with (tmp_path / name).open("w") as file:
            unit.write(file, space_around_delimiters=False)

    done = subprocess.run(
        [str(SYSTEMD), "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line for line in done.stderr.splitlines() if "baton" in line] == []


def test_the_containers_do_as_the_page_says():
    """The store keeps what it is given, the web process is asked whether it is ready, and nobody is killed early."""
    services = compose()["services"]
    store = services["store"]["command"]
    given = {name.removeprefix("--"): value for name, value in zip(store[1::2], store[2::2], strict=True)}

    assert [given[name] for name in CONFIG_NAMES] == ["noeviction", "yes", "always"]
    assert services["store"]["volumes"] == ["store:/data"]
    assert "/readyz" in services["web"]["healthcheck"]["test"][-1]
    assert all(int(each["stop_grace_period"].rstrip("s")) > processes.GRACE_S for each in services.values())
    assert all(each["restart"] == "always" for each in services.values())
    compile(services["web"]["healthcheck"]["test"][-1], "healthcheck", "exec")


def test_the_image_is_run_by_nobody_special():
    """Whoever is in the last `USER` line runs it, and there is such a user."""
    (dockerfile,) = blocks("dockerfile")
    lines = [line.split() for line in dockerfile.splitlines()]

    assert [words[1] for words in lines if words[0] == "USER"] == ["baton"]
    assert "useradd --uid 10001 --create-home baton" in dockerfile
    assert 'ENTRYPOINT ["baton"]' in dockerfile


def test_the_proxy_is_as_patient_and_as_generous_as_baton():
    """Otherwise one of the two would refuse what the other one takes."""
    (proxy,) = blocks("nginx")
    given = dict(re.findall(r"(\w+) (\d+)[ms];", proxy))

    assert int(given["client_header_timeout"]) == HEAD_S
    assert int(given["client_body_timeout"]) == BODY_S
    assert int(given["client_max_body_size"]) * 1024 * 1024 == webhook.LARGEST_BODY
    assert {"/webhook", "/metrics", "/healthz", "/readyz"} <= {route.path for route in create().routes}


def test_every_setting_exists():
    """Whatever begins with `BATON_` is in the table of settings."""
    named = set(re.findall(r"BATON_[A-Z_]+", TEXT))

    assert named - {row.name for row in SETTINGS} == set()


def test_every_metric_exists():
    """Whatever begins with `baton_` is on the page of metrics."""
    families = [family.name for family in Exposition(up=True).collect()]
    known = {f"{name}{end}" for name in families for end in ("", "_total", "_bucket")}

    assert set(re.findall(r"baton_[a-z_]+", TEXT)) - known == set()


def test_every_figure_says_who_measured_it():
    """Each row of the table of sizes names a benchmark that is there."""
    rows = re.findall(r"^\| .* \| .*[0-9].* \| `(tests\.benchmarks\.\w+)` \|$", TEXT, re.MULTILINE)
    table = TEXT.partition("| Measured by |")[2].partition("\n\n")[0]

    assert len(rows) == table.count("\n| ") - 1
    assert all(importlib.import_module(name).main for name in rows)
