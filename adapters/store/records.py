"""What goes into the store and comes out of it; a name that ends in `_ms` is a moment of the store's clock."""

from typing import Literal

from msgspec import Struct

from engine.outbox import RowState

RowKind = Literal["send", "report", "http", "fetch"]


class Item(Struct, frozen=True, kw_only=True):
    """An event to append, already encoded (`blob`).

    `key` de-duplicates it among those of the same `bucket`, the day of its own timestamp. `aliases` find the
    contact, the first that is known wins; `own_aliases` lead to that contact from now on, `drop_aliases` no more;
    `new_contact` is the id to use if none is known. `row` is our row that a status names. `joined` is the event
    for the chats of a second contact that the aliases lead to: the two turn out to be one person.
    """

    number: str
    kind: Literal["chat", "echo", "status", "number", "import"]
    key: bytes
    bucket: int
    blob: bytes
    aliases: tuple[str, ...] = ()
    own_aliases: tuple[str, ...] = ()
    drop_aliases: tuple[str, ...] = ()
    new_contact: str = ""
    row: str | None = None
    inbound: bool = False
    joined: bytes = b""


class Taken(Struct, frozen=True):
    """What became of an item: whose inbox to drain (also of a repeat), and chats that were told of a join."""

    subject: str | None
    fresh: bool
    why: Literal["appended", "dup", "unknown", "import"]
    also: tuple[str, ...] = ()


class Quarantined(Struct, frozen=True):
    """A body, or a part of one, that nobody could read."""

    reason: str
    field: str
    raw: bytes


class OwnRow(Struct, frozen=True):
    """A row that left lately, or may have; without a message id its answer is missing or was lost."""

    row: str
    message_id: str | None
    state: Literal["sending", "sent", "doubt"]
    words: str


class Row(Struct, frozen=True, kw_only=True):
    """A row of the outbox, as it is kept."""

    id: str
    state: RowState
    subject: str
    number: str
    kind: RowKind
    blob: bytes
    position: int
    speaker: str
    epoch: int
    words: str
    attempt: str
    message_id: str | None
    code: str
    reason: str
    delivery: str | None
    not_before_ms: int
    until_ms: int


class Entry(Struct, frozen=True):
    """An event in an inbox; `into` is the contact that this chat goes on as, if the event joins it."""

    blob: bytes
    into: str | None = None


class Leased(Struct, frozen=True, kw_only=True):
    """A chat or number that is ours for a while, and all that a decision about it needs.

    `remaining` events more are behind `events`. `flight` is the row being sent right now. `tries` counts the leases
    since the last commit, this one included: a high one says that an event kills whoever decides it. `refusals`
    tells whether anybody of the business wanted no offers and was erased since, who may be somebody new.
    """

    ver: int
    epoch: int
    state: bytes | None
    contact_id: str | None
    contact_ver: int
    contact_state: bytes | None
    number_ver: int
    number_state: bytes | None
    events: tuple[Entry, ...]
    remaining: int
    hold: int | None
    flight: Row | None
    own: tuple[OwnRow, ...]
    pos: int
    live: str | None
    tries: int
    now_ms: int
    refusals: bool


class NewRow(Struct, frozen=True, kw_only=True):
    """A row to add to the outbox, unless its id is there already; only what is sent keeps the chat's order.

    One of a `campaign` leaves after all others, and only while the campaign runs.
    """

    id: str
    blob: bytes
    speaker: str
    epoch: int
    words: str = ""
    not_before_ms: int = 0
    kind: RowKind = "send"
    campaign: str = ""


class NewTimer(Struct, frozen=True):
    """An event to append to this subject's inbox at a moment."""

    id: str
    at_ms: int
    blob: bytes


class DropOrder(Struct, frozen=True):
    """Drop what these speakers have queued in the chat."""

    reason: str
    speakers: tuple[str, ...]


class Committed(Struct, frozen=True):
    """It is written. `remaining` events wait; `ready_ms` is when the chat may send, if it has anything to."""

    remaining: int
    now_ms: int
    ready_ms: int | None

    @property
    def rung(self) -> bool:
        """Tell whether the number should be rung for."""
        return self.ready_ms is not None


class Stale(Struct, frozen=True):
    """Nothing was written: somebody else has the lease, or what was read has changed. Lease and decide again."""

    why: Literal["lease", "version", "contact", "inbox"]


class DueRow(Struct, frozen=True, kw_only=True):
    """A row that is due, all that the gate needs, and which version is live."""

    row: str
    blob: bytes
    subject: str
    ver: int
    chat_state: bytes | None
    contact_id: str
    contact_state: bytes | None
    number_ver: int
    number_state: bytes | None
    live: str | None


class NextRow(DueRow, frozen=True, kw_only=True):
    """The row that may leave in the next slot; `slot_ms` is when that would be if it were taken now."""

    slot_ms: int
    now_ms: int


class Idle(Struct, frozen=True):
    """Nothing may leave now; `soonest_ms` is when to ask again, if there is anything at all."""

    now_ms: int
    soonest_ms: int | None


class Begun(Struct, frozen=True):
    """Whether a row may leave, not before `slot_ms`; the POST must have ended at `until_ms`. Else judge again."""

    ok: bool
    why: Literal["", "state", "hold", "changed", "order", "held", "lists", "late", "campaign", "inbox", "pair", "pace"]
    now_ms: int
    until_ms: int
    slot_ms: int


class Settled(Struct, frozen=True):
    """Whether it was written, and the row's state now (nothing: no such row). Drain the chat if `inbox` is not 0."""

    ok: bool
    state: RowState | None
    remaining_rows: int
    inbox: int
    now_ms: int


class Subject(Struct, frozen=True, kw_only=True):
    """A chat or number, to look at."""

    ver: int
    epoch: int
    hold: int | None
    flight: str | None
    state: bytes | None
    inbox: int
    rows: tuple[str, ...]


class Claimed(Struct, frozen=True):
    """Numbers that a shift has from now on; `more_to_come` while another one has yet to give some back."""

    numbers: tuple[tuple[str, str], ...]
    more_to_come: bool


class Renewed(Struct, frozen=True):
    """The numbers that a shift still has, and its fair share: what is above that should be given back."""

    held: tuple[tuple[str, str], ...]
    share: int


class Swept(Struct, frozen=True, kw_only=True):
    """What was left behind or became due.

    `subjects` have undecided events, `suspects` such that whoever leased them did not decide, the least tried first;
    `fired` have a timer's; rows are being sent for too long (`overdue`) or were long enough in doubt
    (`ended_doubts`); `owed` are numbers to ring for, and `work` tells whether what is no message is due; `campaigns`
    run, or ended and left something; `imports` tells whether some wait. Where `full`, there may be more: sweep again.
    """

    subjects: tuple[str, ...]
    suspects: tuple[str, ...]
    fired: tuple[str, ...]
    overdue: tuple[str, ...]
    ended_doubts: tuple[str, ...]
    owed: tuple[str, ...]
    work: bool
    campaigns: tuple[str, ...]
    imports: bool
    full: bool
    now_ms: int


class Version(Struct, frozen=True):
    """A published folder: the author's files, their checked form, and what is known of those that messages hold."""

    id: str
    files: bytes
    typed: bytes
    published_at_ms: int
    by: str
    attached: bytes = b""
