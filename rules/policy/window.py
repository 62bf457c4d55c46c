"""May a free-form message be sent now, and until when?

The customer service window is 24 hours from the contact's last message. Only a message of the contact moves it;
echoes, statuses, edits, reactions and history do not, so they are never passed here.
"""

from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)
MARGIN = timedelta(seconds=60)
FREE_ENTRY = timedelta(hours=72)


def heard_at(at: datetime, arrived_at: datetime) -> datetime:
    """Return when the contact's message counts as heard: the earlier of its own time and its arrival."""
    return min(at, arrived_at)


def ends_at(heard_at: datetime) -> datetime:
    """Return when Meta shuts the window; sending stops a margin earlier, see `open_until`."""
    return heard_at + WINDOW


def open_until(heard_at: datetime | None, shut_at: datetime | None) -> datetime | None:
    """Return the moment from which nothing free-form is sent, or nothing when the window is not open at all.

    `shut_at` is when Meta told us that the window is shut, whatever our clock says; a later message opens it again.
    """
    if heard_at is None or (shut_at is not None and heard_at <= shut_at):
        return None
    return ends_at(heard_at) - MARGIN


def is_open(heard_at: datetime | None, shut_at: datetime | None, now: datetime) -> bool:
    """Tell whether a free-form message may be sent now."""
    until = open_until(heard_at, shut_at)
    return until is not None and now < until


def free_until(ad_at: datetime, answered_at: datetime) -> datetime | None:
    """Estimate when the free entry point ends that a click on an ad began; Meta's status tells the real end.

    There is none when the business did not answer within a day.
    """
    return answered_at + FREE_ENTRY if answered_at - ad_at <= WINDOW else None
