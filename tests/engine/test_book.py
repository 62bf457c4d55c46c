"""What does the address book of a phone change about a contact?"""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.book import BookEntry, both, with_entry
from engine.chat import Contact
from engine.identity import Booked, Ids

THEN = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = THEN + timedelta(minutes=1)
IDS = Ids(phones=("5511987650001",))
ANA = Contact(id="a", ids=IDS, name="Ana", book={"1": Booked(THEN, "Ana, pays late")})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (BookEntry(ids=IDS, at=LATER, name="Ana"), Booked(LATER, "Ana")),
        (BookEntry(ids=IDS, at=THEN, name="Ana"), Booked(THEN, "Ana")),
        (BookEntry(ids=IDS, at=THEN - timedelta(1), name="Ana"), Booked(THEN, "Ana, pays late")),
        (BookEntry(ids=IDS, at=LATER), Booked(LATER, None)),
    ],
)
def test_the_newest_entry_counts(entry, expected):
    """A removal takes the book's name away and nothing else."""
    assert with_entry(ANA, "1", entry) == replace(ANA, book={"1": expected})


def test_each_number_has_a_book_of_its_own():
    """What one phone calls somebody, another may not."""
    entry = BookEntry(ids=IDS, at=THEN, name="Miss Lima")

    assert with_entry(ANA, "2", entry).book == {**ANA.book, "2": Booked(THEN, "Miss Lima")}


def test_what_somebody_is_known_by_stays_first():
    """The number to write to is the one they wrote from."""
    entry = BookEntry(ids=Ids(("5511987650009",), ("BR.1",)), at=THEN, name="Ana", username="ana")

    found = with_entry(ANA, "1", entry)

    assert (found.ids, found.username) == (Ids(("5511987650001", "5511987650009"), ("BR.1",)), "ana")
    assert with_entry(replace(ANA, username="lima"), "1", entry).username == "lima"


def test_of_two_contacts_who_are_one_the_newer_entries_stay():
    """Number by number."""
    one, other = {"1": Booked(THEN, "a"), "2": Booked(LATER, "b")}, {"2": Booked(THEN, "c"), "3": Booked(THEN, "d")}

    assert both(one, other) == both(other, one) == {**other, **one}
