"""How does a line of a transcript begin, and how is the rest of it read?

`VERBS` is the one list: a new verb is a row here, and what it lets happen or expects is a struct in `flows/lines.py`.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from engine.content import Content, Form, Location, Media, MediaKind, Text
from engine.events import Referral
from flows.expected import Expected
from flows.http_lines import SILENT, HttpAnswer, as_json, http_answers
from flows.lines import (
    AT_ONCE,
    Act,
    BotSays,
    ClockReaches,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Expectation,
    Fails,
    HolderIs,
    OwnerWrites,
    Redelivered,
    SavedIs,
    Silence,
    TimePasses,
    WasNotified,
    WasReported,
)
from flows.moments import A_MOMENT_OR_TIME, moment_or_time
from flows.nodes import Map, Node, Scalar
from flows.reader import By, Reader, listed, of_text, shortened
from flows.shown import MEDIA, SAID
from flows.spans import Duration
from flows.text import words
from rules.policy.handoff import Holder
from rules.source import Mistake, Mistakes

PREFILLED = "Hello! Can I get more info on this?"
"""What WhatsApp puts into the contact's mouth after a click on an ad."""
A_SPOT = "two numbers such as `-23.5614, -46.6559`"
VOICE = "voice"
SENT = ("text", *MEDIA, VOICE, "location")
"""What a person can send."""
Held = Literal["bot", "owner"]
CAPTIONED = ("image", "video", "document")


def _spot(text: str) -> Location:
    latitude, _, longitude = text.partition(",")
    try:
        return Location(float(latitude), float(longitude))
    except ValueError:
        message = f"`location` takes {A_SPOT}, not `{shortened(text)}`"
        raise Mistakes(Mistake(1, 1, "degrees", message, "Write latitude, a comma and longitude")) from None


Spot = Annotated[Location, of_text(_spot, A_SPOT)]


class Verb(Struct, frozen=True):
    """A way to begin a line: how it is read, an example of it, what it means, and which type is written after it.

    A verb with nothing after it stands alone.
    """

    read: Callable[[Reader, Node, str], Act | Expectation]
    example: str
    means: str
    as_written: Any = None


class _Sent(Struct, frozen=True, kw_only=True):
    """The fields of what a person sends.

    - `text`: the words.
    - `image`: a picture, by any name.
    - `video`: a video, by any name.
    - `audio`: a sound, by any name.
    - `document`: a document, by its name.
    - `sticker`: a sticker, by any name.
    - `voice`: a voice note, by any name.
    - `location`: a place, as latitude and longitude.
    - `caption`: the text below a picture, a video or a document.
    - `late`: how long it takes until Meta tells about it.
    """

    text: str | None = None
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    document: str | None = None
    sticker: str | None = None
    voice: str | None = None
    location: Spot | None = None
    caption: str | None = None
    late: Duration = AT_ONCE


def _filled(reader: Reader, node: Node, name: str) -> str:
    if not isinstance(node, Map):
        raise reader.wants(node, name, "names with what is filled in, such as `{day: 2026-03-07, people: 2}`")
    return as_json(reader, node, name)


class _FromContact(_Sent, frozen=True, kw_only=True):
    """What the contact sends.

    - `tap`: the title of a button or a row that is tapped.
    - `form`: what is filled into the form that the bot sent last, by the names that the form has for it.
    - `ad`: the id of the ad they come from.
    - `headline`: what that ad says.
    """

    tap: str | None = None
    form: Annotated[str, By(_filled, dict[str, Any])] | None = None
    ad: str | None = None
    headline: str | None = None


class _FromOwner(_Sent, frozen=True, kw_only=True):
    """What the owner sends from the phone."""


def _contact(reader: Reader, node: Node, name: str) -> Act:
    if not isinstance(node, Map):
        return ContactWrites(Text(_words(reader, node, name)))
    found: _FromContact = reader.fields(node, _FromContact, name)
    if found.headline is not None and found.ad is None:
        message = "`headline` is what an ad says, and there is no `ad`"
        raise reader.refuse(node.place_of("headline"), "missing-field", message, 'As in `{ad: "1203", headline: Hi}`')
    if found.tap is not None:
        _alone(reader, node, "tap")
        return ContactTaps(found.tap)
    if found.form is not None:
        _alone(reader, node, "form")
        return ContactWrites(Form("flow", found.form))
    referral = None if found.ad is None else Referral("ad", found.ad, f"click-{found.ad}", headline=found.headline)
    said = _content(reader, node, found, name) if referral is None or _held(node) else Text(PREFILLED)
    return ContactWrites(said, referral, found.late)


def _alone(reader: Reader, node: Map, name: str) -> None:
    others = [key for key in node.items if key != name]
    if others:
        message = f"A `{name}` is all that happens on its line, and `{others[0]}` is a second thing"
        raise reader.refuse(
            node.place_of(others[0]), "content", message, "Leave it out, or write it on a line of its own"
        )


def _owner(reader: Reader, node: Node, name: str) -> Act:
    if not isinstance(node, Map):
        return OwnerWrites(Text(_words(reader, node, name)))
    found: _FromOwner = reader.fields(node, _FromOwner, name)
    return OwnerWrites(_content(reader, node, found, name), found.late)


def _words(reader: Reader, node: Node, name: str) -> str:
    if not isinstance(node, Scalar):
        raise reader.wants(node, name, "text")
    return words(reader, node, name)


def _content(reader: Reader, node: Map, found: _Sent, name: str) -> Content:
    held = _held(node)
    if len(held) != 1:
        message = f"`{name}` holds one of {listed(SENT)}"
        hint = f"Send them on two lines, each after `- {name}:`" if held else f"As in `{name}: {{image: cake.jpg}}`"
        raise reader.refuse(node.place, "content", message, hint)
    if found.caption is not None and held[0] not in CAPTIONED:
        message = f"`caption` belongs to one of {listed(CAPTIONED)}, not to `{held[0]}`"
        raise reader.refuse(node.place_of("caption"), "caption", message, "Leave it out")
    value = getattr(found, held[0])
    match held[0]:
        case "text":
            return Text(value)
        case "location":
            place: Location = value
            return place
        case kind:
            return sent_file(kind, value, found.caption)


def _held(node: Map) -> list[str]:
    return [key for key in node.items if key in SENT]


def sent_file(kind: str, name: str, caption: str | None = None) -> Media:
    """Make a file that somebody sends, of one of the kinds in `SENT`; a voice note is an audio."""
    of_whatsapp: MediaKind = next((each for each in MEDIA if each == kind), "audio")
    return Media(of_whatsapp, id=f"media-{name}", link=name, caption=caption, filename=name, voice=kind == VOICE)


def _bot(reader: Reader, node: Node, name: str) -> Expectation:
    if not isinstance(node, Map):
        return BotSays(Expected(text=_words(reader, node, name)))
    expected: Expected = reader.fields(node, Expected, name)
    if not any(getattr(expected, kind) is not None for kind in SAID):
        message = f"`{name}` needs one of {listed(SAID)}"
        raise reader.refuse(node.place, "content", message, 'As in `bot: {text: "How many?"}`')
    return BotSays(expected)


def _bare(doing: Act | Expectation) -> Callable[[Reader, Node, str], Act | Expectation]:
    def read_nothing(reader: Reader, node: Node, name: str) -> Act | Expectation:
        if isinstance(node, Scalar) and node.text in (None, name):
            return doing
        raise reader.refuse(node.place, "wrong-kind", f"`{name}` stands alone", f"Write `- {name}`")

    return read_nothing


def _after(reader: Reader, node: Node, name: str) -> Act:
    return TimePasses(reader.read(node, Duration, name))


def _at(reader: Reader, node: Node, name: str) -> Act:
    text = reader.text(node, name, A_MOMENT_OR_TIME)
    found = moment_or_time(text, ZoneInfo(reader.zone))
    if found is None:
        hint = "Write hours and minutes, as in `09:00`"
        raise reader.refuse(node.place, "moment", f"`{name}` takes {A_MOMENT_OR_TIME}, not `{text}`", hint)
    return ClockReaches(found)


def _fails(reader: Reader, node: Node, name: str) -> Act:
    return Fails(reader.read(node, int, name))


def _holder(reader: Reader, node: Node, name: str) -> Expectation:
    return HolderIs(Holder(reader.read(node, Held, name)))


def _saved(reader: Reader, node: Node, name: str) -> Expectation:
    return SavedIs(reader.read(node, dict[str, str], name))


def _reported(reader: Reader, node: Node, name: str) -> Expectation:
    if not isinstance(node, Map):
        return WasReported(event=reader.text(node, name))
    reported: WasReported = reader.fields(node, WasReported, name)
    return reported


def _notified(reader: Reader, node: Node, name: str) -> Expectation:
    return WasNotified(_words(reader, node, name))


VERBS: dict[str, Verb] = {
    "contact": Verb(
        _contact,
        'contact: {image: cake.jpg, caption: "This one?"}',
        "the contact sends a text, `image`, `video`, `audio`, `voice`, `document`, `sticker` or `location`; "
        "they `tap: Title`, fill in a `form: {people: 2}`, come from an `ad: id`, or what they sent comes `late: 3h`",
        str | _FromContact,
    ),
    "owner": Verb(
        _owner,
        'owner: "I\'ll take this one"',
        "the owner sends the same from the phone, also `late`",
        str | _FromOwner,
    ),
    "bot": Verb(
        _bot,
        'bot: {text: "How many?", buttons: [One, Two]}',
        "the next message of the bot: its text, file, `template`, `location`, `contact`, `link`, `form`, `product` or "
        "`react`; what is not told may be anything",
        str | Expected,
    ),
    "silence": Verb(_bare(Silence()), "silence", "the bot said nothing that is not expected above"),
    "after": Verb(_after, "after: 25h", "time passes, and timers fire on the way", Duration),
    "at": Verb(_at, "at: 09:00", "time passes until the clock shows that, or until a date and a time", str),
    "redelivered": Verb(_bare(Redelivered()), "redelivered", "Meta delivers what came in last once more"),
    "echo of bot": Verb(_bare(EchoOfBot()), "echo of bot", "the latest message of the bot comes back as an echo"),
    "fails": Verb(_fails, "fails: 131047", "Meta could not deliver the message above, with that error code", int),
    "http answers": Verb(
        http_answers,
        "http answers: {json: {delivery: {eta: noon}}}",
        "another system answers an `http` step: its `json`, a `status`, and the address that must have been `asked`",
        HttpAnswer,
    ),
    "http fails": Verb(_bare(SILENT), "http fails", "no answer of it comes"),
    "holder": Verb(_holder, "holder: owner", "who holds the chat now, `bot` or `owner`", Held),
    "saved": Verb(_saved, "saved: {qty: 3}", "what steps saved, also after the run", dict[str, str]),
    "reported": Verb(
        _reported,
        "reported: {event: Purchase, value: 80, currency: BRL}",
        "a conversion that was reported to Meta, or just its name",
        str | WasReported,
    ),
    "notified": Verb(_notified, 'notified: "Ana wants 500"', "the owner was told these words", str),
}
