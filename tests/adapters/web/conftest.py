"""What may the tests of the door ask for? A web process that serves three businesses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.embedded import EmbeddedStore
from tests.adapters.web.door import Door

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def the_door(tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[Door]:
    """Start a web process once; every test of the door knocks at it."""
    folder = tmp_path_factory.mktemp("door")
    with EmbeddedStore(folder / "store") as store:
        door = Door(store.url, free_port(), folder / "web.log")
        door.publish(HERE / "shop", HERE / "florist", HERE / "bookshop")
        door.start()
        try:
            door.until(lambda: door.request("GET", "/readyz").status == 200)
            yield door
        finally:
            door.stop()
            door.client.close()


@pytest.fixture
def door(the_door: Door) -> Door:
    """Give the door of a store in which nothing has happened."""
    the_door.forget()
    return the_door
