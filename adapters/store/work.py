"""How is work found that is no message, such as asking another system or importing what a phone told of its past?"""

from collections.abc import Sequence
from typing import Any, Literal

from adapters.store.calls import Calls, number, text
from adapters.store.keys import GLOBAL, tag
from adapters.store.records import DueRow
from adapters.store.scripts import load

Kind = Literal["work", "import"]

_DUE = load("due_rows")
_PUT_OFF = load("put_off")
_RING = load("ring_work")


class Work(Calls):
    """Rows that are due, and the bells that call for somebody to do each kind of work."""

    async def ring_work(self, business: str, kind: Kind = "work") -> bool:
        """Say that a business has work; true means that the caller should enqueue a job."""
        return bool(await self.call(_RING, GLOBAL, business, kind))

    async def due_rows(self, business: str, kinds: Sequence[str], most: int) -> list[DueRow]:
        """Return rows that are due, the first kind first; they come up again after two seconds unless they began."""
        return [_due(*each) for each in await self.call(_DUE, tag(business), most, *kinds)]

    async def put_off(self, business: str, kinds: Sequence[str], row: str, seconds: float) -> None:
        """Let a row that is due rest for so long, by the store's clock, unless it has begun or ended."""
        await self.call(_PUT_OFF, tag(business), row, round(seconds * 1000), *kinds)

    async def attend(self, seconds: float, kind: Kind = "work") -> None:
        """Say that somebody works, for so long."""
        await self.command("SET", f"{GLOBAL}:{kind}ing", "1", "PX", round(seconds * 1000))

    async def leave(self, kind: Kind = "work") -> bool:
        """Say that nobody works any more; tell whether work is left."""
        _, left = await self.commands(("DEL", f"{GLOBAL}:{kind}ing"), ("ZCARD", f"{GLOBAL}:{kind}"))
        return bool(left)

    async def wait_for_work(self, seconds: float, kind: Kind = "work") -> str | None:
        """Wait until a business rings, and return it; nothing if none did."""
        answer = await self.popped("BZPOPMIN", f"{GLOBAL}:{kind}", seconds)
        return text(answer[1]) if answer else None


def _due(*answer: Any) -> DueRow:
    row, blob, subject, ver, state, cid, contact_state, number_ver, number_state, live = answer
    return DueRow(
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
    )
