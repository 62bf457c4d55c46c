"""The commands `take` and `hand-back`: who answers in a chat from now on, the owner or the bot?

Neither writes the chat's record. Both put an event into the chat's inbox, which holds the chat like an echo, and
whoever drains inboxes decides it with the rules that decide everything else.
"""

import asyncio
import getpass
import hashlib
import secrets
import time
from datetime import UTC, datetime, timedelta

import rich_click as click

from adapters import wording
from adapters.finding import Meant, chat_at, chat_meant
from adapters.intake import DAY_S
from adapters.lists import lists_of
from adapters.live import Live
from adapters.operating import BUSINESS, do, store_in_force
from adapters.records import packed
from adapters.site import CannotStart
from adapters.store import Store
from engine.events import ChatHandedBack, ChatTaken
from flows.spans import span
from rules.policy.handoff import Holder, holder_at
from rules.source import Mistakes

PATIENCE_S = 5.0
LOOK_S = 0.05
NUMBER, CONTACT = click.argument("number"), click.argument("contact")


class Span(click.ParamType[timedelta]):
    """A span of time as authors write it."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it."""
        try:
            return value if isinstance(value, timedelta) else span(str(value))
        except Mistakes as wrong:
            self.fail(f"{wrong.mistakes[0].message}.", param, ctx)


@click.command()
@NUMBER
@CONTACT
@click.option("--for", "length", type=Span(), metavar="2h", help="For how long; else until it is handed back.")
@BUSINESS
def take(number: str, contact: str, length: timedelta | None, business: str | None) -> None:
    """Let the bot be silent in a chat: what it has queued there is dropped, and nothing begins to leave.

    NUMBER is the business number (its id or the phone), CONTACT a phone number, a user id, or the id that alerts show.
    A flow that the contact is in waits, and goes on when the chat is handed back and the contact writes. What the owner
    holds for longer already is not shortened.
    """
    by, at = getpass.getuser(), datetime.now(UTC)
    do(_order(number, contact, business, ChatTaken(id=_id(), at=at, arrived_at=at, by=by, span=length)))


@click.command("hand-back")
@NUMBER
@CONTACT
@BUSINESS
def hand_back(number: str, contact: str, business: str | None) -> None:
    """Let the bot answer in a chat again; it is quiet until the contact writes.

    NUMBER is the business number (its id or the phone), CONTACT a phone number, a user id, or the id that alerts show.
    """
    by, at = getpass.getuser(), datetime.now(UTC)
    do(_order(number, contact, business, ChatHandedBack(id=_id(), at=at, arrived_at=at, by=by)))


async def _order(number: str, contact: str, business: str | None, event: ChatTaken | ChatHandedBack) -> None:
    async with store_in_force() as (store, settings):
        meant = await chat_meant(store, Live(store, lists_of(settings)), number, contact, business)
        if meant.chat is None:
            raise CannotStart("The record of this chat cannot be read by this version of Baton: nothing was done.")
        key = hashlib.blake2b(event.id.encode(), digest_size=16).digest()
        bucket = int(event.at.timestamp()) // DAY_S
        if not await store.order(meant.business, meant.subject, key, bucket, packed(event)):
            raise CannotStart("This chat goes on as another one by now: the contact has another number. Ask again.")
        is_decided = await _is_decided(store, meant)
        words = await _told(store, meant) if is_decided else _undecided(event)
    if meant.refusal is not None:
        click.echo(f"Nothing is sent to this contact anyway: {meant.refusal.words}", err=True)
    click.echo(words, err=True)


async def _is_decided(store: Store, meant: Meant) -> bool:
    """Wait until the order is decided, but not for long: it may be that nobody runs who decides it."""
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at:
        found = await store.subject(meant.business, meant.subject)
        if found is None or found.hold is None:
            return True
        await asyncio.sleep(LOOK_S)
    return False


async def _told(store: Store, meant: Meant) -> str:
    """Say who holds the chat now."""
    glances = await store.glances(meant.business, [meant.subject])
    chat = chat_at(glances[0]) if glances else None
    now = datetime.now(UTC)
    if chat is None or holder_at(chat.holding, now) is Holder.BOT:
        return "The bot holds the chat; it is quiet until the contact writes."
    until = chat.holding.until
    left = f"for {wording.long(until - now)}" if until else "until it is handed back"
    return f"The owner holds the chat {left}: the bot is silent there."


def _undecided(event: ChatTaken | ChatHandedBack) -> str:
    then = "the owner holds it" if isinstance(event, ChatTaken) else "the bot holds it again"
    return (
        "It is in the chat's inbox, and nothing leaves there from now on. Nobody has decided it yet: "
        f"{then} as soon as `baton run`, `serve` or `work` runs."
    )


def _id() -> str:
    return f"console/{secrets.token_hex(8)}"
