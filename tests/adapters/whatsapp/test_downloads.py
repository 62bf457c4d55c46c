"""Is a file brought from Meta alone, whole, unchanged and no larger than it may be?"""

import asyncio
import base64
import hashlib
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.whatsapp.downloads import Brought, Downloads, Order
from engine.content import Media
from engine.evidence import NotSent, Refused, Unfit
from tests.flows.pictures import JPEG, MP4, PDF, PROGRAM, office, png

DATA = png(3, 3)
SHA = hashlib.sha256(DATA).hexdigest()
MOST = 4096


class Meta:
    """Answers a question for a file, and a download, the way a test says."""

    def __init__(self):
        """Answer well."""
        self.data = DATA
        self.facts = {}
        self.statuses = [200]
        self.headers = {}
        self.asked = []
        self.root = ""

    async def tell(self, request):
        """Tell the address."""
        self.asked.append((request.path_qs, request.headers.get("Authorization")))
        facts = {"url": f"{self.root}/files/1", "file_size": len(self.data), "sha256": SHA, "mime_type": "image/png"}
        return web.json_response({key: value for key, value in (facts | self.facts).items() if value is not None})

    async def give(self, request):
        """Give the bytes, in pieces that say nothing of their length."""
        self.asked.append((request.path_qs, request.headers.get("Authorization")))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        response = web.StreamResponse(status=status, headers=self.headers)
        await response.prepare(request)
        for at in range(0, len(self.data), 1024):
            await response.write(self.data[at : at + 1024])
        return response


@asynccontextmanager
async def meta():
    """Serve one."""
    found = Meta()
    app = web.Application()
    app.router.add_get("/v26.0/{id}", found.tell)
    app.router.add_get("/files/{name}", found.give)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()


def bring(file=None, **changes):
    """Bring a file from a Meta that was changed; return it and what came."""

    async def scene():
        async with meta() as found:
            for name, value in changes.items():
                setattr(found, name, value)
            order = Order("1", "a-token", file or Media(kind="image", id="77"), MOST)
            return found, await Downloads(found.root, "v26.0").bring(order)

    return asyncio.run(scene())


@pytest.mark.parametrize("told", [SHA, SHA.upper(), base64.b64encode(bytes.fromhex(SHA)).decode(), None])
def test_a_file_comes_with_its_digest_and_type(told):
    """Whichever way Meta writes the digest; the token goes along both times."""
    there, came = bring(facts={"sha256": told})

    assert came == Brought(DATA, SHA, "image/png")
    assert there.asked == [("/v26.0/77?phone_number_id=1", "Bearer a-token"), ("/files/1", "Bearer a-token")]


def test_an_address_that_has_run_out_is_asked_for_again():
    """Once: who gets no good one then tries later."""
    once, came = bring(statuses=[404, 200])
    twice, nothing = bring(statuses=[404])

    assert (len(once.asked), came) == (4, Brought(DATA, SHA, "image/png"))
    assert (len(twice.asked), nothing) == (4, NotSent("its address has run out"))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/files/1",
        "https://facebook.com.example.com/files/1",
        "https://notfacebook.com/files/1",
        "https://facebook.com@example.com/files/1",
        "https://facebook.com\\@example.com/files/1",
        "http://lookaside.fbsbx.com/files/1",
        "https://lookaside.fbsbx.com:8443/files/1",
        "http://127.0.0.1:1/files/1",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_to_meta_alone(url):
    """An address elsewhere is not asked."""
    there, came = bring(facts={"url": url})

    assert (len(there.asked), came) == (1, Unfit("strange_address"))


@pytest.mark.parametrize("url", ["https://lookaside.fbsbx.com/a", "https://mmg.whatsapp.net/a"])
def test_metas_own_hosts_are_known(url):
    """Those that the Graph API is documented to name."""
    assert Downloads("https://graph.facebook.com", "v26.0")._is_metas(url)


def test_a_redirect_is_not_followed():
    """It may lead anywhere; it is tried again later."""
    there, came = bring(statuses=[302], headers={"Location": "http://169.254.169.254/latest/meta-data/"})

    assert (len(there.asked), came) == (2, NotSent("HTTP 302 to a download"))


def test_what_is_too_large_is_not_asked_for():
    """Meta tells how large it is."""
    there, came = bring(facts={"file_size": MOST + 1})

    assert (len(there.asked), came) == (1, Unfit("too_large"))


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "9000"}], ids=["nothing told", "told"])
def test_what_turns_out_too_large_is_left(headers):
    """Whatever was told before."""
    _, came = bring(data=b"x" * 9000, facts={"file_size": 5}, headers=headers)

    assert came == Unfit("too_large")


def test_a_changed_file_is_not_kept():
    """Three tries, then it is believed."""
    assert bring(data=png(4, 4))[1] == Unfit("wrong_sha256", 3)


def test_the_digest_of_the_message_counts_where_there_is_no_other():
    """Meta has left it out before."""
    file = Media(kind="image", id="77", sha256=hashlib.sha256(b"another").hexdigest())

    assert bring(file, facts={"sha256": None})[1] == Unfit("wrong_sha256", 3)


@pytest.mark.parametrize(
    ("kind", "data", "mime"),
    [
        ("image", JPEG, "image/jpeg"),
        ("audio", MP4, "video/mp4"),
        ("document", PDF, "application/pdf"),
        ("document", PROGRAM, "application/octet-stream"),
        ("document", b"\0\1\2", "application/octet-stream"),
        ("image", PDF, None),
        ("image", PROGRAM, None),
        ("image", b"<html><script>alert(1)</script>", None),
        ("audio", office("word/"), None),
        ("video", b"\0\1\2", None),
    ],
)
def test_the_type_is_that_of_the_bytes(kind, data, mime):
    """A picture is no document and no program, whatever Meta was told by whoever sent it."""
    sha = hashlib.sha256(data).hexdigest()

    _, came = bring(Media(kind=kind, id="77"), data=data, facts={"sha256": sha})

    assert came == (Brought(data, sha, mime) if mime else Unfit("wrong_type"))


@pytest.mark.parametrize(
    ("facts", "came"),
    [
        ({"error": {"code": 100, "message": "no such object"}}, Refused(100, 200, "no such object")),
        ({"url": None}, NotSent("HTTP 200 to a question for a file")),
        ({"url": 5}, NotSent("HTTP 200 to a question for a file")),
    ],
)
def test_an_answer_without_an_address_says_why(facts, came):
    """Meta's own words, or that there were none."""
    assert bring(facts=facts)[1] == came


def test_nobody_there_is_tried_again():
    """The network is away."""
    order = Order("1", "a-token", Media(kind="image", id="77"), MOST)

    came = asyncio.run(Downloads("http://127.0.0.1:9", "v26.0").bring(order))

    assert came == NotSent("ClientConnectorError")
