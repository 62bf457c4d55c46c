"""How is a chat or a number leased, decided and written?"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from adapters.store.calls import Argument, Calls, counted, number, text, texts
from adapters.store.keys import key, tag
from adapters.store.notes import NewAlert, counted_alerts
from adapters.store.records import (
    Committed,
    DropOrder,
    Entry,
    Leased,
    NewRow,
    NewTimer,
    OwnRow,
    Row,
    Stale,
    Subject,
)
from adapters.store.rows import row_arguments, row_of
from adapters.store.scripts import load
from engine.outbox import RowState

LEASE_MS = 10_000
MOST_EVENTS = 100
MOST_OWN = 50
LOG_MOST = 100  # turns; `commit.lua` leaves no more

_LEASE = load("lease")
_RELEASE = load("release")
_COMMIT = load("commit")


_SEEN_AS: Mapping[RowState, Literal["sending", "sent", "doubt"]] = {
    RowState.SENDING: "sending",
    RowState.DOUBT: "doubt",
    RowState.PARKED: "doubt",
    RowState.SENT: "sent",
}


class Chats(Calls):
    """Reading and writing what is remembered about a chat or a number (`subject`)."""

    async def lease(self, business: str, subject: str, owner: str, ms: int = LEASE_MS) -> Leased | None:
        """Take a subject for deciding, or nothing while somebody else has it; the same owner may ask again."""
        answer = await self.call(_LEASE, tag(business), subject, owner, ms, MOST_EVENTS, MOST_OWN)
        return _leased(*answer) if answer else None

    async def release(self, business: str, subject: str, owner: str) -> None:
        """Give a lease back without having decided; a commit does that by itself."""
        await self.call(_RELEASE, tag(business), subject, owner)

    async def commit(
        self,
        business: str,
        subject: str,
        owner: str,
        attempt: str,
        *,
        ver: int,
        decided: int,
        state: bytes,
        contact_ver: int = 0,
        contact_state: bytes | None = None,
        epoch: int | None = None,
        rows: Sequence[NewRow] = (),
        timers: Sequence[NewTimer] = (),
        drop: DropOrder | None = None,
        log: Sequence[bytes] = (),
        alerts: Sequence[NewAlert] = (),
        passes: Sequence[tuple[str, bytes]] = (),
        keep: bool = False,
    ) -> Committed | Stale:
        """Write a decision about the first `decided` events, all of it or nothing.

        `attempt` names this decision: the same one again is answered as before and does nothing. What is queued
        is dropped before the new rows are added. `contact_ver` means nothing for a number. `passes` are events for
        other subjects. The lease ends, unless `keep`: then lease again to read on.
        """
        drop = drop or DropOrder("", ())
        answer = await self.call(
            _COMMIT,
            tag(business),
            *(subject, owner, attempt, ver, contact_ver, decided, "" if epoch is None else epoch),
            *(LEASE_MS if keep else 0, state, contact_state or b"", drop.reason),
            *counted(drop.speakers),
            *(len(rows), *(argument for row in rows for argument in row_arguments(row))),
            *(len(timers), *(argument for timer in timers for argument in (timer.id, timer.at_ms, timer.blob))),
            *counted(log),
            *counted_alerts(alerts),
            *counted(_flat(passes)),
        )
        return Committed(*answer[1:]) if answer[0] else Stale(text(answer[1]))  # type: ignore[arg-type]

    async def subject(self, business: str, subject: str) -> Subject | None:
        """Return a chat or number to look at, nothing if there is none."""
        fields = ("ver", "epoch", "hold", "flight", "state")
        exists, (ver, epoch, hold, flight, state), inbox, rows = await self.commands(
            ("EXISTS", key(business, "s", subject)),
            ("HMGET", key(business, "s", subject), *fields),
            ("LLEN", key(business, "in", subject)),
            ("ZRANGE", key(business, "out", subject), 0, -1),
        )
        if not exists:
            return None
        return Subject(
            ver=number(ver),
            epoch=number(epoch),
            hold=number(hold) if hold else None,
            flight=text(flight) or None,
            state=state,
            inbox=inbox,
            rows=texts(rows),
        )

    async def contact(self, business: str, cid: str) -> tuple[bytes | None, tuple[str, ...]]:
        """Return a contact's state and their chats."""
        state, chats = await self.command("HMGET", key(business, "c", cid), "state", "chats")
        return state, tuple(text(chats).split())

    async def log(self, business: str, subject: str, most: int = LOG_MOST) -> list[bytes]:
        """Return the newest turns of a log, oldest first."""
        lines: list[bytes] = await self.command("LRANGE", key(business, "log", subject), -most, -1)
        return lines

    async def undecided(self, business: str, subject: str) -> list[bytes]:
        """Return the events that wait in an inbox, encoded, in order."""
        entries: list[bytes] = await self.command("LRANGE", key(business, "in", subject), 0, -1)
        return [_entry(each).blob for each in entries]


def _flat(passes: Sequence[tuple[str, bytes]]) -> list[Argument]:
    return [argument for each in passes for argument in each]


def _leased(*answer: Any) -> Leased:
    ver, epoch, state, hold, _, pos, cid, contact_ver, contact_state, number_ver, number_state, *rest = answer
    live, now, tries, remaining, events, flight, own, refusals = rest
    return Leased(
        ver=number(ver),
        epoch=number(epoch),
        state=state,
        contact_id=text(cid) or None,
        contact_ver=number(contact_ver),
        contact_state=contact_state,
        number_ver=number(number_ver),
        number_state=number_state,
        events=tuple(_entry(event) for event in events),
        remaining=remaining,
        hold=number(hold) if hold else None,
        flight=_flight(answer[4], flight),
        own=tuple(found for each in own if (found := _own(*each))),
        pos=number(pos),
        live=text(live) or None,
        tries=tries,
        now_ms=now,
        refusals=bool(refusals),
    )


def _flight(row: bytes | None, flat: Sequence[bytes]) -> Row | None:
    return row_of(text(row), dict(zip(flat[::2], flat[1::2], strict=True))) if flat else None


def _own(row: bytes, message_id: bytes | None, state: bytes, words: bytes | None) -> OwnRow | None:
    """Return a row as the chat sees it: parked is doubt, what has an id was sent, and the others never left."""
    seen = _SEEN_AS.get(RowState(text(state)), "sent" if message_id else None)
    return OwnRow(text(row), text(message_id) or None, seen, text(words)) if seen else None


def _entry(entry: bytes) -> Entry:
    meta, _, blob = entry.partition(b"\0")
    return Entry(blob, text(meta[1:]) or None)
