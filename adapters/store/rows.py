"""How do rows leave the outbox, one after the other, and how do they end?"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.store.calls import Argument, Calls, counted, number, text
from adapters.store.keys import key, number_of, tag
from adapters.store.records import Begun, Idle, NewRow, NextRow, Row, Settled
from adapters.store.scripts import load
from engine.outbox import MOVES, Delivery, RowState

SEND_MS = 35_000
LEFT_WITHIN_MS = (10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)

_NEXT = load("next_row")
_BEGIN = load("begin")
_SETTLE = load("settle")


def row_arguments(row: NewRow) -> list[Argument]:
    """Return a row the way the scripts read one."""
    return [row.id, row.kind, row.blob, row.speaker, row.epoch, row.words, row.not_before_ms, row.campaign]


class Rows(Calls):
    """Sending: the row for the next slot, the last word before the POST, and the end of the row."""

    async def next_row(self, business: str, number: str) -> NextRow | Idle:
        """Return the row for the next slot; its chat comes up again after two seconds unless it was begun."""
        answer = await self.call(_NEXT, tag(business), number)
        return Idle(*answer) if len(answer) == len(Idle.__struct_fields__) else _next_row(*answer)

    async def begin(
        self,
        business: str,
        row: str,
        attempt: str,
        *,
        subject: str,
        ver: int,
        number_ver: int,
        lists: str,
        valid_until_ms: int,
        send_ms: int = SEND_MS,
        empty_inbox: bool = False,
        writes_first: bool = False,
    ) -> Begun:
        """Mark a row as being sent, and take a slot for it, if nothing that was judged has changed since.

        `lists` is the digest of the restriction lists that were judged with; `empty_inbox` is for what nobody
        asked for just now; `writes_first` counts the contact as one whom the business wrote to first.
        """
        answer = await self.call(
            _BEGIN,
            tag(business),
            *(row, attempt, subject, ver, number_ver, lists),
            *(valid_until_ms, send_ms, int(empty_inbox), int(writes_first)),
        )
        ok, why, *moments = answer
        return Begun(bool(ok), text(why), *moments)  # type: ignore[arg-type]

    async def settle(
        self,
        business: str,
        row: str,
        attempt: str,
        *,
        expect: Sequence[str],
        state: str,
        begun: str = "",
        reason: str = "",
        message_id: str = "",
        code: str = "",
        delivery: str = "",
        again_at_ms: int = 0,
        blob: bytes = b"",
        replacement: NewRow | None = None,
        tell_chat: bytes = b"",
        tell_number: bytes = b"",
        pair_rest_ms: int = 0,
        slow: bool = False,
        left_after_ms: int | None = None,
    ) -> Settled:
        """Write what became of a row that is in one of the states `expect`, if that is a legal move.

        `attempt` names the evidence: the same again does nothing. `begun` is the attempt at `begin` that it speaks of,
        where that matters: a row that began anew since is left alone. A row that keeps its state still learns its
        message id and delivery. `again_at_ms` is when a row that is queued again may leave, or when a doubt ends
        (default: after three minutes). `blob` replaces the row's own, `replacement` takes its place. `tell_chat`
        and `tell_number` are events that must be decided before anything else leaves there; `pair_rest_ms` is how
        long the contact is left alone. `left_after_ms` is how long whoever is answered waited for it to leave.
        """
        answer = await self.call(
            _SETTLE,
            tag(business),
            *(row, attempt, state, reason, message_id, code, delivery, again_at_ms),
            *(pair_rest_ms, int(slow), begun, blob, tell_chat, tell_number, *_left(left_after_ms)),
            *counted([old for old in expect if old == state or state in MOVES[RowState(old)]]),
            *counted(list(Delivery)),
            *([1, *row_arguments(replacement)] if replacement else [0]),
        )
        ok, is_, rows, inbox, now = answer
        return Settled(bool(ok), RowState(text(is_)) if is_ else None, rows, inbox, now)

    async def delay(self, business: str, subject: str, until_ms: int) -> None:
        """Let a chat with something to send wait; a commit in the chat ends that."""
        await self.command("ZADD", key(business, "ready", number_of(subject)), "XX", until_ms, subject)

    async def row(self, business: str, row: str) -> Row | None:
        """Return a row, nothing if there is none (any more)."""
        fields = await self.command("HGETALL", key(business, "r", row))
        return row_of(row, fields) if fields else None


def row_of(row: str, fields: Mapping[bytes, bytes]) -> Row:
    """Return a row from the fields of its hash."""
    words = {name.decode(): value.decode() for name, value in fields.items() if name != b"blob"}
    return Row(
        id=row,
        state=RowState(words["state"]),
        subject=words["subject"],
        number=words["number"],
        kind=words["kind"],  # type: ignore[arg-type]  # written from a literal
        blob=fields[b"blob"],
        position=int(words["position"]),
        speaker=words["speaker"],
        epoch=int(words["epoch"]),
        words=words["words"],
        attempt=words.get("attempt", ""),
        message_id=words.get("message_id"),
        code=words.get("code", ""),
        reason=words.get("reason", ""),
        delivery=words.get("delivery"),
        not_before_ms=int(words["not_before"]),
        until_ms=int(words.get("until", 0)),
    )


def _left(after_ms: int | None) -> tuple[Argument, Argument]:
    if after_ms is None:
        return "", ""
    return max(0, after_ms), str(next((bound for bound in LEFT_WITHIN_MS if after_ms <= bound), "more"))


def _next_row(*answer: Any) -> NextRow:
    now, subject, ver, state, cid, contact_state, number_ver, number_state, row, blob, live, slot = answer
    return NextRow(
        now_ms=now,
        row=text(row),
        blob=blob,
        subject=text(subject),
        ver=number(ver),
        chat_state=state,
        contact_id=text(cid),
        contact_state=contact_state,
        number_ver=number(number_ver),
        number_state=number_state,
        live=text(live) or None,
        slot_ms=slot,
    )
