"""Is the chat found that somebody means, and no other?"""

import pytest

from adapters.finding import chat_meant, line_meant
from adapters.live import Live
from adapters.site import CannotStart
from rules.policy.restrictions import DEFAULT
from tests.adapters.desk import ANA, LINE, Desk, writes

OTHER = """
business: Other
timezone: UTC
language: en
numbers: [{id: "5511912345678", phone: "+55 11 91234-0000", waba: "9"}, {id: "3", phone: "+44 20 7946 0000", waba: "9"}]
"""
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def desk(store_url, tmp_path):
    """Give two businesses; the id of a number of the other is the phone of ours."""
    found, folder = Desk(store_url, tmp_path), tmp_path / "other"
    folder.mkdir()
    (folder / "business.yaml").write_text(OTHER)
    found.publishes(folder)
    found.happens(writes("hi"))
    return found


def line(desk, number, business=None):
    """Return the business and the number that are meant."""

    async def found(house):
        meant = await line_meant(house.store, Live(house.store, DEFAULT), number, business)
        return meant.business, meant.number.id

    return desk.inside(found)


@pytest.mark.parametrize(
    ("number", "business", "meant"),
    [
        (LINE.phone_number_id, None, ("corner", LINE.phone_number_id)),
        (f" {LINE.phone_number_id}\n", "corner", ("corner", LINE.phone_number_id)),
        ("+55 11 91234 5678", None, ("corner", LINE.phone_number_id)),
        ("+55 11 1234-5678", None, ("corner", LINE.phone_number_id)),
        ("0044 20 7946 0000", None, ("other", "3")),
        ("5511912345678", None, ("other", "5511912345678")),  # an id says it before a phone does
        ("5511912345678", "corner", ("corner", LINE.phone_number_id)),
    ],
)
def test_a_number_is_found_by_its_id_or_its_phone(desk, number, business, meant):
    """Among all businesses, or in the one that is named."""
    assert line(desk, number, business) == meant


@pytest.mark.parametrize(
    ("number", "business", "words"),
    [
        ("77", None, "No business number that is live here is `77`."),
        ("3", "corner", "No business number that is live here is `3`. There are `106540352242922` (+5511912345678)."),
        ("", "other", "No business number that is live here is ``. There are `5511912345678` (+5511912340000), `3`"),
        ("3", "nothing", "No business is called `nothing`; the store holds `corner`, `other`."),
    ],
)
def test_a_number_that_is_not_there_is_told(desk, number, business, words):
    """Numbers are named only of the one business that is meant."""
    with pytest.raises(CannotStart) as told:
        line(desk, number, business)

    assert str(told.value).startswith(words)


def test_a_contact_is_who_they_are_in_the_business_of_the_number(desk):
    """The same person is nobody in another."""

    async def found(house, number):
        return await chat_meant(house.store, Live(house.store, DEFAULT), number, ANA.phone or "", None)

    meant = desk.inside(lambda house: found(house, LINE.phone_number_id))

    assert (meant.business, meant.chat.contact.name, meant.refusal) == ("corner", "Ana", None)
    with pytest.raises(CannotStart, match="Nobody known as"):
        desk.inside(lambda house: found(house, "3"))
