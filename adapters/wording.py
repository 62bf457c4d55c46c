"""How is told in a few words who holds a chat and why, whether its window is open, and what waits there?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from adapters.terminal import harmless
from engine.chat import Chat, Contact, Run
from engine.identity import recipient
from rules.policy import window
from rules.policy.handoff import Holder, Holding, Signal, holder_at

MOST_OF_A_REASON = 60
WHY = {
    Signal.OWNER_MESSAGE: "the owner wrote",
    Signal.STOP_WORD: "the owner wrote the word that stops the bot",
    Signal.RESUME_WORD: "the owner wrote the word that hands back",
    Signal.TAKE: "somebody took it by hand",
    Signal.HAND_BACK: "somebody handed it back by hand",
    Signal.HAND_OFF: "a flow handed it off",
    Signal.NOBODY_CAME: "nobody came after a flow had handed it off",
}

Awaited = Literal["contact", "system", "moment", "bot"]
WAITS: dict[Awaited, str] = {
    "contact": "waits for the contact",
    "system": "waits for another system",
    "moment": "waits for its moment",
    "bot": "rests until the bot holds the chat and the contact writes",
}
"""What a run does that waits; the owner stepped in where it is for the bot."""

ROUNDED = ((86_400, 3_600), (3_600, 60))
"""From so many seconds on a span is told in steps of so many."""


def long(span: timedelta) -> str:
    """Write a span in its two largest units, as authors write it; the smaller one is rounded."""
    seconds = max(0, round(span.total_seconds()))
    least = next((least for most, least in ROUNDED if seconds >= most), 1)
    rounded = round(seconds / least) * least
    counts = (rounded // 86_400, "d"), (rounded // 3_600 % 24, "h"), (rounded // 60 % 60, "m"), (rounded % 60, "s")
    return " ".join(f"{count}{unit}" for count, unit in counts if count) or "0s"


def why(holding: Holding, now: datetime) -> str:
    """Say why a chat's holder has it; nothing where nobody ever had it but the bot."""
    if holding.holder is not holder_at(holding, now):
        return "the time of the owner is over"
    if holding.asked and holding.why not in ("", Signal.HAND_OFF):
        return f"{WHY[Signal.HAND_OFF]}: {harmless(holding.why, MOST_OF_A_REASON)}"
    return WHY.get(holding.why, harmless(holding.why, MOST_OF_A_REASON))  # type: ignore[call-overload, no-any-return]


def is_asked_for(chat: Chat, now: datetime) -> bool:
    """Tell whether a contact waits for a person who has not come yet."""
    holding = chat.holding
    return holding.asked and not holding.owner_came and holder_at(holding, now) is Holder.OWNER


def window_ends(chat: Chat, now: datetime) -> datetime | None:
    """Return when free-form messages end; nothing where the window is shut."""
    ends = window.open_until(chat.heard_at, chat.window_shut_at)
    return ends if ends is not None and now < ends else None


def last_word(chat: Chat) -> tuple[datetime, str] | None:
    """Return when somebody spoke last, and who."""
    spoke = ((chat.written_at, "contact"), (chat.owner_at, "owner"), (chat.bot_at, "bot"))
    return max(((at, who) for at, who in spoke if at is not None), default=None)


def awaited(run: Run) -> Awaited:
    """Return what a run waits for."""
    if run.interrupted:
        return "bot"
    if run.for_system:
        return "system"
    return "contact" if run.for_answer else "moment"


def pending(undecided: int, unsent: int, *, asked_for: bool) -> Iterator[str]:
    """Say what does not go on by the contact alone."""
    if undecided:
        yield f"{undecided:,} undecided"
    if unsent:
        yield f"{unsent:,} to send"
    if asked_for:
        yield "a person was asked for"


def address(contact: Contact) -> str:
    """Return what a contact is called on a command line: a phone number, else a user id, else our own id."""
    to = recipient(contact.ids)
    return f"+{to.phone}" if to.phone else to.bsuid or contact.id
