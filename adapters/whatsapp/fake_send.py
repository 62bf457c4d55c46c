"""What does Meta answer to one POST at `/messages`, and what happens to the message afterwards?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from adapters.whatsapp import fake_errors as errors
from adapters.whatsapp.fake_settings import KnownTemplate, Settings
from adapters.whatsapp.fake_state import Chat, Member, People, Traffic, address, is_user_id
from adapters.whatsapp.fake_statuses import Accepted, Update, failure, updates
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.limits import Fault, faults
from adapters.whatsapp.meta import Body, Line, echo, fresh_key, wamid

OK: Final = 200

_UNUSABLE: Final = {
    "PAUSED": Fault(errors.TEMPLATE_PAUSED, "The template is paused for low quality."),
    "DISABLED": Fault(errors.TEMPLATE_DISABLED, "The template is disabled for low quality."),
}


class Received(Struct):
    """One POST at `/messages`: when it arrived (`at` on a clock that never jumps, `wall` by the calendar), and its end.

    `status` is 0 as long as nothing was answered; `code` is the Graph error, `wamid` the id of an accepted message.
    """

    number_id: str
    at: float
    wall: float
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    code: int = 0
    wamid: str = ""


class Answer(Struct, frozen=True):
    """What is answered, and what Meta tells the webhook later."""

    status: int
    body: dict[str, Any]
    code: int = 0
    later: tuple[Update, ...] = ()
    echo: Body | None = None


class Number(Struct):
    """One business number as the server sees it."""

    line: Line
    traffic: Traffic = field(default_factory=Traffic)


class Attempt(Struct, frozen=True):
    """A send with a body of the right form, and all that decides what becomes of it."""

    received: Received
    number: Number
    member: Member
    settings: Settings
    trouble: Trouble | None

    @property
    def body(self) -> dict[str, Any]:
        """The body that was posted."""
        return self.received.body

    @property
    def kind(self) -> str:
        """The type of the message; without one it is a text."""
        return str(self.body.get("type", "text"))

    @property
    def recipient(self) -> str:
        """Whom it is meant for, as it was written."""
        return recipient_of(self.body)

    @property
    def chat(self) -> Chat:
        """The chat it belongs to."""
        return self.member.chat(self.received.number_id)

    @property
    def now(self) -> float:
        """The moment it arrived, by the server's calendar."""
        return self.received.wall + self.settings.ahead

    @property
    def is_closed(self) -> bool:
        """Whether a free-form message comes too late for this contact."""
        enforced = self.settings.enforce_window and self.member.known and self.kind != "template"
        return enforced and not self.chat.is_open(self.now, self.settings.window)


def refusal(fault: Fault, status: int | None = None) -> Answer:
    """Build the answer that refuses a POST."""
    return Answer(status or errors.http_status(fault.code), errors.error_answer(fault.code, fault.details), fault.code)


def parsed(raw: bytes) -> dict[str, Any] | Fault:
    """Read a body as a JSON object, or say why it is none."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Fault(errors.INVALID_PARAMETER, f"The body is not JSON: {error}")
    return body if isinstance(body, dict) else Fault(errors.INVALID_PARAMETER, "The body is not a JSON object.")


def recipient_of(body: dict[str, Any]) -> str:
    """Read whom a body is meant for; `to` wins over `recipient`."""
    found = body.get("to") or body.get("recipient")
    return found if isinstance(found, str) else ""


def answer(received: Received, number: Number, people: People, settings: Settings, trouble: Trouble | None) -> Answer:
    """Judge one POST as Meta would, at the moment it arrived."""
    found = faults(received.body)
    if found:
        return refusal(found[0])
    if "status" in received.body:
        return Answer(OK, {"success": True})
    member = people.find(recipient_of(received.body))
    attempt = Attempt(received, number, member, settings, trouble)
    refused = next(_refusals(attempt), None)
    return _accepted(attempt) if refused is None else refusal(refused)


def _refusals(attempt: Attempt) -> Iterator[Fault]:
    received, settings, number = attempt.received, attempt.settings, attempt.number
    if address(attempt.recipient) == address(number.line.display_phone_number):
        yield Fault(errors.RECIPIENT_IS_SENDER, "A number cannot write to itself.")
    if attempt.kind == "template":
        yield from _template_faults(attempt)
    if settings.window_error == "sync" and attempt.is_closed:
        yield _closed(settings)
    if not number.traffic.admits(received.at, settings.throughput):
        yield Fault(errors.THROUGHPUT, f"More than {settings.throughput} messages within a second.")
    if not attempt.chat.pair_admits(received.at, settings.pair_burst, settings.pair_interval):
        yield Fault(errors.PAIR_RATE, f"More than {settings.pair_burst} messages to one recipient in a short time.")


def _template(attempt: Attempt) -> KnownTemplate | None:
    if attempt.kind != "template":
        return None
    wanted = (attempt.body["template"]["name"], attempt.body["template"]["language"]["code"])
    return next((each for each in attempt.settings.templates if (each.name, each.language) == wanted), None)


def _template_faults(attempt: Attempt) -> Iterator[Fault]:
    template, sent = _template(attempt), attempt.body["template"]
    if template is None:
        if attempt.settings.templates:
            words = f"The template `{sent['name']}` does not exist in `{sent['language']['code']}`."
            yield Fault(errors.NO_TEMPLATE, words)
        return
    if template.status != "APPROVED":
        yield _UNUSABLE.get(template.status, Fault(errors.NO_TEMPLATE, f"The template is {template.status}."))
    if template.category == "AUTHENTICATION" and "to" not in attempt.body:
        yield Fault(errors.PHONE_NEEDED, "A template with a code goes to a phone number only.")
    count = sum(len(part["parameters"]) for part in sent.get("components", ()) if part["type"] == "body")
    if template.parameters not in (None, count):
        yield Fault(errors.PARAMETER_COUNT, f"The body takes {template.parameters} parameters and got {count}.")


def _closed(settings: Settings) -> Fault:
    hours = settings.window / 3600
    return Fault(errors.WINDOW_CLOSED, f"More than {hours:g} hours since this person last wrote to this number.")


def _accepted(attempt: Attempt) -> Answer:
    key = fresh_key("outbound")
    send = _send(attempt, key)
    attempt.received.wamid = send.wamid
    content = _content(attempt, send)
    if is_user_id(attempt.recipient) and not send.by_user_id:
        return Answer(OK, content)  # a user id in `to`: accepted, says Meta, and the message is never heard of again
    fault = _failure(attempt)
    if fault is not None:
        return Answer(OK, content, later=(failure(send, fault.code, fault.details, attempt.settings),))
    send.chat.answered(send.at, attempt.settings.free_entry)
    later = tuple(updates(send, attempt.settings))
    return Answer(OK, content, later=later, echo=_own_echo(attempt, send, key))


def _send(attempt: Attempt, key: str) -> Accepted:
    template = _template(attempt)
    return Accepted(
        wamid=wamid(_peer(attempt), key, "outbound"),
        member=attempt.member,
        chat=attempt.chat,
        by_user_id="to" not in attempt.body,
        kind=attempt.kind,
        category=template.category if template else "UTILITY" if attempt.kind == "template" else None,
        callback_data=attempt.body.get("biz_opaque_callback_data"),
        at=attempt.now,
    )


def _peer(attempt: Attempt) -> str:
    recipient = attempt.recipient
    return recipient if is_user_id(recipient) else address(attempt.member.person.phone or recipient)


def _content(attempt: Attempt, send: Accepted) -> dict[str, Any]:
    found = {"user_id" if is_user_id(attempt.recipient) else "wa_id": _peer(attempt)}
    made = {"id": send.wamid} | ({"message_status": "accepted"} if send.kind == "template" else {})
    return {"messaging_product": "whatsapp", "contacts": [{"input": attempt.recipient, **found}], "messages": [made]}


def _failure(attempt: Attempt) -> Fault | None:
    if attempt.trouble is not None and attempt.trouble.does == "fail":
        return Fault(attempt.trouble.code, attempt.trouble.details)
    if not attempt.member.reachable:
        return Fault(errors.UNDELIVERABLE, "The message could not be delivered.")
    return _closed(attempt.settings) if attempt.is_closed else None


def _own_echo(attempt: Attempt, send: Accepted, key: str) -> Body | None:
    line, how = attempt.number.line, attempt.settings.echo_sends
    if how == "no" or send.kind == "template":
        return None
    message_id = send.wamid if how == "same_id" else wamid(address(line.display_phone_number), key, "outbound")
    at = datetime.fromtimestamp(send.at, UTC)
    return echo(line, send.member.person, attempt.body[send.kind], at=at, kind=send.kind, message_id=message_id)
