"""Is a person found in data by what only they are called?"""

import json

import pytest

from adapters.mentions import Mentions

ANA = Mentions(["5511987650001", "BR.1502576394655843", ""])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"from":"5511987650001"}', True),
        (b"\xad5511987650001\x90", True),
        (b"to BR.1502576394655843, says Meta", True),
        (b"+55 11 98765-0001", False),
        (b"15511987650001", False),
        (b"55119876500012", False),
        (b"BRx1502576394655843", False),
        (b"", False),
    ],
)
def test_whom_data_speaks_of(data, expected):
    """Digits count only as a whole number."""
    assert ANA.are_in(data) is expected
    assert Mentions([]).are_in(data) is False


OF_ANA = {"id": "5511987650001", "messages": [{"text": "hi"}]}
OF_BEA = {"id": "5511987650002", "messages": [{"text": "hello"}, {"to": 5511987650001}]}


def test_only_the_items_that_speak_of_somebody_are_taken_out():
    """A list of a list item is looked through, too; what is around stays as it is."""
    data = json.dumps({"phase": 0, "none": None, "threads": [OF_ANA, OF_BEA]}).encode()

    rest, parts = ANA.left_out(data), ANA.parts(data)

    assert rest is not None
    assert json.loads(rest) == {
        "phase": 0,
        "none": None,
        "threads": [{"id": "5511987650002", "messages": [{"text": "hello"}]}],
    }
    assert parts == [OF_ANA, {"to": 5511987650001}]


@pytest.mark.parametrize("data", [json.dumps(OF_ANA).encode(), b"{5511987650001", b"[" * 100_000, b"\xff"])
def test_what_is_all_theirs_or_no_json_goes_whole(data):
    """Nothing is left of it."""
    assert ANA.left_out(data) is None
