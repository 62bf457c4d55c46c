"""How long may a request take to arrive, and how large may its head be?

uvicorn waits for ever for the end of a request, and takes a head of any size. This is its protocol with an end to both:
whoever is too slow, or says too much before the body, is told so in a sentence and cut off.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_MOST = 16 * 1024
HEAD_S = 5.0
BODY_S = 10.0
AROUND_A_HEADER = len(": \r\n")


class Edge(HttpToolsProtocol):
    """One connection. Between two requests uvicorn's own keep-alive time holds."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        """Start with nothing received."""
        super().__init__(*arguments, **more)
        self._deadline: TimerHandle | None = None
        self._in_head = True
        self._received = 0
        self._fault: tuple[HTTPStatus, str] | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Expect a request within its time."""
        super().connection_made(cast("Transport", transport))
        self._expect(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a head that has no end yet is counted by what came of it."""
        if self._deadline is None:
            self._expect(HEAD_S)
        began_in_head = self._in_head
        self._received += len(data)
        super().data_received(data)
        if began_in_head and self._in_head and self._received > HEAD_MOST:
            self._cut(*_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Expect the body, unless the head was too large; then what is raised here makes the parser stop."""
        if _size(self.url, self.headers) > HEAD_MOST:
            self._fault = _TOO_LARGE
            raise ValueError(_TOO_LARGE[1])
        super().on_headers_complete()
        self._in_head = False
        self._expect(BODY_S)

    def on_message_complete(self) -> None:
        """Expect nothing until the next request begins."""
        super().on_message_complete()
        self._in_head = True
        self._received = 0
        self._expect(None)

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser cannot read; uvicorn calls this."""
        self._cut(*(self._fault or (HTTPStatus.BAD_REQUEST, msg)))

    def _expect(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._cut(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive.")

    def _cut(self, status: HTTPStatus, words: str) -> None:
        """Close the connection; say why, unless nobody asked anything or an answer is on its way already."""
        if self.transport.is_closing():
            return
        if self._received and not self._is_answering():
            self.transport.write(_answer(status, words))
        self.transport.close()

    def _is_answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # nothing before the first request
        if cycle is None:
            return False
        return not cycle.response_complete if self._in_head else cycle.response_started


_TOO_LARGE = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"The head of the request is larger than {HEAD_MOST // 1024} KB.",
)


def _size(url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    return len(url) + sum(len(name) + len(value) + AROUND_A_HEADER for name, value in headers)


def _answer(status: HTTPStatus, words: str) -> bytes:
    body = f"{words}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        f"x-content-type-options: nosniff\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
