"""Does the main job hold with real processes, a real store and real HTTP, with nothing mocked but Meta?"""

import asyncio
from pathlib import Path
from typing import Any

from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.meta import Person
from tests.main_job.town import LINE, Town, said

SHOP = Path(__file__).parent / "shop"
ANA = Person(phone="5511987650001", bsuid="BR.10000000000000000001", name="Ana")
NORA = Person(bsuid="ES.27750193364481029956", name="Nora", username="nora.v")
QUIET_S = 1.0
NEXT_SECOND_S = 1.1  # moments of webhooks are whole seconds


async def hears(town: Town, person: Person, *words: str) -> None:
    """Wait until a contact has heard exactly these words."""
    await town.until(lambda: len(town.heard_by(person)) >= len(words))
    assert [said(each) for each in town.heard_by(person)] == list(words)


async def hears_no_more(town: Town, person: Person, so_far: int) -> None:
    """Check that nothing else comes for a while."""
    await asyncio.sleep(QUIET_S)
    assert len(town.heard_by(person)) == so_far


def test_a_contact_is_answered_and_the_run_goes_on(town_in: Any) -> None:
    """A message starts a flow, the next one answers its question."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            assert await town.writes(ANA, "I want to order") == 200
            await hears(town, ANA, "How many?")

            await town.writes(ANA, "three")
            await hears(town, ANA, "How many?", "A number, please.")

            await town.writes(ANA, "3")
            await hears(town, ANA, "How many?", "A number, please.", "3 it is.")

    asyncio.run(scene())


def test_the_owner_silences_the_bot_until_the_resume_word(town_in: Any) -> None:
    """An echo hands the chat to the owner; `#bot` hands it back, and the run goes on where it stood."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            await town.writes(ANA, "order")
            await hears(town, ANA, "How many?")

            await town.echoes(ANA, "I'll take this one")
            await town.writes(ANA, "5")
            await hears_no_more(town, ANA, 1)

            await town.echoes(ANA, "#bot")
            await hears_no_more(town, ANA, 1)
            await town.writes(ANA, "5")
            await hears(town, ANA, "How many?", "5 it is.")

    asyncio.run(scene())


def test_our_own_sends_coming_back_as_echoes_never_silence(town_in: Any) -> None:
    """The bot does not mistake itself for the owner, by id or by the key inside another id."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            for way in ("same_id", "other_id"):
                town.graph.change(echo_sends=way)
                before = len(town.heard_by(ANA))
                await town.writes(ANA, "ping")
                await town.until(lambda before=before: len(town.heard_by(ANA)) == before + 1)
                await town.graph.quiet()
                await town.writes(ANA, "ping")
                await town.until(lambda before=before: len(town.heard_by(ANA)) == before + 2)

    asyncio.run(scene())


def test_a_window_that_meta_says_is_closed_becomes_a_template(town_in: Any) -> None:
    """Whether 131047 comes as the answer or as a status, the template leaves by itself."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            town.graph.trouble.append(Trouble(does="fail", code=131047))
            await town.writes(ANA, "ping")
            await hears(town, ANA, "pong ping", "template we_are_back")

            await asyncio.sleep(NEXT_SECOND_S)
            town.graph.trouble.append(Trouble(does="refuse", code=131047))
            await town.writes(ANA, "ping")
            await hears(town, ANA, "pong ping", "template we_are_back", "pong ping", "template we_are_back")

    asyncio.run(scene())


def test_a_contact_without_a_phone_number_is_answered_by_user_id(town_in: Any) -> None:
    """A BSUID goes into `recipient`, never into `to`."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            await town.writes(NORA, "ping")
            await hears(town, NORA, "pong ping")
            assert "to" not in town.heard_by(NORA)[0].body

    asyncio.run(scene())


def test_what_a_flow_says_arrives_in_order(town_in: Any) -> None:
    """Within a chat the second message waits for the end of the first."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            town.graph.change(latency=0.05)
            await town.writes(ANA, "count please")
            await hears(town, ANA, "one", "two", "three")

    asyncio.run(scene())


def test_the_same_webhook_five_times_has_one_effect(town_in: Any) -> None:
    """Meta delivers twice; Baton answers once."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            answers = await asyncio.gather(*(town.writes(ANA, "ping", key="3A00000000000000000F") for _ in range(5)))
            assert answers == [200] * 5
            await hears(town, ANA, "pong ping")
            await hears_no_more(town, ANA, 1)

    asyncio.run(scene())


def test_a_contact_of_a_restricted_country_is_never_answered(town_in: Any) -> None:
    """Nothing is sent to Cuba, by phone number or by user id."""
    cubans = [Person(phone="5351234567", name="C"), Person(bsuid="CU.1502576394655843", name="D")]

    async def scene() -> None:
        async with town_in(SHOP) as town:
            for person in cubans:
                assert await town.writes(person, "ping") == 200
            await town.writes(ANA, "ping")
            await hears(town, ANA, "pong ping")
            assert len(town.graph.received) == 1
            assert town.graph.received[0].number_id == LINE.phone_number_id

    asyncio.run(scene())
