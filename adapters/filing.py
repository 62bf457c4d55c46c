"""How is a file that somebody sent called on disk?"""

import re
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import rich_click as click

from adapters.records import FileNote
from adapters.store import ReceivedFile, Store

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


async def write(store: Store, business: str, files: Sequence[tuple[ReceivedFile, FileNote]], out: Path) -> None:
    """Write the bytes of files into a folder, and say where each is."""
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
