"""What is known about a row that was to leave, and what follows from it?"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from engine.effects import Alert
from engine.events import HttpAnswered, ReportingTroubled, RowEnded, SendRefused, TemplateChanged
from engine.request import Answer
from engine.row import Delivery, Row, RowState


class Accepted(Struct, frozen=True, tag=True):
    """Meta took the message."""

    message_id: str
    at: datetime


class Refused(Struct, frozen=True, tag=True):
    """Meta answered with an error of its own: the message was not sent."""

    code: int
    http_status: int | None = None
    details: str | None = None
    subcode: int | None = None


class NotSent(Struct, frozen=True, tag=True):
    """The request is known not to have reached Meta: no connection, no name, no TLS, a reset before the body."""

    why: str


class Unknown(Struct, frozen=True, tag=True):
    """Nobody knows: no answer in time, a failure without an error of Meta's, an answer without an id."""

    why: str


class Status(Struct, frozen=True, tag=True):
    """A status webhook about the message."""

    status: Literal["sent", "delivered", "read", "played", "failed"]
    code: int | None = None
    details: str | None = None
    message_id: str | None = None


class Echoed(Struct, frozen=True, tag=True):
    """Our own message came back as an echo, so it was sent."""

    message_id: str


class Deadline(Struct, frozen=True, tag=True):
    """The row was looked at again because its time had come, and there was no other evidence."""


class Answered(Struct, frozen=True, tag=True):
    """Another system answered, well or not."""

    answer: Answer


class Forbidden(Struct, frozen=True, tag=True):
    """A request that the operator does not allow, or that lacks a secret of theirs; it was not made."""

    words: str


class NotUploaded(Struct, frozen=True, tag=True):
    """A file of the message could not be given to Meta, so it has not begun to leave; no cause: the file is gone."""

    cause: Refused | NotSent | None


class Fetched(Struct, frozen=True, tag=True):
    """The file of a message came, and is kept."""


class Reported(Struct, frozen=True, tag=True):
    """Meta answered a conversion well: whether it took it, and what it notes."""

    taken: bool
    notes: str = ""


class Unfit(Struct, frozen=True, tag=True):
    """The file of a message cannot be kept; `tries` is how often to try before that is believed."""

    reason: str
    tries: int = 1


class FileForgotten(Struct, frozen=True, tag=True):
    """Meta refused the message, and may do so since it knows an uploaded file of it no more."""

    refused: Refused


Evidence = (
    Accepted
    | Refused
    | NotSent
    | Unknown
    | Status
    | Echoed
    | Deadline
    | Answered
    | Forbidden
    | NotUploaded
    | FileForgotten
    | Fetched
    | Reported
    | Unfit
)


class Settled(Struct, frozen=True, kw_only=True):
    """What follows from a piece of evidence.

    `row` has its counters brought up to date. `again_at` is when a queued row may be tried again, or a row
    in doubt meets its `Deadline`. The rest is for others: a row to queue instead, events for chat and number,
    rest for the contact or the number, and words for the owner.
    """

    row: Row
    state: RowState
    reason: str = ""
    message_id: str | None = None
    delivery: Delivery | None = None
    again_at: datetime | None = None
    replacement: Row | None = None
    tell_chat: RowEnded | HttpAnswered | None = None
    tell_number: SendRefused | TemplateChanged | ReportingTroubled | None = None
    rest_pair_until: datetime | None = None
    slow: bool = False
    alert: Alert | None = None
