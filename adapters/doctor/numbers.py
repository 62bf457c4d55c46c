"""Does each number hear what it should, and is it allowed to send?"""

from datetime import UTC, datetime, timedelta

from adapters.doctor.findings import Finding, days, fine, warning, wrong
from adapters.doctor.live import numbers_of
from adapters.doctor.scene import Scene
from adapters.records import sync_in
from engine import sync
from engine.chat import Number
from engine.number import is_paused

LINK_ENDS = timedelta(days=14)
SOON = timedelta(days=10)
"""Meta ends the link of a phone on which the app was not opened for two weeks."""
FIELDS = {
    "chat": ("messages", "messages of contacts"),
    "echo": ("smb_message_echoes", "what the owner writes in the app"),
    "status": ("messages", "what became of messages"),
}
OPEN = "Open the WhatsApp Business app on the phone, and write something there now and then."


async def sending(scene: Scene) -> list[Finding]:
    """Look whether anything keeps a number from sending, and how far a phone's past has come."""
    found, now = list[Finding](), datetime.now(UTC)
    for business in await scene.businesses():
        for number in await numbers_of(scene, business):
            if pause := is_paused(number, now):
                until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else ""
                found.append(wrong("number", f"{number.id} sends nothing{until}: {pause.reason}"))
            past = sync_in(await scene.store.sync(business, number.id))
            if words := sync.advice(past, now):
                found.append(warning("number", f"{number.id}: history {sync.told(past)}", words))
    return found or [fine("number", "nothing keeps a number from sending")]


async def hearing(scene: Scene) -> list[Finding]:
    """Look when webhooks of each kind came last; one that never came may not be subscribed."""
    found = list[Finding]()
    for business in await scene.businesses():
        came, now = await scene.store.came(business), datetime.now(UTC)
        for number in await numbers_of(scene, business):
            for kind, (field, what) in FIELDS.items():
                if kind != "echo" or number.coexistence:
                    at = came.get((kind, number.id))
                    found.append(_heard(number, field, what, now - _moment(at) if at else None))
    return found


async def phone(scene: Scene) -> list[Finding]:
    """Look when the phone was seen last, by what the owner wrote there."""
    found = list[Finding]()
    for business in await scene.businesses():
        came, now = await scene.store.came(business), datetime.now(UTC)
        for number in await numbers_of(scene, business):
            at = came.get(("echo", number.id))
            if number.coexistence and at:
                found.append(_seen(number, now - _moment(at)))
    return found


def _heard(number: Number, field: str, what: str, ago: timedelta | None) -> Finding:
    if ago is None:
        advice = f"If that is odd, subscribe to `{field}` in Meta's App Dashboard, under WhatsApp, Configuration."
        return warning("webhooks", f"{what} never came for {number.id}", advice)
    return fine("webhooks", f"{what} came {_ago(ago)} for {number.id}")


def _seen(number: Number, ago: timedelta) -> Finding:
    words = f"the phone of {number.id} was last seen {_ago(ago)}"
    if ago < SOON:
        return fine("phone", words)
    advice = f"Meta ends the link after {days(LINK_ENDS)} without the app. {OPEN}"
    return warning("phone", words, advice) if ago < LINK_ENDS else wrong("phone", words, advice)


def _ago(span: timedelta) -> str:
    if span < timedelta(hours=1):
        return "within the last hour"
    if span < timedelta(days=2):
        return f"{span // timedelta(hours=1)} hours ago"
    return f"{days(span)} ago"


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
