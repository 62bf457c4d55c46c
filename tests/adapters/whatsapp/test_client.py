"""Is it known what became of a send, whatever the other side does?

Each test talks to a small server on this machine that misbehaves in one way.
"""

import asyncio
import json
import logging
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.whatsapp.client import GraphClient
from engine.outbox import Accepted, Evidence, NotSent, Refused, Unknown
from rules.policy.restrictions import DEFAULT, Clearance, Path, clear

NUMBER = "106540352242922"
BODY = {"messaging_product": "whatsapp", "to": "+447700900123", "type": "text", "text": {"body": "a private text"}}
TOKEN = "a-secret-token"
TLS_HANDSHAKE = b"\x16"
NOON = datetime(2026, 9, 22, 12, tzinfo=UTC)
SENT_ID = "wamid.HBgMNDQ3NzAwOTAwMTIzFQIAERgSQjk3MTRFQTZBRDkyMEI1MUYzAA=="
CLEARED: Any = clear(
    Path.FLOW, business_phone="15550783881", coexistence=True, phones=("447700900123",), bsuids=(), lists=DEFAULT
)

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server that reads requests and lets one behaviour answer each; it keeps what it was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self._behaviour = behaviour

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            if (begin := await reader.read(1)) == TLS_HANDSHAKE:
                writer.write(b"no TLS here")
                return
            while head := begin + await reader.readuntil(b"\r\n\r\n"):
                begin = b""
                first, *lines = head.decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
                self.requests.append((first, headers, await reader.readexactly(int(headers["content-length"]))))
                await self._behaviour(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def says(status: str, body: str | bytes, **headers: str) -> Behaviour:
    """Answer with these bytes."""
    raw = body.encode() if isinstance(body, str) else body
    head = {"Content_Type": "application/json", "Content_Length": str(len(raw)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + raw)
        await writer.drain()

    return answer


async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection without a word."""
    writer.close()


async def resets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break the connection off, so that the other side sees a reset."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def stops_halfway(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection in the middle of the answer."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()


async def is_silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await asyncio.sleep(5)


async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer so slowly that it never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        writer.write(b"{")
        await writer.drain()
        await asyncio.sleep(0.05)


def graph_error(code: Any, details: Any = "Some details.") -> str:
    """Write an error as the Graph API does."""
    data = {"messaging_product": "whatsapp", "details": details}
    return json.dumps(
        {"error": {"message": f"(#{code}) Title", "type": "OAuthException", "code": code, "error_data": data}}
    )


SUCCESS = json.dumps({"messaging_product": "whatsapp", "contacts": [{"input": "+1"}], "messages": [{"id": SENT_ID}]})


def talk(scenario: Callable[[GraphClient, str], Awaitable[Any]], server: Server, seconds: float = 1.0) -> Any:
    """Run a scenario against a server."""

    async def run() -> Any:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=500)
        port = listening.sockets[0].getsockname()[1]
        async with (
            listening,
            GraphClient(f"http://127.0.0.1:{port}", "v26.0", seconds=seconds, now=lambda: NOON) as client,
        ):
            return await scenario(client, f"127.0.0.1:{port}")

    return asyncio.run(run())


async def once(client: GraphClient, _address: str) -> Evidence:
    """Send the message."""
    return await client.send(CLEARED, NUMBER, TOKEN, BODY)


HTML = "<html>Service unavailable</html>"

EVIDENCE: dict[str, tuple[Behaviour, Evidence]] = {
    "accepted": (says("200 OK", SUCCESS), Accepted(SENT_ID, NOON)),
    "pair limit": (says("400 Bad Request", graph_error(131056)), Refused(131056, 400, "Some details.")),
    "throughput": (says("429 Too Many Requests", graph_error(130429)), Refused(130429, 429, "Some details.")),
    "token": (
        says("401 Unauthorized", '{"error":{"message":"Session has expired.","code":190,"error_subcode":463}}'),
        Refused(190, 401, "Session has expired.", 463),
    ),
    "details as text": (says("400 Bad", '{"error":{"code":"100","error_data":"words"}}'), Refused(100, 400, "words")),
    "500 with a Graph error": (says("500 Oops", graph_error(131000)), Refused(131000, 500, "Some details.")),
    "500 with HTML": (says("500 Oops", HTML), Unknown("HTTP 500 with neither a message id nor a Graph error")),
    "502 with nothing": (says("502 Bad Gateway", ""), Unknown("HTTP 502 with neither a message id nor a Graph error")),
    "503 with other JSON": (says("503 Away", "[]"), Unknown("HTTP 503 with neither a message id nor a Graph error")),
    "408": (says("408 Timeout", HTML), Unknown("HTTP 408 with neither a message id nor a Graph error")),
    "200 with HTML": (says("200 OK", HTML), Unknown("HTTP 200 with neither a message id nor a Graph error")),
    "200 without an id": (
        says("200 OK", '{"messages":[{}]}'),
        Unknown("HTTP 200 with neither a message id nor a Graph error"),
    ),
    "200 with deep JSON": (
        says("200 OK", "[" * 100_000),
        Unknown("HTTP 200 with neither a message id nor a Graph error"),
    ),
    "404 of a gateway": (says("404 Not Found", HTML), NotSent("HTTP 404 with neither a message id nor a Graph error")),
    "elsewhere": (
        says("302 Found", "", Location="/v26.0/elsewhere"),
        NotSent("HTTP 302 with neither a message id nor a Graph error"),
    ),
    "hung up": (hangs_up, Unknown("ServerDisconnectedError")),
    "reset": (resets, Unknown("ClientOSError")),
    "an answer that stops": (stops_halfway, Unknown("ClientPayloadError")),
    "half an answer": (says("200 OK", SUCCESS, Content_Length="9999"), Unknown("TimeoutError")),
    "no HTTP": (lambda _reader, writer: _raw(writer, b"SSH-2.0\r\n\r\n"), Unknown("ClientResponseError")),
    "silence": (is_silent, Unknown("TimeoutError")),
    "an answer without end": (drips, Unknown("TimeoutError")),
}


async def _raw(writer: asyncio.StreamWriter, raw: bytes) -> None:
    writer.write(raw)
    await writer.drain()


@pytest.mark.parametrize("name", EVIDENCE)
def test_the_evidence_fits_what_happened(name):
    """Accepted, refused, surely not sent or unknown; and never a second try."""
    behaviour, expected = EVIDENCE[name]
    server = Server(behaviour)

    evidence = talk(once, server, seconds=0.3)

    assert evidence == expected
    assert len(server.requests) == 1


UNREACHABLE = {
    "nobody listens": ("http://127.0.0.1:{free}", "ClientConnectorError"),
    "no such name": ("http://nobody.invalid:{free}", "ClientConnectorDNSError"),
    "no TLS": ("https://{address}", "ClientConnectorSSLError"),
    "no address": ("http://", "InvalidUrlClientError"),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_what_cannot_connect_was_not_sent(name, free_port):
    """Before the body leaves there is no doubt."""
    server = Server(says("200 OK", SUCCESS))
    url, why = UNREACHABLE[name]

    async def scenario(_client: GraphClient, address: str) -> Evidence:
        async with GraphClient(url.format(free=free_port(), address=address), seconds=2) as client:
            return await once(client, address)

    evidence = talk(scenario, server)

    assert evidence == NotSent(why)
    assert server.requests == []


def test_the_time_for_connecting_counts_too():
    """A server that accepts no connection in time has got nothing."""

    async def run() -> Evidence:
        never = asyncio.Event()

        async def shakes_no_hand(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await never.wait()
            writer.close()

        listening = await asyncio.start_server(shakes_no_hand, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with listening, GraphClient(f"https://127.0.0.1:{port}", seconds=0.2) as client:
            evidence = await once(client, "")
            never.set()
            return evidence

    assert isinstance(asyncio.run(run()), NotSent)


def test_a_connection_the_server_gave_up_is_not_used_again():
    """The next message takes a new one, and arrives."""

    async def says_and_leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says("200 OK", SUCCESS)(reader, writer)
        writer.close()

    server = Server(says_and_leaves)

    async def scenario(client: GraphClient, address: str) -> list[Evidence]:
        first = await once(client, address)
        await asyncio.sleep(0.05)
        return [first, await once(client, address)]

    assert talk(scenario, server) == [Accepted(SENT_ID, NOON)] * 2
    assert len(server.requests) == 2


def test_what_comes_too_late_does_not_leave():
    """A sender that was stopped before the socket, even while it connected, writes not one byte of the message."""
    server = Server(says("200 OK", SUCCESS))

    async def scenario(client: GraphClient, _address: str) -> tuple[Evidence, Evidence]:
        late = await client.send(CLEARED, NUMBER, TOKEN, BODY, until=time.monotonic() - 1)
        return late, await client.send(CLEARED, NUMBER, TOKEN, BODY, until=time.monotonic() + 1)

    late, in_time = talk(scenario, server)

    assert (late, in_time) == (NotSent("the sender was held up"), Accepted(SENT_ID, NOON))
    assert len(server.requests) == 1


def test_a_message_waits_for_its_turn_once_it_is_connected():
    """Until then not one byte of it is written; what waited too long does not leave."""
    server = Server(says("200 OK", SUCCESS))
    seen: list[int] = []

    async def turn() -> None:
        await asyncio.sleep(0.05)
        seen.append(len(server.requests))

    async def scenario(client: GraphClient, _address: str) -> tuple[Evidence, Evidence]:
        waits = await client.send(CLEARED, NUMBER, TOKEN, BODY, turn=turn)
        return waits, await client.send(CLEARED, NUMBER, TOKEN, BODY, turn=turn, until=time.monotonic() + 0.01)

    waits, too_long = talk(scenario, server)

    assert (waits, too_long) == (Accepted(SENT_ID, NOON), NotSent("the sender was held up"))
    assert seen == [0, 1]
    assert len(server.requests) == 1


def test_the_request_is_as_the_graph_api_wants_it():
    """The path names version and number, the header the token, and the body is the message."""
    server = Server(says("200 OK", SUCCESS))

    talk(once, server)

    ((first, headers, body),) = server.requests
    assert first == f"POST /v26.0/{NUMBER}/messages HTTP/1.1"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == BODY


def test_a_token_is_asked_for_at_each_send():
    """A new token counts from the next message on."""
    tokens = iter(["one", "two"])
    server = Server(says("200 OK", SUCCESS))

    async def scenario(client: GraphClient, _address: str) -> None:
        for _ in range(2):
            await client.send(CLEARED, NUMBER, lambda: next(tokens), BODY)

    talk(scenario, server)

    assert [headers["authorization"] for _, headers, _ in server.requests] == ["Bearer one", "Bearer two"]


class Pretended(Clearance):
    """Somebody's own idea of a clearance."""

    def __init__(self) -> None:
        """Ask no list."""


@pytest.mark.parametrize("clearance", [None, "yes", object(), Pretended()])
def test_without_a_clearance_nothing_leaves(clearance):
    """Only what the restriction lists let through is a clearance."""
    server = Server(says("200 OK", SUCCESS))

    async def scenario(client: GraphClient, _address: str) -> None:
        await client.send(clearance, NUMBER, TOKEN, BODY)

    with pytest.raises(TypeError, match="needs a `Clearance`"):
        talk(scenario, server)
    assert server.requests == []


@pytest.mark.parametrize("number", ["", "1/../2", "12 3", "\u0661\u0662", "1?x"])
def test_a_number_id_cannot_lead_elsewhere(number):
    """Digits alone go into the address."""

    async def scenario(client: GraphClient, _address: str) -> None:
        await client.send(CLEARED, number, TOKEN, BODY)

    with pytest.raises(ValueError, match="digits"):
        talk(scenario, Server(says("200 OK", SUCCESS)))


def test_outside_its_time_the_client_sends_nothing():
    """Connections are made after a fork and closed at the end, so there is a time for it."""
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(once(GraphClient(), ""))


def test_many_sends_are_under_way_at_once():
    """A slow answer of one does not hold up the others."""
    most = 0
    under_way = 0

    async def takes_its_time(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most, under_way
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.2)
        under_way -= 1
        await says("200 OK", SUCCESS)(reader, writer)

    async def scenario(client: GraphClient, address: str) -> list[Evidence]:
        return await asyncio.gather(*(once(client, address) for _ in range(150)))

    evidence = talk(scenario, Server(takes_its_time), seconds=5)

    assert evidence == [Accepted(SENT_ID, NOON)] * 150
    assert most == 150


def test_neither_texts_nor_tokens_are_logged(caplog):
    """Whatever happens, logs and evidence hold nothing private."""
    caplog.set_level(logging.DEBUG)

    found = [talk(once, Server(behaviour), seconds=0.1) for behaviour, _ in EVIDENCE.values()]

    said = caplog.text + repr(found)
    assert TOKEN not in said
    assert "a private text" not in said
    assert "447700900123" not in said
