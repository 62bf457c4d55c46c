"""Who holds a chat now, the bot or the owner?

The theory. A chat has one holder. The bot holds it to begin with; the owner takes it by writing from the phone,
by a stop word, because a flow hands it off, or because somebody takes it at the console. What the owner holds comes
back by itself when `until` has passed, which needs no timer: the holder is computed from `until` and the moment
somebody asks (`holder_at`). Without `until` it comes back only when somebody says so.

- Every message of the owner holds the chat until its own time plus the pause, and never for less than before.
  So a message that reaches us late silences only what is left of its pause, which may be nothing.
- In a chat that a flow handed off the owner gets the longer `asked` instead of the pause,
  until the chat comes back to the bot.
- A stop word holds until a resume word, or until somebody hands back at the console.
- Whoever takes it at the console says for how long, or holds it until somebody hands back; never for less than before.
  They count as somebody who came.
- `NOBODY_CAME` gives back only what a flow handed off and the owner has not touched since. An owner whose pause still
  ran at the handoff is there already, whether we heard of their message before it or after.
- When the link to the app is cut nothing leaves the number at all; the chat stays as it is until it is joined again.
- Webhooks come in any order. What the phone said before the latest resume word cannot undo that word, and a resume
  word cannot undo what the phone said after it. `phone_at` and `resumed_at` remember these, by the phone's clock.
- A resume word undoes nothing that somebody took at the console after it, either. `taken_at` remembers when, by our
  clock, and is compared by whole seconds, which is all webhooks tell. Nothing else is compared across the two clocks:
  a few seconds would let the bot talk over the owner, while this one at worst keeps it silent.

The table has a row for each pair of holder and signal.

| holder | owner message | stop word | resume word | hand off | take | hand back | nobody came | link cut |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| bot | takes | takes for ever | stays | takes, asked | takes | stays | stays | stays |
| owner | extends | for ever | gives back | extends, asked | extends | gives back | gives back if so | stays |
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class Holder(StrEnum):
    """Who answers in a chat."""

    BOT = "bot"
    OWNER = "owner"


class Signal(StrEnum):
    """What can change the holder. Edits, deletions, reactions, history and other bots are no signals."""

    OWNER_MESSAGE = "owner_message"
    STOP_WORD = "stop_word"
    RESUME_WORD = "resume_word"
    HAND_OFF = "hand_off"
    TAKE = "take"
    HAND_BACK = "hand_back"
    NOBODY_CAME = "nobody_came"
    LINK_CUT = "link_cut"


class Holding(Struct, frozen=True, kw_only=True):
    """Who was given a chat, and until when; nobody but `holder_at` should read `holder`.

    `asked` is true in a chat that a flow handed off, `owner_came` once the owner wrote there, or had just done so.
    `why` says what began it; `phone_at` is the latest word or message from the owner's phone,
    `resumed_at` the latest resume word, `taken_at` when somebody last took it at the console. These three outlive
    the holding they were heard in.
    """

    holder: Holder = Holder.BOT
    until: datetime | None = None
    since: datetime | None = None
    why: str = ""
    asked: bool = False
    owner_came: bool = False
    phone_at: datetime | None = None
    resumed_at: datetime | None = None
    taken_at: datetime | None = None


class _Spans(Struct, frozen=True):
    """How long each kind of holding lasts; nothing means: until somebody says so."""

    pause: timedelta | None
    asked: timedelta | None
    taken: timedelta | None


_Move = Callable[[Holding, datetime, _Spans], Holding]


def holder_at(holding: Holding, now: datetime) -> Holder:
    """Return who holds the chat at a moment."""
    over = holding.until is not None and holding.until <= now
    return Holder.BOT if over else holding.holder


def next_holding(
    holding: Holding,
    signal: Signal,
    *,
    at: datetime,
    now: datetime,
    pause: timedelta | None,
    asked: timedelta | None,
    taken: timedelta | None = None,
) -> Holding:
    """Return the holding after a signal that happened at `at`.

    `pause` is how long each message of the owner holds a chat, `asked` the same where a flow handed off, `taken` for
    how long somebody takes it at the console; nothing means: until somebody hands back.
    """
    if is_outdated(holding, signal, at):
        return holding
    move = TABLE[holder_at(holding, now), signal]
    return _heard(move(holding, at, _Spans(pause, asked, taken)), holding, signal, at)


def is_outdated(holding: Holding, signal: Signal, at: datetime) -> bool:
    """Tell whether a signal that happened at `at` says nothing any more, since a later one was heard before it."""
    match signal:
        case Signal.OWNER_MESSAGE | Signal.STOP_WORD:
            newer = [holding.resumed_at]
        case Signal.RESUME_WORD:
            newer = [holding.phone_at, holding.taken_at and holding.taken_at.replace(microsecond=0)]
        case _:
            newer = []
    return any(each is not None and at < each for each in newer)


def longer(own: Holding, other: Holding, now: datetime) -> Holding:
    """Return the holding of a chat that another is joined with: the owner's, the one that lasts longer."""
    if holder_at(other, now) is not Holder.OWNER:
        return own
    if holder_at(own, now) is not Holder.OWNER:
        return other
    return own if _later(own.until, other.until) == own.until else other


_FROM_PHONE = frozenset({Signal.OWNER_MESSAGE, Signal.STOP_WORD, Signal.RESUME_WORD})


def _heard(holding: Holding, before: Holding, signal: Signal, at: datetime) -> Holding:
    phone_at, resumed_at, taken_at = before.phone_at, before.resumed_at, before.taken_at
    if signal in _FROM_PHONE:
        phone_at = max(at, phone_at or at)
    if signal is Signal.RESUME_WORD:
        resumed_at = at
    if signal is Signal.TAKE:
        taken_at = max(at, taken_at or at)
    return replace(holding, phone_at=phone_at, resumed_at=resumed_at, taken_at=taken_at)


def _stay(holding: Holding, _at: datetime, _spans: _Spans) -> Holding:
    return holding


def _take(_holding: Holding, at: datetime, spans: _Spans) -> Holding:
    return Holding(
        holder=Holder.OWNER,
        until=_end(at, spans.pause),
        since=at,
        why=Signal.OWNER_MESSAGE,
        owner_came=True,
    )


def _extend(holding: Holding, at: datetime, spans: _Spans) -> Holding:
    span = spans.asked if holding.asked else spans.pause
    # Webhooks tell whole seconds: an owner's message in the second of the handoff came after it.
    came = holding.since is None or spans.pause is None or at + spans.pause >= holding.since.replace(microsecond=0)
    return replace(holding, until=_later(holding.until, _end(at, span)), owner_came=holding.owner_came or came)


def _take_for_ever(_holding: Holding, at: datetime, _spans: _Spans) -> Holding:
    return Holding(holder=Holder.OWNER, since=at, why=Signal.STOP_WORD, owner_came=True)


def _take_asked(_holding: Holding, at: datetime, spans: _Spans) -> Holding:
    return Holding(
        holder=Holder.OWNER,
        until=_end(at, spans.asked),
        since=at,
        why=Signal.HAND_OFF,
        asked=True,
    )


def _extend_asked(holding: Holding, at: datetime, spans: _Spans) -> Holding:
    until = _later(holding.until, _end(at, spans.asked))
    return replace(_take_asked(holding, at, spans), until=until, owner_came=holding.owner_came)


def _take_by_hand(_holding: Holding, at: datetime, spans: _Spans) -> Holding:
    return Holding(holder=Holder.OWNER, until=_end(at, spans.taken), since=at, why=Signal.TAKE, owner_came=True)


def _extend_by_hand(holding: Holding, at: datetime, spans: _Spans) -> Holding:
    return replace(holding, until=_later(holding.until, _end(at, spans.taken)), owner_came=True)


def _give_back(why: Signal) -> _Move:
    def move(_holding: Holding, at: datetime, _spans: _Spans) -> Holding:
        return Holding(since=at, why=why)

    return move


def _give_back_untouched(holding: Holding, at: datetime, spans: _Spans) -> Holding:
    if not holding.asked or holding.owner_came:
        return holding
    return _give_back(Signal.NOBODY_CAME)(holding, at, spans)


def _end(at: datetime, span: timedelta | None) -> datetime | None:
    return None if span is None else at + span


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


TABLE: Mapping[tuple[Holder, Signal], _Move] = {
    (Holder.BOT, Signal.OWNER_MESSAGE): _take,
    (Holder.BOT, Signal.STOP_WORD): _take_for_ever,
    (Holder.BOT, Signal.RESUME_WORD): _give_back(Signal.RESUME_WORD),
    (Holder.BOT, Signal.HAND_OFF): _take_asked,
    (Holder.BOT, Signal.TAKE): _take_by_hand,
    (Holder.BOT, Signal.HAND_BACK): _give_back(Signal.HAND_BACK),
    (Holder.BOT, Signal.NOBODY_CAME): _stay,
    (Holder.BOT, Signal.LINK_CUT): _stay,
    (Holder.OWNER, Signal.OWNER_MESSAGE): _extend,
    (Holder.OWNER, Signal.STOP_WORD): _take_for_ever,
    (Holder.OWNER, Signal.RESUME_WORD): _give_back(Signal.RESUME_WORD),
    (Holder.OWNER, Signal.HAND_OFF): _extend_asked,
    (Holder.OWNER, Signal.TAKE): _extend_by_hand,
    (Holder.OWNER, Signal.HAND_BACK): _give_back(Signal.HAND_BACK),
    (Holder.OWNER, Signal.NOBODY_CAME): _give_back_untouched,
    (Holder.OWNER, Signal.LINK_CUT): _stay,
}
