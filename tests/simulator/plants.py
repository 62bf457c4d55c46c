"""Which safeguards are there, how is each switched off, and who finds that out?

Nothing of this is in the code that ships: a script is loaded with another text, a function of Python is replaced for a
while. Several safeguards stand behind each other, so that one alone cannot be missed: those are switched off together,
and the table says so. `guards.py` switches off what the scripts refuse one by one.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

import adapters.handle
import engine.decide
import engine.gate
import engine.outbox
import engine.owner_writes
import engine.row
import engine.wake_ups
import rules.policy.window
from adapters.departures import Departures
from adapters.inbox import event_in
from engine.row import RowState
from tests.simulator.stored import Patch


class Bug(Struct, frozen=True, kw_only=True):
    """A safeguard that is switched off: texts of scripts, names in modules, and the invariants one of which tells."""

    found_by: tuple[str, ...]
    scripts: tuple[Patch, ...] = ()
    code: tuple[tuple[Any, str, Any], ...] = ()


def _no_row(*_: Any) -> None:
    return None


def _anew(settle: Callable[..., Any]) -> Callable[..., Any]:
    """Queue again at once what is in doubt."""

    def settled(row: Any, state: Any, evidence: Any, now: Any, **rest: Any) -> Any:
        after = settle(row, state, evidence, now, **rest)
        if after.state is RowState.DOUBT and state is RowState.SENDING:
            again = replace(row, doubts=row.doubts + 1, tries=row.tries + 1)
            return replace(after, row=again, state=RowState.QUEUED, again_at=now)
        return after

    return settled


def _as_told(_old: Any, new: Any) -> Any:
    return new


def _in_place(leased: Any) -> list[Any]:
    """Return the events of an inbox as they came."""
    return [event for entry in leased.events if (event := event_in(entry)) is not None]


async def _at_once(self: Departures, slot: float, at_least: float) -> None:
    """Let a message leave when it likes."""


def _by_chance(*_: Any) -> str:
    return secrets.token_hex(12)


def _goes_on(walk: Any, *_: Any) -> bool:
    """Take each timer and answer for the one that is waited for."""
    return walk.chat.run is not None and walk.chat.run.waiting


def _never(*_: Any) -> bool:
    return False


def _wide(heard: Any, *_: Any, **__: Any) -> Any:
    return None if heard is None else heard + timedelta(days=30)


HOLD: tuple[Patch, ...] = (
    ("begin", "if chat[2] or business[2] then return 'hold' end", ""),
    ("next_row", "if chat[1] then return now + 50 end", ""),
)
VERSIONS: Patch = (
    "begin",
    "if (chat[1] or '0') ~= ver or (business[1] or '0') ~= number_ver then return 'changed' end",
    "",
)
DEDUPE: Patch = (
    "ingest",
    "if redis.call('SISMEMBER', seen, item.key) == 1 then return {subject, 0, 'dup'} end",
    "",
)
LISTS: Patch = ("begin", "if redis.call('GET', b .. ':lists') ~= lists then return 'lists' end", "")
LATE: Patch = ("begin", "if now >= valid_until then return 'late' end", "")
SLOTS: Patch = (
    "pace",
    "math.max(now, math.ceil(due / 1000), first and tonumber(first) + WINDOW or 0)",
    "now",
)
FIRST: Patch = (
    "next_row",
    "redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0)[1]",
    "redis.call('ZRANGE', b .. ':out:' .. subject, -1, -1)[1]",
)
ORDER: tuple[Patch, ...] = (
    (
        "begin",
        "(chat[3] or redis.call('ZRANGE', b .. ':out:' .. subject, 0, 0)[1] ~= id) then return 'order' end",
        "false then return 'order' end",
    ),
    FIRST,
)

BUGS: dict[str, Bug] = {
    "an echo does not hold its chat": Bug(found_by=("I4",), scripts=HOLD),
    "versions are not compared before the socket": Bug(found_by=("I4", "I5", "I6"), scripts=(VERSIONS,)),
    "what an echo made old may leave": Bug(found_by=("I4",), code=((engine.gate, "_held", _no_row),)),
    "the judgement's end is not compared before the socket": Bug(found_by=("I6",), scripts=(LATE,)),
    "the window is not asked": Bug(found_by=("I6",), code=((rules.policy.window, "open_until", _wide),)),
    "the digest of the lists is not compared": Bug(found_by=("I5",), scripts=(LISTS,)),
    "repeats are not known": Bug(found_by=("I2",), scripts=(DEDUPE,)),
    "repeats are not known, and rows are named by chance": Bug(
        found_by=("I2",), scripts=(DEDUPE,), code=((engine.row, "row_id", _by_chance),)
    ),
    "a timer need not be of this wait": Bug(found_by=("I13",), code=((engine.wake_ups, "_goes_on", _goes_on),)),
    "our own message is taken for the owner's": Bug(
        found_by=("I4",), code=((engine.owner_writes, "own_row", _no_row), (adapters.handle, "own_row", _no_row))
    ),
    "an echo is not kept for the end of a send": Bug(
        found_by=("I4",), code=((adapters.handle, "waits_for_a_send", _never),)
    ),
    "what is in doubt leaves again at once": Bug(
        found_by=("once",), code=((engine.outbox, "settle", _anew(engine.outbox.settle)),)
    ),
    "marketing leaves again in doubt": Bug(found_by=("once",), code=((engine.outbox, "_is_marketing", _never),)),
    "rows of a chat leave in any order": Bug(found_by=("I8",), scripts=ORDER),
    "nobody waits for a slot": Bug(found_by=("I7",), scripts=(SLOTS,), code=((Departures, "turn", _at_once),)),
    "an echo is decided in its place": Bug(found_by=("W09",), code=((adapters.handle, "in_order", _in_place),)),
    "a delivery may fall": Bug(
        found_by=("W01",),
        scripts=(("settle", "(rank[delivery] or 0) > (rank[row[5]] or 0)", "true"),),
        code=((engine.outbox, "risen", _as_told),),
    ),
    "two may decide a chat at once": Bug(
        found_by=("I", "dump"),
        scripts=(
            ("lease", "if held[1] and held[1] ~= owner and is_leased(held[2], now) then return false end", ""),
            ("commit", "if chat[2] ~= owner then return {0, 'lease'} end", ""),
            ("commit", "if (chat[3] or '0') ~= ver then return {0, 'version'} end", ""),
        ),
    ),
    "whoever is gone is never asked about": Bug(
        found_by=("I3",), scripts=(("sweep", "due('sending', now), due('doubt', now)", "{}, {}"),)
    ),
    "what nobody decided is not looked for": Bug(
        found_by=("I1", "I3"), scripts=(("sweep", "pile[#pile + 1] = subject", ""),)
    ),
}


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Replace what a bug replaces in Python, for a while; its scripts are for the `Server`."""
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in bug.code]
    for owner, name, value in bug.code:
        setattr(owner, name, value)
    checks = engine.gate._CHECKS  # the gate holds its questions in a table
    replaced = {
        old: value for (owner, _, value), (_, _, old) in zip(bug.code, kept, strict=True) if owner is engine.gate
    }
    engine.gate._CHECKS = tuple(replaced.get(each, each) for each in checks)  # as above
    try:
        yield
    finally:
        engine.gate._CHECKS = checks  # as above
        for owner, name, value in kept:
            setattr(owner, name, value)
