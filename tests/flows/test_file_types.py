"""Is the type of a file what is in it, whatever it is called?"""

import pytest

from flows.file_types import takes, type_of
from tests.flows.pictures import JPEG, M4A, MOV, MOVING, MP4, OPUS, PDF, PROGRAM, THREE_GP, VORBIS, WEBP, office, png

OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40 + "WordDocument".encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (JPEG, "JPEG", "image"),
        (png(), "PNG", "image"),
        (MP4, "MP4", "video"),
        (THREE_GP, "3GP", "video"),
        (M4A, "M4A", "audio"),
        (OPUS, "OGG with Opus", "audio"),
        (VORBIS, "OGG without Opus", None),
        (b"ID3\x04\0\0\0\0\0\0\xff", "MP3", "audio"),
        (b"\xff\xfb\x90\0", "MP3", "audio"),
        (b"\xff\xf1\x50\x80", "AAC", "audio"),
        (b"#!AMR\n\x3c\xff\0", "AMR", "audio"),
        (WEBP, "WebP", "sticker"),
        (MOVING, "animated WebP", "sticker"),
        (PDF, "PDF", "document"),
        (PDF + b"\xe2\xe3\0", "PDF", "document"),
        (office("word/document.xml"), "Word", "document"),
        (office("xl/workbook.xml"), "Excel", "document"),
        (office("ppt/presentation.xml"), "PowerPoint", "document"),
        (office("holiday.jpg"), "ZIP", None),
        (b"PK\x03\x04 cut off \xff\0", "ZIP", None),
        (OLD_WORD, "Word", "document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, "an old Office file", None),
        ("Preços: 3 €\n".encode(), "plain text", "document"),
        (b"BMW and MZ are letters like others", "plain text", "document"),
        (b"GIF89a\x01\0\x01\0", "GIF", None),
        (MOV, "QuickTime", None),
        (b"RIFF\x24\0\0\0WAVEfmt ", "WAV", None),
        (PROGRAM, "a program", None),
    ],
)
def test_a_file_is_what_its_bytes_say(data, name, kind):
    """Its beginning, and for archives what is inside, tell the type and the kind of message that takes it."""
    found = type_of(data)

    assert found is not None
    assert (found.name, found.kind) == (name, kind)


@pytest.mark.parametrize("data", [b"\0\1\2\3", b"\x80\x81", b"RIFF\0\0\0\0what", b"text with a \0 in it"])
def test_a_file_that_nobody_knows_has_no_type(data):
    """It is never guessed."""
    assert type_of(data) is None


def test_each_kind_of_message_takes_what_meta_takes():
    """The names are those that problems tell."""
    assert takes("image") == ("JPEG", "PNG")
    assert takes("sticker") == ("WebP",)
    assert takes("audio") == ("AAC", "AMR", "MP3", "M4A", "OGG with Opus")
