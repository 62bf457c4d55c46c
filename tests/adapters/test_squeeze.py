"""What is kept small comes back as it was."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.squeeze import squeezed, unsqueezed


@given(st.binary(max_size=10_000))
def test_anything_comes_back_as_it_was(plain):
    """Whatever a contact wrote."""
    assert unsqueezed(squeezed(plain)) == plain


def test_what_logs_are_full_of_takes_little():
    """A turn with three reasons takes less than half."""
    plain = b"contact flow starts `menu` step `send` flows/menu.yaml:6:5 flow the run ends bot order" * 2

    assert len(squeezed(plain)) < len(plain) / 2


def test_what_was_not_squeezed_is_told():
    """Instead of nonsense."""
    with pytest.raises(zlib.error):
        unsqueezed(b"\xff\xff\xff\xff")
