"""A chat is decided under a lease, and written whole or not at all."""

import asyncio

import pytest

from adapters.store import DropOrder, NewAlert, OwnRow, Stale

pytestmark = pytest.mark.anyio
B = "bakery"


async def test_only_one_decides(shop):
    """The owner of a lease may ask again; others wait until it ends."""
    chat = await shop.chat()

    first = await shop.store.lease(B, chat, "one", ms=50)
    again = await shop.store.lease(B, chat, "one", ms=50)
    other = await shop.store.lease(B, chat, "two", ms=50)
    await asyncio.sleep(0.06)
    after = await shop.store.lease(B, chat, "two", ms=50)

    assert None not in (first, again, after)
    assert other is None


async def test_a_lease_given_back_is_free(shop):
    """Only its owner can give it back."""
    chat = await shop.chat()
    await shop.store.lease(B, chat, "one")

    await shop.store.release(B, chat, "two")
    kept = await shop.store.lease(B, chat, "two")
    await shop.store.release(B, chat, "one")
    free = await shop.store.lease(B, chat, "two")

    assert kept is None
    assert free is not None


async def test_a_lease_tells_all_a_decision_needs(shop):
    """The chat, its contact, its number, what is live, what waits."""
    chat = await shop.chat()
    await shop.decide(chat, state=b"new", contact_state=b"contact", epoch=3)
    await shop.decide("1001", state=b"number")
    await shop.take(shop.item("x"))

    leased = await shop.store.lease(B, chat, "me")

    assert (leased.state, leased.contact_state, leased.number_state) == (b"new", b"contact", b"number")
    assert (leased.epoch, leased.contact_id, leased.live, leased.remaining) == (3, "of-p:1", "v1", 0)
    assert [entry.blob for entry in leased.events] == [b"<x>"]


async def test_leases_without_a_commit_are_counted(shop):
    """So that an event that kills its process is found out; who asks again, since the store was away, lives."""
    [taken] = await shop.take(shop.item("a"))
    owners = ("first", "first", "second", "third")
    tries = [(await shop.store.lease(B, taken.subject, owner, ms=0)).tries for owner in owners]

    await shop.decide(taken.subject)
    leased = await shop.store.lease(B, taken.subject, "me")

    assert tries == [1, 1, 2, 3]
    assert leased.tries == 1


async def test_a_commit_takes_the_decided_events_away(shop):
    """What came meanwhile stays, and is reported."""
    [taken] = await shop.take(shop.item("a"))
    leased = await shop.store.lease(B, taken.subject, "me")
    await shop.take(shop.item("b"))

    committed = await shop.store.commit(B, taken.subject, "me", "t", ver=leased.ver, decided=1, state=b"s", epoch=0)

    assert (committed.remaining, committed.rung) == (1, False)
    left = await shop.store.lease(B, taken.subject, "other")
    assert [entry.blob for entry in left.events] == [b"<b>"]


async def test_the_same_attempt_is_written_once(shop):
    """The reply was lost, the caller asks again, and hears the same."""
    [taken] = await shop.take(shop.item("a"))
    leased = await shop.store.lease(B, taken.subject, "me")
    words = {"ver": leased.ver, "decided": 1, "state": b"s", "epoch": 0, "rows": [shop.row("r")], "log": [b"line"]}

    first = await shop.store.commit(B, taken.subject, "me", "t", **words)
    again = await shop.store.commit(B, taken.subject, "me", "t", **words)

    assert (first.remaining, first.rung) == (again.remaining, again.rung) == (0, True)
    assert await shop.store.log(B, taken.subject) == [b"line"]
    assert (await shop.store.subject(B, taken.subject)).ver == leased.ver + 1


async def test_what_changed_meanwhile_makes_a_decision_stale(shop):
    """An echo, the contact in another chat, somebody else's lease: nothing is written."""
    chat = await shop.chat()
    await shop.take(shop.item("b", number="1002"))
    leased = await shop.store.lease(B, chat, "me")

    def commit(owner, attempt, **changes):
        fields = {"ver": leased.ver, "contact_ver": leased.contact_ver, "decided": 0, "state": b"s", "epoch": 0}
        return shop.store.commit(B, chat, owner, attempt, **{**fields, "rows": [shop.row("r")], **changes})

    not_ours = await commit("you", "1")
    too_many = await commit("me", "2", decided=1)
    await shop.decide("1002/of-p:1", contact_state=b"new")
    version = await commit("me", "3")
    contact = await commit("me", "4", ver=leased.ver + 1)
    await shop.take(shop.item("e", kind="echo"))
    echo = await commit("me", "5", ver=leased.ver + 1, contact_ver=1)

    assert [not_ours, too_many] == [Stale("lease"), Stale("inbox")]
    assert [version, contact, echo] == [Stale("version"), Stale("contact"), Stale("version")]
    assert await shop.store.row(B, "r") is None


async def test_a_hold_ends_when_its_echo_is_decided(shop):
    """Not before, even if other events are."""
    chat = await shop.chat()
    await shop.take(shop.item("a"))
    await shop.take(shop.item("e", kind="echo"))

    await shop.decide(chat, decided=1)
    before = await shop.store.subject(B, chat)
    await shop.decide(chat)
    after = await shop.store.subject(B, chat)

    assert (before.hold, after.hold) == (3, None)


async def test_a_row_that_exists_is_left_alone(shop):
    """Deciding the same event twice sends nothing twice."""
    chat = await shop.chat()

    await shop.decide(chat, shop.row("r", blob=b"first"))
    await shop.decide(chat, shop.row("r", blob=b"second"), "s")

    assert (await shop.store.row(B, "r")).blob == b"first"
    assert (await shop.store.subject(B, chat)).rows == ("r", "s")


async def test_a_drop_takes_what_the_named_speakers_have_queued(shop):
    """What is being sent stays, and so does what this very decision adds."""
    chat = await shop.chat()
    await shop.decide(chat, "sending", "bot", shop.row("person", speaker="person"), shop.row("word", speaker="notice"))
    await shop.begin_next()

    order = DropOrder("owner_replied", ("bot", "notice"))
    await shop.decide(chat, shop.row("new", speaker="notice"), drop=order)

    assert await shop.states("sending", "bot", "person", "word", "new") == [
        *("sending", "dropped", "queued", "dropped", "queued"),
    ]
    assert (await shop.store.row(B, "bot")).reason == "owner_replied"
    assert (await shop.store.subject(B, chat)).rows == ("sending", "person", "new")


async def test_reports_do_not_wait_for_messages(shop):
    """They are recorded, and leave the chat's order alone."""
    chat = await shop.chat()

    committed = await shop.decide(chat, shop.row("lead", kind="report"))

    assert not committed.rung
    assert (await shop.store.row(B, "lead")).kind == "report"


async def test_events_are_passed_to_other_chats(shop):
    """They wait in that chat's inbox for whoever drains it."""
    chat = await shop.chat()

    await shop.decide(chat, passes=[("1001/other", b"told")], alerts=[NewAlert("look", b"look")])

    assert [entry.blob for entry in (await shop.store.lease(B, "1001/other", "me")).events] == [b"told"]
    assert [told.blob for told in await shop.store.alerts(B)] == [b"look"]


@pytest.mark.parametrize(
    ("moves", "seen"),
    [
        ((), "sending"),
        (("doubt",), "doubt"),
        (("sent",), "sent"),
        (("doubt", "parked"), "doubt"),
        (("queued",), None),
        (("failed",), None),
    ],
)
async def test_a_lease_tells_what_left_lately(shop, moves, seen):
    """What is known not to have left is no send of ours."""
    chat = await shop.chat()
    await shop.decide(chat, shop.row("r", words="hi"))
    await shop.begin_next()
    state = "sending"
    for move in moves:
        await shop.settle("r", move, expect=(state,))
        state = move

    leased = await shop.store.lease(B, chat, "me")

    assert leased.own == ((OwnRow("r", None, seen, "hi"),) if seen else ())
    assert (leased.flight is not None) == (seen == "sending")
