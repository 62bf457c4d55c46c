"""The command `media`: which files did a contact and the owner send each other, and give them to me."""

import re
from datetime import UTC
from pathlib import Path

import rich_click as click

from adapters.finding import chat_meant
from adapters.lists import lists_of
from adapters.live import Live
from adapters.operating import BUSINESS, do, store_in_force
from adapters.records import FileNote, read_file_note
from adapters.store import ReceivedFile, Store
from adapters.terminal import harmless, show

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}
OFFICE = frozenset({".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".csv", ".odt", ".ods"})
LONGEST_NAME = 80
KB = 1024


@click.command()
@click.argument("number")
@click.argument("contact")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files into this folder.")
@click.option("--erase", is_flag=True, help="Let go of them all, at once.")
@BUSINESS
def media(number: str, contact: str, out: Path | None, business: str | None, *, erase: bool) -> None:
    """List the files of a chat: what the contact sent and what the owner sent from the app.

    NUMBER is the business number (its id or the phone), CONTACT the phone number or user id of the contact. Files are
    kept for `BATON_MEDIA_DAYS`, in all no more than `BATON_MEDIA_MB`. What is written to a folder was made by somebody
    else: open it with the care that a stranger's file asks for.
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
            await _write(store, business, files, out)
        if erase:
            click.echo(f"{await store.erase_files(business, subject)} files are erased.", err=True)
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


async def _write(store: Store, business: str, files: list[tuple[ReceivedFile, FileNote]], out: Path) -> None:
    for file, note in files:
        data = await store.received_bytes(business, file.digest)
        if data is None:
            click.echo(f"{file.digest[:12]} is not kept any more.", err=True)
            continue
        click.echo(str(_written(out, _name(file, note), data)), err=True)


def _written(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def _name(file: ReceivedFile, note: FileNote) -> str:
    """Name a file by when it came and what is in it; of the sender's name only what is harmless stays."""
    stem = re.sub(r"[^\w-]+", "_", Path(note.name or note.kind).stem).strip("_")[:LONGEST_NAME] or note.kind
    extension = EXTENSIONS.get(note.mime) or _extension(note.name)
    return f"{note.at.astimezone(UTC):%Y%m%d-%H%M%S}-{file.digest[:12]}-{stem}{extension}"


def _extension(name: str | None) -> str:
    """Keep the end of a document's name where its type is not known, unless a double click would run it."""
    found = Path(name or "").suffix.lower()
    return found if found in OFFICE else ".bin"
