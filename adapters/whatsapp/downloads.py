"""How does the file of a message come from Meta, and how is it known to be the right one?

Meta tells an address that is good for five minutes, and the file lies there for whoever has the token. The token goes
to Meta alone: an address elsewhere is not asked, and no redirect is followed.
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from msgspec import Struct

from adapters.whatsapp.client import object_in, refusal_in
from engine.content import Media, MediaKind
from engine.evidence import NotSent, Refused, Unfit
from engine.request import target_of
from flows.file_types import OLE, PROGRAM, ZIP, FileType, type_of

METAS: Final = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net")
HTTPS: Final = 443
SECONDS: Final = 35.0
FACTS_MOST: Final = 64 * 1024
DAMAGED_TRIES: Final = 3
TOO_LARGE: Final = Unfit("too_large")
WRONG_TYPE: Final = Unfit("wrong_type")
STRANGE_ADDRESS: Final = Unfit("strange_address")
RUN_OUT: Final = NotSent("its address has run out")
DAMAGED: Final = Unfit("wrong_sha256", DAMAGED_TRIES)
UNKNOWN_TYPE: Final = "application/octet-stream"
NOTHING_TO_SEE: Final = (ZIP, OLE, PROGRAM)


class Brought(Struct, frozen=True):
    """A file as it came, with the digest and the type of its bytes."""

    data: bytes
    sha256: str
    mime: str


class Order(Struct, frozen=True):
    """Which file is asked for, for which number and with whose token, and how many bytes it may have."""

    number: str
    token: str
    file: Media
    most: int


Came = Brought | Unfit | Refused | NotSent


class Downloads:
    """Brings files from Meta, a new connection for each."""

    def __init__(self, url: str, version: str) -> None:
        """Take where the Graph API answers; nothing is opened."""
        self._url = url
        self._root = f"{url.rstrip('/')}/{version}"

    async def bring(self, order: Order) -> Came:
        """Bring a file, or say why it does not come; an address that has run out is asked for once more."""
        headers = {"Authorization": f"Bearer {order.token}", "Accept-Encoding": "identity", "User-Agent": "Baton"}
        try:
            async with asyncio.timeout(SECONDS), _session(headers) as session:
                came = await self._try(session, order)
                return await self._try(session, order) if came == RUN_OUT else came
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return NotSent(type(error).__name__)

    async def _try(self, session: aiohttp.ClientSession, order: Order) -> Came:
        facts = await self._facts(session, order)
        if not isinstance(facts, _Facts):
            return facts
        if facts.size > order.most:
            return TOO_LARGE
        if not self._is_metas(facts.url):
            return STRANGE_ADDRESS
        return _judged(order.file, facts, await _download(session, facts.url, order.most))

    async def _facts(self, session: aiohttp.ClientSession, order: Order) -> "_Facts | Came":
        address = f"{self._root}/{quote(order.file.id or '', safe='')}"
        query = {"phone_number_id": order.number}
        async with session.get(address, params=query, allow_redirects=False) as answer:
            told = object_in(await _read(answer.content, FACTS_MOST))
            refused = refusal_in(answer.status, told)
            if refused is not None:
                return refused
            return _facts(told) or NotSent(f"HTTP {answer.status} to a question for a file")

    def _is_metas(self, url: str) -> bool:
        """Tell whether the token may go there: to Meta's own hosts, or to where the Graph API answers."""
        target = target_of(url)
        if target is None or target == target_of(self._url):
            return target is not None
        is_metas = any(target.host == each or target.host.endswith(f".{each}") for each in METAS)
        return is_metas and target.encrypted and target.port == HTTPS


class _Facts(Struct, frozen=True):
    url: str
    size: int
    sha256: str


def _facts(told: Mapping[str, Any]) -> _Facts | None:
    url, size, sha256 = told.get("url"), told.get("file_size"), told.get("sha256")
    if not isinstance(url, str):
        return None
    digits = str(size)  # Meta has written numbers as texts before
    is_number = digits.isascii() and digits.isdigit()
    return _Facts(url, int(digits) if is_number else 0, sha256 if isinstance(sha256, str) else "")


def _session(headers: Mapping[str, str]) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=None),  # ours holds for all of it
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def _download(session: aiohttp.ClientSession, url: str, most: int) -> bytes | Came:
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status == HTTPStatus.NOT_FOUND:
            return RUN_OUT
        if answer.status != HTTPStatus.OK:
            return NotSent(f"HTTP {answer.status} to a download")
        if (answer.content_length or 0) > most:
            return TOO_LARGE
        data = await _read(answer.content, most)
        return TOO_LARGE if len(data) > most else data


async def _read(content: aiohttp.StreamReader, most: int) -> bytes:
    """Read it, and of what is too long a little more than may be."""
    found = bytearray()
    async for chunk in content.iter_any():
        found += chunk
        if len(found) > most:
            break
    return bytes(found)


def _judged(file: Media, facts: _Facts, data: bytes | Came) -> Came:
    if not isinstance(data, bytes):
        return data
    digest = hashlib.sha256(data)
    told = facts.sha256 or file.sha256
    if told and not _is_same(told, digest.digest()):
        return DAMAGED
    known = type_of(data)
    if not _fits(file.kind, known):
        return WRONG_TYPE
    return Brought(data, digest.hexdigest(), (known.mime if known else "") or UNKNOWN_TYPE)


def _is_same(told: str, digest: bytes) -> bool:
    """Compare with what Meta tells, which is written in hexadecimal in some places and in base64 in others."""
    if told.lower() == digest.hex():
        return True
    try:
        return base64.b64decode(told.replace("-", "+").replace("_", "/") + "==") == digest
    except (binascii.Error, ValueError):
        return False


def _fits(kind: MediaKind, known: FileType | None) -> bool:
    """Tell whether the bytes may be what the message says: a document anything, all else no document or program.

    Sounds and videos share a container, so one may look like the other.
    """
    if kind == "document":
        return True
    return known is not None and known.kind != "document" and known not in NOTHING_TO_SEE
