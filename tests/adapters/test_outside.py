"""What is known after another system was asked, and who may never be asked?"""

import asyncio
import time
from datetime import timedelta

import pytest

from adapters.hosts import Hosts, PublicResolver, is_public
from adapters.outside import Outside
from engine.evidence import Answered, Forbidden, NotSent, Unknown
from engine.request import Answer, Request, Secret, Target
from rules.policy.restrictions import DEFAULT, Clearance, Path, clear
from tests.adapters.elsewhere import elsewhere

CLEARED = clear(
    Path.HTTP, business_phone="5511912345678", coexistence=True, phones=("5511987650001",), bsuids=(), lists=DEFAULT
)


def cleared() -> Clearance:
    """Give what lets a request leave."""
    assert isinstance(CLEARED, Clearance)
    return CLEARED


def request(*url, **fields):
    """Return a request to an address made of these parts."""
    return Request(**{"method": "GET", "url": url, "timeout": timedelta(seconds=2), **fields})


def asked(path, **fields):
    """Ask a server at a path; return what is known then, and what the server was asked."""

    async def scene():
        async with elsewhere() as there:
            outside = Outside(Hosts([f"127.0.0.1:{there.port}"]), {"SHOP": "hush hush"})
            found = await outside.ask(cleared(), request(f"http://127.0.0.1:{there.port}/{path}", **fields), "key-1")
            return found, there.asked

    return asyncio.run(scene())


def forbidden(url, *listed):
    """Ask an address with a list of hosts; return why that is refused."""
    found = asyncio.run(Outside(Hosts(listed), {}).ask(cleared(), request(url), "key-1"))
    return found.words if isinstance(found, Forbidden) else found


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("orders/1", Answer(status=200, body='{"delivery": {"eta": "noon"}}')),
        ("empty", Answer(status=204)),
        ("missing", Answer(status=404, why="status 404")),
        ("html", Answer(status=200, why="not JSON")),
        ("large", Answer(status=200, why="too large")),
        ("endless", Answer(status=200, why="too large")),
        ("deep", Answer(status=200, why="not JSON")),
        ("packed", Answer(status=200, why="not JSON")),
        ("elsewhere", Answer(status=302, why="status 302")),
    ],
)
def test_an_answer_is_json_or_none(path, answer):
    """A redirect is not followed, and nothing that is packed is unpacked: it is not asked for."""
    found, there = asked(path)

    assert found == Answered(answer)
    assert len(there) == 1


def test_a_request_carries_what_the_author_wrote_and_its_key():
    """Secrets are put in here, in code where they stand in the address."""
    headers = {"authorization": ("Bearer ", Secret("SHOP")), "X-Lang": ("pt",)}
    url = ("?key=", Secret("SHOP"))

    async def scene():
        async with elsewhere() as there:
            outside = Outside(Hosts([f"127.0.0.1:{there.port}"]), {"SHOP": "hush&hush"})
            made = request(f"http://127.0.0.1:{there.port}/a", *url, method="POST", headers=headers, body='{"n":1}')
            await outside.ask(cleared(), made, "key-1")
            return there.asked

    [(method, path, sent, body)] = asyncio.run(scene())

    assert (method, path, body) == ("POST", "/a?key=hush%26hush", '{"n":1}')
    wanted = {"Authorization": "Bearer hush&hush", "X-Lang": "pt", "Idempotency-Key": "key-1"}
    assert wanted.items() <= sent.items()
    assert sent["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_no_answer_in_time_leaves_it_open(path):
    """The limit holds for the whole, also for an answer that comes a byte at a time."""
    found, _ = asked(path, timeout=timedelta(seconds=0.3))

    assert found == Unknown("timeout")


def test_a_connection_that_breaks_leaves_it_open():
    """It may have been done."""
    found, _ = asked("cut", method="POST", body="{}")

    assert found == Unknown("ServerDisconnectedError")


def test_where_nobody_listens_nothing_was_sent(free_port):
    """It may be tried again, whatever the method."""
    port = free_port()

    found = asyncio.run(
        Outside(Hosts([f"127.0.0.1:{port}"]), {}).ask(cleared(), request(f"http://127.0.0.1:{port}/"), "k")
    )

    assert found == NotSent("ClientConnectorError")


def test_what_was_held_up_does_not_leave():
    """A process that was stopped for a while asks nothing when it goes on."""

    async def scene():
        async with elsewhere() as there:
            outside = Outside(Hosts([f"127.0.0.1:{there.port}"]), {})
            made = request(f"http://127.0.0.1:{there.port}/")
            return await outside.ask(cleared(), made, "k", until=time.monotonic() - 1), there.asked

    assert asyncio.run(scene()) == (NotSent("timeout"), [])


def test_a_secret_that_is_not_set_stops_it():
    """The operator is told its name."""
    made = request("https://api.example.com/", headers={"X-Key": (Secret("KEY"),)})

    found = asyncio.run(Outside(Hosts(["api.example.com"]), {"OTHER": "hush"}).ask(cleared(), made, "k"))

    assert found == Forbidden("A flow needs the secret `KEY`, which is not set: `BATON_HTTP_SECRET_KEY`.")


@pytest.mark.parametrize(
    ("url", "listed", "words"),
    [
        ("https://api.example.com/", (), "`api.example.com`, which `BATON_HTTP_HOSTS` does not list"),
        ("https://api.example.com.evil.tld/", ("api.example.com",), "does not list"),
        ("https://evil-api.example.com/", ("api.example.com",), "does not list"),
        ("http://api.example.com/", ("api.example.com",), "list it with its port"),
        ("https://api.example.com:6379/", ("api.example.com",), "list it with its port"),
        ("http://169.254.169.254/latest/meta-data/", ("169.254.169.254:8080",), "does not list"),
        ("https://127.0.0.1/", ("127.0.0.1",), "has a private address; list it as `127.0.0.1:443`"),
        ("https://localhost/", ("localhost",), "has a private address; list it as `localhost:443`"),
        ("https://127.1/", ("127.1",), "no address of another system"),
        ("https://2130706433/", ("2130706433",), "no address of another system"),
        ("https://0x7f000001/", ("0x7f000001",), "has a private address"),
        ("https://[::1]/", ("::1",), "no address of another system"),
        ("http://127.0.0.1/", ("127.0.0.1",), "list it with its port"),
        ("http://localhost/", ("localhost",), "list it with its port"),
        ("http://[::1]/", ("::1",), "no address of another system"),
        ("https://[::ffff:169.254.169.254]/", ("::ffff:169.254.169.254",), "no address of another system"),
        ("https://api.example.com:22/", ("api.example.com",), "list it with its port"),
        ("ftp://api.example.com/", ("api.example.com",), "no address of another system"),
        ("unix:/run/docker.sock", (), "no address of another system"),
        ("https://api.example.com@127.0.0.1/", ("api.example.com",), "no address of another system"),
        ("https://api.example.com\\@127.0.0.1/", ("api.example.com",), "no address of another system"),
        ("file:///etc/passwd", (), "no address of another system"),
        ("gopher://api.example.com/", ("api.example.com",), "no address of another system"),
    ],
)
def test_who_is_not_listed_is_not_asked(url, listed, words):
    """And a name alone never leads into the operator's own network."""
    assert words in forbidden(url, *listed)


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        *((each, False) for each in ("10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1")),
        *((each, False) for each in ("::1", "fe80::1%eth0", "fc00::1", "::ffff:169.254.169.254", "64:ff9b::a00:1")),
        ("2002:7f00:1::", False),
    ],
)
def test_an_address_is_public_or_not(address, answer):
    """Also where one of IPv4 hides in it."""
    assert is_public(address) is answer


def test_a_resolver_gives_no_private_address():
    """What it does not give cannot be dialled."""

    async def scene():
        resolver = PublicResolver()
        with pytest.raises(OSError, match="no public address"):
            await resolver.resolve("localhost", 443)
        return resolver.is_private

    assert asyncio.run(scene())


def test_an_explicit_port_opens_just_that_port():
    """The one beside it stays shut."""
    hosts = Hosts(["127.0.0.1:8080"])

    answers = [hosts.refusal(Target("127.0.0.1", port, encrypted=False)) for port in (8080, 8081)]

    assert (answers[0], "does not list" in (answers[1] or "")) == (None, True)


def test_only_a_clearance_lets_a_request_leave():
    """A path that forgets to ask the lists cannot be written."""
    with pytest.raises(TypeError):
        asyncio.run(Outside(Hosts([]), {}).ask("yes", request("https://a.example/"), "k"))  # type: ignore[arg-type]
