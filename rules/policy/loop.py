"""Is the bot talking with another bot?"""

from datetime import datetime, timedelta

MOST = 20
SPAN = timedelta(minutes=5)


def allows(answers_at: tuple[datetime, ...], now: datetime) -> bool:
    """Tell whether the bot may answer once more in a chat; a person hardly needs 20 answers in 5 minutes."""
    return len(_recent(answers_at, now)) < MOST


def remember(answers_at: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Return the answers still worth remembering, this one included."""
    return (*_recent(answers_at, now), now)[-MOST:]


def _recent(answers_at: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in answers_at if now - at < SPAN)
