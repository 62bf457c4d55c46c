"""How is another system asked, and what is known afterwards?

One request, no second try, no redirect, nothing but JSON, and no more of it than `ANSWER_MOST`. A secret is put in
here, and neither it nor an address or an answer is ever logged.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import msgspec

from adapters.hosts import Hosts, PublicResolver, private
from engine.evidence import Answered, Evidence, Forbidden, NotSent, Unknown
from engine.request import Answer, Parts, Request, Target, target_of
from rules.policy.restrictions import Clearance

ANSWER_MOST: Final = 64 * 1024
KEY: Final = "Idempotency-Key"
SECRET: Final = "BATON_HTTP_SECRET_"  # noqa: S105 - how settings begin that hold secrets


NO_ADDRESS: Final = Forbidden("A flow asks something that is no address of another system.")


class _SecretMissing(Exception):  # noqa: N818 - what is the matter, and its name
    pass


class Outside:
    """Asks other systems: those that the operator lists, with the secrets that they set."""

    def __init__(self, hosts: Hosts, secrets: Mapping[str, str]) -> None:
        """Take the operator's lists; nothing is opened."""
        self._hosts = hosts
        self._secrets = secrets

    async def ask(self, clearance: Clearance, request: Request, key: str, *, until: float = math.inf) -> Evidence:
        """Make a request under a key that stays the same when it is made again; only a `Clearance` lets it leave.

        After `until`, a moment of `time.monotonic`, it does not leave any more.
        """
        if type(clearance) is not Clearance:
            raise TypeError(f"A request needs a `Clearance`, not `{type(clearance).__name__}`")
        try:
            url = self._filled(request.url, safe=True)
            headers = {name.title(): self._filled(parts) for name, parts in request.headers.items()}
        except _SecretMissing as missing:
            return Forbidden(f"A flow needs the secret `{missing}`, which is not set: `{SECRET}{missing}`.")
        target = target_of(url)
        if target is None:
            return NO_ADDRESS
        refusal = self._hosts.refusal(target)
        return Forbidden(refusal) if refusal else await self._ask(request, url, headers, key, target, until)

    async def _ask(
        self, request: Request, url: str, headers: Mapping[str, str], key: str, target: Target, until: float
    ) -> Evidence:
        resolver = None if self._hosts.is_explicit(target) else PublicResolver()
        line = _Line(resolver, until)
        try:
            # A timeout of our own holds for everything, also for an answer that comes a byte at a time.
            async with asyncio.timeout(request.timeout.total_seconds()), _session(line) as session:
                return await _asked(session, request, url, {**_OURS, **headers, KEY: key})
        except aiohttp.InvalidURL:  # such as a number in place of a name
            return NO_ADDRESS
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if resolver is not None and resolver.is_private:
                return Forbidden(private(target))
            return (Unknown if line.is_open else NotSent)(why=_named(error))

    def _filled(self, parts: Parts, *, safe: bool = False) -> str:
        words = []
        for part in parts:
            if isinstance(part, str):
                words.append(part)
            elif part.name in self._secrets:
                words.append(quote(self._secrets[part.name], safe="") if safe else self._secrets[part.name])
            else:
                raise _SecretMissing(part.name)
        return "".join(words)


_OURS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # what is packed could grow beyond all bounds
    "User-Agent": "Baton",
    "Content-Type": "application/json",
}


class _Line(aiohttp.TCPConnector):
    """One connection; `is_open` once the request may be on its way."""

    def __init__(self, resolver: PublicResolver | None, until: float) -> None:
        super().__init__(resolver=resolver, use_dns_cache=False, force_close=True)
        self.is_open = False
        self._until = until

    async def connect(self, *request: Any, **rest: Any) -> aiohttp.connector.Connection:
        connection = await super().connect(*request, **rest)
        if time.monotonic() > self._until:  # this process was stopped meanwhile
            connection.close()
            raise TimeoutError
        self.is_open = True
        return connection


def _session(line: _Line) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=line,
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def _asked(session: aiohttp.ClientSession, request: Request, url: str, headers: Mapping[str, str]) -> Evidence:
    body = request.body.encode() if request.body is not None else None
    async with session.request(request.method, url, data=body, headers=headers, allow_redirects=False) as answer:
        status = answer.status
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Answered(Answer(status=status, why=f"status {status}"))
        raw = await _read(answer.content)
    return Answered(_judged(status, raw))


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Read an answer, and of one that is too long a little more than may be."""
    found = bytearray()
    async for chunk in content.iter_any():
        found += chunk
        if len(found) > ANSWER_MOST:
            break
    return bytes(found)


def _judged(status: int, raw: bytes) -> Answer:
    if len(raw) > ANSWER_MOST:
        return Answer(status=status, why="too large")
    if not raw.strip():
        return Answer(status=status)
    try:
        text = raw.decode("utf-8")
        msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Answer(status=status, why="not JSON")
    return Answer(status=status, body=text)


def _named(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else type(error).__name__
