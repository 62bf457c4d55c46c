"""How is a `test:` document read?"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Annotated, Any, Literal

from msgspec import Struct

from engine.content import Content, Location, Media, MediaKind, Text
from engine.events import Referral
from flows.accidents import swallowed
from flows.business import BusinessDocument
from flows.folder import Folder, TestDocument
from flows.lines import (
    BotSays,
    ContactTaps,
    ContactWrites,
    Doing,
    EchoOfBot,
    Fails,
    HolderIs,
    Line,
    OwnerWrites,
    Person,
    Redelivered,
    SavedIs,
    Silence,
    TimePasses,
    Transcript,
    WasNotified,
    WasReported,
)
from flows.nodes import Map, Node, Scalar, Seq
from flows.reader import Reader, UnreadableError, listed, nearest, of_text, shortened
from flows.shown import MEDIA, SAID, Expected
from flows.spans import Duration
from rules.policy.handoff import Holder
from rules.source import Mistake, Mistakes, Problem

BEGINS = "2026-03-02 10:00"
"""When a transcript begins that does not say `at`: a Monday morning."""
PREFILLED = "Hello! Can I get more info on this?"
"""What WhatsApp puts into the contact's mouth after a click on an ad."""
A_SPOT = "-23.5614, -46.6559"
A_MOMENT = "a date and a time such as `2026-03-02 10:00`"
ANA = Person(name="Ana", phone="+55 11 98765-4321")
"""Who writes in a transcript that does not say `contact`."""


class _Head(Struct, frozen=True, kw_only=True):
    test: str
    at: str = BEGINS
    contact: Person = ANA
    number: str | None = None


def _spot(text: str) -> Location:
    latitude, _, longitude = text.partition(",")
    try:
        return Location(float(latitude), float(longitude))
    except ValueError:
        message = f"`location` takes two numbers such as `{A_SPOT}`, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "degrees", message)) from None


Spot = Annotated[Location, of_text(_spot, f"two numbers such as `{A_SPOT}`")]


class _FromContact(Struct, frozen=True, kw_only=True):
    text: str | None = None
    tap: str | None = None
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    document: str | None = None
    sticker: str | None = None
    location: Spot | None = None
    caption: str | None = None
    ad: str | None = None
    headline: str | None = None


class _FromOwner(Struct, frozen=True, kw_only=True):
    text: str | None = None
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    document: str | None = None
    sticker: str | None = None
    location: Spot | None = None
    caption: str | None = None


def transcripts(folder: Folder) -> tuple[tuple[Transcript, ...], tuple[Problem, ...]]:
    """Read the transcripts of a folder; those with problems are left out."""
    problems: list[Problem] = []
    read = [_transcript(test, folder.business, problems) for test in folder.tests]
    return tuple(each for each in read if each is not None), tuple(problems)


def _transcript(test: TestDocument, business: BusinessDocument, problems: list[Problem]) -> Transcript | None:
    reader, root = Reader(test.file, problems, scope={}), test.root
    before = len(problems)
    rest = {key: value for key, value in root.items.items() if key != "chat"}
    head, _ = reader.values(Map(rest, root.keys, root.start, root.source, root.unread), _Head, "test")
    lines = _lines(reader, root)
    begins_at = _moment(reader, root, head.get("at", BEGINS), business.zone)
    _check_number(reader, root, head.get("number"), business)
    if len(problems) > before or begins_at is None:
        return None
    return Transcript(
        file=test.file,
        name=head["test"],
        place=root.place,
        begins_at=begins_at,
        contact=head.get("contact", ANA),
        number=head.get("number"),
        lines=lines,
    )


def _check_number(reader: Reader, root: Map, number: str | None, business: BusinessDocument) -> None:
    known = [each.id for each in business.numbers]
    if number is not None and number not in known:
        message = f"`number` is the id of one of the business's numbers ({listed(known)}), not `{number}`"
        reader.tell(root.items["number"].place, "unknown-number", message, nearest(number, known))


def _lines(reader: Reader, root: Map) -> tuple[Line, ...]:
    chat = root.items.get("chat")
    if not isinstance(chat, Seq):
        place = chat.place if chat else root.place
        reader.tell(place, "missing-field", "`test` needs `chat`, a list of lines", f"Lines begin with {VERBS_SHOWN}")
        return ()
    return tuple(line for node in chat.items if (line := _line(reader, node)) is not None)


def _line(reader: Reader, node: Node) -> Line | None:
    try:
        verb, value = _verb(reader, node)
        return Line(node.place, verb, VERBS[verb](reader, value, verb))
    except UnreadableError:
        return None


def _verb(reader: Reader, node: Node) -> tuple[str, Node]:
    if isinstance(node, Map) and node.broken:
        raise UnreadableError
    if isinstance(node, Map) and len(node.items) > 1:
        second = list(node.items)[1]
        message = f"A line of a transcript says one thing, and `{second}` is a second one"
        raise reader.refuse(node.place_of(second), "two-verbs", message, f"Begin a line of its own: `- {second}: …`")
    verb = next(iter(node.items), "") if isinstance(node, Map) else reader.text(node, "chat", "lines")
    if verb not in VERBS:
        message = f"A line of a transcript begins with one of {VERBS_SHOWN}, not `{verb}`"
        raise reader.refuse(node.place, "unknown-verb", message, nearest(verb, VERBS))
    return verb, node.items[verb] if isinstance(node, Map) else node


def _contact(reader: Reader, node: Node, name: str) -> Doing:
    if not isinstance(node, Map):
        return ContactWrites(Text(_words(reader, node, name)))
    found: _FromContact = reader.fields(node, _FromContact, name)
    if found.tap is not None:
        return ContactTaps(found.tap)
    referral = None if found.ad is None else Referral("ad", found.ad, f"click-{found.ad}", headline=found.headline)
    said = _content(reader, node, found, name) if referral is None or len(_contents(found)) else Text(PREFILLED)
    return ContactWrites(said, referral)


def _owner(reader: Reader, node: Node, name: str) -> Doing:
    if not isinstance(node, Map):
        return OwnerWrites(Text(_words(reader, node, name)))
    return OwnerWrites(_content(reader, node, reader.fields(node, _FromOwner, name), name))


def _words(reader: Reader, node: Node, name: str) -> str:
    if isinstance(node, Scalar) and (lost := swallowed(node)):
        reader.tell_mistake(lost)
        raise UnreadableError(name)
    return reader.text(node, name)


def _content(reader: Reader, node: Node, found: _FromContact | _FromOwner, name: str) -> Content:
    contents = _contents(found)
    if len(contents) != 1:
        message = f"`{name}` holds one thing: a text, or one of {listed((*MEDIA, 'location'))}"
        raise reader.refuse(node.place, "content", message)
    kind, value = contents[0]
    if isinstance(value, Location):
        return value
    return Text(value) if kind == "text" else _media(kind, value, found.caption)


def _contents(found: _FromContact | _FromOwner) -> list[tuple[Any, Any]]:
    return [(kind, value) for kind in ("text", "location", *MEDIA) if (value := getattr(found, kind)) is not None]


def _media(kind: MediaKind, value: str, caption: str | None) -> Media:
    return Media(kind, id=f"media-{value}", link=value, caption=caption, filename=value)


def _bot(reader: Reader, node: Node, name: str) -> Doing:
    if not isinstance(node, Map):
        return BotSays(Expected(text=_words(reader, node, name)))
    expected: Expected = reader.fields(node, Expected, name)
    if not any(getattr(expected, kind) is not None for kind in SAID):
        message = f"`{name}` needs one of {listed(SAID)}"
        raise reader.refuse(node.place, "content", message)
    return BotSays(expected)


def _bare(doing: Doing) -> "_Read":
    def read_nothing(reader: Reader, node: Node, name: str) -> Doing:
        if isinstance(node, Scalar) and node.text in (None, name):
            return doing
        raise reader.refuse(node.place, "wrong-kind", f"`{name}` stands alone", f"Write `- {name}`")

    return read_nothing


def _after(reader: Reader, node: Node, name: str) -> Doing:
    return TimePasses(reader.read(node, Duration, name))


def _fails(reader: Reader, node: Node, name: str) -> Doing:
    return Fails(reader.read(node, int, name))


def _holder(reader: Reader, node: Node, name: str) -> Doing:
    return HolderIs(Holder(reader.read(node, Literal["bot", "owner"], name)))


def _saved(reader: Reader, node: Node, name: str) -> Doing:
    return SavedIs(reader.read(node, dict[str, str], name))


def _reported(reader: Reader, node: Node, name: str) -> Doing:
    if not isinstance(node, Map):
        return WasReported(event=reader.text(node, name))
    reported: WasReported = reader.fields(node, WasReported, name)
    return reported


def _notified(reader: Reader, node: Node, name: str) -> Doing:
    return WasNotified(_words(reader, node, name))


def _moment(reader: Reader, root: Map, text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        place = root.items["at"].place if "at" in root.items else root.place
        reader.tell(place, "moment", f"`at` takes {A_MOMENT}, not `{text}`")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


_Read = Callable[[Reader, Node, str], Doing]
VERBS: dict[str, _Read] = {
    "contact": _contact,
    "owner": _owner,
    "bot": _bot,
    "silence": _bare(Silence()),
    "after": _after,
    "redelivered": _bare(Redelivered()),
    "echo of bot": _bare(EchoOfBot()),
    "fails": _fails,
    "holder": _holder,
    "saved": _saved,
    "reported": _reported,
    "notified": _notified,
}
VERBS_SHOWN = listed(VERBS)
