"""Where in a log does that stand which a phone told of its past?"""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.past import Log
from adapters.records import LogEntry, packed_log, read_log
from adapters.whatsapp import meta
from adapters.whatsapp.history import PLACEHOLDER, Said

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def said(words, minute, *, by="contact", id_="", kind="text"):
    """Return a message of the past."""
    return Said(id=id_ or f"w/{words}", at=NOON + minute * MINUTE, by=by, kind=kind, words=words, status="read")


def live(*entries):
    """Return a turn that was heard live: who said what, in which minute, by the row."""
    lines = [
        LogEntry(at=NOON + minute * MINUTE, who=who, event=f"w/{words}", words=words, row=row)
        for who, words, minute, row in entries
    ]
    return packed_log(lines)


def words(turns):
    """Return the words of turns."""
    return [[line.words for line in read_log(turn)] for turn in turns]


ASKED = live(("contact", "hi", 10, None), ("bot", "Hi!", 10, "r1"))
ANSWERED = live(("owner", "me", 20, None))


@pytest.mark.parametrize(
    ("log", "past", "expected"),
    [
        ([], [said("b", 2), said("a", 1)], [["a", "b"]]),
        ([ASKED, ANSWERED], [said("a", 1), said("b", 15)], [["a"], ["hi", "Hi!"], ["b"], ["me"]]),
        ([ASKED, ANSWERED], [said("z", 30)], [["hi", "Hi!"], ["me"], ["z"]]),
        ([ANSWERED, ASKED], [said("b", 15)], [["b"], ["me"], ["hi", "Hi!"]]),
        ([ASKED], [said("hi", 10)], [["hi", "Hi!"]]),
        ([ASKED, b"\x07 of another version"], [said("a", 1)], None),
    ],
)
def test_it_stands_where_it_was_said(log, past, expected):
    """What was live stays in its order, also where an event came late; what cannot be read stays as it is."""
    found = Log(log)

    found.put(past, ())

    if expected is None:
        assert found.turns()[1:] == log
    else:
        assert words(found.turns()) == expected


def test_ten_messages_are_a_turn_and_a_full_turn_stays_when_older_ones_come():
    """So that the newest are kept, whatever comes later."""
    first = Log([])
    first.put([said(f"{each}", each) for each in range(15, 35)], ())
    then = Log(first.turns())
    then.put([said(f"{each}", each) for each in range(15)], ())

    assert [len(each) for each in words(then.turns())] == [5, 10, 10, 10]
    assert then.turns()[2:] == first.turns()


@pytest.mark.parametrize(
    ("past", "sent", "doubled"),
    [
        (said("Hi!", 10, by="owner", id_="wamid.A"), ("wamid.A",), False),
        (said("Hi!", 11, by="owner"), (), False),
        (said("Hi!", 90, by="owner"), (), True),
        (said("Hi!", 10), (), True),
        (said("Bye", 10, by="owner"), (), True),
    ],
)
def test_what_the_bot_said_is_no_message_of_the_owner_s(past, sent, *, doubled):
    """It is known by its id as long as its row is kept, then by its words at about that time."""
    assert Log([ASKED]).put([past], sent) is doubled


def test_two_ids_of_one_message_are_one():
    """The same key inside, seen from the other side."""
    one, other = (meta.wamid(peer, "3ASAME", "inbound") for peer in ("5511987650001", "5511912345678"))
    found = Log([packed_log([LogEntry(at=NOON, who="contact", event=one, words="hi")])])

    assert not found.put([said("hi", 0, id_=other)], ())


@pytest.mark.parametrize("turned", [False, True])
def test_a_file_takes_the_place_that_was_kept_for_it(turned):
    """Whichever came first; the place says when, and how far it came."""
    place = said("", 1, id_="w", kind=PLACEHOLDER)
    file = Said(id="w", at=NOON + 5 * MINUTE, by="contact", kind="image", words="Foto")
    found = Log([])

    for each in (file, place) if turned else (place, file):
        found.put([each], ())

    [[line]] = [read_log(turn) for turn in found.turns()]
    assert (line.at, line.words, line.why, line.imported) == (NOON + MINUTE, "Foto", (), "read")


def test_what_came_live_after_all_is_not_there_twice():
    """When the log is next written."""
    first = Log([])
    first.put([said("hi", 10)], ())
    then = Log([*first.turns(), ASKED])

    assert then.put([], ())
    assert words(then.turns()) == [["hi", "Hi!"]]
