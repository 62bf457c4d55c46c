"""What becomes of those who are slow, and does anybody else notice them?"""

import contextlib
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from msgspec import Struct

from adapters.web.edge import BODY_S, HEAD_S
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from tests.adapters.web.door import Door

LINE = Line("106540352242922", "15550783881", "102290129340398")
POST = b"POST /webhook HTTP/1.1\r\nHost: door\r\n"
SIGNED = POST + b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n"
SILENT = 300
DRIP_S = 0.5
EARLY_S = 0.1
LATE_S = 1.5  # how much later than its deadline a busy machine may close
QUICK_S = 1.0


class Slow(Struct, frozen=True):
    """What somebody sends at once, what they send again and again, and when and how that must end."""

    sent: bytes
    seconds: float
    status: bytes
    drip: bytes = b""


SLOW = {
    "nothing at all": Slow(b"", HEAD_S, b""),
    "half a line": Slow(b"POST /web", HEAD_S, b"408"),
    "a head without end": Slow(POST, HEAD_S, b"408", drip=b"X-Next: 1\r\n"),
    "empty lines for ever": Slow(b"\r\n", HEAD_S, b"408", drip=b"\r\n"),
    "3 of 10 bytes": Slow(SIGNED + b"Content-Length: 10\r\n\r\nabc", BODY_S, b"408"),
    "a byte at a time": Slow(SIGNED + b"Content-Length: 1000\r\n\r\n", BODY_S, b"408", drip=b"x"),
    "pieces without end": Slow(SIGNED + b"Transfer-Encoding: chunked\r\n\r\n", BODY_S, b"408", drip=b"1\r\nx\r\n"),
    "silence after an answer": Slow(POST + b"Content-Length: 0\r\n\r\n", HEAD_S, b"401"),
    "half a line after an answer": Slow(POST + b"Content-Length: 0\r\n\r\nPOST", HEAD_S, b"401"),
    "a body after its refusal": Slow(POST + b"Content-Length: 1000\r\n\r\n", BODY_S, b"401", drip=b"x"),
}


@contextlib.contextmanager
def silent(door: Door, count: int) -> Iterator[None]:
    """Hold connections open on which nobody says anything."""
    lines = [door.line() for _ in range(count)]
    try:
        yield
    finally:
        for line in lines:
            line.close()


class Ending(Struct, frozen=True):
    """When a connection was closed, and what came before."""

    seconds: float
    told: bytes


def drag(door: Door, slow: Slow) -> Ending:
    """Be slow until the door is closed."""
    with door.line() as line:
        line.settimeout(DRIP_S)
        started_at = time.monotonic()
        line.sendall(slow.sent)
        told = b""
        while time.monotonic() - started_at < 2 * BODY_S:
            try:
                part = line.recv(65536)
                if not part:
                    break
                told += part
            except TimeoutError:
                with contextlib.suppress(OSError):
                    line.sendall(slow.drip)
            except ConnectionResetError:
                break
        return Ending(time.monotonic() - started_at, told)


def webhook_seconds(door: Door, count: int) -> list[float]:
    """Post messages one after the other; return how long each took."""
    took = []
    for each in range(count):
        person = Person(phone=f"55119876{each:05}")
        started_at = time.monotonic()
        answer = door.post(meta.encode(meta.text_message(LINE, person, "Hi", at=datetime.now(UTC))))
        took.append(time.monotonic() - started_at)
        assert answer.status == 200
    return took


def test_the_slow_are_cut_off_and_nobody_waits_for_them(door: Door) -> None:
    """Each is closed at its deadline with a word, if there is anything to answer; others are served meanwhile."""
    with ThreadPoolExecutor(len(SLOW)) as threads, silent(door, SILENT):
        endings = {name: threads.submit(drag, door, slow) for name, slow in SLOW.items()}
        took = webhook_seconds(door, 50)
        found = {name: ending.result() for name, ending in endings.items()}

    statuses = {name: re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", each.told) for name, each in found.items()}
    assert statuses == {name: [slow.status] if slow.status else [] for name, slow in SLOW.items()}
    late = {
        name: each.seconds
        for name, each in found.items()
        if not SLOW[name].seconds - EARLY_S < each.seconds < SLOW[name].seconds + LATE_S
    }
    assert late == {}
    assert max(took) < QUICK_S
