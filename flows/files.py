"""Which files can a message hold, and what does WhatsApp take with them?"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import get_args
from urllib.parse import urlsplit

from msgspec import Struct

from engine.content import Media, MediaKind
from engine.step import Turn
from flows.attached import WANTED, attached_in
from flows.attachments import Attached
from flows.limits import CAPTION, FILENAME, fits
from flows.links import as_link
from flows.nodes import Map
from flows.reader import Reader, listed
from flows.step import Fault
from flows.text import Plain, Text
from rules.source import Severity

MEDIA: tuple[MediaKind, ...] = get_args(MediaKind)
WITHOUT_CAPTION = ("audio", "sticker")
ENDINGS: dict[MediaKind, tuple[str, ...]] = {
    "image": (".jpg", ".jpeg", ".png"),
    "video": (".mp4", ".3gp"),
    "audio": (".aac", ".amr", ".mp3", ".m4a", ".ogg", ".opus"),
    "document": (".pdf", ".txt", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx"),
    "sticker": (".webp",),
}
"""How the files end that WhatsApp takes."""
OTHERS = (".avi", ".avif", ".bmp", ".flac", ".gif", ".heic", ".mkv", ".mov", ".svg", ".tiff", ".wav", ".webm", ".zip")
"""Endings of files that it does not take; what ends in any other way may be a page that gives the right file."""
OWN_MESSAGE = "Say it in a message of its own"
OF_VOICE = (".ogg", ".opus")


class File(Struct, frozen=True, tag="file"):
    """A file by its public link, or by its path in the folder if that is among those `attached`."""

    kind: MediaKind
    link: Plain
    caption: Text | None = None
    filename: str | None = None
    voice: bool = False
    attached: dict[str, Attached] = {}

    def fill(self, turn: Turn) -> Media | None:
        """Make the message; nothing if the link is empty."""
        said = self.link.say(turn).strip()
        caption = (self.caption.say(turn, CAPTION) if self.caption else None) or None
        if found := self.attached.get(said):
            return Media(
                self.kind,
                file=said,
                caption=caption,
                filename=self.filename or self._own_name(said),
                mime=found.type.mime if found.type else None,
                sha256=found.sha256,
                voice=self.voice,
            )
        link = as_link(said)
        return Media(self.kind, link=link, caption=caption, filename=self.filename, voice=self.voice) if link else None

    def _own_name(self, path: str) -> str | None:
        """A document without a name has none on the phone either."""
        return PurePosixPath(path).name[-FILENAME:] if self.kind == "document" else None

    def faults(self, *path: str) -> Iterator[Fault]:
        """Check what WhatsApp takes with a file of this kind."""
        yield from self._ending_faults((*path, self.kind))
        if self.caption and self.kind in WITHOUT_CAPTION:
            yield Fault((*path, "caption"), "caption", f"WhatsApp shows no caption under `{self.kind}`", OWN_MESSAGE)
        if self.voice and self.kind != "audio":
            yield Fault((*path, "voice"), "voice", "Only `audio` can be a `voice` note", "Leave `voice` out")
        yield from self._name_faults((*path, "filename"))
        yield from fits((*path, "caption"), self.caption, CAPTION, "A caption")
        yield from fits((*path, "filename"), self.filename, FILENAME, "A `filename`")

    def _ending_faults(self, path: tuple[str, ...]) -> Iterator[Fault]:
        takes = OF_VOICE if self.voice else ENDINGS[self.kind]
        for language, written in self.link.constants.items():
            ending = _ending(written)
            kinds = [kind for kind, endings in ENDINGS.items() if ending in endings]
            if written in self.attached or ending in takes or not (kinds or ending in OTHERS):
                continue
            what = "a `voice` note" if self.voice else f"`{self.kind}`"
            message = f"WhatsApp takes {what} as {listed(takes)}, and this link ends with `{ending}`"
            other = [kind for kind in kinds if kind != self.kind]
            hint = f"Send it as `{other[0]}`" if other else f"Save the file as `{takes[0]}` first"
            yield Fault((*path, language), "file-type", message, hint)

    def _name_faults(self, path: tuple[str, ...]) -> Iterator[Fault]:
        if self.filename and self.kind != "document":
            yield Fault(path, "filename", "Only a `document` has a `filename`", "Leave it out")
        elif self.filename and not PurePosixPath(self.filename).suffix:
            message = f"Phones open a file by its ending, and `{self.filename}` has none"
            yield Fault(path, "filename", message, f"Write `{self.filename}.pdf`", Severity.WARNING)


class FileFields(Struct, frozen=True):
    """The fields of a file as they are written.

    - `image`: the link to a picture, or the path of one in the folder, as JPEG or PNG.
    - `video`: the link to a video, or its path in the folder.
    - `audio`: the link to a sound, or its path in the folder.
    - `document`: the link to a document, such as a PDF, or its path in the folder.
    - `sticker`: the link to a sticker, or its path in the folder, as WebP.
    - `caption`: the text below it.
    - `filename`: what a document is called on the phone, with its ending.
    - `voice`: `true` makes a voice note of an audio.
    """

    image: Plain | None = None
    video: Plain | None = None
    audio: Plain | None = None
    document: Plain | None = None
    sticker: Plain | None = None
    caption: Text | None = None
    filename: str | None = None
    voice: bool = False


def read_file(reader: Reader, node: Map, name: str) -> File:
    """Read a file: the key of its kind, and what stands beside it."""
    fields: FileFields = reader.fields(node, FileFields, name)
    for kind in MEDIA:
        link: Text | None = getattr(fields, kind)
        if link is not None:
            found = attached_in(reader, node.items[kind], kind, voice=fields.voice)
            return File(kind, link, fields.caption, fields.filename, fields.voice, found)
    raise reader.refuse(node.place, "link", f"`{name}` takes {WANTED}", 'As in `image: "pictures/cake.jpg"`')


def _ending(link: str) -> str:
    try:
        return PurePosixPath(urlsplit(link).path).suffix.lower()
    except ValueError:
        return ""
