"""Can somebody at a terminal take a chat from the bot and hand it back, while all processes run?"""

import asyncio
from typing import Any

from tests.main_job.test_end_to_end import ANA, SHOP, hears, hears_no_more
from tests.main_job.town import LINE

PHONE = f"+{ANA.phone}"


def test_a_chat_is_taken_and_handed_back_at_a_terminal(town_in: Any) -> None:
    """The bot is silent in between, `why` tells the reasons, and the run goes on where it stood."""

    async def scene() -> None:
        async with town_in(SHOP) as town:
            await town.writes(ANA, "I want to order")
            await hears(town, ANA, "How many?")

            taken = await town.does("take", LINE.phone_number_id, PHONE, "--for", "2h")
            await town.writes(ANA, "5")
            await hears_no_more(town, ANA, 1)
            listed = await town.does("chats", "--held-by", "owner")
            told = await town.does("why", LINE.display_phone_number, PHONE)

            back = await town.does("hand-back", LINE.phone_number_id, PHONE)
            await town.writes(ANA, "5")
            await hears(town, ANA, "How many?", "5 it is.")

            assert taken == "The owner holds the chat for 2h: the bot is silent there.\n"
            assert f"{LINE.phone_number_id}  {PHONE}" in listed
            assert ": somebody took it by hand." in told
            assert "  bot: How many?  [sent" in told
            assert told.endswith("      nothing was said to that\n")
            assert back == "The bot holds the chat; it is quiet until the contact writes.\n"

    asyncio.run(scene())
