"""Does `why` tell the story of a chat: who holds it, what waits, what was said and for which reason?"""

from datetime import UTC, datetime, time, timedelta

import pytest
from msgspec.structs import replace

from adapters.records import packed, packed_chat, read_chat, read_row
from adapters.store.records import NextRow
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from engine.content import Template
from engine.effects import Bulk
from engine.row import as_template
from rules.policy.daytime import Daytime
from rules.policy.restrictions import DEFAULT
from tests.adapters.desk import ANA, BEA, FLOWS, LINE, Desk, books, echoes, writes, wrote

NUMBER = LINE.phone_number_id
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def desk(store_url, tmp_path):
    """Give a business in which a contact was asked something."""
    found = Desk(store_url, tmp_path)
    found.happens(writes("I want to order"))
    return found


def story(desk, person=ANA, *options):
    """Return what `why` says of a chat; it says nothing anywhere else."""
    done = desk.baton("why", NUMBER, person.phone, *options)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    return done.stdout


def fact(told, about):
    """Return what is said about one thing."""
    [line] = [line for line in told.splitlines() if line.startswith(f"  {about} ")]
    return line.removeprefix(f"  {about} ").strip()


def subject(desk, person=ANA):
    """Return what the store calls the chat of somebody."""
    return f"{NUMBER}/{desk.inside(lambda house: house.store.contact_of('corner', [f'p:{person.phone}']))}"


async def begin(house):
    """Begin to send what is queued, and return its row."""
    found = await house.store.next_row("corner", NUMBER)
    assert isinstance(found, NextRow)
    fields = {"subject": found.subject, "ver": found.ver, "number_ver": found.number_ver}
    begun = await house.store.begin("corner", found.row, "one", lists=DEFAULT.digest, valid_until_ms=10**14, **fields)
    assert begun.ok
    return found.row


def test_it_tells_who_holds_the_chat_and_where_its_flow_stands(desk):
    """In the time of the business."""
    told = story(desk)

    first, second, third = told.splitlines()[:3]
    assert first == f"Corner Shop, {NUMBER} (+5511912345678)"
    assert second == "with Ana (+5511987650001, BR.10000000000000000001)"
    assert third.endswith("in America/Sao_Paulo, as are all times below")
    assert fact(told, "holder") == "The bot holds it, as from the beginning."
    assert fact(told, "window").startswith("It is open until ")
    assert (
        fact(told, "flow") == "`order` (the live version) stands at `ask` (flows.yaml:5:5) and waits for the contact."
    )
    assert fact(told, "inbox") == "Nothing is undecided."
    assert fact(told, "timer").startswith("`no_reply` at ")


def test_it_tells_what_would_become_of_a_queued_message_now(desk):
    """By the gate, with its reason; nothing is changed by asking."""
    told = story(desk)

    assert "  bot: How many?\n      By the gate it leaves now: The window is open until " in told
    assert desk.inside(begin)


def test_messages_of_a_chat_wait_for_each_other(desk):
    """They leave in their order."""
    desk.happens(writes("what?"))

    told = story(desk)

    assert told.count("It waits for the one before it.") == 1
    assert "  bot: Sorry?\n      It waits for the one before it.\n      By the gate it leaves now: " in told


def test_it_tells_why_the_bot_said_what_it_said(desk):
    """The condition, the flow and the step, with their places in the files."""
    told = story(desk)

    said = told.partition("What was said, and why:\n")[2].splitlines()
    assert said[0].endswith("  contact: I want to order")
    assert said[1:4] == [
        '      trigger: `order` fits: `text` has "order" (flows.yaml:3)',
        "      flow: starts `order`",
        "      step: `ask` asks and waits (flows.yaml:5:5)",
    ]
    assert said[4].endswith("  bot: How many?  [see above]")


def test_it_tells_why_the_bot_was_silent(desk):
    """The owner wrote: what was queued was dropped, and nothing is said to what came after."""
    desk.happens(echoes("I am here"), writes("5"))

    told = story(desk)

    assert fact(told, "holder").endswith(": the owner wrote.")
    assert "  bot: How many?  [dropped: owner_replied]" in told
    assert "  owner: I am here\n      holder: the owner replied: the bot is silent until " in told
    assert "  contact: 5\n      holder: the owner holds the chat until " in told
    assert told.endswith("      nothing was said to that\n")
    assert "UTC" not in told
    assert fact(told, "flow").endswith("rests until the bot holds the chat and the contact writes.")
    assert "timer  " not in told


def test_what_a_phone_told_of_its_past_is_told_as_that(desk):
    """Also of somebody who has not written since; people see the name that the owner's address book has."""
    desk.remembers(wrote("hello", datetime(2026, 3, 2, 15, tzinfo=UTC), BEA), books("Bea, pays late", BEA))

    told = story(desk, BEA)

    assert "with Bea, pays late (+5511987650002)" in told
    assert told.endswith("  Mon 2 Mar 2026, 12:00  contact: hello  [from the phone's history, read]\n")
    assert fact(told, "window").startswith("It is shut")


def test_only_so_much_of_the_log_is_told(desk):
    """Or nothing of it."""
    desk.happens(writes("first"), writes("second"))

    assert "first" not in story(desk, ANA, "--turns", "1")
    assert "What was said" not in story(desk, ANA, "--turns", "0")


def test_a_person_who_was_asked_for_and_has_not_come_is_told(desk):
    """With the reason that the flow gave, and what brings the chat back."""
    desk.happens(writes("person", BEA))

    assert fact(story(desk, BEA), "holder").endswith(": a flow handed it off: Wants to talk. Nobody has come yet.")


def test_a_pause_that_is_over_is_told(desk, store):
    """The bot holds the chat since then."""
    desk.happens(echoes("I am here"))
    key = f"{{corner}}:s:{subject(desk)}"
    chat = read_chat(store.hget(key, "state"))
    over = replace(chat.holding, until=datetime.now(UTC) - timedelta(hours=1))
    store.hset(key, "state", packed_chat(replace(chat, holding=over)))

    told = fact(story(desk), "holder")

    assert told.startswith("The bot holds it since ")
    assert told.endswith(": the time of the owner is over.")


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ([], "It is being sent; what became of it is known by "),
        (["doubt"], "Nobody knows yet whether it arrived. It is looked at again at "),
        (["doubt", "parked"], "Nobody knows whether it arrived. Look into the chat on the phone, then: baton parked"),
    ],
)
def test_a_message_of_unknown_fate_is_told(desk, moves, words):
    """Also when the log has forgotten it."""

    async def goes(house):
        row, before = await begin(house), "sending"
        for state in moves:
            await house.store.settle("corner", row, state, expect=[before], state=state)
            before = state

    desk.inside(goes)
    for options in ((), ("--turns", "0")):
        assert f"  bot: How many?\n      {words}" in story(desk, ANA, *options)


def test_how_far_a_message_came_is_told(desk):
    """As Meta says."""

    async def sent(house):
        row = await begin(house)
        await house.store.settle(
            "corner", row, "a", expect=["sending"], state="sent", message_id="wamid.x", delivery="read"
        )

    desk.inside(sent)

    assert "  bot: How many?  [sent, read]" in story(desk)


def test_a_template_that_takes_the_place_of_a_message_is_told(desk):
    """Beside the message whose window had closed, and among what is to leave."""

    async def closes(house):
        found = await house.store.next_row("corner", NUMBER)
        row = read_row(found.blob)
        await house.ends.drop("corner", row, "window_closed", as_template(row, Template("we_are_back", "en")))

    desk.inside(closes)
    told = story(desk)

    assert "  bot: How many?  [dropped: window_closed]\n      instead: {template: we_are_back}  [queued]" in told
    assert "      By the gate it leaves now: An approved template may leave.\n" in told


def test_a_message_of_a_campaign_that_rests_is_told(desk, store):
    """Though the gate has nothing against it."""
    chat = subject(desk)
    [name] = store.zrange(f"{{corner}}:out:{chat}", 0, -1)
    key = f"{{corner}}:r:{name.decode()}"
    row = read_row(store.hget(key, "blob"))
    bulk = Bulk("spring", Daytime(time(0, 0), time(23, 59, 59), "UTC"))
    store.hset(key, "blob", packed(replace(row, effect=replace(row.effect, bulk=bulk))))

    assert "      Its campaign does not run, so it waits.\n" in story(desk)


def test_what_stops_a_number_or_all_is_told(desk, store):
    """Sending is held, or the account was disconnected."""
    desk.happens(meta.envelope(LINE, "account_update", {"event": "PARTNER_REMOVED"}))
    store.hset("baton:store", "held", "rolled_back")

    told = story(desk)

    assert fact(told, "number").startswith("It sends nothing: ")
    assert fact(told, "store").startswith("The store lost its last moments")
    assert "      By the gate it waits: The number sends nothing now" in told


def test_what_is_undecided_is_told(desk):
    """And that nothing leaves before."""

    async def comes(house):
        await house.store.order("corner", chat, b"key", 20_000, b"\x01")

    chat = subject(desk)
    desk.inside(comes)

    assert fact(story(desk), "inbox") == (
        "One event is undecided; that takes a second where `baton serve` or `work` runs. Nothing leaves before that."
    )


def test_a_window_that_is_shut_is_told(desk):
    """The contact wrote two days ago, or never."""
    long_ago = datetime.now(UTC) - timedelta(days=2)
    desk.happens(
        meta.text_message(LINE, BEA, "hello", at=long_ago),
        meta.echo(LINE, Person(phone="5511987650003"), "Hi!", at=datetime.now(UTC)),
    )

    assert fact(story(desk, BEA), "window").startswith("It is shut since ")
    never = story(desk, Person(phone="5511987650003"))
    assert fact(never, "window") == "It is shut: the contact has not written yet. Only templates leave."
    assert "with somebody without a name (" in never


def test_a_contact_of_a_closed_country_is_told_so(desk):
    """With what the list says."""
    cuban = Person(phone="5351234567", name="C")
    desk.happens(writes("order", cuban))

    told = story(desk, cuban)

    assert fact(told, "country").startswith("Nothing is sent to this contact, by whoever. Cuba (+53) is closed")
    assert "      nothing was said to that\n" in told


def test_a_run_of_an_older_version_stands_where_it_stood(desk, store, tmp_path):
    """Also when that version is gone, as far as it can be told then."""
    [older] = store.zrange("{corner}:versions", 0, -1)
    (tmp_path / "flows.yaml").write_text(FLOWS.replace("How many?", "How much?"))
    desk.publishes(tmp_path)
    before = fact(story(desk), "flow")
    store.delete(f"{{corner}}:v:{older.decode()}")
    store.zrem("{corner}:versions", older)

    after = fact(story(desk), "flow")

    assert before == f"`order` (version {older.decode()}) stands at `ask` (flows.yaml:5:5) and waits for the contact."
    assert after.startswith(f"`order` (version {older.decode()}, which is not in the store any more) stands at a step")


def test_texts_and_names_do_nothing_to_the_terminal_and_are_not_logged(desk):
    """Whatever they hold."""
    odd = Person(phone="5511987650004", name="\u202eevil")
    desk.happens(writes("order\n  holder    forged \u2066x", odd))

    told = story(desk, odd)

    assert "with \ufffdevil (+5511987650004)" in told
    assert "contact: order holder forged \ufffdx\n" in told
    assert fact(told, "holder") == "The bot holds it, as from the beginning."


@pytest.mark.parametrize(
    ("field", "value"), [("state", b"\x09newer"), ("state", b"\x01\xc1"), ("log", b"junk"), ("row", b"junk")]
)
def test_what_cannot_be_read_is_told_and_the_rest_as_well(desk, store, field, value):
    """A record, a turn of the log or a row that another version wrote."""
    chat = subject(desk)
    match field:
        case "state":
            store.hset(f"{{corner}}:s:{chat}", "state", value)
        case "log":
            store.lset(f"{{corner}}:log:{chat}", 0, value)
        case _:
            [name] = store.zrange(f"{{corner}}:out:{chat}", 0, -1)
            store.hset(f"{{corner}}:r:{name.decode()}", "blob", value)

    told = story(desk)

    assert fact(told, "inbox") == "Nothing is undecided."
    assert "cannot be read by this version" in told
    assert ("I want to order" in told) is (field != "log")


def test_a_contact_with_chats_elsewhere_is_told_so(desk, tmp_path):
    """Of the same business, that is."""
    business = tmp_path / "business.yaml"
    more = '{id: "2", phone: "+55 11 91234-5679", waba: "9"}'
    business.write_text(business.read_text().replace("numbers: [", f"numbers: [{more}, "))
    desk.publishes(tmp_path)

    done = desk.baton("why", "2", ANA.phone)

    assert (done.exit_code, done.stderr) == (2, f"This contact has no chat with `2`, but with `{NUMBER}`.\n")
