"""The command `erase`: let nothing of a contact be left in the store."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import rich_click as click
from rich.progress import Progress

from adapters.erasing import Eraser, StillSending, contact_in
from adapters.finding import contact_known_as, ids_named
from adapters.mentions import Mentions
from adapters.operating import BUSINESS, asking, do, one_business, store_in_force
from adapters.site import CannotStart
from adapters.spool import ECHOES, EVENTS, Spool, SpoolFailure, read_from
from adapters.store import Store
from adapters.terminal import harmless
from engine.chat import Contact
from engine.identity import Ids, aliases, merged

BROUGHT_WITHIN_S = 2.0
LOOK_AGAIN_S = 0.1
WORDS = {
    "contacts": "contact",
    "chats": "chat",
    "turns": "turn of the log",
    "events": "undecided event",
    "rows": "message or request",
    "timers": "timer",
    "files": "file",
    "alerts": "alert",
    "bodies": "unreadable body",
    "imports": "waiting import",
    "places": "place in the list of a campaign",
}
PLURALS = {"turns": "turns of the log", "rows": "messages and requests", "bodies": "unreadable bodies"}
"""What is counted, in the order in which it is told; those whose plural is no `s` at the end."""


@click.command()
@click.argument("contact")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@BUSINESS
def erase(contact: str, business: str | None, *, yes: bool) -> None:
    """Erase all that the store holds of CONTACT: a phone number, a user id, or the id that alerts show.

    Names, ids, chats, logs, messages, timers, files, places in lists of campaigns, alerts and unreadable bodies go, of
    all numbers of the business. A message that is being sent ends first. That somebody wants no offers is remembered
    without knowing who it is. Whoever writes again afterwards is somebody new. Take them out of your own lists, too.
    """
    do(_erase(contact, business, yes=yes))


async def _erase(words: str, wanted: str | None, *, yes: bool) -> None:
    async with store_in_force() as (store, found):
        business = await one_business(store, wanted)
        contact = await contact_known_as(store, business, words)
        known = await _known(store, business, contact)
        ids = merged(ids_named(words), known.ids)
        if contact is None and ids == Ids():
            raise CannotStart(f"`{words}` is no phone number, user id or contact of `{business}`.")
        if not yes:
            _confirm(words, business, harmless(known.name or "a contact without a name"))
        if found.spool and found.spool.exists():
            await _wait_for_spool(found.spool, ids)
        counts = await _erased(store, business, ids, contact)
        _tell(words, business, counts)
        if counts and not await store.rewrite_log():
            click.echo("Its log on disk still has them, until the store rewrites it: BGREWRITEAOF does.", err=True)


async def _erased(store: Store, business: str, ids: Ids, contact: str | None) -> Counter[str]:
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Looking through the store", total=await store.size())
        eraser = Eraser(store, business, lambda count: bar.advance(task, count))
        try:
            await eraser.finish_all()
            await eraser.erase(ids, contact)
        except StillSending as sentence:
            raise CannotStart(str(sentence)) from None
    return +eraser.counts


def _confirm(words: str, business: str, called: str) -> None:
    see = f"baton export {words} --business {business}"
    click.echo(f"Everything of {called} is erased for good. See it first with: {see}", err=True)
    with asking():
        typed = click.prompt(f"Type {words} again to do it", default="", show_default=False, err=True)
    if typed.strip() != words:
        raise CannotStart("Nothing was erased; type it exactly so, or say --yes.")


async def _known(store: Store, business: str, contact: str | None) -> Contact:
    state = (await store.contact(business, contact))[0] if contact else None
    return contact_in(state) or Contact(id=contact or "")


async def _wait_for_spool(folder: Path, ids: Ids) -> None:
    """Wait until nothing about them waits on this disk, which would bring them back."""
    mentions = Mentions(alias.partition(":")[2] for alias in aliases(ids))
    try:
        spool = Spool(folder)
    except SpoolFailure as failure:
        raise CannotStart(str(failure)) from None
    for _ in range(round(BROUGHT_WITHIN_S / LOOK_AGAIN_S)):
        if not await asyncio.to_thread(_waits, spool, mentions):
            return
        await asyncio.sleep(LOOK_AGAIN_S)
    raise CannotStart(
        f"Webhooks about this contact wait in `{folder}` and would bring them back. "
        "Let `baton serve` take them into the store first, then try again."
    )


def _waits(spool: Spool, mentions: Mentions) -> bool:
    segments = [segment for kind in (ECHOES, EVENTS) for segment in spool.segments(kind)]
    try:
        return any(mentions.are_in(record.body) for segment in segments for record, _ in read_from(segment, 0))
    except FileNotFoundError:  # somebody brings it just now
        return True


def _tell(words: str, business: str, counts: Counter[str]) -> None:
    told = [_counted(name, counts[name]) for name in WORDS if counts[name]]
    if told:
        click.echo(f"Erased: {', '.join(told)}.", err=True)
    else:
        click.echo(f"There is nothing of `{words}` in `{business}`.", err=True)


def _counted(name: str, count: int) -> str:
    return f"{count:,} {WORDS[name] if count == 1 else PLURALS.get(name, f'{WORDS[name]}s')}"
