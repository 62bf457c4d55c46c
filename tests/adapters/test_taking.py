"""Do `take` and `hand-back` decide who answers in a chat, whether or not a process runs?"""

from datetime import UTC, datetime

import pytest

from adapters import taking
from adapters.intake import item_of
from adapters.records import read_chat, read_log
from adapters.store.records import NextRow
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from adapters.whatsapp.receive import decode
from rules.policy.handoff import Holder, holder_at
from rules.policy.restrictions import DEFAULT
from tests.adapters.desk import ANA, BEA, LINE, Desk, echoes, writes, wrote

NUMBER = LINE.phone_number_id
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def desk(store_url, tmp_path):
    """Give a business in which a contact was asked something."""
    found = Desk(store_url, tmp_path)
    found.happens(writes("order"))
    return found


@pytest.fixture
def impatient(monkeypatch):
    """Let commands not wait for a decision that nobody will make."""
    monkeypatch.setattr(taking, "PATIENCE_S", 0.0)


def subject(desk, person=ANA):
    """Return what the store calls the chat of somebody."""
    return f"{NUMBER}/{desk.inside(lambda house: house.store.contact_of('corner', [f'p:{person.phone}']))}"


def record(desk, person=ANA):
    """Return a chat as it is kept."""
    chat = subject(desk, person)
    return read_chat(desk.inside(lambda house: house.store.subject("corner", chat)).state)


def ends(desk):
    """Return how the rows of the business ended that have, with their reasons."""
    return desk.inside(_ends)


async def _ends(house):
    names = [name async for name in house.store.client.scan_iter("{corner}:r:*")]
    rows = [await house.store.command("HMGET", name, "state", "reason") for name in names]
    return sorted((state.decode(), (reason or b"").decode()) for state, reason in rows if state != b"queued")


async def try_to_begin(house):
    """Try to send what is queued; return what the store says, nothing if there is nothing to send."""
    found = await house.store.next_row("corner", NUMBER)
    if not isinstance(found, NextRow):
        return None
    fields = {"subject": found.subject, "ver": found.ver, "number_ver": found.number_ver}
    begun = await house.store.begin(
        "corner", found.row, "one", lists=DEFAULT.digest, valid_until_ms=10**14, empty_inbox=False, **fields
    )
    return begun.why or "begun"


def test_who_takes_a_chat_silences_the_bot_until_it_is_handed_back(desk):
    """What was queued is dropped, and the run goes on where it stood once the contact writes."""
    taken = desk.served("take", NUMBER, f"+{ANA.phone}")
    desk.happens(writes("3"))
    silent = (ends(desk), desk.inside(try_to_begin))
    back = desk.served("hand-back", NUMBER, f"+{ANA.phone}")
    quiet = desk.inside(try_to_begin)
    desk.happens(writes("4"))

    assert (taken.exit_code, taken.stdout) == (0, "")
    assert taken.stderr == "The owner holds the chat until it is handed back: the bot is silent there.\n"
    assert silent == ([("dropped", "taken")], None)
    assert (back.exit_code, back.stderr) == (0, "The bot holds the chat; it is quiet until the contact writes.\n")
    assert quiet is None
    assert record(desk).run is None  # it took the answer and ended
    assert desk.inside(try_to_begin) == "begun"


def test_a_chat_is_taken_for_a_while(desk):
    """And what the owner holds for longer already stays so."""
    first = desk.served("take", NUMBER, ANA.phone, "--for", "2h")
    shorter = desk.served("take", NUMBER, ANA.phone, "--for", "5m")

    assert first.stderr == shorter.stderr == "The owner holds the chat for 2h: the bot is silent there.\n"
    assert record(desk).holding.why == "take"


@pytest.mark.usefixtures("impatient")
def test_nothing_leaves_from_the_moment_of_the_command_though_nobody_decides_it(desk):
    """The hold is of the same stroke as the event; whoever runs next decides it."""
    taken = desk.baton("take", NUMBER, ANA.phone)
    held = desk.inside(try_to_begin)
    chat = subject(desk)
    desk.inside(lambda house: house.handler.drain("corner", chat))

    assert taken.exit_code == 0
    assert taken.stderr == (
        "It is in the chat's inbox, and nothing leaves there from now on. Nobody has decided it yet: "
        "the owner holds it as soon as `baton run`, `serve` or `work` runs.\n"
    )
    assert held in (None, "hold")
    assert holder_at(record(desk).holding, datetime.now(UTC)) is Holder.OWNER
    assert ends(desk) == [("dropped", "taken")]


@pytest.mark.usefixtures("impatient")
def test_what_waits_is_decided_in_order_before_the_contact_is_heard(desk):
    """Taken, handed back and taken again while nobody ran: the owner holds, and what came before is not answered."""
    for command in ("take", "hand-back", "take"):
        desk.baton(command, NUMBER, ANA.phone)
    desk.happens(writes("3"))

    assert holder_at(record(desk).holding, datetime.now(UTC)) is Holder.OWNER
    assert desk.inside(try_to_begin) is None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("orders", "answered"),
    [
        (["write", "take"], False),
        (["take", "write", "hand-back"], False),
        (["take", "hand-back", "write"], True),
        (["take", "write", "hand-back", "take"], False),
        (["take", "hand-back", "write", "take", "hand-back"], False),
    ],
)
def test_a_message_is_answered_only_if_the_bot_held_the_chat_from_then_on(desk, orders, answered):
    """Whoever decides it late knows who held the chat, and whatever silences the bot comes first."""
    for order in orders:
        if order == "write":
            desk.inside(_appends)
        else:
            desk.baton(order, NUMBER, ANA.phone)
    chat = subject(desk)

    desk.inside(lambda house: house.handler.drain("corner", chat))

    assert (desk.inside(try_to_begin) == "begun") is answered


async def _appends(house):
    """Let a contact write while nobody decides."""
    [arrival] = decode(meta.encode(writes("3")), datetime.now(UTC)).items
    await house.store.ingest("corner", [item_of(arrival, NUMBER, "chat")])


def test_a_chat_that_the_owner_holds_is_taken_for_longer(desk):
    """What began it is still what the owner wrote."""
    desk.happens(echoes("I am here"))

    taken = desk.served("take", NUMBER, ANA.phone, "--for", "1d")

    assert taken.stderr == "The owner holds the chat for 1d: the bot is silent there.\n"
    assert record(desk).holding.why == "owner_message"


def test_the_log_says_who_took_it(desk):
    """Whoever is logged in on the machine."""
    desk.served("take", NUMBER, ANA.phone)

    chat = subject(desk)

    [*_, turn] = desk.inside(lambda house: house.store.log("corner", chat))
    [entry] = read_log(turn)

    assert (entry.who, entry.words) == ("ChatTaken", "")
    assert entry.why[0].words.endswith("took the chat: the bot is silent until told otherwise")


@pytest.mark.parametrize(
    ("number", "contact"),
    [
        (NUMBER, "+55 (11) 98765-0001"),
        ("+55 11 91234-5678", "551187650001"),
        ("5511 1234-5678", "005511987650001"),
        ("551191234 5678", ANA.bsuid),
    ],
)
def test_number_and_contact_are_written_as_people_do(desk, number, contact):
    """Spaces, brackets, a digit less or more, or the user id."""
    assert desk.served("take", number, contact).exit_code == 0
    assert holder_at(record(desk).holding, datetime.now(UTC)) is Holder.OWNER


def test_the_id_under_which_other_commands_name_a_contact_is_understood(desk):
    """`parked` and `status` name the chat by it."""
    assert desk.served("take", NUMBER, subject(desk).partition("/")[2]).exit_code == 0


WRONG = {
    "an unknown number": (("999", ANA.phone), "No business number that is live here is `999`. There are `1065403522"),
    "nobody": ((NUMBER, "+55 11 98765-9999"), "Nobody known as `+55 11 98765-9999` has a chat with `106540352242922`."),
    "no number at all": (
        (NUMBER, "Ana"),
        "`Ana` is neither a phone number with its country code nor a user id such as",
    ),
    "a country that is closed": ((NUMBER, "+53 5 1234567"), "Nothing would be answered there: Cuba (+53) is closed"),
    "no span": ((NUMBER, ANA.phone, "--for", "soon"), "This takes a span of time such as `90s`"),
    "too long a span": ((NUMBER, ANA.phone, "--for", "9999d"), "A span is at most 365d"),
    "an unknown business": (
        (NUMBER, ANA.phone, "--business", "x"),
        "No business is called `x`; the store holds `corner`.",
    ),
    "an id of nobody": ((NUMBER, "abcdefabcdef"), "`abcdefabcdef` is neither a phone number with its country code nor"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_meant_is_told(desk, case):
    """With what to do, as a usage mistake; nothing is changed."""
    arguments, words = WRONG[case]

    done = desk.baton("take", *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert record(desk).holding.why == ""


def test_a_contact_of_another_business_is_nobody_here(desk, tmp_path):
    """Nothing is said that would tell otherwise."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "business.yaml").write_text(
        'business: Other\ntimezone: UTC\nlanguage: en\nnumbers: [{id: "2", phone: "+55 11 91234-5679", waba: "9"}]\n'
    )
    desk.publishes(other)

    known, unknown = desk.baton("take", "2", ANA.phone), desk.baton("take", "2", BEA.phone)

    assert (known.exit_code, unknown.exit_code) == (2, 2)
    assert known.stderr.replace(ANA.phone, "") == unknown.stderr.replace(BEA.phone, "")
    assert desk.baton("take", "2", ANA.phone, "--business", "corner").stderr.startswith("No business number")


def test_a_contact_of_a_closed_country_is_told_so(desk):
    """Their chat is kept, and nothing is sent there anyway."""
    cuban = Person(phone="5351234567", name="C")
    desk.happens(writes("hi", cuban))

    taken = desk.served("take", NUMBER, cuban.phone)

    assert taken.exit_code == 0
    assert taken.stderr.startswith("Nothing is sent to this contact anyway: Cuba (+53) is closed")


def test_a_chat_whose_record_cannot_be_read_is_left_alone(desk, store):
    """Nobody could decide it, and the chat would be on hold for ever."""
    chat = subject(desk)
    store.hset(f"{{corner}}:s:{chat}", "state", b"\x09newer")

    done = desk.baton("take", NUMBER, ANA.phone)

    assert (done.exit_code, done.stderr) == (
        2,
        "The record of this chat cannot be read by this version of Baton: nothing was done.\n",
    )
    assert store.llen(f"{{corner}}:in:{chat}") == 0


def test_a_store_that_is_away_is_told(desk):
    """In a sentence."""
    desk.environ = {"BATON_REDIS_URL": "redis://127.0.0.1:1/0"}

    done = desk.baton("hand-back", NUMBER, ANA.phone)

    assert done.exit_code == 2
    assert done.stderr.startswith("The store at `BATON_REDIS_URL` does not answer")


def test_a_number_that_is_not_live_any_more_is_told(desk, tmp_path):
    """Its chats stay; nobody decides in them."""
    business = tmp_path / "business.yaml"
    business.write_text(business.read_text().replace(NUMBER, "77"))
    desk.publishes(tmp_path)

    done = desk.baton("take", NUMBER, ANA.phone)

    assert (done.exit_code, done.stderr.split(".")[0]) == (2, f"No business number that is live here is `{NUMBER}`")


def test_a_chat_of_the_past_can_be_taken_before_anybody_writes(desk):
    """The bot is silent there from the first message on."""
    desk.remembers(wrote("hello", datetime(2026, 3, 2, 15, tzinfo=UTC), BEA))

    taken = desk.served("take", NUMBER, f"+{BEA.phone}")
    desk.happens(writes("I want to order", BEA))

    assert taken.stderr == "The owner holds the chat until it is handed back: the bot is silent there.\n"
    assert record(desk, BEA).bot_at is None
