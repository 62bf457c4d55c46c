"""Messages of campaigns stand behind all that somebody waits for, and none of them stays for good."""

import pytest

from adapters.store import NextRow

pytestmark = pytest.mark.anyio
B, NAME = "bakery", "spring"
BEFORE = ("", "running", "paused")


@pytest.fixture
async def running(shop):
    """Give a shop whose campaign runs."""
    await shop.store.move_campaign(B, NAME, "running", expect=BEFORE, run="run", begun=b"begun")
    return shop


async def move(shop, state):
    """Change the state of the campaign."""
    assert await shop.store.move_campaign(B, NAME, state, expect=BEFORE)


async def queued(shop, chat, name="bulk", campaign=NAME):
    """Queue a message of a campaign."""
    await shop.decide(chat, shop.row(name, campaign=campaign))


@pytest.mark.parametrize("state", ["running", "paused"])
async def test_an_answer_overtakes_a_campaign_in_its_chat(running, state):
    """Whoever writes is answered, also while the campaign is paused or waits for its hours."""
    chat = await running.chat()
    await queued(running, chat)
    await move(running, state)
    await running.store.delay(B, chat, (await running.choose()).now_ms + 60_000)

    await running.decide(chat, "answer")

    assert await running.begin_next() == "answer"


async def test_the_rest_of_a_campaign_follows_the_answer(running):
    """It is behind, not away."""
    chat = await running.chat()
    await queued(running, chat)
    await running.decide(chat, "answer")
    await running.settle(await running.begin_next(), "sent")

    assert await running.begin_next() == "bulk"


async def test_a_campaign_that_came_back_leaves_the_answers_ahead(running):
    """One that is tried again goes to its place behind them."""
    chat = await running.chat()
    await queued(running, chat)
    row = await running.begin_next()
    await running.decide(chat, "answer")
    await running.settle(row, "queued", again_at_ms=1)

    assert await running.begin_next() == "answer"


async def test_a_paused_campaign_does_not_keep_another_back(running):
    """The newest of a chat goes first."""
    chat = await running.chat()
    await queued(running, chat)
    await move(running, "paused")
    await running.store.move_campaign(B, "summer", "running", expect=BEFORE, run="other", begun=b"begun")
    await queued(running, chat, "summer-bulk", "summer")

    assert await running.begin_next() == "summer-bulk"


@pytest.mark.parametrize(("state", "reason"), [("stopped", "campaign_stopped"), ("done", "campaign_over")])
async def test_nothing_of_a_campaign_is_left_when_it_ends(running, state, reason):
    """Whether a person stopped it, or its time is over."""
    chat = await running.chat()
    await queued(running, chat)

    await move(running, state)

    row, record = await running.store.row(B, "bulk"), await running.store.campaign(B, NAME)
    assert (row.state.value, row.reason) == ("dropped", reason)
    assert (record.queued, record.tally) == (0, {f"dropped.{reason}": 1})


@pytest.mark.parametrize("state", ["paused", "stopped", "done"])
async def test_what_a_person_lets_go_needs_no_campaign(running, state):
    """A message that was parked has left its campaign."""
    chat = await running.chat()
    await queued(running, chat)
    await running.settle(await running.begin_next(), "doubt")
    await running.settle("bulk", "parked", expect=("doubt",))
    await move(running, state)

    await running.settle("bulk", "queued", expect=("parked",), again_at_ms=1)

    chosen = await running.choose()
    assert isinstance(chosen, NextRow)
    assert (await running.begin(chosen)).ok
