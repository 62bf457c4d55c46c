"""Which templates does an account have at Meta, and why can they not be listed?"""

from collections.abc import Callable
from typing import Any, Final

import aiohttp
from msgspec import Struct

from adapters.whatsapp.client import object_in, refusal_in
from engine.outbox import Refused
from rules.policy import errors
from rules.policy.errors import Action

FIELDS: Final = "name,language,status,category,parameter_format,components,quality_score"
AT_ONCE: Final = 100
PAGES_MOST: Final = 200
RESTARTS_MOST: Final = 3
SECONDS: Final = 30.0
INVALID_CURSOR: Final = 131059
_UNKNOWN: Final = frozenset({33, 100})


class ListingFailed(Exception):  # noqa: N818 - a sentence for whoever asked
    """Meta did not list the templates; `str()` says what to do."""


class _Stopped(Exception):  # noqa: N818 - Meta's answer on its way to words
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


class Account(Struct, frozen=True):
    """The account that is asked about, where, and with whose token."""

    waba: str
    token: str
    root: str


async def templates_of(account: Account, heard: Callable[[int], None]) -> list[dict[str, Any]]:
    """Return all templates of an account as Meta lists them; `heard` is told after each page how many there are.

    Raises `ListingFailed`. A cursor that Meta does not know any more begins the list anew.
    """
    if not account.token:
        raise ListingFailed(f"There is no access token for the account `{account.waba}`. Set `BATON_ACCESS_TOKEN`.")
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        for _ in range(RESTARTS_MOST):
            try:
                return await _listed(session, account, heard)
            except _Stopped as stopped:
                if stopped.refused.code != INVALID_CURSOR:
                    raise ListingFailed(_words(account, stopped.refused)) from None
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                words = f"Meta cannot be reached at `{account.root}` ({type(error).__name__}). Look at the network."
                raise ListingFailed(words) from None
    raise ListingFailed("The list of templates changes while it is read. Try again in a minute.")


async def _listed(
    session: aiohttp.ClientSession, account: Account, heard: Callable[[int], None]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    for _ in range(PAGES_MOST):
        page = await _page(session, account, after)
        items = [each for each in _list(page.get("data")) if isinstance(each, dict)]
        found += items
        heard(len(found))
        after = _after(page)
        if not items or not after:
            break
    return found


async def _page(session: aiohttp.ClientSession, account: Account, after: str) -> dict[str, Any]:
    query = {"fields": FIELDS, "limit": str(AT_ONCE), **({"after": after} if after else {})}
    address = f"{account.root}/{account.waba}/message_templates"
    headers = {"Authorization": f"Bearer {account.token}"}
    async with session.get(address, params=query, headers=headers, allow_redirects=False) as answer:
        page = object_in(await answer.read())
        if refused := refusal_in(answer.status, page):
            raise _Stopped(refused)
        if "data" not in page:
            raise ListingFailed(f"Meta answered HTTP {answer.status} without a list. Try again later.")
        return page


def _words(account: Account, refused: Refused) -> str:
    code, waba = refused.code, account.waba
    if code in (0, 190):
        return f"Meta does not accept the access token ({code}). Make a new one and set `BATON_ACCESS_TOKEN`."
    if code in _UNKNOWN:
        return f"Meta shows no account `{waba}` to this token ({code}). Compare `waba` in business.yaml with Meta's."
    rule = errors.error(code)
    if rule.action is Action.PAUSE_NUMBER:
        return f"The access token may not list templates ({code}). Give it the right `whatsapp_business_management`."
    if rule.action in (Action.SLOW_NUMBER, Action.RETRY):
        return f"Meta cannot answer now ({code}). Try again in an hour."
    details = (refused.details or rule.title).replace(account.token, "…")
    return f"Meta does not list the templates of `{waba}` ({code}): {details}"


def _after(page: dict[str, Any]) -> str:
    paging = page.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) else None
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
