"""The numbers for those who run it are those of the store."""

import pytest

pytestmark = pytest.mark.anyio
B = "bakery"


async def test_an_empty_business_has_nothing_waiting(shop):
    """And all of its pace."""
    found = await shop.store.figures(B)

    assert (found.live, found.undecided.size, found.parked.size, found.doubt) == ("v1", 0, 0, 0)
    assert [(each.id, each.open.size, each.open.oldest_ms, each.pace_left) for each in found.numbers] == [
        ("1001", 0, None, 20)
    ]
    assert found.left_after.total == 0
    assert found.left_after.bound_of(0.5) == 10


async def test_a_number_has_as_much_left_as_was_published(shop):
    """Whatever Meta grants it."""
    await shop.store.publish(B, "v2", files=b"f", typed=b"t", numbers={"1001": 80}, wabas=["7"], by="me")
    await shop.take(shop.item("hello", inbound=True))

    [found] = (await shop.store.figures(B)).numbers

    assert (found.throughput, found.pace_left) == (80, 79)


async def test_a_message_waits_until_it_has_ended(shop):
    """Whether it is queued or being sent; what came and what left take from the pace."""
    [taken] = await shop.take(shop.item("hello", inbound=True))
    await shop.decide(taken.subject, "a", "b")
    waiting = (await shop.store.figures(B)).numbers[0]
    await shop.begin_next()
    flying = await shop.store.figures(B)
    await shop.settle("a", "sent")
    ended = (await shop.store.figures(B)).numbers[0]

    assert (waiting.open.size, waiting.came, waiting.left, waiting.served) == (2, 1, 0, False)
    assert waiting.open.oldest_ms >= 0
    assert (flying.sending, flying.numbers[0].open.size, flying.numbers[0].left) == (1, 2, 1)
    assert ended.open.size == 1


async def test_events_wait_until_they_are_decided(shop):
    """The chat counts once, however many events wait there."""
    await shop.take(shop.item("one"), shop.item("two"))

    found = await shop.store.figures(B)

    assert (found.undecided.size, found.counts["event.chat"]) == (1, 2)


async def test_ends_are_counted_with_their_reasons(shop):
    """Of those that were not sent."""
    await shop.decide(await shop.chat(), "a", "b")
    await shop.settle("a", "dropped", expect=("queued",), reason="window_closed")
    await shop.begin_next()
    await shop.settle("b", "sent")

    found = (await shop.store.figures(B)).counts

    assert {name: count for name, count in found.items() if name.startswith("row.")} == {
        "row.dropped": 1,
        "row.dropped.window_closed": 1,
        "row.sent": 1,
    }


async def test_conversions_are_counted_apart(shop):
    """How many Meta took is no matter of messages; what asks another system is not among them."""
    chat = await shop.chat()
    await shop.decide(chat, shop.row("lead", kind="report"), shop.row("eta", kind="http"))
    await shop.settle("lead", "dropped", expect=("queued",), reason="no_click")
    await shop.settle("eta", "dropped", expect=("queued",), reason="void")

    found = (await shop.store.figures(B)).counts

    assert {name: count for name, count in found.items() if name.startswith("report.")} == {
        "report.dropped.no_click": 1
    }


async def test_a_parked_row_is_listed_until_somebody_decides(shop):
    """Released, it waits to leave again."""
    await shop.decide(await shop.chat(), "a", "b")
    await shop.begin_next()
    await shop.settle("a", "doubt")
    doubted = await shop.store.figures(B)
    await shop.settle("a", "parked", expect=("doubt",))
    parked = await shop.store.figures(B)
    listed = await shop.store.parked(B)
    await shop.settle("a", "queued", expect=("parked",))
    released = await shop.store.figures(B)

    assert (doubted.doubt, doubted.parked.size) == (1, 0)
    assert (parked.doubt, parked.parked.size, listed, parked.numbers[0].open.size) == (0, 1, ["a"], 1)
    assert (released.parked.size, released.numbers[0].open.size) == (0, 2)
    assert await shop.begin_next() == "a"


async def test_how_long_contacts_waited_is_counted_once_an_answer_left(shop):
    """Each in the first bound that it keeps."""
    await shop.decide(await shop.chat(), "a", "b", "c")
    for row, waited in (("a", 7), ("b", 26), ("c", 999_999)):
        await shop.begin_next()
        await shop.settle(row, "sent", left_after_ms=waited)

    left = (await shop.store.figures(B)).left_after

    assert [(bound, count) for bound, count in left.within if count] == [(10, 1), (50, 1), (None, 1)]
    assert (left.total, left.sum_ms, left.bound_of(0.5), left.bound_of(0.99)) == (3, 7 + 26 + 999_999, 50, None)


async def test_a_number_that_meta_finds_too_fast_is_shown_with_its_rate(shop):
    """Half as fast as before."""
    await shop.decide(await shop.chat(), "a")
    await shop.begin_next()
    await shop.settle("a", "queued", slow=True)

    assert 9 < (await shop.store.figures(B)).numbers[0].slowed_to < 10


async def test_it_is_shown_why_the_oldest_message_did_not_leave(shop):
    """Until it does."""
    await shop.decide(await shop.chat(), "a")
    never = (await shop.store.figures(B)).numbers[0].last_try
    await shop.begin_next()
    await shop.settle("a", "queued", reason="ClientConnectorError")

    assert (never, (await shop.store.figures(B)).numbers[0].last_try) == ("", "ClientConnectorError")


async def test_figures_of_several_businesses_and_numbers_stay_apart(shop):
    """Each with its own, in the order in which they were asked for."""
    await shop.store.publish(
        "florist", "v1", files=b"f", typed=b"t", numbers={"2001": 20, "2002": 20}, wabas=["8"], by="me"
    )
    await shop.decide(await shop.chat(), "a")

    found = await shop.store.figures_of(["florist", B])

    assert [each.business for each in found] == ["florist", B]
    assert [[(number.id, number.open.size) for number in each.numbers] for each in found] == [
        [("2001", 0), ("2002", 0)],
        [("1001", 1)],
    ]
