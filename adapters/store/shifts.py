"""Which shift sends for which number?"""

from collections.abc import Sequence

from adapters.store.calls import Calls
from adapters.store.keys import GLOBAL
from adapters.store.records import Claimed, Renewed
from adapters.store.scripts import load

LEASE_MS = 10_000
TICK_MS = 3_000

_RING = load("ring")
_TAKE = load("take_numbers")
_RENEW = load("renew")
_GIVE_BACK = load("give_back")
_LEAD = load("lead")

Numbers = Sequence[tuple[str, str]]


def _numbers(members: Sequence[bytes]) -> list[tuple[str, str]]:
    return [(business, number) for business, number in (member.decode().split(" ") for member in members)]


def _members(numbers: Numbers) -> list[str]:
    return [f"{business} {number}" for business, number in numbers]


class Shifts(Calls):
    """Leases of numbers, each `(business, number)`, and the bell that calls for a shift."""

    async def ring(self, business: str, number: str) -> bool:
        """Say that a number has work.

        True means that the caller should enqueue a job: nobody has the number, and nobody was told so within a
        second. A shift that is up is woken.
        """
        return bool(await self.call(_RING, GLOBAL, business, number))

    async def take_numbers(self, shift: str, most: int, ms: int = LEASE_MS) -> Claimed:
        """Lease numbers that are due, up to the shift's fair share of all that are."""
        above, taken = await self.call(_TAKE, GLOBAL, shift, most, ms)
        return Claimed(tuple(_numbers(taken)), bool(above))

    async def renew(self, shift: str, numbers: Numbers, ms: int = LEASE_MS) -> Renewed:
        """Keep leases; what is missing from the answer is another shift's now."""
        share, held = await self.call(_RENEW, GLOBAL, shift, ms, *_members(numbers))
        return Renewed(tuple(_numbers(held)), share)

    async def give_back(self, shift: str, numbers: Numbers) -> int:
        """Give numbers back, due again when their next chat may send; returns how many have work now."""
        return int(await self.call(_GIVE_BACK, GLOBAL, shift, *_members(numbers)))

    async def wait_for_wake(self, shift: str, seconds: float) -> tuple[str, str] | None:
        """Wait until a number rings for this shift, and return it; nothing if none did."""
        answer = await self.popped("BLPOP", f"{GLOBAL}:wake:{shift}", seconds)
        return _numbers(answer[1:])[0] if answer else None

    async def end_shift(self, shift: str) -> None:
        """Take a shift that gave everything back out of the fair shares."""
        await self.commands(("ZREM", f"{GLOBAL}:shifts", shift), ("DEL", f"{GLOBAL}:wake:{shift}"))

    async def processes(self) -> tuple[int, bool]:
        """Count the shifts that serve just now, and tell whether somebody ticks."""
        shifts, ticks = await self.commands(("ZCARD", f"{GLOBAL}:shifts"), ("EXISTS", f"{GLOBAL}:tick"))
        return int(shifts), bool(ticks)

    async def lead(self, owner: str, ms: int = TICK_MS) -> bool:
        """Tell whether this process is the one that ticks, until `ms` from now."""
        return bool(await self.call(_LEAD, f"{GLOBAL}:tick", owner, ms))
