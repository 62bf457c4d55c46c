"""The command `baton campaign`: send a template to many people, and see how far it has come."""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click
from msgspec import Struct
from rich.progress import Progress

from adapters.audience import Listing
from adapters.campaigns import begin, progress_of
from adapters.folders import Checked, counted, usable
from adapters.lists import lists_of
from adapters.live import Live
from adapters.operating import BUSINESS, asking, do, one_business, store_in_force
from adapters.planning import REASONS, Plan, plan, told
from adapters.site import CannotStart
from adapters.store import CampaignRecord, Store
from engine.campaign import Campaign
from engine.campaign_run import LATER, REACHED, left_out
from engine.ruleset import Ruleset
from flows.campaign import CampaignDocument, Listed
from flows.people import PREFIX, people
from flows.reader import listed, nearest
from rules.source import Mistake

MOST_TOLD = 100
LOOK_S = 1.0
NAME = click.argument("name")
FOLDER = click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
REACH = click.option("--reach", type=click.IntRange(1), help="How many people a day Meta lets you write to first.")


class Chosen(Struct, frozen=True, kw_only=True):
    """A campaign with all that it takes to plan or start it."""

    store: Store
    business: str
    ruleset: Ruleset
    campaign: Campaign
    listings: list[Listing] | None
    is_live: bool


class InOrder(click.RichGroup):
    """Shows its commands in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, as they stand in this module."""
        del ctx
        return list(self.commands)


@click.group(cls=InOrder)
def campaign() -> None:
    """Send a template to many people: plan it, start it, and stop it at any moment."""


@campaign.command("list")
@BUSINESS
def list_(business: str | None) -> None:
    """Name the campaigns that are live, and say how far each has come."""
    do(_list(business))


@campaign.command("plan")
@NAME
@FOLDER
@REACH
@BUSINESS
def plan_(name: str, folder: Path | None, reach: int | None, business: str | None) -> None:
    """Say who would get campaign NAME, who would not and why, what it costs and how long it takes; nothing is sent.

    FOLDER is needed for a campaign that goes to a list, and to plan one that is not live yet.
    """
    do(_plan(name, folder, reach, business))


@campaign.command()
@NAME
@FOLDER
@REACH
@BUSINESS
@click.option("--yes", is_flag=True, help="Do not ask.")
def start(name: str, folder: Path | None, reach: int | None, business: str | None, *, yes: bool) -> None:
    """Start campaign NAME, after showing what it would do; FOLDER holds its list, if it goes to one."""
    do(_start(name, folder, reach, business, yes=yes))


@campaign.command()
@NAME
@BUSINESS
def watch(name: str, business: str | None) -> None:
    """Show how far campaign NAME has come until it ends, or you press Ctrl-C."""
    do(_watch(name, business))


@campaign.command()
@NAME
@BUSINESS
def pause(name: str, business: str | None) -> None:
    """Let nothing more of campaign NAME leave until it is resumed."""
    do(_move(name, business, "paused"))


@campaign.command()
@NAME
@BUSINESS
def resume(name: str, business: str | None) -> None:
    """Let campaign NAME go on."""
    do(_move(name, business, "running"))


@campaign.command()
@NAME
@BUSINESS
def stop(name: str, business: str | None) -> None:
    """End campaign NAME at once: what has not begun to leave is dropped."""
    do(_move(name, business, "stopped"))


async def _list(wanted: str | None) -> None:
    async with store_in_force() as (store, found):
        business = await one_business(store, wanted)
        ruleset = await Live(store, lists_of(found)).now_live(business)
        names = sorted({*ruleset.campaigns, *await store.campaigns(business)})
        if not names:
            click.echo(f"`{business}` has no campaign; a `campaign:` document in its folder is one.", err=True)
        for name in names:
            record = await store.campaign(business, name)
            click.echo(f"{name:<24} {_state(record) if record else 'not started'}")


async def _plan(name: str, folder: Path | None, reach: int | None, wanted: str | None) -> None:
    async with _chosen(name, folder, wanted) as chosen:
        click.echo(told(await _planned(chosen, reach)))


async def _start(name: str, folder: Path | None, reach: int | None, wanted: str | None, *, yes: bool) -> None:
    async with _chosen(name, folder, wanted) as chosen:
        if not chosen.is_live:
            raise CannotStart(f"This is not what is live. Publish it first: baton publish {folder}")
        record = await chosen.store.campaign(chosen.business, name)
        if record is not None and record.state in ("running", "paused"):
            raise CannotStart(f"The campaign `{name}` is {record.state} already.")
        planned = await _planned(chosen, reach)
        click.echo(told(planned), err=True)
        if not yes and not _is_wanted(planned):
            raise CannotStart("Nothing was started; answer `y`, or say --yes.")
        people, by = chosen.listings or (), getpass.getuser()
        if not await begin(chosen.store, chosen.business, name, people, by=by, reach=reach):
            raise CannotStart(f"Somebody else started `{name}` meanwhile.")
        click.echo(f"`{name}` has started. See how far it comes: baton campaign watch {name}", err=True)


def _is_wanted(planned: Plan) -> bool:
    if not sys.stdin.isatty():
        return False
    with asking():
        return click.confirm(f"Start it for {counted(planned.people, 'contact')}?", err=True)


async def _planned(chosen: Chosen, reach: int | None) -> Plan:
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("Looking at the audience", total=len(chosen.listings) if chosen.listings else None)
        return await plan(
            chosen.store,
            chosen.ruleset,
            chosen.campaign,
            datetime.now(UTC),
            listings=chosen.listings,
            reach=reach,
            each=lambda count: bar.advance(task, count),
        )


@asynccontextmanager
async def _chosen(name: str, folder: Path | None, wanted: str | None) -> AsyncIterator[Chosen]:
    async with store_in_force() as (store, found):
        live = Live(store, lists_of(found))
        checked, own = usable(folder) if folder else (None, None)
        business = own.business.id if own else await one_business(store, wanted)
        ruleset = own or await live.now_live(business)
        chosen = _named(ruleset, name)
        listings = list(_listings(checked, name)) if checked else None
        if chosen.audience is None and listings is None:
            raise CannotStart(f"`{name}` goes to a list: name the folder that holds it, too.")
        is_live = own is None or await store.live(business) == own.version
        yield Chosen(
            store=store,
            business=business,
            ruleset=ruleset,
            campaign=chosen,
            listings=listings if chosen.audience is None else None,
            is_live=is_live,
        )


def _named(ruleset: Ruleset, name: str) -> Campaign:
    found: Campaign | None = ruleset.campaigns.get(name)
    if found is None:
        there = f"There are {listed(ruleset.campaigns)}." if ruleset.campaigns else "There is none yet."
        raise CannotStart(f"No campaign is called `{name}`. {nearest(name, ruleset.campaigns) or there}")
    return found


def _listings(checked: Checked, name: str) -> Iterator[Listing]:
    """Read the people of a campaign's list; how many lines cannot be used is said."""
    documents: tuple[CampaignDocument, ...] = checked.readable.campaigns if checked.readable else ()
    audience = next((each.audience for each in documents if each.campaign == name), None)
    if not isinstance(audience, Listed):
        return
    mistakes: list[Mistake] = []
    for each in people(checked.files[audience.file], audience.columns, mistakes):
        values = {f"{PREFIX}{column}": value for column, value in each.values.items()}
        yield Listing(each.phone, values, agreed=bool(each.agreed))
    for wrong in mistakes[:MOST_TOLD]:
        click.echo(f"{audience.file}:{wrong.line}: {wrong.message}", err=True)


async def _move(name: str, wanted: str | None, state: str) -> None:
    before = {"paused": ("running",), "running": ("paused",), "stopped": ("running", "paused")}[state]
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        record = await _known(store, business, name)
        if record.state not in (*before, state):
            raise CannotStart(f"The campaign `{name}` is {record.state}, so there is nothing to do.")
        await store.move_campaign(business, name, state, expect=before)  # type: ignore[arg-type]  # keys of the table
        click.echo(f"{name}: {_state(await _known(store, business, name))}", err=True)


async def _watch(name: str, wanted: str | None) -> None:
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        record = await _known(store, business, name)
        with Progress(disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task(name, total=None)
            while record.state in ("running", "paused"):
                bar.update(task, description=f"{name}: {_state(record)}", completed=_sent(record))
                await asyncio.sleep(LOOK_S)
                record = await _known(store, business, name)
        click.echo(f"{name}: {_state(record)}")


async def _known(store: Store, business: str, name: str) -> CampaignRecord:
    record = await store.campaign(business, name)
    if record is None:
        raise CannotStart(f"The campaign `{name}` was never started: baton campaign start {name}")
    return record


def _sent(record: CampaignRecord) -> int:
    return sum(count for end, count in record.tally.items() if end.partition(".")[0] == "sent")


def _state(record: CampaignRecord) -> str:
    """Say where a campaign stands: its state, what left, what did not and why, and who was left out."""
    ends = {end: count for end, count in record.tally.items() if end.partition(".")[0] != "sent"}
    counts = progress_of(record).counts
    parts = [
        f"{record.state}{f' ({record.reason})' if record.reason else ''}",
        f"{_sent(record):,} sent",
        f"{record.queued:,} waiting" if record.queued else "",
        *(f"{count:,} {end.replace('.', ': ')}" for end, count in sorted(ends.items())),
        f"{counts[LATER]:,} at other hours" if counts.get(LATER) else "",
        *(f"{count:,} {REASONS.get(reason, reason)}" for reason, count in left_out(counts).items()),
        f"{counts.get(REACHED, 0):,} of the audience so far" if record.state in ("running", "paused") else "",
    ]
    return ", ".join(filter(None, parts))
