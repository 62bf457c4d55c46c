"""How fast may a number send to the fake Graph server, to whom, and until when?"""

import pytest

from adapters.whatsapp.fake_state import Chat, People, Traffic, address, busiest_second
from adapters.whatsapp.meta import Person

DAY = 24 * 3600.0


def test_the_throughput_slides():
    """A message may go as soon as the oldest of the last ones is a second old, not when a new second begins."""
    traffic = Traffic()

    admitted = [traffic.admits(at, 3) for at in (0.5, 0.6, 0.9, 1.0, 1.4, 1.5, 1.55, 1.6)]

    assert admitted == [True, True, True, False, False, True, False, True]


def test_inbound_messages_can_count():
    """A message from a contact takes a place in the throughput."""
    traffic = Traffic()

    traffic.count(0.0)

    assert [traffic.admits(0.1, 2), traffic.admits(0.2, 2)] == [True, False]


def test_a_pair_may_burst_and_then_waits():
    """After the burst, one message goes per interval."""
    chat = Chat()

    burst = [chat.pair_admits(1000.0, 45, 6.0) for _ in range(46)]
    later = [chat.pair_admits(at, 45, 6.0) for at in (1005.9, 1006.0, 1006.1, 1012.0)]

    assert burst == [True] * 45 + [False]
    assert later == [False, True, False, True]


@pytest.mark.parametrize(
    ("moments", "most"),
    [
        ([], 0),
        ([1.0], 1),
        ([0.0, 1.0, 2.0], 1),
        ([0.0, 0.999, 1.0], 2),
        ([0.9, 0.95, 1.05, 1.1, 3.0], 4),
    ],
)
def test_the_busiest_second_may_begin_anywhere(moments, most):
    """A second holds its first moment and not its end."""
    found = busiest_second(moments)

    assert found == most


def test_the_window_closes_a_day_after_the_last_message():
    """An older message that arrives late changes nothing."""
    chat = Chat()

    chat.heard(1000.0, from_ad=False)
    chat.heard(500.0, from_ad=False)

    assert [chat.is_open(now, DAY) for now in (1000.0 + DAY - 1, 1000.0 + DAY)] == [True, False]
    assert not Chat().is_open(0.0, DAY)


@pytest.mark.parametrize(("answered_at", "free_until"), [(1000.0 + 60, 1000.0 + 60 + 3 * DAY), (1000.0 + DAY, 0)])
def test_only_a_quick_answer_to_an_ad_starts_the_free_window(answered_at, free_until):
    """The free entry window runs from the first answer, if that comes within a day."""
    chat = Chat()
    chat.heard(1000.0, from_ad=True)

    chat.answered(answered_at, 3 * DAY)
    chat.answered(answered_at + 10, 3 * DAY)

    assert chat.free_until == free_until


def test_all_addresses_of_a_person_lead_to_one_member():
    """A phone number in any writing, another spelling of it, and the user id are one person."""
    people = People()
    ana = Person("+55 11 98765-4321", "BR.20817736401155920043", "Ana")

    member = people.register(ana, aliases=["+55 11 8765-4321"])

    spellings = ("5511987654321", "+551187654321", "BR.20817736401155920043")
    assert all(people.find(each) is member for each in spellings)
    assert people.find("+447700900123") is not member


def test_a_person_who_is_registered_again_keeps_their_chats():
    """Learning the user id of a known phone number does not lose the window."""
    people = People()
    people.register(Person("5511987654321")).chat("1").heard(5.0, from_ad=False)

    people.register(Person("5511987654321", "BR.20817736401155920043"))

    assert people.find("BR.20817736401155920043").chat("1").wrote_at == 5.0


def test_an_address_is_what_tells_people_apart():
    """Of a phone number only the digits count, and only those of ASCII."""
    written = [address(each) for each in ("+44 (7700) 900-123", "GB.817", "٤٤7")]

    assert written == ["447700900123", "GB.817", "7"]
