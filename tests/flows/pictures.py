"""Where do tests get small files that are what they say? They are made here, a byte at a time."""

import io
import struct
import zipfile
import zlib

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 20
OPUS = b"OggS" + b"\0" * 24 + b"OpusHead\1\1"
VORBIS = b"OggS" + b"\0" * 24 + b"\1vorbis"
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 12
M4A = b"\0\0\0\x18ftypM4A " + b"\0" * 12
THREE_GP = b"\0\0\0\x18ftyp3gp5" + b"\0" * 12
MOV = b"\0\0\0\x14ftypqt  " + b"\0" * 8
WEBP = b"RIFF\x1a\0\0\0WEBPVP8 " + b"\0" * 16
MOVING = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\x02" + b"\0" * 12
PDF = b"%PDF-1.7\n1 0 obj\n"
PROGRAM = b"MZ\x90\0\3\0\0\0"


def png(width: int = 1, height: int = 1) -> bytes:
    """Make a white picture."""
    rows = b"".join(b"\0" + b"\xff" * 3 * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def office(part: str) -> bytes:
    """Make an Office file, which is an archive with a part of a name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr(part, "")
    return held.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
