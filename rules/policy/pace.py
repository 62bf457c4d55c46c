"""How fast may a number send, and how fast to one contact?

Meta counts twenty messages in any second against a coexistence number, those that come in together with those that
leave, and refuses the next one (130429). What comes in cannot be refused, and is known of only afterwards; what leaves
gets a *slot* each, a moment of the store's clock. Three rules give out slots, and a fourth keeps them.

1. **Evenly.** A slot is due 52 ms after the one before. Whoever comes late by less than a slot is treated as if on
   time: the next one is due where it would have been, so a sender that stumbles loses nothing. Whoever comes later than
   that starts afresh. So two messages at most leave close together.
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

from datetime import datetime, timedelta

from msgspec import Struct

COEXISTENCE_PER_SECOND = 20
SLOT = timedelta(milliseconds=52)
WINDOW = timedelta(milliseconds=1030)
INBOUND_MOST = 10
AHEAD = timedelta(milliseconds=30)  # how long before its slot a message may begin to leave

PAIR_BURST = 45
PAIR_EVERY = timedelta(seconds=6)

_REST_BASE = 4
_REST_MOST = 5  # 4^5 s, about 17 minutes


class Counted(Struct, frozen=True, order=True):
    """A message that counts against a number's pace."""

    at: datetime
    inbound: bool = False


class Pace(Struct, frozen=True):
    """What is remembered of a number: when its next slot is due, and what counted lately, in order."""

    due_at: datetime | None = None
    counted: tuple[Counted, ...] = ()


def heard(pace: Pace, now: datetime) -> Pace:
    """Count a message that came in, unless others of the same window took their half."""
    recent = _recent(pace, now)
    if sum(each.inbound for each in recent) >= INBOUND_MOST:
        return Pace(pace.due_at, recent)
    return Pace(pace.due_at, _with(recent, Counted(now, inbound=True)))


def booked(pace: Pace, now: datetime, gap: timedelta = SLOT) -> tuple[datetime, Pace]:
    """Return the next slot, and what to remember once it is taken."""
    recent = _recent(pace, now)
    due_at = now if pace.due_at is None else max(pace.due_at, now - SLOT)
    at = max(due_at, now)
    if len(recent) >= COEXISTENCE_PER_SECOND:
        at = max(at, recent[-COEXISTENCE_PER_SECOND].at + WINDOW)
    return at, Pace(due_at + gap, _with(recent, Counted(at)))


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
