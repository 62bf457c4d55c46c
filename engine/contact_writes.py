"""What a contact's message leads to, in the order of precedence.

Opt-out and opt-in words; digressions; the waiting step if it accepts the answer; triggers; the FAQ, after which the
open question is asked again; the waiting step's `sorry`; `otherwise`.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from engine import ads, bursts, moving
from engine.content import words_of
from engine.effects import Alert, as_notices
from engine.events import AdClick, MessageReceived, MessageUnreadable, TimerFired
from engine.identity import merged
from engine.marks import is_wait_key, payload_of, wait_key
from engine.ruleset import Digression, Ruleset, Words
from engine.walk import Walk
from rules.policy import consent, handoff, loop, window
from rules.policy.consent import Consent, Wish
from rules.policy.handoff import Holder
from rules.words import words


def message(walk: Walk, event: MessageReceived, ruleset: Ruleset, now: datetime) -> None:
    """Answer the message, if anything may answer."""
    if not _may_answer(walk, event, ruleset, now):
        return
    pause = bursts.pause(walk.chat, ruleset.business, now)
    if not pause and walk.chat.burst is None:
        _answer(walk, event, ruleset)
        return
    walk.chat = bursts.with_messages(walk.chat, (event,), walk.last_written_at)
    if pause:
        _set_timer(walk, now, pause)
    else:
        _answer_burst(walk, ruleset, now)


def burst_is_over(walk: Walk, event: TimerFired, ruleset: Ruleset, now: datetime) -> None:
    """Answer what was written in a row, unless something more came or the owner took the chat."""
    if not bursts.is_over(walk.chat.burst, event):
        walk.note("timer", "more was written since, or the owner came: this pause is void")
    elif _bot_holds(walk, ruleset, now):
        _answer_burst(walk, ruleset, now)
    else:
        walk.chat = replace(walk.chat, burst=None)


def passed_on(walk: Walk, messages: tuple[MessageReceived, ...], ruleset: Ruleset, now: datetime) -> None:
    """Answer here what waited for more in another chat of the same person, unless the owner holds this one."""
    if messages and _owner_holds(walk, now):
        walk.note("burst", "what was written in the other chat is left to the owner")
        walk.chat = replace(walk.chat, burst=None)
    elif messages:
        walk.chat = bursts.with_messages(walk.chat, messages, walk.chat.written_at)
        _set_timer(walk, now, bursts.pause(walk.chat, ruleset.business, now))


def _set_timer(walk: Walk, now: datetime, pause: timedelta) -> None:
    if walk.chat.burst is not None:
        walk.do(bursts.timer(walk.chat.burst, now + pause))
        walk.note("burst", f"answered in {pause.total_seconds():g} s, unless more comes")


def _answer_burst(walk: Walk, ruleset: Ruleset, now: datetime) -> None:
    burst, before = walk.chat.burst, None
    walk.chat = replace(walk.chat, burst=None)
    for message in bursts.as_one(burst) if burst else ():
        if _owner_holds(walk, now):
            walk.note("holder", "the owner was asked to take over: the rest of what was written is left to them")
            return
        walk.message, walk.last_written_at = message, before or (burst.before if burst else None)
        _answer(walk, message, ruleset)
        before = message.at


def _owner_holds(walk: Walk, now: datetime) -> bool:
    return handoff.holder_at(walk.chat.holding, now) is Holder.OWNER


def unreadable(walk: Walk, event: MessageUnreadable) -> None:
    """Tell the owner: there is a message that only the app can show."""
    walk.chat = replace(walk.chat, contact=replace(walk.chat.contact, ids=merged(event.ids, walk.chat.contact.ids)))
    walk.do(Alert("unreadable", "There is a message that only the app can show; please look there."))
    walk.note("event", "unreadable for us (131060): the owner is told")


def remember(walk: Walk, event: MessageReceived) -> None:
    """Keep what a message tells of the contact, the window and the ad."""
    chat = walk.chat
    contact = replace(
        chat.contact,
        ids=merged(event.ids, chat.contact.ids),
        name=event.name or chat.contact.name,
        username=event.username or chat.contact.username,
        unreachable_until=None,
    )
    heard = window.heard_at(event.at, event.arrived_at)
    chat = replace(
        chat,
        contact=contact,
        heard_at=max(heard, chat.heard_at or heard),
        written_at=max(event.at, chat.written_at or event.at),
    )
    if event.referral is not None:
        chat = ads.clicked(chat, AdClick(event.at, event.referral))
    walk.chat = chat


def _may_answer(walk: Walk, event: MessageReceived, ruleset: Ruleset, now: datetime) -> bool:
    business = ruleset.business
    if business.is_own(walk.chat.contact.ids):
        walk.note("event", "from a number of our own: never answered")
        return False
    if _wish(walk, event, ruleset):
        return False
    if now - event.at > business.answer_within:
        walk.do(Alert("late_message", "A message came too late for the bot to answer. Answer it if it still matters."))
        walk.note("age", "older than `answer_within`: kept, not answered")
        return False
    return _bot_holds(walk, ruleset, now) and _no_loop(walk, now)


def _wish(walk: Walk, event: MessageReceived, ruleset: Ruleset) -> bool:
    business = ruleset.business
    wish = consent.wish(words_of(event.content), business.opt_out.words, business.opt_in.words)
    if wish is None:
        return False
    out = wish is Wish.OPT_OUT
    contact = replace(walk.chat.contact, marketing=Consent.REFUSED if out else Consent.GIVEN)
    walk.chat = replace(walk.chat, contact=contact)
    walk.note("consent", "opts out of marketing" if out else "opts in to marketing")
    _reply(walk, business.opt_out if out else business.opt_in, ruleset)
    return True


def _reply(walk: Walk, words: Words, ruleset: Ruleset) -> None:
    if words.reply is not None:
        walk.aside(ruleset.asides[words.reply])
        walk.effects = as_notices(walk.effects)


def _bot_holds(walk: Walk, ruleset: Ruleset, now: datetime) -> bool:
    holding = walk.chat.holding
    if _owner_holds(walk, now):
        until = f" until {holding.until:%Y-%m-%d %H:%M} UTC" if holding.until else ""
        walk.note("holder", f"the owner holds the chat{until}: the bot is silent")
        return False
    if holding.holder is Holder.OWNER:
        walk.chat = replace(
            walk.chat, holding=replace(holding, holder=Holder.BOT, until=None, since=holding.until, asked=False)
        )
        walk.note("holder", "the owner's pause ran out: the bot holds the chat again")
    return _take_up(walk, ruleset)


def _take_up(walk: Walk, ruleset: Ruleset) -> bool:
    """Go on with a run whose flow changed or that the owner interrupted; tell whether the message is still open."""
    run = walk.chat.run
    if run is not None and moving.is_to_restart(run, ruleset):
        walk.note("flow", f"`{run.flows[-1]}` has changed since, and begins again")
        walk.put_at_start(run.flows[-1])
        return True
    if run is None or not run.interrupted:
        return True
    walk.chat = replace(walk.chat, run=replace(run, interrupted=False))
    match ruleset.business.handoff.after:
        case "end":
            walk.chat = replace(walk.chat, run=None)
            return True
        case "restart" if run.flows[-1] in ruleset.flows:
            walk.put_at_start(run.flows[-1])
            return True
        case _:
            return not walk.skip_wait()


def _no_loop(walk: Walk, now: datetime) -> bool:
    if loop.allows(walk.chat.answers_at, now):
        walk.chat = replace(walk.chat, loop_told=False)
        return True
    walk.note("loop", "too many answers in a short time: the other side may be a bot")
    if not walk.chat.loop_told:
        walk.chat = replace(walk.chat, loop_told=True)
        walk.do(Alert("loop_guard", "The bot rests in a chat: the other side may be a bot, too. Look into it."))
    return False


def _answer(walk: Walk, event: MessageReceived, ruleset: Ruleset) -> None:
    if _is_late(walk, event):
        walk.note("answer", "a button or a form of an earlier question: dropped")
    elif _is_met(walk, event, ruleset) or _is_to_begin(walk):
        walk.chat = replace(walk.chat, unmatched=0)
    elif walk.chat.run is not None and walk.chat.run.for_system:
        walk.note("answer", "another system is being asked: the contact is answered when it has answered")
    elif not walk.sorry():
        _otherwise(walk, ruleset)
    if _is_to_begin(walk):
        walk.ask_again()


def _is_met(walk: Walk, event: MessageReceived, ruleset: Ruleset) -> bool:
    return (
        _digress(walk, event, ruleset) or walk.answer() or _trigger(walk, event, ruleset) or _faq(walk, event, ruleset)
    )


def _is_to_begin(walk: Walk) -> bool:
    """Tell whether the run begins again, and nothing of it was done yet: the message comes before its first step."""
    return walk.chat.run is not None and not walk.chat.run.waiting


def _is_late(walk: Walk, event: MessageReceived) -> bool:
    """Tell whether a button or a form of ours belongs to a wait that is over; what is not ours is read by its words."""
    payload = payload_of(event.content)
    return is_wait_key(payload) and not payload.startswith(f"{wait_key(walk.chat)}.")


def _digress(walk: Walk, event: MessageReceived, ruleset: Ruleset) -> bool:
    """Leave what is going on, if that is what the contact asks for; the open question's buttons and form answer it."""
    if is_wait_key(payload_of(event.content)):
        return False
    said, facts = words(words_of(event.content)), walk.facts
    for digression in ruleset.digressions_in(walk.chat.run):
        if said in digression.words or (digression.when is not None and digression.when.holds(facts)):
            walk.note("digression", f"`{digression.name}` is asked for")
            _follow(walk, digression)
            return True
    return False


def _follow(walk: Walk, digression: Digression) -> None:
    if digression.language is not None:
        walk.chat = replace(walk.chat, contact=replace(walk.chat.contact, language=digression.language))
    if digression.run is not None:
        walk.start(digression.run)
        return
    before = walk.chat.run
    if digression.aside is not None:
        walk.aside(digression.aside)
    if before is not None and walk.chat.run is not None and walk.chat.run.id == before.id:
        walk.ask_again()


def _trigger(walk: Walk, event: MessageReceived, ruleset: Ruleset) -> bool:
    facts = walk.facts
    trigger = ruleset.triggers.first(event, facts)
    if trigger is None:
        return False
    overlap = ruleset.flows[trigger.flow].overlap
    why = trigger.when.why(facts) if trigger.when else f"`{trigger.text}`"
    walk.note("trigger", f"`{trigger.flow}` fits: {why}", trigger.place)
    taken = trigger.when.taken(facts) if trigger.when else {}
    if walk.chat.run is None or overlap == "restart":
        walk.start(trigger.flow, taken)
        return True
    if overlap == "queue":
        walk.chat = replace(walk.chat, queued_flow=trigger.flow, queued_values=dict(taken))
        walk.note("flow", f"`{trigger.flow}` waits for the run's end")
        return True
    walk.note("flow", f"`{trigger.flow}` is ignored while another run is going on")
    return False


def _faq(walk: Walk, event: MessageReceived, ruleset: Ruleset) -> bool:
    found = ruleset.questions.best(words_of(event.content))
    if found is None:
        return False
    kind, name = ruleset.answers[found.answer]
    walk.note("faq", found.why)
    if kind == "flow":
        walk.start(name)
    else:
        walk.aside(ruleset.asides[name])
        walk.ask_again()
    return True


def _otherwise(walk: Walk, ruleset: Ruleset) -> None:
    unmatched = walk.chat.unmatched + 1
    walk.chat = replace(walk.chat, unmatched=unmatched)
    limit = ruleset.business.handoff_after
    aside = ruleset.otherwise(walk.chat.run)
    if limit is not None and unmatched >= limit:
        walk.chat = replace(walk.chat, unmatched=0)
        walk.hand_off(f"not understood {unmatched} times")
    elif aside is not None:
        walk.note("otherwise", "nothing else fits")
        walk.aside(aside)
    elif walk.chat.run is not None:
        walk.hand_off("an answer was not understood")
    else:
        walk.note("otherwise", "nothing fits and there is no `otherwise`: silence")
