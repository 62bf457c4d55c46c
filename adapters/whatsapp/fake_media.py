"""Which files does the fake Graph server keep, and what does it answer about them?"""

import hashlib
import secrets
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import BodyPartReader, MultipartReader, web
from msgspec import Struct

from adapters.whatsapp import fake_errors as errors
from adapters.whatsapp.limits import Fault
from flows.file_types import type_of

MOST: Final = 100 * 1024 * 1024
_HELD: Final = ("image", "video", "audio", "document", "sticker")


class Kept(Struct, frozen=True):
    """A file as the server keeps it; `wall` is when it came, by the calendar."""

    id: str
    number_id: str
    mime: str
    name: str
    sha256: str
    size: int
    wall: float
    data: bytes = b""

    def facts(self) -> dict[str, Any]:
        """What is told about it, without its bytes."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "data"}


class Shelf:
    """Every file that was uploaded, or that a contact sent, by its id."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self._urls: dict[str, tuple[str, float]] = {}

    def put(self, number_id: str, data: bytes, mime: str, name: str, wall: float) -> Kept:
        """Keep a file under a new id."""
        digest = hashlib.sha256(data).hexdigest()
        file = Kept(str(10**15 + secrets.randbelow(10**15)), number_id, mime, name, digest, len(data), wall, data)
        self.kept[file.id] = file
        return file

    def find(self, media_id: str, now: float, life: float) -> Kept | None:
        """Find a file that has not run out."""
        found = self.kept.get(media_id)
        return found if found is not None and now < found.wall + life else None

    def forget(self) -> None:
        """Lose every file, as Meta does after a while."""
        self.kept.clear()

    def lend(self, file: Kept, until: float) -> str:
        """Make an address of the file that is good for a while."""
        name = secrets.token_urlsafe(16)
        self._urls[name] = (file.id, until)
        return name

    def lent(self, name: str, now: float) -> Kept | None:
        """Find the file behind an address that is still good."""
        media_id, until = self._urls.get(name, ("", 0.0))
        return self.kept.get(media_id) if now < until else None


async def read_upload(request: web.Request) -> tuple[bytes, str, str] | Fault:
    """Read an upload: its bytes, its type and its name, or what is wrong with it."""
    if not request.content_type.startswith("multipart/"):
        return Fault(errors.INVALID_PARAMETER, "An upload is `multipart/form-data`.")
    product, parts, reader = "", ("", "", b""), await request.multipart()
    async for part in _parts(reader):
        if part.name == "messaging_product":
            product = await part.text()
        elif part.name == "file":
            parts = (part.headers.get("Content-Type", ""), part.filename or "", await _bytes(part))
    if product != "whatsapp":
        return Fault(errors.INVALID_PARAMETER, "The parameter messaging_product is required.")
    mime, name, data = parts
    known = type_of(data)
    if known is None or known.kind is None or known.mime != mime:
        return Fault(errors.INVALID_PARAMETER, f"Param file must be a file with one of the known types, not `{mime}`.")
    if len(data) > known.most:
        return Fault(errors.MEDIA_UPLOAD, f"The file has {len(data)} bytes, and {known.name} at most {known.most}.")
    return data, mime, name


def held_in(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Go through the ids of files in a message of the right form, with the kind that each is held as."""
    parts = body.get("template", {}).get("components", ())
    for each in (body, *(parameter for part in parts for parameter in part.get("parameters", ()))):
        kind = each.get("type")
        if kind in _HELD and "id" in each[kind]:
            yield kind, each[kind]["id"]


async def _parts(reader: MultipartReader) -> Any:
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader):
            yield part


async def _bytes(part: BodyPartReader) -> bytes:
    found = bytearray()
    while (piece := await part.read_chunk()) and len(found) <= MOST:
        found += piece
    return bytes(found)
