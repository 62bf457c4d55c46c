"""Does `chats` say who holds each chat, and what waits there?"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.chats import columns
from adapters.records import SCHEMA
from adapters.whatsapp.meta import Person
from tests.adapters.desk import ANA, BEA, LINE, Desk, echoes, writes

NORA = Person(bsuid="BR.10000000000000000077", name="N\u202eora\u009b31m")
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def desk(store_url, tmp_path):
    """Give a business to which three people wrote, in this order."""
    found = Desk(store_url, tmp_path)
    found.happens(writes("order"), writes("person", BEA), writes("hm", NORA))
    return found


def listed(desk, *options):
    """Return what programs are told, by contact."""
    done = desk.baton("chats", "--format", "json", *options)
    assert done.exit_code == 0, done.output
    return {each["contact"]: each for each in json.loads(done.stdout)}


def test_it_lists_who_holds_each_chat_and_what_waits(desk):
    """The newest first, a line each."""
    done = desk.baton("chats")

    first, second, third = done.stdout.splitlines()
    assert (done.exit_code, done.stderr) == (0, "3 of 3 chats that were looked at.\n")
    assert {first.split()[1], second.split()[1]} == {"BR.10000000000000000077", "+5511987650001"}  # of the same second
    assert third.startswith(f"{LINE.phone_number_id}  +5511987650002")
    assert "owner for 12h: a flow handed it off: Wants to talk" in third
    assert "window 23h 5" in third
    assert third.endswith("a person was asked for")
    assert any(each.endswith("1 to send, `order` waits for the contact") for each in (first, second))


def test_what_waits_stands_below_where_the_terminal_is_narrow():
    """In a pipe each chat is one line, however long."""
    rows = [("1", "Ana", "2 to send"), ("1", "Bo", "")]

    assert list(columns(rows, None)) == ["1  Ana  2 to send", "1  Bo"]
    assert list(columns(rows, 12)) == ["1  Ana", "    2 to send", "1  Bo"]


def test_what_people_call_themselves_does_nothing_to_the_terminal(desk):
    """For programs it is escaped, and still what it was."""
    done = desk.baton("chats", "--format", "json")

    assert "N\ufffdora31m" in desk.baton("chats").stdout
    assert "\u202e" not in done.stdout
    assert listed(desk)["BR.10000000000000000077"]["name"] == "N\u202eora31m"


def test_programs_get_moments(desk):
    """By whom and until when, in UTC."""
    bea = listed(desk)["+5511987650002"]

    until = datetime.fromisoformat(bea["until"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=55) < until < timedelta(hours=12)
    assert (bea["number"], bea["name"], bea["holder"]) == (LINE.phone_number_id, "Bea", "owner")
    assert (bea["why"], bea["asked_for"]) == ("a flow handed it off: Wants to talk", True)
    assert (bea["undecided"], bea["unsent"], bea["flow"], bea["awaits"]) == (0, 0, None, None)


def test_chats_are_chosen_by_who_holds_them(desk):
    """An owner who wrote holds, too; and where the run waits, it rests."""
    desk.happens(echoes("I am here"))

    assert listed(desk, "--held-by", "owner").keys() == {"+5511987650001", "+5511987650002"}
    assert listed(desk, "--held-by", "bot").keys() == {"BR.10000000000000000077"}
    assert listed(desk)["+5511987650001"]["awaits"] == "bot"


def test_chats_in_which_something_waits_are_found_even_if_nothing_happened_there_lately(desk, store):
    """Something undecided or to send, or a person who was asked for."""
    store.delete("{corner}:recent")

    assert listed(desk).keys() == set()
    assert listed(desk, "--waiting").keys() == {"+5511987650001", "BR.10000000000000000077"}
    assert listed(desk, "--all").keys() == {"+5511987650001", "+5511987650002", "BR.10000000000000000077"}
    assert listed(desk, "--all", "--waiting")["+5511987650002"]["asked_for"]


def test_of_many_the_newest_are_listed(desk):
    """And it is said that there are more."""
    desk.happens(writes("5"))

    done = desk.baton("chats", "--limit", "1")

    assert "+5511987650001" in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == "3 of 3 chats that were looked at. The newest 1 are listed; --limit lists more.\n"


def test_it_is_said_when_there_may_be_more_chats_than_were_looked_at(desk, store):
    """A thousand are kept in order, whatever their number."""
    subject = desk.inside(lambda house: house.store.contact_of("corner", [f"p:{ANA.phone}"]))
    record = store.hgetall(f"{{corner}}:s:{LINE.phone_number_id}/{subject}")
    contact = store.hgetall(f"{{corner}}:c:{subject}")
    with store.pipeline() as pipe:
        for each in range(1_000):
            pipe.hset(f"{{corner}}:s:{LINE.phone_number_id}/{each}", mapping=record)
            pipe.hset(f"{{corner}}:c:{each}", mapping=contact)
            pipe.zadd("{corner}:recent", {f"{LINE.phone_number_id}/{each}": each})
        pipe.zremrangebyrank("{corner}:recent", 0, 2)
        pipe.execute()

    some, every = desk.baton("chats", "--limit", "1"), desk.baton("chats", "--limit", "1", "--all")

    assert some.stderr.startswith("1,000 of 1,000 chats")
    assert some.stderr.endswith("--all looks at every chat.\n")
    assert every.stderr.startswith("1,003 of 1,003 chats")


@pytest.mark.parametrize("record", [b"\x09newer", SCHEMA + b"\xc1", b"", SCHEMA + b"\x83\xa1"])
def test_a_chat_whose_record_cannot_be_read_is_listed_all_the_same(desk, store, record):
    """The others are not harmed."""
    cid = desk.inside(lambda house: house.store.contact_of("corner", [f"p:{BEA.phone}"]))
    store.hset(f"{{corner}}:c:{cid}", "state", record or b"\x00")

    done = desk.baton("chats")

    assert listed(desk)[cid]["holder"] is None
    assert "its record cannot be read by this version of Baton" in done.stdout
    assert "+5511987650001" in done.stdout


def test_nothing_of_another_business_is_listed(desk, tmp_path):
    """Its own chats are, once it is named."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "business.yaml").write_text(
        'business: Other\ntimezone: UTC\nlanguage: en\nnumbers: [{id: "2", phone: "+55 11 91234-5679", waba: "9"}]\n'
    )
    desk.publishes(other)

    unsaid, named = desk.baton("chats"), desk.baton("chats", "--business", "other")

    assert (unsaid.exit_code, unsaid.stderr) == (2, "The store holds `corner`, `other`; say which with --business.\n")
    assert (named.exit_code, named.stdout, named.stderr) == (0, "", "0 of 0 chats that were looked at.\n")
    assert len(listed(desk, "--business", "corner")) == 3
