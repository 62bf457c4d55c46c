"""Is what was put into the spool there again, whole and in order, whoever died while writing it?"""

import asyncio
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from adapters.spool import ECHOES, EVENTS, Record, Spool, SpoolFailure, SpoolFull, read_from

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_record(place, size=20):
    """Return one of many records."""
    return Record(NOON + timedelta(milliseconds=place), b"%d " % place + b"x" * size)


def add(spool, *records, kinds=(EVENTS,)):
    """Put records into a spool, one after the other."""

    async def scene():
        for each in records:
            await spool.add(each, kinds)

    asyncio.run(scene())


def held(spool, kind=EVENTS):
    """Return all that can be read, segment by segment."""
    return [record for segment in spool.segments(kind) for record, _ in read_from(segment, 0)]


@pytest.fixture
def folder(tmp_path):
    """Give a place for a spool."""
    return tmp_path / "spool"


def test_what_is_added_is_read_again_with_its_moment(folder):
    """By another process, and from any place on."""
    spool, records = Spool(folder), [a_record(place) for place in range(3)]
    add(spool, *records)

    [segment] = Spool(folder).segments(EVENTS)
    found = list(read_from(segment, 0))

    assert [record for record, _ in found] == records
    assert [record for record, _ in read_from(segment, found[0][1])] == records[1:]


def test_a_body_with_an_echo_and_more_stands_with_both(folder):
    """Anybody sees that an echo waits."""
    spool = Spool(folder)
    before = spool.is_empty(), spool.holds_echoes()
    add(spool, a_record(1))
    between = spool.is_empty(), spool.holds_echoes()
    add(spool, a_record(2), kinds=(ECHOES, EVENTS))

    assert (before, between) == ((True, False), (False, False))
    assert spool.holds_echoes()
    assert (held(spool, ECHOES), held(spool)) == ([a_record(2)], [a_record(1), a_record(2)])


def test_nobody_else_may_read_it_and_its_names_say_nothing(folder):
    """Neither of whom it is nor when it came."""
    spool = Spool(folder)
    add(spool, a_record(1))

    modes = {path.name.rpartition(".")[2]: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    [segment] = spool.segments(EVENTS)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {"lock": 0o600, "events": 0o600}
    assert int(segment.stem, 16) >= 0


@pytest.mark.parametrize("cut", range(1, 49))
def test_a_record_that_is_not_whole_is_passed_over(folder, cut):
    """Wherever the writing ended."""
    spool = Spool(folder)
    add(spool, a_record(1), a_record(2))
    [segment] = spool.segments(EVENTS)

    os.truncate(segment, segment.stat().st_size - cut)

    assert held(spool) == [a_record(1)]


@pytest.mark.parametrize(
    "rest", [b"\0" * 100, b"\xff" * 100, b"\0\0\0\5 a beginning and not more than that, of something"]
)
def test_what_was_never_written_is_passed_over(folder, rest):
    """A power cut may leave anything behind the last sync."""
    spool = Spool(folder)
    add(spool, a_record(1))
    [segment] = spool.segments(EVENTS)

    segment.write_bytes(segment.read_bytes() + rest)

    assert held(spool) == [a_record(1)]


def test_a_full_spool_refuses_and_loses_nothing(folder):
    """The limit is for all processes together."""
    spool, other = Spool(folder, most=300), Spool(folder, most=300)
    add(spool, a_record(1, 100))
    add(other, a_record(2, 50))

    with pytest.raises(SpoolFull):
        add(spool, a_record(3, 200))

    assert sorted(held(spool), key=lambda record: record.arrived_at) == [a_record(1, 100), a_record(2, 50)]
    assert spool.has_room()


def test_what_the_disk_refuses_leaves_no_trace(folder, monkeypatch):
    """Half a record would hide those that come after it."""
    spool, whole = Spool(folder), os.write
    add(spool, a_record(1))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda descriptor, written: whole(descriptor, written[:10]))
        with pytest.raises(OSError, match="No space left"):
            add(spool, a_record(2))
    add(spool, a_record(3))

    assert held(spool) == [a_record(1), a_record(3)]


def test_after_a_segment_was_removed_another_begins(folder):
    """What is added while somebody removes waits, and is then told that nothing waits any more."""
    spool = Spool(folder)
    add(spool, a_record(1))

    async def scene():
        async with spool.closed():
            late = asyncio.create_task(spool.add_behind(a_record(2), (EVENTS,)))
            await asyncio.sleep(0.05)
            waited = not late.done()
            spool.remove(EVENTS)
        return waited, await late

    waited, kept = asyncio.run(scene())
    empty = spool.is_empty()
    add(spool, a_record(3))

    assert (waited, kept, empty) == (True, False, True)
    assert held(spool) == [a_record(3)]


def test_one_reads_at_a_time(folder):
    """The next one may as soon as the first has ended, however it did."""
    with Spool(folder).reading() as first, Spool(folder).reading() as second:
        both = first, second
    with Spool(folder).reading() as third:
        pass

    assert (both, third) == ((True, False), True)


def test_a_folder_that_others_may_enter_is_refused(folder):
    """What contacts wrote lies there."""
    folder.mkdir(mode=0o755)

    with pytest.raises(SpoolFailure, match="only this user may enter: chmod 700"):
        Spool(folder)


def test_a_file_in_place_of_the_folder_is_refused(folder):
    """In a sentence."""
    folder.write_text("")

    with pytest.raises(SpoolFailure, match=r"`BATON_SPOOL` names .* File exists\. Choose another folder\."):
        Spool(folder)


def test_a_segment_that_is_removed_meanwhile_takes_no_room(folder):
    """Whether there is room is asked while another process removes what it has brought to the store."""
    spool = Spool(folder, most=1_000)
    add(spool, a_record(1))
    (folder / f"gone{EVENTS}").symlink_to(folder / "what was there")

    assert spool.has_room()
