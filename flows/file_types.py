"""Which type has a file, by what is in it and not by what it is called?

What WhatsApp takes, and how large, is what Meta documents for each kind of message:
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import io
import zipfile
from collections.abc import Callable, Iterator

from msgspec import Struct

from engine.content import MediaKind

KB, MB = 1024, 1024 * 1024
OPUS_AT = 28  # the first packet of an OGG file says which sound it holds
BRAND = slice(8, 12)
CONTROLS = frozenset(range(32)) - set(b"\t\n\r\f")
ANIMATED = 0x02
FLAGS_AT = 20


class FileType(Struct, frozen=True):
    """A type of file: what it is called, the kind of message that takes it (if any does) and how large it may be.

    One that no message takes has a `hint`: what it can be turned into.
    """

    name: str
    mime: str
    kind: MediaKind | None = None
    most: int = 0
    hint: str | None = None


def _taken(name: str, mime: str, kind: MediaKind, most: int) -> FileType:
    return FileType(name, mime, kind, most)


def _other(name: str, hint: str) -> FileType:
    return FileType(name, "", hint=hint)


JPEG = _taken("JPEG", "image/jpeg", "image", 5 * MB)
PNG = _taken("PNG", "image/png", "image", 5 * MB)
MP4 = _taken("MP4", "video/mp4", "video", 16 * MB)
THREE_GP = _taken("3GP", "video/3gpp", "video", 16 * MB)
AAC = _taken("AAC", "audio/aac", "audio", 16 * MB)
AMR = _taken("AMR", "audio/amr", "audio", 16 * MB)
MP3 = _taken("MP3", "audio/mpeg", "audio", 16 * MB)
M4A = _taken("M4A", "audio/mp4", "audio", 16 * MB)
OPUS = _taken("OGG with Opus", "audio/ogg", "audio", 16 * MB)
STICKER = _taken("WebP", "image/webp", "sticker", 100 * KB)
MOVING_STICKER = _taken("animated WebP", "image/webp", "sticker", 500 * KB)
PDF = _taken("PDF", "application/pdf", "document", 100 * MB)
TEXT = _taken("plain text", "text/plain", "document", 100 * MB)

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIPPED = {
    "word/": _taken("Word", f"{_OFFICE}wordprocessingml.document", "document", 100 * MB),
    "xl/": _taken("Excel", f"{_OFFICE}spreadsheetml.sheet", "document", 100 * MB),
    "ppt/": _taken("PowerPoint", f"{_OFFICE}presentationml.presentation", "document", 100 * MB),
}
_OLD_OFFICE = {
    "WordDocument": _taken("Word", "application/msword", "document", 100 * MB),
    "Workbook": _taken("Excel", "application/vnd.ms-excel", "document", 100 * MB),
    "PowerPoint Document": _taken("PowerPoint", "application/vnd.ms-powerpoint", "document", 100 * MB),
}
_AS_PICTURE = "Save it as JPEG or PNG"
_AS_VIDEO = "Save it as MP4 with H.264 and AAC"
_AS_SOUND = "Save it as MP3, or as OGG with Opus"
_AS_PDF = "Save it as PDF"
GIF = _other("GIF", f"{_AS_PICTURE}, or as MP4 if it moves")
OGG = _other("OGG without Opus", _AS_SOUND)
MOV = _other("QuickTime", _AS_VIDEO)
HEIC = _other("HEIC or AVIF", _AS_PICTURE)
ZIP = _other("ZIP", "Send what is in it, each by itself")
OLE = _other("an old Office file", _AS_PDF)
PROGRAM = _other("a program", "WhatsApp takes no programs")

_BEGINNINGS: tuple[tuple[bytes, FileType], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"#!AMR", AMR),
    (b"ID3", MP3),
    (b"GIF8", GIF),
    (b"BM", _other("BMP", _AS_PICTURE)),
    (b"II*\0", _other("TIFF", _AS_PICTURE)),
    (b"MM\0*", _other("TIFF", _AS_PICTURE)),
    (b"fLaC", _other("FLAC", _AS_SOUND)),
    (b"\x1a\x45\xdf\xa3", _other("WebM or Matroska", _AS_VIDEO)),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
)
_SOUND = {b"\xff\xf1": AAC, b"\xff\xf9": AAC, b"\xff\xfb": MP3, b"\xff\xfa": MP3, b"\xff\xf3": MP3, b"\xff\xf2": MP3}
_BRANDS = {
    b"M4A ": M4A,
    b"M4B ": M4A,
    b"qt  ": MOV,
    **dict.fromkeys((b"heic", b"heix", b"mif1", b"avif", b"msf1"), HEIC),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a"), THREE_GP),
}
_RIFF = {b"WAVE": _other("WAV", _AS_SOUND), b"AVI ": _other("AVI", _AS_VIDEO)}


def type_of(data: bytes) -> FileType | None:
    """Return the type of a file; nothing if nobody here knows it."""
    return next((found for look in _LOOKS if (found := look(data))), None)


def takes(kind: MediaKind) -> tuple[str, ...]:
    """Name the types that a kind of message takes."""
    return tuple(dict.fromkeys(each.name for each in _all() if each.kind == kind))


def _all() -> Iterator[FileType]:
    yield from (JPEG, PNG, MP4, THREE_GP, AAC, AMR, MP3, M4A, OPUS, STICKER, PDF, TEXT)
    yield from _ZIPPED.values()


def _by_beginning(data: bytes) -> FileType | None:
    return next((found for begins, found in _BEGINNINGS if data.startswith(begins)), _SOUND.get(data[:2]))


def _by_brand(data: bytes) -> FileType | None:
    """MP4 and its kin tell in their first box who may play them."""
    return _BRANDS.get(data[BRAND], MP4) if data[4:8] == b"ftyp" else None


def _riff(data: bytes) -> FileType | None:
    if data[:4] != b"RIFF":
        return None
    if data[BRAND] == b"WEBP":
        moves = data[12:16] == b"VP8X" and len(data) > FLAGS_AT and data[FLAGS_AT] & ANIMATED
        return MOVING_STICKER if moves else STICKER
    return _RIFF.get(data[BRAND])


def _ogg(data: bytes) -> FileType | None:
    if data[:4] != b"OggS":
        return None
    return OPUS if data[OPUS_AT:].startswith(b"OpusHead") else OGG


def _zipped(data: bytes) -> FileType | None:
    if data[:4] != b"PK\x03\x04":
        return None
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ZIP
    return next((found for start, found in _ZIPPED.items() if any(name.startswith(start) for name in names)), ZIP)


def _old_office(data: bytes) -> FileType | None:
    """Its list of parts names them in letters of two bytes."""
    if not data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return None
    return next((found for part, found in _OLD_OFFICE.items() if part.encode("utf-16-le") in data), OLE)


def _pdf(data: bytes) -> FileType | None:
    return PDF if data.startswith(b"%PDF-") else None


def _plain_text(data: bytes) -> FileType | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if CONTROLS.intersection(data) else TEXT


# A text may begin with any letters, so it is known before what begins with some.
_LOOKS: tuple[Callable[[bytes], FileType | None], ...] = (
    _by_brand,
    _riff,
    _ogg,
    _zipped,
    _old_office,
    _pdf,
    _plain_text,
    _by_beginning,
)
