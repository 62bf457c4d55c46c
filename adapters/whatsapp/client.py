"""How does a message leave for the Graph API, and what is known about it afterwards?

One POST, no second try: whoever asked decides what the evidence means. What matters most is to tell what was surely
not sent, which may be sent again, from what nobody knows, which may not. The body of a message is written to the
connection at once or not at all, so one rule decides every failure: before that it was not sent, after that unknown.
"""

import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import msgspec
from aiohttp.abc import AbstractStreamWriter

from adapters.whatsapp import conversions
from adapters.whatsapp.media import Upload, Uploaded, form, judged
from adapters.whatsapp.unclear import unclear
from engine.outbox import Accepted, Evidence, NotSent, Refused, Reported, Unknown
from rules.policy.restrictions import Clearance

GRAPH_URL: Final = "https://graph.facebook.com"
GRAPH_VERSION: Final = "v26.0"
TIMEOUT_SECONDS: Final = 35.0
CONNECT_SECONDS: Final = 10.0
CONNECTIONS: Final = 2000
IDLE_SECONDS: Final = 15.0
ANSWER_MOST: Final = 256 * 1024
DETAILS_MOST: Final = 500

_NUMBER: Final = re.compile(r"[0-9]{1,32}")


def _now() -> datetime:
    return datetime.now(UTC)


async def _at_once() -> None:
    """Wait for nothing."""


class GraphClient:
    """Posts messages over one pool of connections; use it with `async with`, after any fork.

    Certificates are judged by the system's store. It logs nothing: bodies hold texts, and headers tokens.
    """

    def __init__(
        self,
        url: str = GRAPH_URL,
        version: str = GRAPH_VERSION,
        *,
        seconds: float = TIMEOUT_SECONDS,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._root = f"{url.rstrip('/')}/{version}"
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(
        self,
        clearance: Clearance,
        number_id: str,
        token: str | Callable[[], str],
        body: Mapping[str, Any],
        *,
        until: float = math.inf,
        turn: Callable[[], Awaitable[None]] = _at_once,
    ) -> Evidence:
        """Post a message for a number and return what is known then; only a `Clearance` lets anything leave.

        Once it is connected it waits for its `turn`. After `until`, a moment of `time.monotonic`, it does not leave
        any more.
        """
        if type(clearance) is not Clearance:
            raise TypeError(f"A send needs a `Clearance`, not `{type(clearance).__name__}`")
        if not _NUMBER.fullmatch(number_id):
            raise ValueError("The id of a business number is made of digits")
        if self._session is None:
            raise RuntimeError("`GraphClient` sends only inside `async with`")
        given = token if isinstance(token, str) else token()
        punctual = _Punctual(msgspec.json.encode(body), until, turn)
        answered = await self._post(self._session, f"{number_id}/messages", given, punctual)
        return answered if isinstance(answered, NotSent | Unknown) else self._judge(*answered)

    async def report(
        self, clearance: Clearance, dataset: str, token: str, body: bytes, *, until: float = math.inf
    ) -> Reported | Refused | NotSent | Unknown:
        """Tell Meta of a conversion, and return what is known then; `clearance` and `until` are as of `send`."""
        if type(clearance) is not Clearance:
            raise TypeError(f"A conversion needs a `Clearance`, not `{type(clearance).__name__}`")
        if not _NUMBER.fullmatch(dataset):
            raise ValueError("The id of a dataset is made of digits")
        if self._session is None:
            raise RuntimeError("`GraphClient` reports only inside `async with`")
        answered = await self._post(self._session, f"{dataset}/events", token, _Punctual(body, until, _at_once))
        if isinstance(answered, NotSent | Unknown):
            return answered
        status, answer = answered[0], object_in(answered[1])
        return conversions.judged(status, answer, refusal_in(status, answer))

    async def upload(self, number_id: str, token: str, upload: Upload) -> Uploaded | Refused | NotSent:
        """Give Meta a file for the messages of a number, and return its id, or why there is none."""
        if not _NUMBER.fullmatch(number_id):
            raise ValueError("The id of a business number is made of digits")
        if self._session is None:
            raise RuntimeError("`GraphClient` uploads only inside `async with`")
        address, headers = f"{self._root}/{number_id}/media", {"Authorization": f"Bearer {token}"}
        try:
            async with self._session.post(address, data=form(upload), headers=headers, allow_redirects=False) as given:
                answer = object_in(await _read(given.content))
                return judged(given.status, answer, refusal_in(given.status, answer))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return NotSent(why=type(error).__name__)

    async def _post(
        self, session: aiohttp.ClientSession, path: str, token: str, body: "_Punctual"
    ) -> tuple[int, bytes] | NotSent | Unknown:
        """Return the status and the body of what is answered, or what is known without an answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        address = f"{self._root}/{path}"
        upload = aiohttp.UploadTracker()
        try:
            async with session.post(
                address, data=body, headers=headers, allow_redirects=False, upload_tracker=upload
            ) as answer:
                return answer.status, await _read(answer.content)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            why = "the sender was held up" if body.is_late else type(error).__name__
            return Unknown(why=why) if upload.bytes_written else NotSent(why=why)

    def _judge(self, status: int, raw: bytes) -> Evidence:
        answer = object_in(raw)
        if refusal := refusal_in(status, answer):
            return refusal
        if sent := _message_id(answer) if status == HTTPStatus.OK else None:
            return Accepted(message_id=sent, at=self._now())
        return unclear(status, "a message id")


class _Punctual(aiohttp.BytesPayload):
    """A body that is written in its turn and in time, or not at all, headers included.

    This is the last moment before the socket: a process may be stopped while it connects, or take long for it.
    """

    def __init__(self, value: bytes, until: float, turn: Callable[[], Awaitable[None]]) -> None:
        super().__init__(value)
        self.is_late = False
        self._until = until
        self._turn = turn

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        await self._turn()
        self.is_late = time.monotonic() > self._until
        if self.is_late:
            raise TimeoutError
        await super().write_with_length(writer, content_length)


async def _read(content: aiohttp.StreamReader) -> bytes:
    """A longer answer than any of the Graph API's is cut, and then reads as none."""
    found = bytearray()
    async for chunk in content.iter_any():
        found += chunk
        if len(found) > ANSWER_MOST:
            break
    return bytes(found)


def object_in(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer, an empty one if it holds none."""
    try:
        answer = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def refusal_in(status: int, answer: dict[str, Any]) -> Refused | None:
    """Return the error of Meta's in an answer, if there is one."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return None
    code = error.get("code")
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    subcode = error.get("error_subcode")
    return Refused(code, status, _details(error), subcode if isinstance(subcode, int) else None)


def _details(error: dict[str, Any]) -> str | None:
    data = error.get("error_data")
    told = data.get("details") if isinstance(data, dict) else data
    said = (told, error.get("error_user_msg"), error.get("message"))
    words = next((each for each in said if isinstance(each, str) and each), None)
    return words[:DETAILS_MOST] if words else None


def _message_id(answer: dict[str, Any]) -> str | None:
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    found = first.get("id") if isinstance(first, dict) else None
    return found if isinstance(found, str) and found else None
