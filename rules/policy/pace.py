"""How fast may a number send, and how fast to one contact?

Meta counts twenty messages in any second against a coexistence number, those that come in together with those that
leave, and refuses the next one (130429). A number that is not in coexistence may have eighty, up to a thousand where
Meta grants them; what is said of twenty below holds for as many as a number has. What comes in cannot be refused, and
is known of only afterwards; what leaves gets a *slot* each, a moment of the store's clock. Three rules give out slots,
and a fourth keeps them.

1. **Evenly.** A second's messages take 1,040 ms, so of twenty a slot is due 52 ms after the one before. Whoever comes
   late by less than 52 ms is treated as if on time: the next slot is due where it would have been, so a sender that
   stumbles loses nothing. Whoever comes later than that starts afresh. So two messages at most leave close together,
   five where there are eighty a second. Slots are due to the microsecond and given in whole milliseconds.
2. **A full window waits.** All that was counted is remembered for 1,030 ms. A slot is given where it and the nineteen
   counted before it do not all fall into less than that: of any 1,030 ms that end with a slot, twenty are full.
3. **What comes in is a debt.** It takes no slot; it is counted at the moment it came. While a number is idle there is
   room in its window, and the answer leaves at once. When much is sent, the window is full earlier and later slots pay.
   Of one window what comes in takes half at most, so that whoever is written to by everybody can still answer.
4. **Nothing leaves before its slot, or long after it.** 20 slots take 1,040 ms as long as they are even, and 1,030 ms
   at least. What a sender is late by, and what the network adds, may be 30 ms together, before a receiver sees 21 in a
   second. So a sender also remembers when its last twenty really left, at the socket, and holds the next one until the
   first of them is 1,030 ms ago. That needs no slot and no clock but its own, and it holds however late everything is.
   A sender that passes its number on has sent all it began, and if anything of that left late, waits until that is
   1,030 ms ago: the next sender knows only the slots. A sender whose lease may end begins nothing that could leave
   afterwards.

A slot is given in the script that lets a message begin to leave, the last word before it does, so what came in up to
that moment counts. Two things are beyond this: a message that comes in between then and the slot (30 ms at most), and
one that comes in when the window was full. Only that one is more than twenty; those that leave never are.

`booked` and `heard` say what the scripts of the store do (`parts/pace.lua`); a test holds them to it.
"""

import math
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

COEXISTENCE_PER_SECOND = 20
ALONE_PER_SECOND = 80  # a number that is in no app
MOST_PER_SECOND = 1000  # what Meta may grant such a number

EVENLY = timedelta(milliseconds=1040)  # how long the slots of a second take
FORGIVEN = timedelta(milliseconds=52)  # how late whoever may come that loses nothing
WINDOW = timedelta(milliseconds=1030)
AHEAD = timedelta(milliseconds=30)  # how long before its slot a message may begin to leave

PAIR_BURST = 45
PAIR_EVERY = timedelta(seconds=6)

_MICROSECOND = timedelta(microseconds=1)
_REST_BASE = 4
_REST_MOST = 5  # 4^5 s, about 17 minutes


class Counted(Struct, frozen=True, order=True):
    """A message that counts against a number's pace."""

    at: datetime
    inbound: bool = False


class Pace(Struct, frozen=True):
    """What is remembered of a number with so many a second: when a slot is due, and what counted lately, in order."""

    most: int = COEXISTENCE_PER_SECOND
    due_at: datetime | None = None
    counted: tuple[Counted, ...] = ()


def gap(most: int) -> timedelta:
    """Return how far apart the slots of a number with so many a second are, in whole microseconds."""
    return math.ceil(EVENLY / _MICROSECOND / most) * _MICROSECOND


def inbound_most(most: int) -> int:
    """Return how much of a window what comes in may take."""
    return most // 2


def heard(pace: Pace, now: datetime) -> Pace:
    """Count a message that came in, unless others of the same window took their half."""
    recent = _recent(pace, now)
    if sum(each.inbound for each in recent) >= inbound_most(pace.most):
        return replace(pace, counted=recent)
    return replace(pace, counted=_with(recent, Counted(now, inbound=True)))


def booked(pace: Pace, now: datetime) -> tuple[datetime, Pace]:
    """Return the next slot, and what to remember once it is taken; `now` is a whole millisecond."""
    recent = _recent(pace, now)
    due_at = pace.due_at or now
    at = max(_whole(due_at), now)
    if len(recent) >= pace.most:
        at = max(at, recent[-pace.most].at + WINDOW)
    next_due_at = max(due_at, at - FORGIVEN) + gap(pace.most)
    return at, replace(pace, due_at=next_due_at, counted=_with(recent, Counted(at)))


def _whole(moment: datetime) -> datetime:
    return moment + timedelta(microseconds=-moment.microsecond % 1000)


def _recent(pace: Pace, now: datetime) -> tuple[Counted, ...]:
    return tuple(each for each in pace.counted if each.at > now - WINDOW)


def _with(counted: tuple[Counted, ...], one: Counted) -> tuple[Counted, ...]:
    return tuple(sorted((*counted, one)))


def pair_rest(tries: int) -> timedelta:
    """Return how long to leave a contact alone after 131056; `tries` counts the refusals before this one."""
    return timedelta(seconds=_REST_BASE ** min(tries, _REST_MOST))


def pair_next(tat: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return when the next message to a contact may leave, and the new `tat` to remember once it is booked.

    `tat` is the moment at which all that was sent so far is paid for: a burst borrows from the future.
    """
    paid_at = now if tat is None else max(tat, now)
    allowed_at = max(now, paid_at - (PAIR_BURST - 1) * PAIR_EVERY)
    return allowed_at, paid_at + PAIR_EVERY
