"""Which files of an author's folder can be sent, and what is told of the others?"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from engine.content import Media, Template
from engine.effects import Send
from engine.step import Turn
from flows.attachments import MOST
from flows.compile import pack, unpack, version_of
from flows.load import load
from flows.step import StepKind
from tests.flows.pictures import JPEG, MOVING, MP4, OPUS, PDF, PROGRAM, VORBIS, WEBP, png

TURN = Turn(facts={}, now=datetime(2026, 3, 2, tzinfo=UTC), zone=ZoneInfo("UTC"), language="en", at="0")
DOCUMENTS = "`PDF`, `plain text`, `Word`, `Excel`, `PowerPoint`"
BUSINESS = """business: Corner
timezone: UTC
language: en
numbers: [{id: "1", phone: "+55 11 4002-8922", waba: "7"}]
---
templates: "7"
list:
  - {name: pictured, language: en, category: UTILITY, status: APPROVED, body: Hello, header: {format: IMAGE}}
  - {name: papers, language: en, category: UTILITY, status: APPROVED, body: Hello, header: {format: DOCUMENT}}
---
flow: menu
start: [{when: text has "menu"}, {when: text has "person"}]
steps:
  - handoff: "Wants to talk"
    when: text has "person"
"""


@pytest.fixture
def folder(tmp_path):
    """Give a folder that holds files of many types."""
    inside = tmp_path / "shop"
    (inside / "pictures").mkdir(parents=True)
    (tmp_path / "secret.jpg").write_bytes(JPEG)
    held = {
        "menu.jpg": JPEG,
        "pictures/cake.png": png(),
        "pictures/LOUD.JPG": JPEG,
        "pictures/empty.jpg": b"",
        "pictures/renamed.jpg": PROGRAM,
        "pictures/large.jpg": JPEG + b"\0" * (5 * 1024 * 1024),
        "pictures/text.jpg": b"no picture",
        "pictures/odd.jpg": b"\0\1\2\3",
        "menu.pdf": PDF,
        "hello.ogg": OPUS,
        "v.og": VORBIS,
        "film.mp4": MP4,
        "wave.webp": WEBP,
        "wave-large.webp": WEBP + b"\0" * 100 * 1024,
        "moving.webp": MOVING + b"\0" * 100 * 1024,
        ".hidden/cake.png": png(),
    }
    for name, data in held.items():
        path = inside / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (inside / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (inside / "in.jpg").symlink_to(inside / "menu.jpg")
    (inside / "all").symlink_to(tmp_path)
    return inside


def loaded(folder: Path, *sent: str):
    """Load the folder with a flow that sends something."""
    steps = "".join(f"  - send: {each}\n" for each in sent)
    (folder / "business.yaml").write_text(BUSINESS + steps, "utf-8")
    return load(folder)


def file_in(step: StepKind) -> Media:
    """Return the file in what a step says."""
    (effect,) = step.run(TURN).effects
    content = effect.content if isinstance(effect, Send) else None
    held = content.header if isinstance(content, Template) else content
    assert isinstance(held, Media)
    return held


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ('{image: "menu.jpg"}', Media("image", file="menu.jpg", mime="image/jpeg")),
        (
            '{image: "pictures/cake.png", caption: "Ours"}',
            Media("image", file="pictures/cake.png", mime="image/png", caption="Ours"),
        ),
        ("{image: pictures/LOUD.JPG}", Media("image", file="pictures/LOUD.JPG", mime="image/jpeg")),
        ("{image: in.jpg}", Media("image", file="in.jpg", mime="image/jpeg")),
        ("{image: ./menu.jpg}", Media("image", file="./menu.jpg", mime="image/jpeg")),
        ("{document: menu.pdf}", Media("document", file="menu.pdf", mime="application/pdf", filename="menu.pdf")),
        (
            "{document: menu.pdf, filename: Prices.pdf}",
            Media("document", file="menu.pdf", mime="application/pdf", filename="Prices.pdf"),
        ),
        ("{audio: hello.ogg, voice: true}", Media("audio", file="hello.ogg", mime="audio/ogg", voice=True)),
        ("{video: film.mp4}", Media("video", file="film.mp4", mime="video/mp4")),
        ("{sticker: wave.webp}", Media("sticker", file="wave.webp", mime="image/webp")),
        ("{sticker: moving.webp}", Media("sticker", file="moving.webp", mime="image/webp")),
        ("{template: pictured, header: menu.jpg}", Media("image", file="menu.jpg", mime="image/jpeg")),
        ("{template: pictured, header: {image: menu.jpg}}", Media("image", file="menu.jpg", mime="image/jpeg")),
        (
            "{template: papers, header: menu.pdf}",
            Media("document", file="menu.pdf", mime="application/pdf", filename="menu.pdf"),
        ),
        ('{image: "https://example.com/a.jpg"}', Media("image", link="https://example.com/a.jpg")),
    ],
)
def test_a_file_of_the_folder_is_sent_as_what_it_is(folder, sent, said):
    """It is named by its path, known by its digest, and typed by what is in it; a link stays a link."""
    found = loaded(folder, sent)
    (step,) = list(unpack(pack(found.folder)).flows[0].steps)[1:]

    media = file_in(step)

    digest = hashlib.sha256((folder / media.file).read_bytes()).hexdigest() if media.file else None
    assert found.problems == ()
    assert media == replace(said, sha256=digest)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("{image: nowhere.jpg}", "19 file-missing: There is no file `nowhere.jpg` in the folder"),
        ("{image: pictures}", "19 file-missing: `pictures` is no file but a folder"),
        ("{image: pictures/empty.jpg}", "19 file-size: `pictures/empty.jpg` is empty: it has 0 bytes"),
        (
            "{image: pictures/large.jpg}",
            "19 file-size: WhatsApp takes JPEG of at most 5.0 MB, and `pictures/large.jpg` has 5.1 MB",
        ),
        (
            "{sticker: wave-large.webp}",
            "21 file-size: WhatsApp takes WebP of at most 100 KB, and `wave-large.webp` has 101 KB",
        ),
        (
            "{image: pictures/renamed.jpg}",
            "19 file-type: WhatsApp takes `image` as `JPEG`, `PNG`, and what is in `pictures/renamed.jpg` is a program",
        ),
        (
            "{image: pictures/text.jpg}",
            "19 file-type: WhatsApp takes `image` as `JPEG`, `PNG`, and what is in `pictures/text.jpg` is plain text",
        ),
        (
            "{image: pictures/odd.jpg}",
            "19 file-type: WhatsApp takes `image` as `JPEG`, `PNG`, and what is in `pictures/odd.jpg` is nothing known",
        ),
        (
            "{document: menu.jpg}",
            f"22 file-type: WhatsApp takes `document` as {DOCUMENTS}, and what is in `menu.jpg` is JPEG",
        ),
        (
            "{audio: v.og, voice: true}",
            "19 file-type: WhatsApp takes a `voice` note as `OGG with Opus`, and what is in `v.og` is OGG without Opus",
        ),
        (
            "{image: ../secret.jpg}",
            "19 file-path: `../secret.jpg` leads out of the folder, and only files in it can be sent",
        ),
        (
            "{image: pictures/../menu.jpg}",
            "19 file-path: `pictures/../menu.jpg` leads out of the folder, and only files in it can be sent",
        ),
        (
            "{image: /etc/hostname}",
            "19 file-path: `/etc/hostname` leads out of the folder, and only files in it can be sent",
        ),
        (
            r"{image: 'C:\menu.jpg'}",
            r"19 file-path: `C:\menu.jpg` leads out of the folder, and only files in it can be sent",
        ),
        ("{image: out.jpg}", "19 file-path: `out.jpg` is a link that leads out of the folder"),
        ("{image: all/secret.jpg}", "19 file-path: `all/secret.jpg` is a link that leads out of the folder"),
        ("{image: .hidden/cake.png}", "19 file-path: `.hidden/cake.png` is hidden, and what is hidden is never sent"),
        (
            "{template: pictured, header: menu.pdf}",
            "40 template-header: The header of `pictured` in `en` takes an image, not a document",
        ),
    ],
)
def test_a_file_that_cannot_be_sent_is_told_at_its_line(folder, sent, told):
    """The line, what is the matter, and nothing goes live."""
    found = loaded(folder, sent)

    assert [f"{each.column} {each.code}: {each.message}" for each in found.problems] == [told]
    assert {each.line for each in found.problems} == {16}
    assert found.folder is None


@pytest.mark.parametrize(
    ("sent", "hint"),
    [
        ("{image: cake.png}", "Did you mean `pictures/cake.png`?"),
        ("{image: pictures/loud.jpg}", "Did you mean `pictures/LOUD.JPG`?"),
        ("{image: menu.png}", "Did you mean `menu.jpg`?"),
        ("{image: film.mp4}", "Send it as `video`"),
        (
            "{image: /tmp/a.jpg}",
            "Copy the file into the folder, and write its path from there, as in `pictures/menu.jpg`",
        ),
    ],
)
def test_the_fix_is_told(folder, sent, hint):
    """A file of that name elsewhere, or the right kind of message."""
    assert [each.hint for each in loaded(folder, sent).problems] == [hint]


def test_all_files_together_are_bounded(folder):
    """They are kept in the store, so the sentence says how much that may be; the same bytes twice count once."""
    half = PDF + b"\n" * (MOST // 2)
    for name in ("one.pdf", "same.pdf"):
        (folder / name).write_bytes(half)
    (folder / "two.pdf").write_bytes(half + b"2")

    found = loaded(folder, "{document: one.pdf}", "{document: same.pdf}", "{document: two.pdf}")

    assert [f"{each.line} {each.code}: {each.message}" for each in found.problems] == [
        "18 file-size: The files of a folder have at most 64 MB together, and with this one it is 64.1 MB"
    ]


def test_each_language_has_its_own_picture(folder):
    """A file may be a mapping of languages, as a text may."""
    found = loaded(folder, "{image: {en: menu.jpg, pt_BR: pictures/cake.png}}")
    (step,) = list(found.folder.flows[0].steps)[1:]

    assert file_in(step).file == "menu.jpg"
    assert sorted(found.folder.attached) == ["menu.jpg", "pictures/cake.png"]


def test_another_picture_of_the_same_name_is_another_version(folder):
    """What changes for contacts is published."""
    before = loaded(folder, "{image: menu.jpg}").folder
    (folder / "menu.jpg").write_bytes(png())
    after = loaded(folder, "{image: menu.jpg}").folder

    assert before.files == after.files
    assert version_of(before.files, before.attached) != version_of(after.files, after.attached)
