"""How is what stays not searched for garbage again and again?"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SEARCH_AFTER = 20_000
"""How many objects are made until those that are left of them are searched; by then few are."""


def began() -> None:
    """Search what a process began with no more, and what it makes from now on seldom. Ask it before the first work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SEARCH_AFTER)


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Make many objects that stay, such as a ruleset: they are not searched for garbage, now or later.

    Python searches each time so many objects were made, and ten thousand conditions are a million. Not for work that
    goes on for long: what others make meanwhile is not searched either. When two do this at once, the search begins
    again with the end of the first, and the other only takes longer.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def let_go() -> None:
    """Find what was made to stay and is used no more. Ask it before the same is made once more, as on a change."""
    gc.unfreeze()
    gc.collect()
