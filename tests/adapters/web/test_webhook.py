"""Who gets in at the door, who does not, and what does the refused one leave behind? Nothing."""

import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from tests.adapters.web.door import SECRET, SIGNATURE, WORD, Door, signature

LINE = Line("106540352242922", "15550783881", "102290129340398")
ANA = Person(phone="5511987650001", bsuid="BR.10000000000000000001", name="Ana")
MEGABYTE = 1024 * 1024
VERIFY = json.loads((Path(__file__).parents[1] / "whatsapp" / "payloads" / "signature-vectors.json").read_bytes())[
    "verify_get"
]


def a_body(text: str = "Hi") -> bytes:
    """Write a message of just now the way Meta does, everything outside ASCII escaped."""
    return meta.encode(meta.text_message(LINE, ANA, text, at=datetime.now(UTC)))


def head(*headers: bytes, start: bytes = b"POST /webhook HTTP/1.1") -> bytes:
    """Write the head of a request of one connection."""
    return b"\r\n".join((start, b"Host: door", b"Connection: close", *headers, b"", b""))


def status_of(answer: bytes) -> int:
    """Return the status of what came over a bare connection."""
    found = re.match(rb"HTTP/1\.1 ([0-9]{3}) ", answer)
    assert found, answer[:200]
    return int(found[1])


BODY = a_body("Caf\u00e9 a/b")
SIGNED = signature(BODY).encode()
HEX = SIGNED.removeprefix(b"sha256=")
NAME = SIGNATURE.encode()
SHA1 = b"X-Hub-Signature: sha1=" + b"0" * 40
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
PACKED = gzip.compress(BODY)


class Knock(Struct, frozen=True):
    """Headers beside the usual ones, the body, and the status that must come back."""

    status: int
    headers: tuple[bytes, ...]
    body: bytes = BODY
    sized: bool = True


KNOCKS = {
    "signed": Knock(200, (NAME + b": " + SIGNED,)),
    "signed in upper case": Knock(200, (NAME + b": sha256=" + HEX.upper(),)),
    "signed, under a lower-case name": Knock(200, (NAME.lower() + b": " + SIGNED,)),
    "signed and chunked": Knock(200, (NAME + b": " + SIGNED, b"Transfer-Encoding: chunked"), CHUNKED, sized=False),
    "an empty body, signed": Knock(200, (NAME + b": " + signature(b"").encode(),), b""),
    "not UTF-8, signed": Knock(200, (NAME + b": " + signature(b"\xff").encode(),), b"\xff"),
    "no signature": Knock(401, ()),
    "an empty signature": Knock(401, (NAME + b":",)),
    "zeros": Knock(401, (NAME + b": sha256=" + b"0" * 64,)),
    "another app's secret": Knock(401, (NAME + b": " + signature(BODY, "another").encode(),)),
    "a space more": Knock(401, (NAME + b": " + SIGNED,), BODY + b" "),
    "a body that says the same in other bytes": Knock(
        401, (NAME + b": " + SIGNED,), json.dumps(json.loads(BODY), ensure_ascii=False).encode()
    ),
    "the old kind of signature": Knock(401, (SHA1,)),
    "no prefix": Knock(401, (NAME + b": " + HEX,)),
    "another prefix": Knock(401, (NAME + b": sha512=" + HEX,)),
    "63 digits": Knock(401, (NAME + b": " + SIGNED[:-1],)),
    "65 digits": Knock(401, (NAME + b": " + SIGNED + b"0",)),
    "a byte outside ASCII": Knock(401, (NAME + b": sha256=\xe9" + HEX[1:],)),
    "digits of another script": Knock(401, (NAME + b": sha256=" + "\u0661".encode() * 32,)),
    "two signatures, bad then good": Knock(401, (NAME + b": sha256=" + b"0" * 64, NAME + b": " + SIGNED)),
    "two signatures, good then bad": Knock(401, (NAME + b": " + SIGNED, NAME + b": sha256=" + b"0" * 64)),
    "two signatures, both good": Knock(401, (NAME + b": " + SIGNED, NAME + b": " + SIGNED)),
    "two signatures in one header": Knock(401, (NAME + b": " + SIGNED + b", " + SIGNED,)),
    "packed": Knock(415, (NAME + b": " + signature(PACKED).encode(), b"Content-Encoding: gzip"), PACKED),
    "two ways to tell the length": Knock(400, (NAME + b": " + SIGNED, b"Transfer-Encoding: chunked"), CHUNKED),
    "two lengths": Knock(400, (NAME + b": " + SIGNED, b"Content-Length: 7")),
    "a length in words": Knock(400, (NAME + b": " + SIGNED, b"Content-Length: ten"), sized=False),
    "a name with a space": Knock(400, (b"X Y: 1",)),
    "a header of 100 KB": Knock(431, (b"X-Long: " + b"x" * 100_000, NAME + b": " + SIGNED)),
    "headers of 17 KB together": Knock(431, (*[b"X-Some: " + b"x" * 1000] * 17, NAME + b": " + SIGNED)),
    "headers of 15 KB together": Knock(200, (*[b"X-Some: " + b"x" * 1000] * 15, NAME + b": " + SIGNED)),
}
ASIDE = {"an empty body, signed", "not UTF-8, signed"}


@pytest.mark.parametrize("name", KNOCKS)
def test_who_knocks_is_answered_by_the_table(door: Door, name: str) -> None:
    """A right signature over the exact bytes lets one in; nobody else leaves anything in the store."""
    knock = KNOCKS[name]
    length = (b"Content-Length: %d" % len(knock.body),) if knock.sized else ()

    answer = door.says(head(*length, *knock.headers) + knock.body)
    door.settle()

    assert status_of(answer) == knock.status
    assert door.heard() == (["Caf\u00e9 a/b"] if knock.status == 200 and name not in ASIDE else [])
    assert ("baton:quarantine" in door.effects()) == (name in ASIDE)
    if knock.status != 200:
        assert door.effects() == {}


def test_a_header_without_end_is_refused_before_its_end(door: Door) -> None:
    """What has no end yet is counted, too."""
    answer = door.says(head()[:-2] + b"X-Long: " + b"x" * 20_000)

    assert status_of(answer) == 431


def test_an_answer_tells_nothing_about_us(door: Door) -> None:
    """No name of a server, no trace of a program, plain words of a type that no browser guesses about."""
    answers = [
        door.request("POST", "/webhook", b"{}"),
        door.request("GET", "/webhook?hub.mode=subscribe&hub.challenge=%3Cb%3E"),
        door.request("GET", "/nothing/<script>"),
        door.request("PUT", "/webhook", b"{}"),
        door.post(BODY),
    ]

    assert [each.status for each in answers] == [401, 403, 404, 405, 200]
    for each in answers:
        assert "server" not in each.headers
        assert each.headers["content-type"].startswith("text/plain")
        assert each.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"Traceback|File |litestar|python|<script>", each.text, re.IGNORECASE)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_not_allowed(door: Door, method: str) -> None:
    """Only GET and POST mean something here."""
    answer = door.request(method, "/webhook", None if method == "HEAD" else BODY, {SIGNATURE: SIGNED.decode()})

    assert answer.status == 405
    assert {"GET", "POST"} <= set(re.split(r"[ ,]+", answer.headers["allow"]))
    assert door.effects() == {}


GOOD = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
HANDSHAKES: dict[str, tuple[int, dict[str, str | None]]] = {
    "right": (200, {}),
    "another token": (403, {"hub.verify_token": "another"}),
    "a token of other letters": (403, {"hub.verify_token": "%C3%A9%FF"}),
    "no token": (403, {"hub.verify_token": None}),
    "an empty token": (403, {"hub.verify_token": ""}),
    "no mode": (403, {"hub.mode": None}),
    "another mode": (403, {"hub.mode": "unsubscribe"}),
    "no challenge": (400, {"hub.challenge": None}),
    "a script": (400, {"hub.challenge": "%3Cscript%3Ealert(1)%3C/script%3E"}),
    "a script and no token": (403, {"hub.challenge": "%3Cscript%3E", "hub.verify_token": None}),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_the_handshake(door: Door, name: str) -> None:
    """Whoever knows the word gets the challenge back, as plain text; nothing else is ever echoed."""
    status, changes = HANDSHAKES[name]
    query = "&".join(f"{key}={value}" for key, value in {**GOOD, **changes}.items() if value is not None)

    answer = door.request("GET", f"/webhook?{query}")

    assert answer.status == status
    assert (answer.text == "1158201444") == (status == 200)
    assert "script" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_meta_s_own_handshake(door: Door) -> None:
    """As Meta's documentation has it."""
    answer = door.request("GET", f"/webhook?{VERIFY['query']}")

    assert (answer.status, answer.text) == (VERIFY["expected_status"], VERIFY["expected_body"])


def test_what_a_stranger_says_about_the_way_is_ignored(door: Door) -> None:
    """Headers of a proxy that nobody configured change nothing."""
    claims = {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "elsewhere.example",
        "Forwarded": "for=127.0.0.1;host=elsewhere.example;proto=http",
        "X-HTTP-Method-Override": "GET",
        "X-Original-URL": "/healthz",
    }

    plain = door.request("POST", "/webhook", BODY)
    claimed = door.request("POST", "/webhook", BODY, claims)
    signed = door.request("POST", "/webhook", BODY, {SIGNATURE: SIGNED.decode(), **claims})

    drop = ("date",)
    assert {**plain.headers, **dict.fromkeys(drop)} == {**claimed.headers, **dict.fromkeys(drop)}
    assert (plain.status, claimed.status, signed.status) == (401, 401, 200)


def padded(size: int) -> bytes:
    """Write a good body of exactly so many bytes."""
    body = json.loads(BODY)
    body["more"] = ""
    body["more"] = "x" * (size - len(json.dumps(body)))
    return json.dumps(body).encode()


def test_a_body_may_be_as_large_as_meta_makes_them(door: Door) -> None:
    """Three megabytes are taken; one byte over four is not."""
    large, largest, over = padded(3 * MEGABYTE), padded(4 * MEGABYTE), padded(4 * MEGABYTE + 1)

    statuses = [door.post(each).status for each in (large, largest, over)]
    door.settle()

    assert [len(each) for each in (large, largest, over)] == [3 * MEGABYTE, 4 * MEGABYTE, 4 * MEGABYTE + 1]
    assert statuses == [200, 200, 413]
    assert door.heard() == ["Caf\u00e9 a/b"]


def peak(door: Door) -> int:
    """Return the most memory the process ever had, in bytes."""
    found = re.search(r"VmHWM:\s+([0-9]+) kB", Path(f"/proc/{door.process.pid}/status").read_text("ascii"))
    assert found
    return int(found[1]) * 1024


def test_a_body_without_a_length_is_cut_off_where_others_are(door: Door) -> None:
    """Eleven megabytes in pieces are refused, and never all in memory."""
    door.post(padded(4 * MEGABYTE))
    door.forget()
    before = peak(door)

    answer = door.request("POST", "/webhook", (b"x" * MEGABYTE for _ in range(11)), {SIGNATURE: SIGNED.decode()})

    assert answer.status == 413
    assert peak(door) - before < 8 * MEGABYTE
    assert door.effects() == {}


def test_the_connection_is_kept_for_the_next_body(door: Door) -> None:
    """Meta posts one body after the other over one connection, the refused ones between the good ones."""
    post = b"POST /webhook HTTP/1.1\r\nHost: door\r\n%b: %b\r\nContent-Length: %d\r\n\r\n%b"
    bodies = [a_body("one"), b"unsigned", a_body("two"), b"unsigned, too"]
    signatures = [signature(body).encode() if body.startswith(b"{") else b"none" for body in bodies]
    posts = [post % (NAME, each, len(body), body) for each, body in zip(signatures, bodies, strict=True)]

    answer = door.says(b"".join(posts) + head(b"Content-Length: 0"))
    door.settle()

    assert re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer) == [b"200", b"401", b"200", b"401", b"401"]
    assert door.heard() == ["one", "two"]


def test_a_captured_body_has_no_second_effect(door: Door) -> None:
    """Whoever posts an old body again with its old signature is told 200, and that was all."""
    door.request("POST", "/webhook", BODY, {SIGNATURE: signature(BODY, SECRET)})
    door.settle()
    effects = door.effects()

    answers: list[Any] = [door.post(BODY).status for _ in range(3)]
    door.settle()

    assert answers == [200] * 3
    assert door.effects() == effects
    assert door.counts()["event.dup"] == 3
