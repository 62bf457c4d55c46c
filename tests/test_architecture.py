"""The law of the four folders: who may know whom, and where the world comes in.

The contracts in `pyproject.toml` say most of it in the editor and in `start.py test`; this is all of it.
"""

import ast
import importlib
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
LAYERS = ["rules", "engine", "flows", "adapters"]
"""From the one that knows nothing of ours to the one that knows everything."""
LONGEST_MODULE = 300
SOURCES = {
    path.relative_to(TOP).as_posix(): ast.parse(path.read_bytes())
    for folder in LAYERS
    for path in sorted((TOP / folder).rglob("*.py"))
}

DOORS = {
    "ahocorasick": "rules/conditions/index.py",
    "babel": "flows/values.py",
    "graphlay": "flows/picture.py",
    "hiredis": "adapters/store/calls.py",
    "lark": "rules/conditions/syntax.py",
    "phonenumbers": "rules/policy/countries.py",
    "prometheus_client": "adapters/web/metrics.py",
    "rapidfuzz": "rules/spelling.py",
    "re2": "rules/conditions/patterns.py",
    "snowballstemmer": "rules/stems.py",
    "yaml": "flows/document.py",
}
"""The one module that may know a third party, so that it can be replaced or tamed in one place."""

OF_THE_WORLD = {
    *(
        "aiohttp",
        "asyncio",
        "hiredis",
        "http",
        "httptools",
        "httpx",
        "litestar",
        "redis",
        "rq",
        "socket",
        "ssl",
        "urllib",
        "uvicorn",
    ),
    *("ctypes", "fcntl", "multiprocessing", "os", "select", "signal", "sqlite3", "subprocess", "tempfile", "threading"),
    *("random", "rich", "rich_click", "secrets", "structlog", "time", "uuid", "uvloop"),
}
"""What only `adapters` may import: network, environment, clock, chance, processes. `urllib.parse` is pure."""

CLOCKS = {"now", "utcnow", "today"}
"""Attributes of `datetime` and `date` that read the clock; below `adapters`, `now` is an argument."""

NOT_SOURCES = re.compile(r"^(\.(?!ci$).*|__pycache__|build|dist)$")
FOREIGN = {
    "a package registry's host": re.compile(r"(p[y]pi|python[h]osted|npm[j]s|deb[i]an)\.(org|com)"),
    "a path of one machine": re.compile(r"(?<![\w.])/(w[o]rk|ro[o]t|fa[r]m|tmp/st[u]dio)\b"),
    "a folder outside of this project": re.compile(r"(?<!\w)sh[a]red/"),
}
"""What no file may name. The brackets keep this file from finding itself."""


def imports_of(tree):
    """Yield the full name of every module that a file imports, wherever in it, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


def layer_of(name):
    """Tell which of the four a file or a module belongs to, or none."""
    first = re.split(r"[./]", name)[0]
    return LAYERS.index(first) if first in LAYERS else None


def all_files():
    """Yield every file of the project that is text, with its text."""
    folders = [TOP]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if NOT_SOURCES.match(path.name) and path.is_dir():
                continue
            if path.is_dir():
                folders.append(path)
            elif b"\0" not in (content := path.read_bytes()):
                yield path.relative_to(TOP).as_posix(), content.decode(errors="replace")


def test_imports_point_one_way():
    """`adapters → flows → engine → rules`, written in full."""
    found = [
        f"{file}:{line} imports {name}"
        for file, tree in SOURCES.items()
        for name, line in imports_of(tree)
        if name.startswith(".") or (layer_of(name) or 0) > layer_of(file)
    ]

    assert found == []


@pytest.mark.parametrize("library", DOORS)
def test_a_third_party_has_one_door(library):
    """Only the module that is its door may import it."""
    found = [
        f"{file}:{line}"
        for file, tree in SOURCES.items()
        for name, line in imports_of(tree)
        if name.split(".")[0] == library and file != DOORS[library]
    ]

    assert found == []


def test_only_adapters_talk_to_the_world():
    """No network, environment, process, clock or chance is imported below."""
    found = [
        f"{file}:{line} imports {name}"
        for file, tree in SOURCES.items()
        for name, line in imports_of(tree)
        if not file.startswith("adapters/") and name != "urllib.parse" and name.split(".")[0] in OF_THE_WORLD
    ]

    assert found == []


def test_only_adapters_read_the_clock():
    """Below, `now` is an argument, so that the same input gives the same decision."""
    found = [
        f"{file}:{node.lineno} calls .{node.func.attr}()"
        for file, tree in SOURCES.items()
        if not file.startswith("adapters/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value).rsplit(".", 1)[-1] in ("datetime", "date", "dt")
    ]

    assert found == []


@pytest.mark.parametrize("name", LAYERS)
def test_the_four_names_are_ours(name):
    """Well-known packages are called `rules` and `adapters`, too."""
    module = importlib.import_module(name)

    assert [Path(place) for place in module.__path__] == [TOP / name]


def test_every_module_says_which_question_it_answers():
    """Its docstring starts with one sentence on one line."""
    first_lines = {file: (ast.get_docstring(tree) or "").partition("\n")[0] for file, tree in SOURCES.items()}

    assert [file for file, line in first_lines.items() if not line.endswith((".", "?"))] == []


def test_no_module_is_too_long():
    """Beyond that it is two."""
    lengths = {file: len((TOP / file).read_bytes().splitlines()) for file in SOURCES}

    assert {file: length for file, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_modules_are_named_after_what_they_are():
    """A name that fits anything gathers everything."""
    vague = {"base", "common", "core", "helpers", "manager", "misc", "utils"}

    assert [file for file in SOURCES if Path(file).stem in vague] == []


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what):
    """The project must not depend on where it was made."""
    found = [
        f"{file}:{number}: {line.strip()[:100]}"
        for file, text in all_files()
        for number, line in enumerate(text.splitlines(), 1)
        if FOREIGN[what].search(line)
    ]

    assert found == []
