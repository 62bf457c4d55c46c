"""Who is who, and which message is which."""

import base64

import pytest

from engine.identity import Ids, To, aliases, ids_from, inner_key, merged, own_aliases, recipient, same_message

OURS = "wamid.HBgLMTIwMjU1NTAxNDMVAgARGBJEOTdGOUNFRDlDRDVDQUE4QkEA"
THEIRS = "wamid.HBgLMTU1NTA3ODM4ODEVAgARGBJEOTdGOUNFRDlDRDVDQUE4QkEA"
OTHER = "wamid.HBgLMTIwMjU1NTAxNDMVAgASGBQzQTFDM0QwOENCMjVGMUM2NkVBQQA="


def test_identities_are_told_by_their_pattern():
    """A user id in the place of a number is a user id; what is neither is left out."""
    ids = ids_from(
        ["+1 202 555 0143", None, "US.4071882619", "12025550143", "", "+0053", "cu.15"],
        ["US.ENT.40", None, "x", "US.ENT.40"],
    )

    assert ids == Ids(("12025550143",), ("US.ENT.40", "US.4071882619"))


def test_a_contact_is_looked_up_by_the_most_trusted_identity_first():
    """User ids, then numbers as Meta wrote them, then their other spellings."""
    ids = Ids(("5511987654321", "12025550143"), ("BR.1",))

    assert own_aliases(ids) == ("u:BR.1", "p:5511987654321", "p:12025550143")
    assert aliases(ids) == ("u:BR.1", "p:5511987654321", "p:12025550143", "p:551187654321")


def test_two_sets_of_identities_become_one():
    """The newer ones lead, nothing is there twice."""
    newer, older = Ids(("2", "1"), ("US.2",)), Ids(("1", "0"), ("US.1", "US.2"))

    assert merged(newer, older) == Ids(("2", "1", "0"), ("US.2", "US.1"))


@pytest.mark.parametrize(
    ("ids", "to"),
    [
        (Ids(("551187654321", "5511987654321"), ("BR.1",)), To(phone="551187654321")),
        (Ids((), ("BR.2", "BR.1")), To(bsuid="BR.2")),
        (Ids(), To()),
    ],
)
def test_a_message_goes_to_the_latest_number_else_to_the_user_id(ids, to):
    """Exactly as Meta wrote it: our idea of a number's spelling is for finding, not for sending."""
    assert recipient(ids) == to


@pytest.mark.parametrize(
    ("message_id", "key"),
    [
        (OURS, "D97F9CED9CD5CAA8BA"),
        (THEIRS, "D97F9CED9CD5CAA8BA"),
        (OTHER, "3A1C3D08CB25F1C66EAA"),
        (OTHER.rstrip("="), "3A1C3D08CB25F1C66EAA"),
        ("", None),
        ("wamid.", None),
        ("wamid.HBgL", None),
        (OURS[:30], None),
        (OURS[:-8], None),
        ("wamid.\u00e9\u00e9", None),
        ("wamid.!!!!", None),
        ("wamid." + base64.b64encode(b"\x1c\x18\x01a\x15\x02\x00\x11\x18\x02\xff\xfe\x00").decode(), None),
        ("wamid." + base64.b64encode(b"\x1c\x18\x01a\x15\x02\x00\x11\x18\x00\x00").decode(), None),
        ("wamid." + base64.b64encode(b"\x1c\x18\x05US.15\x15\x02\x00\x11\x18\x02AB\x00").decode(), "AB"),
        ("an id of another kind", None),
    ],
)
def test_the_inner_key_is_read_leniently(message_id, key):
    """Meta promises no structure: where it is not there, there is no key, and nothing is raised."""
    assert inner_key(message_id) == key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (OURS, OURS, True),
        (OURS, THEIRS, True),
        (OURS, OTHER, False),
        ("wamid.x", "wamid.x", True),
        ("wamid.x", "wamid.y", False),
    ],
)
def test_one_message_may_have_two_ids(one, other, same):
    """Exactly equal ids, else equal inner keys; ids without a key are equal only to themselves."""
    assert same_message(one, other) is same
