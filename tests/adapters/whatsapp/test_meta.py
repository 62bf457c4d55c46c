"""What does Meta post to a webhook?"""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from adapters.whatsapp.meta import (
    Line,
    Media,
    Meta,
    Person,
    Referral,
    Tap,
    ad_message,
    echo,
    encode,
    fresh_key,
    media_message,
    sign,
    tap_message,
    text_message,
    together,
    wamid,
)

LINE = Line("106540352242922", "+1 555 078 3881", "102290129340398")
DANA = Person("12025550143", "US.40718826195530274611", "Dana Whitfield")
NORA = Person(None, "ES.27750193364481029956", "Nora V.", "nora.vidal")
AT = datetime.fromtimestamp(1790000000, UTC)
KEY = "3AFE8DF1A5A1980493CA"
DANA_ENTRY = {"profile": {"name": "Dana Whitfield"}, "wa_id": "12025550143", "user_id": "US.40718826195530274611"}


def value_of(body: dict[str, Any]) -> Any:
    """Look at the value of the only change."""
    return body["entry"][0]["changes"][0]["value"]


def message_of(body: dict[str, Any]) -> Any:
    """Look at the only message."""
    return value_of(body)["messages"][0]


@pytest.mark.parametrize(
    ("peer", "key", "direction", "expected"),
    [
        ("12025550143", KEY, "inbound", "wamid.HBgLMTIwMjU1NTAxNDMVAgASGBQzQUZFOERGMUE1QTE5ODA0OTNDQQA="),
        (
            "12025550143",
            "4BE4D8FE75632FB111",
            "outbound",
            "wamid.HBgLMTIwMjU1NTAxNDMVAgARGBI0QkU0RDhGRTc1NjMyRkIxMTEA",
        ),
        (
            "ES.27750193364481029956",
            "C0B60FB024BA15078E",
            "outbound",
            "wamid.HBgXRVMuMjc3NTAxOTMzNjQ0ODEwMjk5NTYVAgARGBJDMEI2MEZCMDI0QkExNTA3OEUA",
        ),
    ],
)
def test_a_message_id_is_built_like_those_of_meta(peer, key, direction, expected):
    """The peer, the direction and the key stand where they stand in captured ids."""
    built = wamid(peer, key, direction)

    assert built == expected


def test_fresh_keys_differ():
    """No two messages share a key by accident."""
    keys = {fresh_key("outbound") for _ in range(1000)}

    assert len(keys) == 1000


def test_a_text_message_is_what_meta_posts():
    """The body holds the number, the contact and the text, under Meta's names."""
    body = text_message(LINE, DANA, "Hi, are you open on Saturday?", at=AT, key=KEY)

    message = {
        "from": "12025550143",
        "from_user_id": "US.40718826195530274611",
        "id": wamid("12025550143", KEY, "inbound"),
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": "Hi, are you open on Saturday?"},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [DANA_ENTRY],
        "messages": [message],
    }
    change = {"value": value, "field": "messages"}
    entry = {"id": "102290129340398", "changes": [change]}
    assert body == {"object": "whatsapp_business_account", "entry": [entry]}


def test_someone_who_hides_their_phone_has_only_a_user_id():
    """Without a phone number neither `from` nor `wa_id` is there."""
    body = text_message(LINE, NORA, "Hola", at=AT, key=KEY)

    profile = {"name": "Nora V.", "username": "nora.vidal"}
    assert value_of(body)["contacts"] == [{"profile": profile, "user_id": "ES.27750193364481029956"}]
    assert "from" not in message_of(body)
    assert message_of(body)["from_user_id"] == "ES.27750193364481029956"


@pytest.mark.parametrize(
    ("tap", "kind", "content"),
    [
        (
            Tap("button", "book:sat", "Book Saturday"),
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "book:sat", "title": "Book Saturday"}},
        ),
        (
            Tap("list", "topic:delivery", "Entrega", "Prazos"),
            "interactive",
            {"type": "list_reply", "list_reply": {"id": "topic:delivery", "title": "Entrega", "description": "Prazos"}},
        ),
        (Tap("template", "CONFIRM", "Confirm visit"), "button", {"payload": "CONFIRM", "text": "Confirm visit"}),
    ],
)
def test_a_tap_says_what_was_tapped_and_where(tap, kind, content):
    """A tap has the id and title of its button, and points at the message that offered it."""
    message = message_of(tap_message(LINE, DANA, tap, at=AT, about="wamid.offer"))

    assert (message["type"], message[kind]) == (kind, content)
    assert message["context"] == {"from": "15550783881", "id": "wamid.offer"}


def test_a_file_is_described():
    """A file has an id and a kind, and what is not known is left out."""
    media = Media("2047515105918387", "application/pdf", filename="order.pdf")

    message = message_of(media_message(LINE, DANA, "document", media, at=AT))

    described = {"id": "2047515105918387", "mime_type": "application/pdf", "filename": "order.pdf"}
    assert message["document"] == described


def test_the_first_message_from_an_ad_carries_the_click():
    """The referral names the ad and the click."""
    referral = Referral("120200000000000042", headline="Talk to us", ctwa_clid="AfExampleClick")

    message = message_of(ad_message(LINE, DANA, "Hello", referral, at=AT))

    assert message["referral"] == {
        "source_id": "120200000000000042",
        "source_url": "https://fb.me/example",
        "source_type": "ad",
        "headline": "Talk to us",
        "ctwa_clid": "AfExampleClick",
    }


def test_an_echo_goes_from_the_number_to_the_contact():
    """An echo has its own field and list, and may be given the id of one of our sends."""
    body = echo(LINE, DANA, "I'll take this one", at=AT, message_id="wamid.ours")

    change = body["entry"][0]["changes"][0]
    assert change["field"] == "smb_message_echoes"
    assert change["value"]["message_echoes"] == [
        {
            "from": "15550783881",
            "to": "12025550143",
            "to_user_id": "US.40718826195530274611",
            "id": "wamid.ours",
            "timestamp": "1790000000",
            "type": "text",
            "text": {"body": "I'll take this one"},
        },
    ]


def test_bodies_can_travel_together():
    """Joined bodies keep their entries in order."""
    one, two = (text_message(LINE, DANA, body, at=AT) for body in ("one", "two"))

    joined = together([one, two])

    assert joined["entry"] == one["entry"] + two["entry"]


def test_a_body_travels_in_ascii():
    """Meta escapes what is not ASCII, and slashes, so that the signature covers other bytes than ours would be."""
    raw = encode({"text": "água 1/2"})

    assert raw == rb'{"text":"\u00e1gua 1\/2"}'
    assert json.loads(raw) == {"text": "água 1/2"}


def test_a_posted_body_is_signed():
    """What arrives at the webhook bears the signature of exactly those bytes."""

    async def scenario():
        seen = []

        async def webhook(request):
            seen.append((request.headers["X-Hub-Signature-256"], await request.read()))
            return web.Response(status=202)

        app = web.Application()
        app.router.add_post("/webhook", webhook)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with Meta(f"http://127.0.0.1:{runner.addresses[0][1]}/webhook", "secret") as meta:
            status = await meta.post({"text": "água"})
        await runner.cleanup()
        return status, seen

    status, [(signature, raw)] = asyncio.run(scenario())

    assert status == 202
    assert signature == sign("secret", raw) == f"sha256={hmac.new(b'secret', raw, hashlib.sha256).hexdigest()}"


def test_a_poster_needs_its_context():
    """Outside `async with` there is no connection to post over."""
    meta = Meta("http://127.0.0.1:1/webhook", "secret")

    with pytest.raises(RuntimeError, match="only inside"):
        asyncio.run(meta.post(b"{}"))
