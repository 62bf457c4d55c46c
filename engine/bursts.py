"""Which messages of a contact are answered together, and when?

People write one thought in several messages. A burst is over when nothing more has come for the business's `gather`.
Where the owner wrote or handed the chat back within the last minutes, it is answered only after `yield`: whoever is
still typing on the phone comes first, and their message drops the burst.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zlib import crc32

from msgspec.structs import replace

from engine.chat import Burst, Chat
from engine.content import Text
from engine.effects import SetTimer
from engine.events import MessageReceived, TimerFired
from engine.ruleset import Business

BURST = "burst"
MOST = 20  # messages; more are answered at once
LATELY = timedelta(minutes=10)


def pause(chat: Chat, business: Business, now: datetime) -> timedelta:
    """Return how long an answer is put off; not at all is the rule."""
    if chat.burst is not None and len(chat.burst.messages) >= MOST:
        return timedelta()
    moments = [moment for moment in (chat.owner_at, chat.handed_back_at) if moment is not None]
    owner_is_near = any(now - moment < LATELY for moment in moments)
    return max(business.gather, business.handoff.yields) if owner_is_near else business.gather


def with_messages(chat: Chat, messages: Iterable[MessageReceived], before: datetime | None) -> Chat:
    """Put messages to the burst, in the order they were written; `before` is when the contact wrote before these."""
    burst = chat.burst or Burst((), before)
    in_order = sorted((*burst.messages, *messages), key=lambda message: message.at)
    return replace(chat, burst=replace(burst, messages=tuple(in_order)))


def timer(burst: Burst, at: datetime) -> SetTimer:
    """Return what wakes the burst, unless something more comes."""
    return SetTimer(name=BURST, at=at, run=BURST, wait=_mark(burst))


def is_over(burst: Burst | None, event: TimerFired) -> bool:
    """Tell whether nothing more came after the message that the timer was set for."""
    return burst is not None and event.wait == _mark(burst)


def as_one(burst: Burst) -> Iterator[MessageReceived]:
    """Join what was written in a row, each thought in a line; anything else stays a message of its own."""
    row: list[MessageReceived] = []
    for message in burst.messages:
        if row and not (isinstance(message.content, Text) and isinstance(row[-1].content, Text)):
            yield _joined(row)
            row = []
        row.append(message)
    if row:
        yield _joined(row)


def _joined(row: list[MessageReceived]) -> MessageReceived:
    if len(row) == 1:
        return row[0]
    words = "\n".join(each.content.body for each in row if isinstance(each.content, Text))
    referral = next((each.referral for each in row if each.referral is not None), None)
    return replace(row[-1], content=Text(words), referral=referral)


def _mark(burst: Burst) -> int:
    return crc32(burst.messages[-1].id.encode())
