"""What does the door do while the store is full, busy or forgetful, with a spool and without?

The figures are printed: `pytest -rP`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.web import outages
from tests.adapters.web.outages import DoorOfItsOwn

WITHOUT = {"BATON_SPOOL": ""}


@pytest.fixture
def open_door(tmp_path: Path, free_port: Callable[[], int]) -> Callable[..., DoorOfItsOwn]:
    """Give a function that makes a door; nothing runs yet but its store."""
    return lambda **environ: DoorOfItsOwn(tmp_path, free_port(), **environ)


def test_a_full_store_takes_the_owners_answers_and_nothing_else(open_door: Callable[..., DoorOfItsOwn]) -> None:
    """Their chats are silent at once; what was refused Meta sends again."""
    door = open_door(**WITHOUT)
    with door.running():
        found = outages.memory_full(door)
        sys.stdout.write(f"{found}\n")

    assert (found["messages_refused"], found["messages_there"]) == (20, 0)
    assert (found["echoes_taken"], found["chats_on_hold"], found["still_on_hold"]) == (20, 20, 0)


def test_with_a_spool_a_full_store_still_hears_the_owner_at_once(open_door: Callable[..., DoorOfItsOwn]) -> None:
    """Messages wait on disk, and echoes overtake them."""
    door = open_door()
    with door.running():
        found = outages.memory_full(door)
        sys.stdout.write(f"{found}\n")

    assert (found["messages_taken"], found["messages_there"]) == (20, 20)
    assert (found["echoes_taken"], found["chats_on_hold"], found["still_on_hold"]) == (20, 20, 0)


def test_a_store_that_forgets_its_scripts_is_told_them_again(open_door: Callable[..., DoorOfItsOwn]) -> None:
    """Nobody notices."""
    door = open_door(**WITHOUT)
    with door.running():
        found = outages.scripts_flushed(door)
        sys.stdout.write(f"{found}\n")

    assert (found.acked, found.refused, found.lost, found.doubled) == (30, 0, 0, 0)


@pytest.mark.parametrize(("environ", "acked"), [(WITHOUT, 0), ({}, 20)])
def test_a_busy_store_is_one_that_is_away(
    open_door: Callable[..., DoorOfItsOwn], environ: dict[str, str], acked: int
) -> None:
    """Until whoever keeps it busy is stopped."""
    door = open_door(**environ)
    with door.running():
        found = outages.store_busy(door)
        again = door.post(outages.message(500)).status
        sys.stdout.write(f"{found}\n")

    assert (found.acked, found.refused, found.lost, found.doubled) == (acked, 20 - acked, 0, 0)
    assert again == 200


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="files of another process are limited on Linux")
@pytest.mark.parametrize("environ", [WITHOUT, {}])
def test_a_store_that_ends_for_want_of_disk_has_all_it_acknowledged(
    open_door: Callable[..., DoorOfItsOwn], environ: dict[str, str]
) -> None:
    """Also where its log breaks off in the middle of a command."""
    door = open_door(**environ)
    with door.running(2):
        found = outages.disk_full(door)
        sys.stdout.write(f"{found}\n")

    assert (found.lost, found.doubled) == (0, 0)
    assert found.acked == 100 - found.refused
    assert (found.refused > 0) is ("BATON_SPOOL" in environ)
