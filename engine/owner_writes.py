"""What an echo means, and what it means that somebody took a chat or handed it back."""

from datetime import datetime

from msgspec.structs import replace

from engine.chat import Chat
from engine.content import words_of
from engine.effects import DropQueued
from engine.events import ChatHandedBack, ChatTaken, EchoReceived
from engine.identity import same_message
from engine.ruleset import Ruleset
from engine.walk import Walk
from rules.policy import handoff
from rules.policy.handoff import Holder, Holding, Signal
from rules.words import words


def echo(walk: Walk, event: EchoReceived, ruleset: Ruleset, now: datetime) -> None:
    """Hand the chat to the owner, unless the echo is ours, the app's own words, or a word to the bot."""
    policy = ruleset.business.handoff
    said = words_of(event.content).strip()
    if own := own_row(walk.chat, event):
        walk.note("echo", f"our own message {own} came back: not the owner")
    elif said and any(words(said) == words(text) for text in policy.ignore):
        walk.note("echo", "one of the app's own texts: ignored")
    elif said.casefold() == policy.stop.casefold():
        _signal(walk, event, Signal.STOP_WORD, ruleset, now)
    elif said.casefold() == policy.resume.casefold():
        _signal(walk, event, Signal.RESUME_WORD, ruleset, now)
    else:
        walk.chat = replace(walk.chat, owner_at=max(event.at, walk.chat.owner_at or event.at))
        _signal(walk, event, Signal.OWNER_MESSAGE, ruleset, now)


def taken(walk: Walk, event: ChatTaken, ruleset: Ruleset, now: datetime) -> None:
    """Hand the chat to the owner, as somebody said who looks after it; what is queued goes, however late we hear it."""
    policy = ruleset.business.handoff
    holding = handoff.next_holding(
        walk.chat.holding, Signal.TAKE, at=event.at, now=now, pause=policy.pause, asked=policy.asked, taken=event.span
    )
    walk.chat = replace(walk.chat, holding=holding)
    _silence(walk, "taken")
    walk.note("holder", f"`{event.by}` took the chat: the bot is silent {_until(holding)}")


def handed_back(walk: Walk, event: ChatHandedBack, ruleset: Ruleset, now: datetime) -> None:
    """Hand the chat back to the bot, as somebody said who looks after it."""
    policy = ruleset.business.handoff
    holding = handoff.next_holding(
        walk.chat.holding, Signal.HAND_BACK, at=event.at, now=now, pause=policy.pause, asked=policy.asked
    )
    walk.chat = replace(walk.chat, holding=holding, handed_back_at=event.at)
    walk.note("holder", f"`{event.by}` handed the chat back: the bot is quiet until the contact writes")


def own_row(chat: Chat, event: EchoReceived) -> str | None:
    """Return our row the echo is about: by id, by inner key, or by the words of one whose answer was lost."""
    for own in chat.own:
        if own.message_id and same_message(own.message_id, event.id):
            return own.row
    lost = [own for own in chat.own if own.state == "doubt" and own.words == words_of(event.content) != ""]
    return lost[0].row if len(lost) == 1 else None


def _signal(walk: Walk, event: EchoReceived, signal: Signal, ruleset: Ruleset, now: datetime) -> None:
    policy = ruleset.business.handoff
    if signal is Signal.RESUME_WORD and handoff.is_outdated(walk.chat.holding, signal, event.at):
        walk.note("holder", "a word to the bot from before the chat was taken: nothing follows from that")
        return
    holding = handoff.next_holding(
        walk.chat.holding, signal, at=event.at, now=now, pause=policy.pause, asked=policy.asked
    )
    walk.chat = replace(walk.chat, holding=holding)
    if signal is Signal.RESUME_WORD:
        walk.chat = replace(walk.chat, handed_back_at=event.at)
        walk.note("holder", "the owner hands the chat back: the bot is quiet until the contact writes")
        return
    # It may have had to wait for the id of a message that was being sent: late is only what came late.
    if handoff.holder_at(holding, min(now, event.arrived_at)) is not Holder.OWNER:
        walk.note("holder", "the owner replied, long enough ago: only answers to what was before that are dropped")
        return
    _silence(walk, "owner_replied")
    walk.note("holder", f"the owner replied: the bot is silent {_until(holding)}")


def _silence(walk: Walk, reason: str) -> None:
    """Let nothing more of what was decided so far leave, and the run wait for the bot to hold the chat again."""
    run = walk.chat.run
    interrupted = replace(run, interrupted=True) if run else None
    walk.chat = replace(walk.chat, epoch=walk.chat.epoch + 1, run=interrupted, burst=None)
    walk.do(DropQueued(reason))


def _until(holding: Holding) -> str:
    return f"until {holding.until:%Y-%m-%d %H:%M} UTC" if holding.until else "until told otherwise"
