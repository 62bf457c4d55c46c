"""The command `export`: give somebody all that the store holds of them."""

import sys
from pathlib import Path

import msgspec
import rich_click as click
from rich.progress import Progress

from adapters.exporting import Exporter
from adapters.filing import write
from adapters.finding import contact_named
from adapters.operating import BUSINESS, do, one_business, store_in_force
from adapters.records import read_file_note
from adapters.store import Store
from adapters.terminal import harmless_json


@click.command()
@click.argument("contact")
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write their files into this folder.",
)
@BUSINESS
def export(contact: str, out: Path | None, business: str | None) -> None:
    """Print all that the store holds of CONTACT as JSON: a phone number, a user id, or the id that alerts show.

    That is who they are, their chats with all numbers of the business (who holds each, the window, the run, ads,
    campaigns), logs, messages with their ends, timers, files, alerts, and places in lists of campaigns.
    """
    do(_export(contact, out, business))


async def _export(words: str, out: Path | None, wanted: str | None) -> None:
    async with store_in_force() as (store, _):
        business = await one_business(store, wanted)
        contact = await contact_named(store, business, words)
        with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("Looking through the store", total=await store.size())
            exporter = Exporter(store, business, lambda count: bar.advance(task, count))
            found = msgspec.json.encode(await exporter.everything(contact))
        click.echo(harmless_json(msgspec.json.format(found, indent=2).decode()))
        if out is not None:
            await _write(store, business, contact, out)


async def _write(store: Store, business: str, contact: str, out: Path) -> None:
    for chat in (await store.kin(business, contact)).chats:
        files = [(each, read_file_note(each.blob)) for each in await store.received(business, chat)]
        await write(store, business, files, out)
