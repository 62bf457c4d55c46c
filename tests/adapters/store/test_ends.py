"""A row ends once, by legal moves, and whoever has to know is told."""

import pytest

from adapters.store import Idle
from engine.outbox import MOVES, RowState

pytestmark = pytest.mark.anyio
B = "bakery"


async def test_a_replacement_takes_the_place(shop):
    """The template leaves where the free-form message stood."""
    chat = await shop.chat()
    await shop.decide(chat, "a", "b")
    await shop.begin_next()

    await shop.settle("a", "failed", reason="window_closed", replacement=shop.row("template"))

    assert (await shop.store.subject(B, chat)).rows == ("template", "b")
    assert await shop.begin_next() == "template"


async def test_an_end_can_tell_chat_and_number(shop):
    """Nothing more leaves there before they have decided it."""
    chat = await shop.chat()
    await shop.decide(chat, "a", "b")
    await shop.decide(await shop.chat("p:2"), "c")
    await shop.begin_next()

    settled = await shop.settle("a", "failed", tell_chat=b"to the chat", tell_number=b"to the number")
    held = await shop.choose()
    await shop.decide("1001")
    chosen = await shop.choose()

    assert settled.inbox == 1
    assert isinstance(held, Idle)
    assert chosen.row == "c"
    assert (await shop.store.subject(B, chat)).hold is not None


async def test_the_same_evidence_counts_once(shop):
    """Asked again after a lost reply, it does nothing and says the same."""
    await shop.decide(await shop.chat(), "a")
    await shop.begin_next()

    first = await shop.settle("a", "failed", attempt="t", tell_chat=b"once")
    again = await shop.settle("a", "failed", attempt="t", tell_chat=b"once")

    assert (first.ok, first.inbox) == (again.ok, again.inbox) == (True, 1)


async def test_what_came_of_one_beginning_says_nothing_of_a_later_one(shop):
    """A sender that slept may find its row being sent by another one: that is not undone."""
    await shop.decide(await shop.chat(), "a")
    await shop.begin(await shop.choose(), attempt="first")
    await shop.settle("a", "doubt")
    await shop.settle("a", "queued", expect=("doubt",))
    await shop.begin(await shop.choose(), attempt="second")

    late = await shop.settle("a", "queued", begun="first")
    states = await shop.states("a")
    right = await shop.settle("a", "queued", begun="second")

    assert (late.ok, late.state, states) == (False, RowState.SENDING, ["sending"])
    assert right.ok


async def test_a_row_that_has_ended_still_learns_its_id_and_delivery(shop):
    """Delivery only rises, and an id never changes."""
    await shop.decide(await shop.chat(), "a")
    await shop.begin_next()
    await shop.settle("a", "sent", delivery="delivered", message_id="wamid.1", blob=b"new")

    await shop.settle("a", "sent", expect=("sent",), delivery="sent", message_id="wamid.2")
    await shop.settle("a", "sent", expect=("sent",), delivery="failed")
    row = await shop.store.row(B, "a")

    assert (row.state, row.message_id, row.delivery, row.blob) == (RowState.SENT, "wamid.1", "delivered", b"new")


async def test_a_row_that_nobody_knows_cannot_end(shop):
    """A status may be older than our memory."""
    settled = await shop.settle("nobody", "sent")

    assert (settled.ok, settled.state) == (False, None)


PATHS = {
    RowState.QUEUED: (),
    RowState.SENDING: ("sending",),
    RowState.DOUBT: ("sending", "doubt"),
    RowState.PARKED: ("sending", "doubt", "parked"),
    RowState.SENT: ("sending", "sent"),
    RowState.DROPPED: ("dropped",),
    RowState.FAILED: ("sending", "failed"),
}


@pytest.mark.parametrize("old", RowState)
async def test_only_legal_moves_are_made(shop, old):
    """The table is the engine's; `sending` is entered through `begin` alone."""
    everything = [state.value for state in RowState]
    for new in set(RowState) - {RowState.SENDING}:
        row = f"{old}-{new}"
        await shop.decide(await shop.chat(f"p:{row}"), row)
        for step in PATHS[old]:
            if step == "sending":
                assert await shop.begin_next() == row
            else:
                await shop.settle(row, step, expect=everything)

        settled = await shop.settle(row, new, expect=everything)
        elsewhere = await shop.settle(row, new, expect=())

        legal = new in MOVES[old] or new is old
        assert (settled.ok, settled.state) == (legal, new if legal else old)
        assert not elsewhere.ok
        await shop.store.command("DEL", "{bakery}:ready:1001")
