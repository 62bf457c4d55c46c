"""Does the fake Graph server keep and give files as Meta does, and does the client bring them there?"""

import asyncio
import hashlib
from contextlib import asynccontextmanager

import aiohttp
import pytest

from adapters.whatsapp.client import GraphClient
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_settings import Settings
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.media import Upload, Uploaded
from engine.outbox import NotSent, Refused
from tests.flows.pictures import JPEG, PROGRAM, WEBP, png

NUMBER = "106540352242922"
TOKEN = {"Authorization": "Bearer token"}
PICTURE = Upload(png(3, 3), "image/png", "menu.png")


@asynccontextmanager
async def playing():
    """Give the server, its address, a client and a session that asks by hand."""
    graph = FakeGraph(Settings(tokens=("token",)))
    url = await graph.start()
    try:
        async with GraphClient(url, seconds=5) as client, aiohttp.ClientSession() as session:
            yield graph, f"{url}/v26.0", client, session
    finally:
        await graph.stop()


def play(scene):
    """Run a scene with all of it."""

    async def run():
        async with playing() as parts:
            await scene(*parts)

    asyncio.run(run())


def an_image(media_id):
    """Return a message that holds a file by its id."""
    return {"messaging_product": "whatsapp", "to": "+447700900123", "type": "image", "image": {"id": media_id}}


def test_a_file_is_kept_found_and_given_back():
    """Its facts have an address that is good for five minutes and needs the token."""

    async def scene(graph, root, client, session):
        uploaded = await client.upload(NUMBER, "token", PICTURE)
        async with session.get(f"{root}/{uploaded.id}", headers=TOKEN) as answer:
            facts = await answer.json()
        async with session.get(facts["url"], headers=TOKEN) as answer:
            data = await answer.read()
        async with session.get(facts["url"]) as answer:
            without = answer.status
        graph.change(ahead=301)
        async with session.get(facts["url"], headers=TOKEN) as answer:
            late = answer.status

        assert data == PICTURE.data
        assert (facts["mime_type"], facts["file_size"]) == ("image/png", len(PICTURE.data))
        assert facts["sha256"] == hashlib.sha256(PICTURE.data).hexdigest()
        assert (without, late) == (404, 404)

    play(scene)


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (Upload(PROGRAM, "image/jpeg", "menu.jpg"), 100),
        (Upload(JPEG, "image/png", "menu.png"), 100),
        (Upload(b"", "image/png", "menu.png"), 100),
        (Upload(WEBP + b"\0" * 100 * 1024, "image/webp", "wave.webp"), 131053),
    ],
)
def test_what_whatsapp_does_not_take_is_refused(upload, code):
    """By what is in the file, and by its size."""

    async def scene(graph, _root, client, _session):
        refused = await client.upload(NUMBER, "token", upload)

        assert (type(refused), refused.code) == (Refused, code)
        assert graph.shelf.kept == {}

    play(scene)


def test_an_upload_with_another_token_is_refused():
    """As a message would be."""

    async def scene(_graph, _root, client, _session):
        refused = await client.upload(NUMBER, "another", PICTURE)

        assert refused.code == 190

    play(scene)


@pytest.mark.parametrize("does", ["html", "blank", "no_id", "drop"])
def test_an_answer_that_nobody_can_use_means_once_more(does):
    """An upload says nothing to anybody, so it is never in doubt."""

    async def scene(graph, _root, client, _session):
        graph.trouble.append(Trouble(does=does, at="media"))

        first, second = [await client.upload(NUMBER, "token", PICTURE) for _ in range(2)]

        assert (type(first), type(second)) == (NotSent, Uploaded)

    play(scene)


def test_a_message_with_a_file_that_is_not_there_is_refused():
    """Never uploaded, of another number, of another kind, or kept for longer than thirty days."""

    async def scene(graph, root, client, session):
        async def sends(body, number=NUMBER):
            async with session.post(f"{root}/{number}/messages", json=body, headers=TOKEN) as answer:
                return (await answer.json()).get("error", {}).get("code")

        uploaded = await client.upload(NUMBER, "token", PICTURE)
        sticker = an_image(uploaded.id) | {"type": "sticker", "sticker": {"id": uploaded.id}}
        del sticker["image"]

        assert await sends(an_image(uploaded.id)) is None
        assert await sends(an_image("123")) == 131009
        assert await sends(an_image(uploaded.id), "222") == 131009
        assert await sends(sticker) == 131009
        graph.change(ahead=30 * 24 * 3600 + 1)
        assert await sends(an_image(uploaded.id)) == 131009

    play(scene)


def test_another_process_can_see_what_is_kept():
    """Without the bytes."""

    async def scene(_graph, root, client, session):
        uploaded = await client.upload(NUMBER, "token", PICTURE)
        async with session.get(f"{root.removesuffix('/v26.0')}/_fake/files") as answer:
            (found,) = await answer.json()

        assert (found["id"], found["number_id"], found["name"]) == (uploaded.id, NUMBER, "menu.png")
        assert "data" not in found

    play(scene)
