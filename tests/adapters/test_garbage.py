"""Is garbage looked for again after something large was made, whatever came of it?"""

import gc
import weakref

import pytest

from adapters.garbage import began, let_go, made_to_stay


def test_what_is_made_to_stay_is_not_searched_for_garbage():
    """Neither while it is made nor later; all else is searched again."""
    frozen = gc.get_freeze_count()

    with made_to_stay():
        searched = gc.isenabled()
        made = [[number] for number in range(1_000)]

    assert (searched, gc.isenabled()) == (False, True)
    assert gc.get_freeze_count() >= frozen + len(made)


def test_a_folder_that_cannot_be_read_leaves_no_trace():
    """The search goes on after an exception, too."""
    with pytest.raises(ValueError, match="unreadable"), made_to_stay():
        raise ValueError("unreadable")

    assert gc.isenabled()


class Ring:
    """Something that nobody else has, and that has itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_stayed_and_is_used_no_more_is_found():
    """A folder may be read again and again, as often as it changes."""
    with made_to_stay():
        ring = Ring()
    gone = weakref.ref(ring)
    del ring

    let_go()

    assert gone() is None


def test_what_a_process_began_with_is_not_searched_again():
    """What comes after is, but seldom."""
    thresholds, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        made = [[number] for number in range(1_000)]

        began()

        assert gc.get_freeze_count() >= frozen + len(made)
        assert gc.get_threshold()[0] > thresholds[0]
        assert gc.isenabled()
    finally:
        gc.set_threshold(*thresholds)
