"""What does Meta post to a webhook? Bodies as Meta writes them, for the demo, tests and load runs.

The builders return plain JSON objects; `encode` and `sign` turn one into what travels; `Meta` posts it.
Message ids and keys are random unless the caller gives them.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Self

import aiohttp
from msgspec import Struct, to_builtins

SIGNATURE_HEADER: Final = "X-Hub-Signature-256"

Body = dict[str, Any]
Direction = Literal["inbound", "outbound"]
MediaKind = Literal["image", "video", "audio", "document", "sticker"]

_DIRECTION_BYTES: Final[Mapping[str, bytes]] = {"inbound": b"\x12", "outbound": b"\x11"}
_KEY_BYTES: Final[Mapping[str, int]] = {"inbound": 10, "outbound": 9}


class Line(Struct, frozen=True):
    """A business number as Meta names it: its id, its digits, and the account it belongs to."""

    phone_number_id: str
    display_phone_number: str
    waba: str


class Person(Struct, frozen=True):
    """Someone with WhatsApp. Without `phone` they hide it behind a user name; `bsuid` is their business-scoped id."""

    phone: str | None = None
    bsuid: str | None = None
    name: str | None = None
    username: str | None = None


class Tap(Struct, frozen=True):
    """What a contact tapped: a reply button, a row of a list, or a quick reply of a template."""

    kind: Literal["button", "list", "template"]
    id: str
    title: str
    description: str | None = None


class Media(Struct, frozen=True):
    """A file as a webhook describes it."""

    id: str
    mime_type: str
    sha256: str | None = None
    caption: str | None = None
    filename: str | None = None
    url: str | None = None
    voice: bool | None = None
    animated: bool | None = None


class Referral(Struct, frozen=True):
    """The ad or post that a contact came from. An ad in WhatsApp Status has no `ctwa_clid`."""

    source_id: str
    source_url: str = "https://fb.me/example"
    source_type: str = "ad"
    headline: str | None = None
    body: str | None = None
    media_type: str | None = None
    image_url: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    ctwa_clid: str | None = None


def fresh_key(direction: Direction) -> str:
    """Make the random key inside a message id, as long as those that Meta makes."""
    key = secrets.token_hex(_KEY_BYTES[direction]).upper()
    return f"3A{key[2:]}" if direction == "inbound" else key


def wamid(peer: str, key: str, direction: Direction) -> str:
    """Build a message id the way Meta's ids are built: the same `key` with another `peer` is the same message."""
    raw = b"".join(
        (b"\x1c\x18", _counted(peer), b"\x15\x02\x00", _DIRECTION_BYTES[direction], b"\x18", _counted(key), b"\x00"),
    )
    return f"wamid.{base64.b64encode(raw).decode()}"


def envelope(line: Line, field: str, value: Body) -> Body:
    """Wrap one value as a whole webhook body."""
    whole = {"messaging_product": "whatsapp", "metadata": _metadata(line), **value}
    change = {"value": whole, "field": field}
    return {"object": "whatsapp_business_account", "entry": [{"id": line.waba, "changes": [change]}]}


def together(bodies: Iterable[Body]) -> Body:
    """Join several bodies into one, as Meta does when it has much to tell."""
    return {"object": "whatsapp_business_account", "entry": [entry for body in bodies for entry in body["entry"]]}


def contact_entry(person: Person) -> Body:
    """Describe a person as an item of `contacts`."""
    profile = _present(name=person.name, username=person.username)
    return _present(profile=profile or None, wa_id=_wa_id(person), user_id=person.bsuid)


def message(  # noqa: D417 - the rest are the fields of every message
    line: Line,
    person: Person,
    kind: str,
    content: Body | list[Body],
    *,
    at: datetime,
    key: str | None = None,
    about: str | None = None,
    referral: Referral | None = None,
) -> Body:
    """Build the webhook of any message from a contact.

    Args:
        about: the id of the message it answers.
        key: the key inside its id, when the same message has to be built twice.
    """
    item = _present(
        **{"from": _wa_id(person)},
        from_user_id=person.bsuid,
        id=wamid(_peer(person), key or fresh_key("inbound"), "inbound"),
        timestamp=str(int(at.timestamp())),
        type=kind,
        context={"from": _digits(line.display_phone_number), "id": about} if about else None,
        referral=None if referral is None else _present(**to_builtins(referral)),
    )
    item[kind] = content
    return envelope(line, "messages", {"contacts": [contact_entry(person)], "messages": [item]})


def text_message(
    line: Line,
    person: Person,
    body: str,
    *,
    at: datetime,
    key: str | None = None,
    about: str | None = None,
) -> Body:
    """Build the webhook of a text from a contact."""
    return message(line, person, "text", {"body": body}, at=at, key=key, about=about)


def tap_message(
    line: Line,
    person: Person,
    tap: Tap,
    *,
    at: datetime,
    key: str | None = None,
    about: str | None = None,
) -> Body:
    """Build the webhook of a tap on a button or a row; `about` is the message that offered it."""
    if tap.kind == "template":
        return message(line, person, "button", {"payload": tap.id, "text": tap.title}, at=at, key=key, about=about)
    reply = _present(id=tap.id, title=tap.title, description=tap.description)
    content: Body = {"type": f"{tap.kind}_reply", f"{tap.kind}_reply": reply}
    return message(line, person, "interactive", content, at=at, key=key, about=about)


def media_message(
    line: Line,
    person: Person,
    kind: MediaKind,
    media: Media,
    *,
    at: datetime,
    key: str | None = None,
) -> Body:
    """Build the webhook of a file from a contact."""
    return message(line, person, kind, _present(**to_builtins(media)), at=at, key=key)


def ad_message(
    line: Line,
    person: Person,
    body: str,
    referral: Referral,
    *,
    at: datetime,
    key: str | None = None,
) -> Body:
    """Build the webhook of the first text that a contact sends from an ad."""
    return message(line, person, "text", {"body": body}, at=at, key=key, referral=referral)


def echo(
    line: Line,
    person: Person,
    content: str | Body,
    *,
    at: datetime,
    kind: str = "text",
    message_id: str | None = None,
) -> Body:
    """Build the webhook of a message that the owner sent from the app; a text may be given as it is."""
    item = _present(
        **{"from": _digits(line.display_phone_number)},
        to=_wa_id(person),
        to_user_id=person.bsuid,
        id=message_id or wamid(_peer(person), fresh_key("outbound"), "outbound"),
        timestamp=str(int(at.timestamp())),
        type=kind,
    )
    item[kind] = {"body": content} if isinstance(content, str) else content
    contact = _present(wa_id=_wa_id(person), user_id=person.bsuid)
    return envelope(line, "smb_message_echoes", {"contacts": [contact], "message_echoes": [item]})


def encode(body: Body) -> bytes:
    """Write a body the way Meta does: everything outside ASCII and each slash escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def sign(secret: str, body: bytes) -> str:
    """Sign the exact bytes of a body with the app's secret, as the signature header carries it."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


class Meta:
    """Posts signed webhooks to one address, as Meta's servers do; use it with `async with`."""

    def __init__(self, callback_url: str, app_secret: str, seconds: float = 20) -> None:
        self.callback_url = callback_url
        self.app_secret = app_secret
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout, connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, body: Body | bytes) -> int:
        """Post a body, signed, and return the HTTP status of the answer; raise what aiohttp raises."""
        if self._session is None:
            raise RuntimeError("`Meta` posts only inside `async with`")
        raw = body if isinstance(body, bytes) else encode(body)
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: sign(self.app_secret, raw)}
        async with self._session.post(self.callback_url, data=raw, headers=headers) as answer:
            await answer.read()
            return answer.status


def _counted(text: str) -> bytes:
    raw = text.encode("ascii")
    return bytes((len(raw),)) + raw


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each in "0123456789")


def _wa_id(person: Person) -> str | None:
    return None if person.phone is None else _digits(person.phone)


def _peer(person: Person) -> str:
    return _wa_id(person) or person.bsuid or ""


def _metadata(line: Line) -> Body:
    return {"display_phone_number": _digits(line.display_phone_number), "phone_number_id": line.phone_number_id}


def _present(**fields: object) -> Body:
    return {key: value for key, value in fields.items() if value is not None}
