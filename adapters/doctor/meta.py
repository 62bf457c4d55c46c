"""Does Meta take our tokens, and does it send us what happens?"""

import asyncio
from typing import Any

from adapters.doctor.findings import Finding, fine, warning, wrong
from adapters.doctor.live import numbers_of
from adapters.doctor.scene import Scene
from adapters.whatsapp.looking import Looking
from engine.chat import Number
from engine.outbox import NotSent, Refused
from rules.policy import countries, errors

TOKEN_CODES = frozenset({0, 190})
NETWORK = "Look at the network, and at `BATON_GRAPH_URL`."


async def tokens(scene: Scene) -> list[Finding]:
    """Ask for each number with its token, and compare what Meta knows of it with what is live."""
    numbers = await _numbers(scene)
    async with Looking(scene.settings.graph_url, scene.settings.graph_version) as meta:
        answers = await asyncio.gather(*(meta.number(each.id, scene.settings.token(each.id)) for each in numbers))
    return [
        finding
        for number, answer in zip(numbers, answers, strict=True)
        for finding in _of_number(number, answer, scene.settings.token(number.id))
    ]


async def subscriptions(scene: Scene) -> list[Finding]:
    """Ask for each account whether an app gets its webhooks."""
    known = {each.waba: scene.settings.token(each.id) for each in await _numbers(scene)}
    asked = {waba: token for waba, token in known.items() if token}
    async with Looking(scene.settings.graph_url, scene.settings.graph_version) as meta:
        answers = await asyncio.gather(*(meta.subscribed(*each) for each in asked.items()))
    return [_of_account(waba, answer) for waba, answer in zip(asked, answers, strict=True)]


async def _numbers(scene: Scene) -> list[Number]:
    return [number for business in await scene.businesses() for number in await numbers_of(scene, business)]


def _of_number(number: Number, answer: dict[str, Any] | Refused | NotSent, token: str) -> list[Finding]:
    if not token:
        return [wrong("token", f"there is none for {number.id}", "Set `BATON_ACCESS_TOKEN`.")]
    match answer:
        case NotSent(why=why):
            return [wrong("token", f"Meta cannot be asked about {number.id} ({why})", NETWORK)]
        case Refused(code=code) if code in TOKEN_CODES:
            return [wrong("token", f"Meta does not accept that of {number.id} ({code})", "Make a new one and set it.")]
        case Refused(code=code):
            return [wrong("token", f"Meta shows nobody {number.id} ({code})", errors.error(code).words_for_owner)]
        case _:
            return _compared(number, answer) or [fine("token", f"Meta takes that of {number.id}")]


def _compared(number: Number, answer: dict[str, Any]) -> list[Finding]:
    found, shown, on_phone = list[Finding](), answer.get("display_phone_number"), answer.get("is_on_biz_app")
    if isinstance(shown, str) and (told := countries.digits(shown)) and told != countries.digits(number.phone):
        words = f"Meta knows {number.id} by another phone number than business.yaml"
        found.append(wrong("number", words, "Compare `id` and `phone` there with Meta's."))
    if isinstance(on_phone, bool) and on_phone is not number.coexistence:
        where = "is" if on_phone else "is not"
        words = f"{number.id} {where} in the app of a phone, and business.yaml says otherwise"
        found.append(wrong("number", words, f"Write `coexistence: {str(on_phone).lower()}` there, or connect it anew."))
    return found


def _of_account(waba: str, answer: dict[str, Any] | Refused | NotSent) -> Finding:
    if isinstance(answer, NotSent):
        return warning("subscription", f"Meta cannot be asked about the account {waba} ({answer.why})", NETWORK)
    if isinstance(answer, Refused):
        words = f"Meta does not tell who gets the webhooks of the account {waba} ({answer.code})"
        return warning("subscription", words, "Give the token the right `whatsapp_business_management`.")
    if answer.get("data"):
        return fine("subscription", f"an app gets the webhooks of the account {waba}")
    words = f"no app gets the webhooks of the account {waba}"
    return wrong("subscription", words, f"Ask Meta for it once: POST /{waba}/subscribed_apps with the token.")
