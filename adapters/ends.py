"""How a row ends: evidence comes from anywhere, the pure `settle` judges it, one script writes it down."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from redis.exceptions import RedisError

from adapters.records import new_alert, packed, read_row
from adapters.store import Store
from adapters.store.keys import number_of
from adapters.store.records import NewRow, RowKind, Settled
from engine import outbox
from engine.content import words_of
from engine.effects import Alert, Fetch, Http, Report, Send
from engine.number import removed
from engine.outbox import Accepted, Evidence, FileForgotten, NotUploaded, Refused, Status
from engine.row import Delivery, Row, RowState

TRIES = 5
RECORD_S = 30.0
RECORD_AGAIN_S = 0.2
BEGUN_FOR_S = 5.0  # until then what began may leave: a new connection, with a packet lost or two, takes as long


class Ends:
    """Settles rows, whatever the evidence: an answer, a status, an echo or a deadline."""

    def __init__(self, store: Store, doubt_wait: timedelta) -> None:
        """`doubt_wait` is how long an unknown outcome may be cleared up by a status."""
        self._store = store
        self._doubt_wait = doubt_wait

    async def settle(
        self,
        business: str,
        row: str,
        evidence: Evidence,
        attempt: str,
        *,
        begun: str = "",
        left_after_ms: int | None = None,
    ) -> Settled | None:
        """Write down what the evidence says of a row; nothing if there is no such row.

        `attempt` names the evidence, so that the same one again does nothing. Somebody else may settle the row
        meanwhile: then it is looked at again. `begun` names the beginning that came to nothing, if that is the
        evidence: it says nothing of a row that somebody else began since.
        """
        for _ in range(TRIES):
            record = await self._store.row(business, row)
            if record is None:
                return None
            delivery = Delivery(record.delivery) if record.delivery else None
            settled = await self._write(
                business,
                read_row(record.blob),
                record.state,
                delivery,
                evidence,
                attempt,
                begun,
                left_after_ms=left_after_ms,
            )
            if settled.ok or settled.state == record.state:
                return settled
        return None

    async def record(
        self, business: str, row: Row, evidence: Evidence, attempt: str, *, left_after_ms: int | None = None
    ) -> Settled | None:
        """Write down what came of a row that was just carried out; a store that is away is asked again for a while.

        `left_after_ms` is how long whoever it answers waited for it to leave.
        """
        ends_at = time.monotonic() + RECORD_S
        while True:
            try:
                if isinstance(evidence, Accepted):
                    return await self.accepted(business, row, evidence, attempt, left_after_ms=left_after_ms)
                begun = "" if isinstance(evidence, NotUploaded) else attempt
                return await self.settle(business, row.id, evidence, attempt, begun=begun)
            except (RedisError, OSError):
                if time.monotonic() > ends_at:
                    raise
                await asyncio.sleep(RECORD_AGAIN_S)

    async def accepted(
        self, business: str, row: Row, evidence: Accepted, attempt: str, *, left_after_ms: int | None = None
    ) -> Settled | None:
        """Do the same for a row that its sender has in hand; only if somebody else settled it, it is read again."""
        settled = await self._write(
            business, row, RowState.SENDING, None, evidence, attempt, "", left_after_ms=left_after_ms
        )
        if settled.ok:
            return settled
        return await self.settle(business, row.id, evidence, attempt, left_after_ms=left_after_ms)

    async def drop(
        self, business: str, row: Row, reason: str, replacement: Row | None = None, alert: Alert | None = None
    ) -> Settled:
        """Drop a row that has not begun to leave; another may take its place, and the owner may be told."""
        if alert is not None:
            await self._store.alert(business, new_alert(alert if alert.chat else replace(alert, chat=row.chat)))
        return await self._store.settle(
            business,
            row.id,
            f"drop/{reason}",
            expect=(RowState.QUEUED.value,),
            state=RowState.DROPPED.value,
            reason=reason,
            replacement=new_row(replacement) if replacement else None,
        )

    async def drop_removed(self, business: str, row: Row) -> Settled:
        """Drop a row of a number that is not live any more."""
        alert = removed(number_of(row.chat))
        return await self.drop(business, row, alert.code, alert=alert)

    async def _write(
        self,
        business: str,
        row: Row,
        state: RowState,
        delivery: Delivery | None,
        evidence: Evidence,
        attempt: str,
        begun: str,
        *,
        left_after_ms: int | None = None,
    ) -> Settled:
        now = datetime.now(UTC)
        after = outbox.settle(row, state, evidence, now, doubt_wait=self._doubt_wait, delivery=delivery)
        if after.alert is not None and (after.state, after.delivery) != (state, delivery):
            await self._store.alert(business, new_alert(replace(after.alert, chat=row.chat)))
        return await self._store.settle(
            business,
            row.id,
            attempt,
            expect=(state.value,),
            state=after.state.value,
            begun=begun,
            reason=after.reason,
            message_id=after.message_id or "",
            code=_code(evidence),
            delivery=after.delivery or "",
            again_at_ms=_ms(after.again_at),
            blob=packed(after.row) if after.row != row else b"",
            replacement=new_row(after.replacement) if after.replacement else None,
            tell_chat=packed(after.tell_chat) if after.tell_chat else b"",
            tell_number=packed(after.tell_number) if after.tell_number else b"",
            pair_rest_ms=max(0, _ms(after.rest_pair_until) - _ms(now)),
            slow=after.slow,
            left_after_ms=left_after_ms,
        )


def new_row(row: Row) -> NewRow:
    """Return a row as the store takes it."""
    effect = row.effect
    if isinstance(effect, Send):
        return NewRow(
            id=row.id,
            blob=packed(row),
            speaker=effect.speaker.value,
            epoch=row.epoch,
            words=words_of(effect.content),
            campaign=effect.bulk.campaign if effect.bulk else "",
        )
    return NewRow(id=row.id, blob=packed(row), speaker="bot", epoch=row.epoch, kind=_kind(effect))


def _kind(effect: Report | Http | Fetch) -> RowKind:
    match effect:
        case Http():
            return "http"
        case Fetch():
            return "fetch"
        case Report():
            return "report"


def _code(evidence: Evidence) -> str:
    match evidence:
        case (
            Refused(code=code) | Status(code=code) | FileForgotten(Refused(code=code)) | NotUploaded(Refused(code=code))
        ):
            return str(code or "")
        case _:
            return ""


def _ms(moment: datetime | None) -> int:
    return round(moment.timestamp() * 1000) if moment else 0
