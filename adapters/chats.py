"""The command `chats`: who holds each chat, until when and why, whether its window is open, and what waits there."""

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from shutil import get_terminal_size

import rich_click as click
from msgspec import Struct, json
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from adapters import wording
from adapters.finding import chat_at
from adapters.folders import counted
from adapters.operating import BUSINESS, do, one_business, store_in_force
from adapters.paper import padded
from adapters.store import Store
from adapters.store.overview import RECENT, Glance
from adapters.terminal import harmless, harmless_json, show
from engine.book import called
from rules.policy.handoff import Holder, holder_at

NAME_MOST = 24
NEVER = datetime.min.replace(tzinfo=UTC)
CANNOT_BE_READ = "its record cannot be read by this version of Baton"


class Listed(Struct, frozen=True, kw_only=True):
    """A chat as it is listed; without a `holder` its record cannot be read. What is no moment is nothing."""

    number: str
    contact: str
    name: str | None = None
    holder: Holder | None = None
    since: datetime | None = None
    until: datetime | None = None
    why: str = ""
    window_until: datetime | None = None
    free_until: datetime | None = None
    undecided: int = 0
    unsent: int = 0
    asked_for: bool = False
    flow: str | None = None
    awaits: wording.Awaited | None = None
    spoke: str | None = None
    spoke_at: datetime | None = None

    @property
    def order(self) -> datetime:
        """The moment it is sorted by."""
        return self.spoke_at or NEVER

    @property
    def is_waiting(self) -> bool:
        """Whether something waits there, or somebody for a person."""
        return bool(self.undecided or self.unsent or self.asked_for)


class Wish(Struct, frozen=True, kw_only=True):
    """Which chats are wanted, and how many."""

    holder: Holder | None
    waiting: bool
    everything: bool
    most: int

    def fits(self, chat: Listed) -> bool:
        """Tell whether a chat is one of those."""
        return (self.holder is None or chat.holder is self.holder) and (not self.waiting or chat.is_waiting)


class Found(Struct):
    """The newest of the chats that are wanted, how many there are of them, and how many were looked at."""

    chats: list[Listed]
    fitting: int = 0
    looked_at: int = 0


@click.command()
@click.option(
    "--held-by", type=click.Choice([each.value for each in Holder]), help="Only those that the bot holds, or the owner."
)
@click.option("--waiting", is_flag=True, help="Only those with something undecided or to send, or asked for a person.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many at most.")
@click.option("--all", "everything", is_flag=True, help="Look at every chat; a million take minutes.")
@BUSINESS
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
def chats(held_by: str | None, limit: int, business: str | None, form: str, *, waiting: bool, everything: bool) -> None:
    """List chats, the newest first: who spoke last, who holds each, until when and why, and what waits there.

    Looked at are the thousand chats in which something happened last, and with --waiting those that wait longest;
    --all looks at every one. For the whole story of a chat: baton why NUMBER CONTACT
    """
    wish = Wish(holder=Holder(held_by) if held_by else None, waiting=waiting, everything=everything, most=limit)
    do(_chats(business, wish, as_json=form == "json"))


async def _chats(wanted: str | None, wish: Wish, *, as_json: bool) -> None:
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        found = await _found(store, business, wish)
    if as_json:
        show(harmless_json(json.encode(found.chats).decode()))
    else:
        width = get_terminal_size().columns if sys.stdout.isatty() else None
        for line in columns([_cells(chat, datetime.now(UTC)) for chat in found.chats], width):
            show(line)
    click.echo(_summary(found, wish), err=True)


async def _found(store: Store, business: str, wish: Wish) -> Found:
    found, newest = Found([]), dict[str, Listed]()
    with _bar(wish) as bar:
        task = bar.add_task("", total=None)
        async for subjects in _portions(store, business, wish):
            glances = await store.glances(business, subjects)
            now = datetime.now(UTC)
            fitting = {each.subject: chat for each in glances if wish.fits(chat := listing(each, now))}
            found.fitting += len(fitting.keys() - newest.keys())
            found.looked_at += len(glances)
            together = {**newest, **fitting}
            newest = dict(sorted(together.items(), key=lambda each: each[1].order, reverse=True)[: wish.most])
            bar.advance(task, len(glances))
    found.chats = list(newest.values())
    return found


def _bar(wish: Wish) -> Progress:
    """Show how many chats were looked at, where that takes long and somebody watches."""
    shown = wish.everything and sys.stderr.isatty()
    columns = SpinnerColumn(), TextColumn("{task.completed:,.0f} chats")
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown)


async def _portions(store: Store, business: str, wish: Wish) -> AsyncIterator[list[str]]:
    if wish.everything:
        async for subjects in store.every_chat(business):
            yield subjects
        return
    waiting = await store.unfinished(business) if wish.waiting else []
    yield list(dict.fromkeys((*await store.recent(business), *waiting)))


def listing(glance: Glance, now: datetime) -> Listed:
    """Return a chat as it is listed."""
    number, _, contact = glance.subject.partition("/")
    chat = chat_at(glance)
    if chat is None:
        return Listed(number=number, contact=contact, undecided=glance.undecided, unsent=glance.unsent)
    holder, holding, spoke = holder_at(chat.holding, now), chat.holding, wording.last_word(chat)
    return Listed(
        number=number,
        contact=wording.address(chat.contact),
        name=called(chat.contact, number),
        holder=holder,
        since=holding.since,
        until=holding.until if holder is Holder.OWNER else None,
        why=wording.why(holding, now),
        window_until=wording.window_ends(chat, now),
        free_until=chat.free_until if chat.free_until and now < chat.free_until else None,
        undecided=glance.undecided,
        unsent=glance.unsent,
        asked_for=wording.is_asked_for(chat, now),
        flow=chat.run.flow if chat.run else None,
        awaits=wording.awaited(chat.run) if chat.run else None,
        spoke=spoke[1] if spoke else None,
        spoke_at=spoke[0] if spoke else None,
    )


def _cells(chat: Listed, now: datetime) -> tuple[str, ...]:
    """Write a chat in columns; the first two are what `why`, `take` and `hand-back` are told."""
    who = chat.number, chat.contact, harmless(chat.name or "", NAME_MOST)
    waits = ", ".join(_waits(chat))
    if chat.holder is None:
        return (*who, "", CANNOT_BE_READ, "", waits)
    spoke = f"{chat.spoke} {wording.long(now - chat.spoke_at)} ago" if chat.spoke_at else ""
    opened = f"window {wording.long(chat.window_until - now)}" if chat.window_until else "window shut"
    return (*who, spoke, _holder(chat, now), opened, waits)


def _holder(chat: Listed, now: datetime) -> str:
    if chat.holder is not Holder.OWNER:
        return "bot"
    left = f" for {wording.long(chat.until - now)}" if chat.until else ""
    return f"owner{left}: {chat.why}"


def _waits(chat: Listed) -> Iterator[str]:
    yield from wording.pending(chat.undecided, chat.unsent, asked_for=chat.asked_for)
    if chat.awaits is not None:
        yield f"`{chat.flow}` {wording.WAITS[chat.awaits]}"


def columns(rows: Sequence[tuple[str, ...]], width: int | None) -> Iterator[str]:
    """Write rows below each other; where one is wider than the terminal, its last cell stands on a line of its own."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        *cells, last = (padded(cell, most) for cell, most in zip(row, widths, strict=True))
        first, last = "  ".join(cells), last.rstrip()
        if width is None or cell_len(f"{first}  {last}") <= width:
            yield f"{first}  {last}".rstrip()
        else:
            yield from (first.rstrip(), f"    {last}")


def _summary(found: Found, wish: Wish) -> str:
    """Say how many more there are, and which were not looked at."""
    words = f"{found.fitting:,} of {counted(found.looked_at, 'chat')} that were looked at."
    if found.fitting > len(found.chats):
        words = f"{words} The newest {len(found.chats):,} are listed; --limit lists more."
    if not wish.everything and found.looked_at >= RECENT:
        words = f"{words} --all looks at every chat."
    return words
