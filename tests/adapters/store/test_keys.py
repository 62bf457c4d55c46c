"""Is every key that is written in the table of keys, and does what is only for a while end?"""

import re
from pathlib import Path

import pytest

from adapters.store import keys

OF_A_BUSINESS = re.compile(r"\bb \.\. ':(\w+)|key\(\w+, \"(\w+)\"")
OF_ALL = re.compile(r"'baton:(\w+)|\{GLOBAL\}:(\w+)|GLOBAL, \"(\w+)\"")


def named(text):
    """Return the kinds of keys that the table names: of a business, and of all."""
    table, _, rest = text.partition("Global:")
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    return {kind for row in rows for kind in re.findall(r"`(\w+)", row)}, set(re.findall(r"`baton:(\w+)", rest))


def found(pattern, folder):
    """Return the kinds of keys that the sources name."""
    texts = [file.read_text("utf-8") for ending in ("py", "lua") for file in folder.rglob(f"*.{ending}")]
    return {kind for text in texts for groups in pattern.findall(text) for kind in groups if kind}


@pytest.mark.parametrize("place", [0, 1])
def test_every_key_is_in_the_table(place):
    """So that whoever looks into a store knows what it is, and what bounds it."""
    folder = Path(keys.__file__).parent

    assert found((OF_A_BUSINESS, OF_ALL)[place], folder) <= named(keys.__doc__)[place]


@pytest.mark.anyio
async def test_what_was_quarantined_is_remembered_for_a_while_only(shop):
    """Also where more comes every day."""
    name = "baton:seen:quarantine"
    await shop.store.quarantine([("why", "field", b"one")])
    await shop.store.command("EXPIRE", name, 100)
    await shop.store.quarantine([("why", "field", b"two")])

    assert 0 < await shop.store.command("TTL", name) <= 100


@pytest.mark.anyio
async def test_whom_campaigns_reached_is_forgotten_after_a_day(shop):
    """When no campaign runs any more, too."""
    await shop.store.fed("bakery", "spring", "run", b"progress", ["contact"])

    assert 0 < await shop.store.command("TTL", "{bakery}:reached") <= 86_400
