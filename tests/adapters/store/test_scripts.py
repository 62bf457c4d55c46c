"""The folder of scripts holds what is used, and says what may happen while memory is full."""

import re

from adapters.store import (
    campaigns,
    chats,
    erasing,
    imports,
    inboxes,
    marks,
    notes,
    received,
    rows,
    shifts,
    versions,
    work,
)
from adapters.store.scripts import Script, bounded, load

USED = {
    script.sha
    for module in (campaigns, chats, erasing, imports, inboxes, marks, notes, received, rows, shifts, versions, work)
    for script in vars(module).values()
    if isinstance(script, Script)
}


def test_every_script_is_used(scripts):
    """A file that nobody loads is dead."""
    unused = [file.stem for file in scripts.glob("*.lua") if load(file.stem).sha not in USED]

    assert unused == []


def test_every_part_is_used(scripts):
    """And what a script brings in, it calls."""
    texts = [file.read_text() for file in scripts.glob("*.lua")]
    brought = {
        name
        for text in texts
        for line in re.findall(r"^-- with (.+)$", text, re.MULTILINE)
        for name in line.split(", ")
    }

    assert brought == {file.stem for file in (scripts / "parts").glob("*.lua")}


def test_only_appending_may_go_beyond_the_memory(scripts):
    """And only for what silences: the same script without that right takes all else. What lets go makes room."""
    first_lines = {file.stem: file.read_text().splitlines()[0] for file in scripts.glob("*.lua")}

    assert {name for name, line in first_lines.items() if line != "#!lua"} == {
        *("ingest", "let_go_files", "order", "erase", "erase_rows", "blank_people", "put_import"),
    }
    assert bounded(load("ingest")).text.startswith("#!lua\n")
