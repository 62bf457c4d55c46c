"""The command `media`: which files did a contact and the owner send each other, and give them to me."""

from datetime import UTC
from pathlib import Path

import rich_click as click

from adapters.filing import write
from adapters.finding import chat_meant
from adapters.folders import counted
from adapters.lists import lists_of
from adapters.live import Live
from adapters.operating import BUSINESS, do, store_in_force
from adapters.records import FileNote, read_file_note
from adapters.store import ReceivedFile, Store
from adapters.terminal import harmless, show

KB = 1024


@click.command()
@click.argument("number")
@click.argument("contact")
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files into this folder.",
)
@click.option("--erase", is_flag=True, help="Let go of them all, at once.")
@BUSINESS
def media(number: str, contact: str, out: Path | None, business: str | None, *, erase: bool) -> None:
    """List the files of a chat: what the contact sent and what the owner sent from the app.

    NUMBER is the business number (its id or the phone), CONTACT a phone number, a user id, or the id that alerts show.
    Files are kept for `BATON_MEDIA_DAYS`, in all no more than `BATON_MEDIA_MB`. What is written to a folder was made by
    somebody else: open it with the care that a stranger's file asks for.
    """
    do(_media(number, contact, out, business, erase=erase))


async def _media(number: str, contact: str, out: Path | None, wanted: str | None, *, erase: bool) -> None:
    async with store_in_force() as (store, settings):
        meant = await chat_meant(store, Live(store, lists_of(settings)), number, contact, wanted)
        business, subject = meant.business, meant.subject
        files = sorted(await _files(store, business, subject), key=lambda each: each[1].at)
        for file, note in files:
            show(_line(file, note))
        if out is not None:
            await write(store, business, files, out)
        if erase:
            click.echo(f"Erased: {counted(await store.erase_files(business, subject), 'file')}.", err=True)
    if not files:
        click.echo("No file of this chat is kept.", err=True)


async def _files(store: Store, business: str, subject: str) -> list[tuple[ReceivedFile, FileNote]]:
    return [(each, read_file_note(each.blob)) for each in await store.received(business, subject)]


def _line(file: ReceivedFile, note: FileNote) -> str:
    at = note.at.astimezone(UTC)
    named = harmless(note.name or note.caption or "")
    facts = (f"{at:%Y-%m-%d %H:%M} UTC", note.by, note.kind, note.mime, _size(note.size), file.digest[:12], named)
    return "  ".join(facts).rstrip()


def _size(count: int) -> str:
    return f"{count / KB / KB:.1f} MB" if count >= KB * KB else f"{-(-count // KB)} KB"
