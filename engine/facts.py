"""The names a condition can read, and where their values come from."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from engine.chat import Chat
from engine.content import Media, Tap, words_of
from engine.events import MessageReceived
from engine.kept import value_of
from engine.ruleset import Business
from rules.conditions import Type
from rules.policy import countries, window

TEXT_SEEN = 4096

NAMES: dict[str, tuple[Type, str]] = {
    "text": (
        Type.TEXT,
        "what the contact wrote, or the title of what they tapped; after a wait, what they wrote before it",
    ),
    "message.type": (Type.TEXT, "text, image, video, audio, document, sticker, location, cards, tap, form or order"),
    "message.forwarded": (Type.TRUTH, "whether the message was forwarded to us"),
    "message.voice": (Type.TRUTH, "whether it is a voice note"),
    "message.media": (Type.TEXT, "Meta's id of the file that came; Meta keeps it for seven days"),
    "message.mime": (Type.TEXT, "the type of that file as the phone says, such as `application/pdf`"),
    "message.filename": (Type.TEXT, "the name of the document that came"),
    "message.payload": (Type.TEXT, "what is behind the button that was tapped"),
    "contact.name": (Type.TEXT, "the name on the contact's profile"),
    "contact.first_name": (Type.TEXT, "the first word of that name"),
    "contact.username": (Type.TEXT, "the contact's username"),
    "contact.phone": (Type.TEXT, "the phone number, if WhatsApp shows it"),
    "contact.country": (Type.TEXT, "the two letters of the contact's country"),
    "contact.language": (Type.TEXT, "the language the bot speaks to the contact, such as `pt_BR`"),
    "contact.tags": (Type.LIST, "the tags of the contact"),
    "contact.marketing": (Type.TEXT, "unknown, given or refused"),
    "chat.idle": (Type.SPAN, "how long the contact had been silent before this message"),
    "chat.new": (Type.TRUTH, "whether this is the contact's first message"),
    "window.open": (Type.TRUTH, "whether free-form messages may be sent"),
    "owner.ago": (Type.SPAN, "how long ago the owner last wrote here"),
    "hours.open": (Type.TRUTH, "whether the business is open"),
    "ad.id": (Type.TEXT, "the ad of the contact's latest click"),
    "ad.headline": (Type.TEXT, "the headline of that ad"),
    "ad.ago": (Type.SPAN, "how long ago that click was"),
    "first_ad.id": (Type.TEXT, "the ad of the contact's first click"),
    "business.name": (Type.TEXT, "the name of the business"),
    "now": (Type.MOMENT, "this moment, in the business's zone"),
    "today": (Type.DATE, "today's date, in the business's zone"),
}


class Scene(NamedTuple):
    """What is at hand while one event is handled; `last_written_at` is when the contact wrote before this message."""

    chat: Chat
    business: Business
    now: datetime
    message: MessageReceived | None
    last_written_at: datetime | None


class Facts(Mapping[str, Any]):
    """The values of a scene under full dotted names, each made when it is asked for; what is unknown is nothing."""

    def __init__(self, scene: Scene) -> None:
        """Remember where to look."""
        self._scene = scene
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return the value, or nothing (`None`) for what is unknown."""
        if name not in self._known:
            self._known[name] = _look_up(self._scene, name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Go through every name that has a meaning here."""
        yield from NAMES
        yield from (f"contact.{name}" for name in self._scene.chat.contact.attributes)
        if self._scene.chat.run:
            yield from self._scene.chat.run.variables

    def __len__(self) -> int:
        """Count the names."""
        return sum(1 for _ in self)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, or the default where it is nothing."""
        value = self[name]
        return default if value is None else value


def _look_up(scene: Scene, name: str) -> Any:
    if name in _READ:
        return _READ[name](scene)
    if name.startswith("contact."):
        return value_of(scene.chat.contact.attributes.get(name.removeprefix("contact.")))
    return value_of(scene.chat.run.variables.get(name)) if scene.chat.run else None


def _since(scene: Scene, moment: datetime | None) -> timedelta | None:
    return scene.now - moment if moment else None


def _local(scene: Scene) -> datetime:
    return scene.now.astimezone(scene.business.zone)


def _text(scene: Scene) -> str | None:
    if scene.message is not None:
        return words_of(scene.message.content)[:TEXT_SEEN] or None
    return scene.chat.run.text if scene.chat.run else None


def _type(scene: Scene) -> str | None:
    if scene.message is None:
        return None
    content = scene.message.content
    return content.kind if isinstance(content, Media) else type(content).__name__.lower()


def _voice(scene: Scene) -> bool:
    content = scene.message.content if scene.message else None
    return isinstance(content, Media) and content.voice


def _of_file(read: Callable[[Media], str | None]) -> Callable[[Scene], str | None]:
    def found(scene: Scene) -> str | None:
        content = scene.message.content if scene.message else None
        return read(content) if isinstance(content, Media) else None

    return found


def _payload(scene: Scene) -> str | None:
    content = scene.message.content if scene.message else None
    return content.payload if isinstance(content, Tap) else None


def _first_name(scene: Scene) -> str | None:
    return next(iter((scene.chat.contact.name or "").split()), None)


def _country(scene: Scene) -> str | None:
    ids = scene.chat.contact.ids
    return countries.country_of(ids.phones, ids.bsuids)


def _open(scene: Scene) -> bool | None:
    return scene.business.hours.is_open(scene.now) if scene.business.hours else None


_READ: Mapping[str, Callable[[Scene], Any]] = {
    "text": _text,
    "message.type": _type,
    "message.forwarded": lambda scene: bool(scene.message and scene.message.forwarded),
    "message.voice": _voice,
    "message.media": _of_file(lambda file: file.id),
    "message.mime": _of_file(lambda file: file.mime),
    "message.filename": _of_file(lambda file: file.filename),
    "message.payload": _payload,
    "contact.name": lambda scene: scene.chat.contact.name,
    "contact.first_name": _first_name,
    "contact.username": lambda scene: scene.chat.contact.username,
    "contact.phone": lambda scene: next(iter(scene.chat.contact.ids.phones), None),
    "contact.country": _country,
    "contact.language": lambda scene: scene.business.language_of(scene.chat.contact),
    "contact.tags": lambda scene: scene.chat.contact.tags,
    "contact.marketing": lambda scene: str(scene.chat.contact.marketing),
    "chat.idle": lambda scene: _since(scene, scene.last_written_at),
    "chat.new": lambda scene: scene.last_written_at is None,
    "window.open": lambda scene: window.is_open(scene.chat.heard_at, scene.chat.window_shut_at, scene.now),
    "owner.ago": lambda scene: _since(scene, scene.chat.owner_at),
    "hours.open": _open,
    "ad.id": lambda scene: scene.chat.last_ad.referral.id if scene.chat.last_ad else None,
    "ad.headline": lambda scene: scene.chat.last_ad.referral.headline if scene.chat.last_ad else None,
    "ad.ago": lambda scene: _since(scene, scene.chat.last_ad.at) if scene.chat.last_ad else None,
    "first_ad.id": lambda scene: scene.chat.first_ad.referral.id if scene.chat.first_ad else None,
    "business.name": lambda scene: scene.business.name,
    "now": _local,
    "today": lambda scene: _local(scene).date(),
}
