"""Is somebody still written to who moved to where nothing may be sent?"""

import asyncio
import time

import pytest

from tests.adapters.counter import a_counter
from tests.main_job.town import said

BUSINESS = """
business: Shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
---
flow: ping
start: [{when: text starts with "ping"}]
steps: [{send: "pong"}]
"""
ANA, BO = "5511987650001", "5511987650002"


def moved(phone, to):
    """Return what Meta posts when somebody changes their number."""
    system = {"type": "user_changed_number", "wa_id": to, "body": f"User changed from {phone} to {to}"}
    message = {
        "from": phone,
        "id": "wamid.moved",
        "timestamp": f"{time.time():.0f}",
        "type": "system",
        "system": system,
    }
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": [message]}
    entry = {"id": "100", "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("to", "heard"), [("5351234567", []), ("79781234567", []), ("351912345678", ["pong"])])
def test_what_was_queued_before_a_move_is_asked_about_again(store_url, tmp_path, to, heard):
    """The answer to their message is dropped; who moved elsewhere gets it at the new number, and others get theirs."""
    (tmp_path / "business.yaml").write_text(BUSINESS)

    async def scene():
        async with a_counter(store_url, tmp_path) as counter:
            chat = await counter.writes("1", ANA, "ping", "w1")
            await counter.writes("1", BO, "ping", "w2")
            [row] = await counter.queued(chat)
            assert await counter.tells(moved(ANA, to)) == 200
            await counter.serve(["1"], one_each=False)
            posts = [(each.body["to"].lstrip("+"), said(each)) for each in counter.posts("1")]
            return posts, (await counter.row(row.id)).reason

    posts, reason = asyncio.run(scene())

    assert sorted(posts) == sorted([(BO, "pong"), *((to, words) for words in heard)])
    assert reason == ("restricted_country" if not heard else "")
