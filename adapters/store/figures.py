"""How is it going? Everything here is read as it stands; nothing changes."""

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from redis.exceptions import ResponseError

from adapters.store.calls import Calls, blames_a_record, number, text, texts
from adapters.store.keys import GLOBAL, key
from adapters.store.rows import LEFT_WITHIN_MS
from rules.policy.pace import COEXISTENCE_PER_SECOND

SECOND_MS = 1_000
SECOND_US = 1_000_000
AT_ONCE = 8


class Pile(Struct, frozen=True):
    """How many wait, and for how long the first of them has; a future one has a negative age."""

    size: int
    oldest_ms: int | None = None


class NumberFigures(Struct, frozen=True, kw_only=True):
    """Of one number: what waits to leave, what the last second took of the pace, and whether a shift serves it.

    `throughput` is how many a second it may send and get, `slowed_to` the rate while Meta found that too fast;
    `last_try` is why the oldest message did not leave when it was tried, if it was. `sync` is how far its phone's past
    has come.
    """

    id: str
    open: Pile
    last_try: str
    left: int
    came: int
    throughput: int
    slowed_to: float | None
    served: bool
    state: bytes | None
    sync: bytes | None

    @property
    def pace_left(self) -> int:
        """How many more may leave in this second."""
        return max(0, self.throughput - self.left - self.came)


class LeftAfter(Struct, frozen=True):
    """How long contacts waited until an answer left: how many within each bound of ms (or more), and the sum of ms."""

    within: tuple[tuple[int | None, int], ...]
    sum_ms: int

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(count for _, count in self.within)

    def bound_of(self, share: float) -> int | None:
        """Return the smallest bound in ms that so large a share did not pass, nothing if none is so large."""
        reached = 0
        for bound, count in self.within:
            reached += count
            if reached >= share * self.total:
                return bound
        return None


class BusinessFigures(Struct, frozen=True, kw_only=True):
    """Of one business: what waits where, what was counted since the store began, and its numbers.

    `files` are still to be brought; `file_bytes` is what those that are kept come to. `imports` are bodies of a
    phone's past that wait, and `importing` tells whether anybody sees to any.
    """

    business: str
    now_ms: int
    live: str | None
    undecided: Pile
    timers: Pile
    parked: Pile
    doubt: int
    sending: int
    requests: int
    conversions: int
    files: int
    file_bytes: int
    quarantined: int
    imports: int
    importing: bool
    counts: dict[str, int]
    left_after: LeftAfter
    numbers: tuple[NumberFigures, ...]


class Figures(Calls):
    """The numbers for those who run it."""

    async def figures_of(self, businesses: Sequence[str]) -> list[BusinessFigures]:
        """Return the figures of several businesses, a few of them at a time; one with broken records is left out."""
        at_once = asyncio.Semaphore(AT_ONCE)

        async def one(business: str) -> BusinessFigures | None:
            async with at_once:
                try:
                    return await self.figures(business)
                except ResponseError as error:
                    if not blames_a_record(error):
                        raise
                    return None

        return [each for each in await asyncio.gather(*map(one, businesses)) if each]

    async def figures(self, business: str) -> BusinessFigures:
        """Return the figures of a business: three round trips, however many chats and numbers it has."""
        piles = ("waiting", "timers", "parked")
        time, live, ids, *rest = await self.commands(
            ("TIME",),
            ("GET", key(business, "live")),
            ("SMEMBERS", key(business, "numbers")),
            ("HGETALL", key(business, "count")),
            ("HGETALL", key(business, "left")),
            ("ZCARD", key(business, "doubt")),
            ("ZCARD", key(business, "sending")),
            ("ZCARD", key(business, "todo", "http")),
            ("ZCARD", key(business, "todo", "report")),
            ("ZCARD", key(business, "todo", "fetch")),
            ("GET", key(business, "got_bytes")),
            ("LLEN", key(business, "quarantine")),
            ("LLEN", key(business, "imports")),
            ("EXISTS", f"{GLOBAL}:importing"),
            *(command for pile in piles for command in _pile_commands(key(business, pile))),
        )
        (
            counts,
            left,
            doubt,
            sending,
            requests,
            conversions,
            files,
            file_bytes,
            quarantined,
            imports,
            importing,
            *found,
        ) = rest
        now = _now(time)
        waiting, timers, parked = (_pile(now, *found[at : at + 2]) for at in range(0, 6, 2))
        return BusinessFigures(
            business=business,
            now_ms=now,
            live=text(live) or None,
            undecided=waiting,
            timers=timers,
            parked=parked,
            doubt=doubt,
            sending=sending,
            requests=requests,
            conversions=conversions,
            files=files,
            file_bytes=number(file_bytes),
            quarantined=quarantined,
            imports=imports,
            importing=bool(importing),
            counts={text(name): number(count) for name, count in counts.items()},
            left_after=_left_after({text(bound): number(count) for bound, count in left.items()}),
            numbers=await self._numbers(business, sorted(texts(ids)), now),
        )

    async def parked(self, business: str) -> list[str]:
        """Return the ids of the rows a person has to look at, the oldest first."""
        return list(texts(await self.command("ZRANGE", key(business, "parked"), 0, -1)))

    async def _numbers(self, business: str, ids: Sequence[str], now: int) -> tuple[NumberFigures, ...]:
        asked = [_number_commands(business, each, now) for each in ids]
        answers = iter(await self.commands(*(command for commands in asked for command in commands)))
        found = [[next(answers) for _ in commands] for commands in asked]
        first = {id_: text(oldest[0][0]) for id_, (_, oldest, *_) in zip(ids, found, strict=True) if oldest}
        tries = await self.commands(*(("HGET", key(business, "r", row), "reason") for row in first.values()))
        last_tries = dict(zip(first, map(text, tries), strict=True))
        return tuple(_number(id_, now, last_tries.get(id_, ""), *each) for id_, each in zip(ids, found, strict=True))


def _number_commands(business: str, id_: str, now: int) -> tuple[tuple[str | int, ...], ...]:
    return (
        *_pile_commands(key(business, "open", id_)),
        ("ZRANGEBYSCORE", key(business, "paced", id_), f"({now - SECOND_MS}", now),
        ("HMGET", key(business, "p", id_), "most", "slow_until", "slow_us"),
        ("EXISTS", f"{GLOBAL}:shift:{business}:{id_}"),
        ("HGET", key(business, "s", id_), "state"),
        ("HGET", key(business, "sync"), id_),
    )


def _number(id_: str, now: int, last_try: str, *answers: Any) -> NumberFigures:
    size, oldest, paced, (most, slow_until, slow_us), served, state, sync = answers
    came = sum(name.startswith(b"i") for name in paced)
    return NumberFigures(
        id=id_,
        open=_pile(now, size, oldest),
        last_try=last_try,
        left=len(paced) - came,
        came=came,
        throughput=number(most) or COEXISTENCE_PER_SECOND,
        slowed_to=SECOND_US / number(slow_us) if number(slow_until) > now else None,
        served=bool(served),
        state=state,
        sync=sync,
    )


def _pile_commands(name: str) -> tuple[tuple[str | int, ...], ...]:
    return ("ZCARD", name), ("ZRANGE", name, 0, 0, "WITHSCORES")


def _pile(now: int, size: int, oldest: Sequence[tuple[bytes, float]]) -> Pile:
    return Pile(size, now - int(oldest[0][1]) if oldest else None)


def _now(time: Sequence[Any]) -> int:
    return int(time[0]) * SECOND_MS + int(time[1]) // 1_000


def _left_after(found: dict[str, int]) -> LeftAfter:
    bounds = (*((bound, str(bound)) for bound in LEFT_WITHIN_MS), (None, "more"))
    return LeftAfter(tuple((bound, found.get(name, 0)) for bound, name in bounds), found.get("ms", 0))
