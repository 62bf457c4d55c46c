"""What does Meta say of a number or an account to whoever asks with a token?

One short GET each, which changes nothing and is asked once.
"""

from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from adapters.whatsapp.client import object_in, refusal_in
from engine.outbox import NotSent, Refused

SECONDS: Final = 5.0
NUMBER_FIELDS: Final = "display_phone_number,is_on_biz_app,platform_type"


class Looking:
    """Asks the Graph API about what is there; use it with `async with`."""

    def __init__(self, url: str, version: str, seconds: float = SECONDS) -> None:
        """Ask at one address."""
        self._root = f"{url.rstrip('/')}/{version}"
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def number(self, number_id: str, token: str) -> dict[str, Any] | Refused | NotSent:
        """Return what Meta knows of a number: how it is shown, and whether the app is on it."""
        return await self._asked(number_id, token, {"fields": NUMBER_FIELDS})

    async def subscribed(self, waba: str, token: str) -> dict[str, Any] | Refused | NotSent:
        """Return which apps get the webhooks of an account."""
        return await self._asked(f"{waba}/subscribed_apps", token, {})

    async def _asked(self, path: str, token: str, query: dict[str, str]) -> dict[str, Any] | Refused | NotSent:
        if self._session is None:
            raise RuntimeError("`Looking` asks only inside `async with`")
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self._session.get(
                f"{self._root}/{path}", params=query, headers=headers, allow_redirects=False
            ) as given:
                answer = object_in(await given.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return NotSent(why=type(error).__name__)
        if refused := refusal_in(given.status, answer):
            return refused
        return answer or NotSent(why=f"HTTP {given.status} without JSON")
