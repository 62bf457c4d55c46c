"""The commands `templates` and `templates pull`: what does Meta know of our templates?"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from adapters import site
from adapters.handle import number_of
from adapters.intake import item_of as as_taken
from adapters.operating import BUSINESS, do, one_business, settings_in_force, store_in_force
from adapters.settings import Settings
from adapters.store import Store
from adapters.whatsapp.listing import Account, ListingFailed, templates_of
from adapters.whatsapp.receive import Arrival
from adapters.wiring import Parts, parts
from engine.approval import TemplateState, over
from engine.chat import Number
from engine.events import Listed, TemplatesPulled
from flows.compile import business_of, unpack
from flows.folder import Folder
from flows.load import read_folder
from flows.lock import accounts, updated
from flows.pulled import LeftOut, item_of
from flows.templates import Item
from flows.uses import uses_of

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
TITLES = ("NAME", "LANGUAGE", "STATUS", "CATEGORY", "QUALITY", "USED BY")


@click.group(invoke_without_command=True)
@BUSINESS
@click.pass_context
def templates(context: click.Context, business: str | None) -> None:
    """List the templates of what is live: as Meta told last, else as the published lock says."""
    if context.invoked_subcommand is None:
        do(_list(business))


@templates.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@BUSINESS
def pull(folder: Path | None, business: str | None, *, dry_run: bool) -> None:
    """Ask Meta for all templates: for the lock in FOLDER, and for the store, whose copy decides.

    Without FOLDER only the store's copy is brought up to date.
    """
    do(_pull(folder, business, dry_run=dry_run))


async def _pull(folder: Path | None, wanted: str | None, *, dry_run: bool) -> None:
    async with site.store_of(settings_in_force()) as found, parts(found) as built:
        files = read_folder(folder)[0] if folder else {}
        known = accounts(files) if folder else await _live_accounts(built, wanted)
        if not known:
            raise site.CannotStart(f"`{folder}` names no number with a `waba`. Write both into business.yaml first.")
        for waba, numbers in known.items():
            began = datetime.now(UTC)
            items = await _listed(found, waba, numbers)
            if folder:
                files = _write(folder, files, waba, items, dry_run=dry_run)
            if not dry_run:
                await _tell(built, waba, items, began)
        if dry_run:
            click.echo("Nothing was changed.", err=True)


async def _live_accounts(built: Parts, wanted: str | None) -> dict[str, list[str]]:
    business = (await built.live.now_live(await one_business(built.store, wanted))).business
    found: dict[str, list[str]] = {}
    for number in business.numbers.values():
        found.setdefault(number.waba, []).append(number.id)
    return found


async def _listed(settings: Settings, waba: str, numbers: Sequence[str]) -> list[Item]:
    token = next(filter(None, map(settings.token, numbers)), "")
    account = Account(waba, token, f"{settings.graph_url.rstrip('/')}/{settings.graph_version}")
    try:
        found = [item_of(each) for each in await templates_of(account, _said)]
    except ListingFailed as failed:
        raise site.CannotStart(str(failed)) from None
    for each in found:
        if isinstance(each, LeftOut):
            click.echo(f"`{each.name}` ({each.language}) is left out: {each.why}, which no flow can fill in.", err=True)
    items = [each for each in found if isinstance(each, Item)]
    click.echo(f"The account {waba} has {len(items)} template{'' if len(items) == 1 else 's'}.", err=True)
    return items


def _said(count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{count:,} so far\r", nl=False, err=True)


def _write(
    folder: Path, files: Mapping[str, str], waba: str, items: Sequence[Item], *, dry_run: bool
) -> dict[str, str]:
    made = updated(files, waba, items)
    for line in made.news:
        click.echo(line)
    is_same = files.get(made.file) == made.text
    if not dry_run and not is_same:
        (folder / made.file).write_text(made.text, "utf-8", newline="")
    click.echo(f"`{made.file}` {'is up to date' if is_same else 'changes' if dry_run else 'was changed'}.", err=True)
    return {**files, made.file: made.text}


async def _tell(built: Parts, waba: str, items: Sequence[Item], began: datetime) -> None:
    """Let every number of the account know; what is decided there is what sending obeys."""
    business = (await built.store.wabas()).get(waba)
    if business is None:
        click.echo(f"The store holds no business with the account {waba}: only the folder knows now.", err=True)
        return
    name = f"pulled/{waba}/{began.isoformat()}"
    event = TemplatesPulled(id=name, at=began, arrived_at=began, templates=tuple(map(_as_listed, items)))
    for number in (await built.live.now_live(business)).business.numbers.values():
        if number.waba == waba:
            arrival = Arrival(
                number=number.id, waba=waba, field="templates", kind="number", key=name, at=began, event=event
            )
            await built.store.ingest(business, [as_taken(arrival, number.id, "number")])
            await built.handler.drain(business, number.id)
    click.echo(f"The store of `{business}` is up to date.", err=True)


def _as_listed(item: Item) -> Listed:
    return Listed(
        name=item.name,
        language=item.language,
        status=item.status,
        category=item.category,
        quality=item.quality or None,
        values=len(item.parameters),
    )


async def _list(wanted: str | None) -> None:
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        live = await store.version(business, await store.live(business) or "")
        if live is None:
            raise site.CannotStart(f"Nothing of `{business}` is live. Publish a folder: baton publish FOLDER")
        folder = _folder(live.typed)
        rows: list[Sequence[str]] = [TITLES]
        for number in await _one_of_each_account(store, business, folder):
            rows.extend(_rows(number, uses_of(folder)))
        for line in _in_columns(rows):
            click.echo(line)
        if len(rows) == 1:
            click.echo("Nothing is known of any template. Ask Meta: baton templates pull FOLDER", err=True)


def _folder(typed: bytes) -> Folder:
    try:
        return unpack(typed)
    except ValueError as error:
        raise site.CannotStart(str(error)) from None


async def _one_of_each_account(store: Store, business: str, folder: Folder) -> list[Number]:
    """Return a number of each account, with what Meta told; all numbers of an account are told the same."""
    found: dict[str, Number] = {}
    for written in business_of(folder.business, folder.templates).numbers.values():
        if written.waba not in found:
            record = await store.subject(business, written.id)
            found[written.waba] = number_of(record.state if record else None, written)
    return list(found.values())


def _rows(number: Number, uses: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    for name in sorted({*number.locked, *number.templates}):
        state = over(number.locked.get(name), number.templates.get(name))
        yield _row(name, state, uses)


def _row(name: str, state: TemplateState, uses: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    template, _, language = name.rpartition("/")
    known = (state.status or "?", state.category or "?", state.quality or "-")
    return (template, language, *known, ", ".join(uses.get(template, ())) or "-")


def _in_columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
