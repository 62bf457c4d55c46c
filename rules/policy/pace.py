"""How fast may a number send, and how fast to one contact?"""

from datetime import datetime, timedelta

COEXISTENCE_PER_SECOND = 20
SLOT = timedelta(milliseconds=52)  # 19.2 a second: the network may push messages together
WINDOW = timedelta(milliseconds=1030)  # what is counted as a second: what leaves evenly may arrive less so
INBOUND_SHARE = 0.5  # what comes in counts against the 20, but never takes more than half

PAIR_BURST = 45
PAIR_EVERY = timedelta(seconds=6)

_REST_BASE = 4
_REST_MOST = 5  # 4^5 s, about 17 minutes


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
