"""What leaves, under which id, and which states can follow each other?

A row is an effect that has been decided and not yet done. It has exactly one end: `sent` (Meta accepted it),
`dropped` (we decided against it), `failed` (Meta did) or `parked` (nobody knows, and a person has to look).
`engine/outbox.py` tells what becomes of it.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, StructMeta
from msgspec.structs import replace

from engine.content import Template
from engine.effects import Leaving, Send
from rules.policy.restrictions import Clearance, Path


class RowState(StrEnum):
    """Where a row stands; the last four are ends."""

    QUEUED = "queued"
    SENDING = "sending"
    DOUBT = "doubt"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"
    PARKED = "parked"


# By evidence, and from `queued` also by the gate (`dropped`) and by `begin` (`sending`). A row goes back to `queued`
# when it is known not to have left; from `queued` to `sent` when a try that was in doubt turns out to have arrived.
# A parked row can be queued again or dropped by a person.
MOVES: Mapping[RowState, frozenset[RowState]] = {
    RowState.QUEUED: frozenset({RowState.SENDING, RowState.DROPPED, RowState.SENT}),
    RowState.SENDING: frozenset({RowState.QUEUED, RowState.SENT, RowState.DOUBT, RowState.FAILED}),
    RowState.DOUBT: frozenset({RowState.QUEUED, RowState.SENT, RowState.FAILED, RowState.PARKED}),
    RowState.PARKED: frozenset({RowState.QUEUED, RowState.SENT, RowState.DROPPED}),
    RowState.SENT: frozenset(),
    RowState.DROPPED: frozenset(),
    RowState.FAILED: frozenset(),
}


class Delivery(StrEnum):
    """How far a sent message came, in the order in which one beats the other."""

    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"


_RANK = {each: rank for rank, each in enumerate(Delivery)}


def risen(old: Delivery | None, new: Delivery) -> Delivery:
    """Return the delivery that stands; whoever has one device that got the message, got it."""
    return new if old is None else max(old, new, key=_RANK.__getitem__)


class _QueuedOnly(StructMeta):
    """Lets nobody but `queue` make a row; decoding one from the store and `replace` stay possible."""

    def __call__(cls, *_args: object, **_fields: object) -> Any:  # noqa: N805 - the self of a metaclass is a class
        raise TypeError("A row is made by `queue`, which needs a `Clearance` from `rules.policy.restrictions.clear`.")


class Row(Struct, frozen=True, kw_only=True, omit_defaults=True, metaclass=_QueuedOnly):
    """An effect that is to leave. `asked_at` is when the event it answers happened, `arrived_at` when that reached us.

    `tries` counts the requests that came to nothing, `refused` those of them that Meta answered,
    `doubts` how often the row was sent again without knowing what became of it, `renewed` how often its files were
    uploaded anew, since Meta knew them no more.
    """

    id: str
    business: str
    number: str
    chat: str
    event: str
    effect: Leaving
    path: Path
    epoch: int
    asked_at: datetime
    queued_at: datetime
    arrived_at: datetime
    tries: int = 0
    refused: int = 0
    doubts: int = 0
    renewed: int = 0
    replaces: str | None = None


def queue(
    clearance: Clearance,
    *,
    business: str,
    number: str,
    chat: str,
    event: str,
    index: int,
    effect: Leaving,
    epoch: int,
    asked_at: datetime,
    queued_at: datetime,
    arrived_at: datetime,
) -> Row:
    """Make the row for an effect, the `index`th of its event; only who was cleared has what this asks for."""
    if not isinstance(clearance, Clearance):
        raise TypeError("A row needs a `Clearance` from `rules.policy.restrictions.clear`.")
    row: Row = StructMeta.__call__(
        Row,
        path=clearance.path,
        id=row_id(business, chat, event, index),
        business=business,
        number=number,
        chat=chat,
        event=event,
        effect=effect,
        epoch=epoch,
        asked_at=asked_at,
        queued_at=queued_at,
        arrived_at=arrived_at,
    )
    return row


def row_id(business: str, chat: str, event: str, index: int) -> str:
    """Return the id of a row, the same whenever the same event is decided: letters, digits, `-` and `_`."""
    source = "\0".join((business, chat, event, str(index)))
    digest = hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=18).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def as_template(row: Row, template: Template) -> Row:
    """Return the row that leaves in place of a free-form one; the same one however often it is asked for.

    It counts as decided when the first one was, so that age and loop guard judge both alike.
    """
    if not isinstance(row.effect, Send):
        raise TypeError("Only a message can be replaced by a template.")
    return replace(
        row,
        id=row_id(row.business, row.chat, row.id, 0),
        effect=replace(row.effect, content=template, fallback=None),
        path=Path.TEMPLATE,
        tries=0,
        refused=0,
        doubts=0,
        renewed=0,
        replaces=row.id,
    )
