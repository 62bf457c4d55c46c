"""What to do about an event in a chat: the whole decision, pure.

The same function runs in production, in transcripts, in the simulator and in replay.
"""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from engine import ads, campaign_writes, contact_writes, moving, owner_writes, wake_ups
from engine.book import both
from engine.bursts import BURST
from engine.chat import Chat
from engine.content import Reaction
from engine.effects import Alert, DropQueued, Effect, PassOn, Send, Speaker
from engine.events import (
    CampaignReached,
    ChatEvent,
    ChatHandedBack,
    ChatTaken,
    ContactAbsorbed,
    ContactJoined,
    EchoReceived,
    FileRecalled,
    HttpAnswered,
    IdentityChanged,
    MessageChanged,
    MessageReceived,
    MessageUnreadable,
    OtherSenderWrote,
    PreferenceChanged,
    ReactionReceived,
    RowEnded,
    StatusReceived,
    TimerFired,
)
from engine.identity import Ids, merged
from engine.marks import HANDED_OFF, handoff_mark
from engine.paths import check, path_in
from engine.ruleset import NOBODY_CAME, Ruleset
from engine.trace import Trace
from engine.walk import Walk
from rules.policy import errors, handoff, loop
from rules.policy.consent import Consent
from rules.policy.handoff import Signal
from rules.policy.restrictions import Path, Refusal

UNREACHABLE_FOR = timedelta(days=1)


class Decision(Struct, frozen=True):
    """What an event led to: the chat as it is now, what to do, and why."""

    chat: Chat
    effects: tuple[Effect, ...] = ()
    trace: Trace = Trace()


def decide(chat: Chat, event: ChatEvent, ruleset: Ruleset, now: datetime) -> Decision:
    """Decide what an event means for a chat. `now` is aware, in UTC."""
    walk = _walk(moving.carried(chat, ruleset), event, ruleset, now)
    if _may_lead_on(walk, event, ruleset):
        _act(walk, event, ruleset, now)
    return Decision(_counted(walk, now), tuple(walk.effects), walk.trace)


def _act(walk: Walk, event: ChatEvent, ruleset: Ruleset, now: datetime) -> None:  # noqa: C901, PLR0912 - a case an event
    match event:
        case MessageReceived():
            contact_writes.message(walk, event, ruleset, now)
        case MessageUnreadable():
            contact_writes.unreadable(walk, event)
        case EchoReceived():
            owner_writes.echo(walk, event, ruleset, now)
        case TimerFired():
            _timer(walk, event, ruleset, now)
        case HttpAnswered():
            wake_ups.answer(walk, event, ruleset, now)
        case StatusReceived():
            _status(walk, event, now)
        case RowEnded():
            _refused(walk, event, now)
        case IdentityChanged():
            _identity(walk, event)
        case PreferenceChanged():
            _preference(walk, marketing=event.marketing)
        case ContactJoined():
            _joined(walk, event)
        case ContactAbsorbed():
            _absorbed(walk, event, now)
            contact_writes.passed_on(walk, event.unanswered, ruleset, now)
        case CampaignReached():
            campaign_writes.reach(walk, event, ruleset, now)
        case ChatTaken():
            owner_writes.taken(walk, event, ruleset, now)
        case ChatHandedBack():
            owner_writes.handed_back(walk, event, ruleset, now)
        case MessageChanged():
            walk.note("event", f"the {event.by} changed an earlier message: nothing follows from that")
        case ReactionReceived():
            walk.note("event", "a reaction: nothing follows from that")
        case FileRecalled():
            walk.note("event", "a file of the phone's past: it is brought, and nothing follows from it")
        case OtherSenderWrote():
            walk.note("event", "another sender has the chat: recorded, never answered")
        case _:
            assert_never(event)


def _walk(chat: Chat, event: ChatEvent, ruleset: Ruleset, now: datetime) -> Walk:
    message = event if isinstance(event, MessageReceived) else None
    asked = isinstance(event, HttpAnswered) and event.asked
    return Walk(chat, ruleset, now, event_id=event.id, message=message, last_written_at=chat.written_at, asked=asked)


def _may_lead_on(walk: Walk, event: ChatEvent, ruleset: Ruleset) -> bool:
    """Ask the restriction lists; what comes in is kept in any case, and an echo always hands over."""
    if isinstance(event, MessageReceived):
        contact_writes.remember(walk, event)
    elif isinstance(event, CampaignReached):
        campaign_writes.remember(walk, event)
    path = path_in(event)
    if path is None:
        return True
    checked = check(path, walk.chat.contact.ids, ruleset.business.numbers[walk.chat.number], ruleset.lists)
    if not isinstance(checked, Refusal):
        return True
    walk.note("restriction", checked.words)
    if path is Path.INBOUND:
        walk.do(Alert("restricted_contact", checked.words))
    return path in (Path.ECHO, Path.STATUS)


def _counted(walk: Walk, now: datetime) -> Chat:
    """Remember that the bot spoke, for the loop guard and for people."""
    if not any(map(_speaks, walk.effects)):
        return walk.chat
    return replace(walk.chat, bot_at=now, answers_at=loop.remember(walk.chat.answers_at, now))


def _speaks(effect: Effect) -> bool:
    """Tell whether the bot says something with it; a reaction is no answer."""
    return (
        isinstance(effect, Send) and effect.speaker is not Speaker.PERSON and not isinstance(effect.content, Reaction)
    )


def _timer(walk: Walk, event: TimerFired, ruleset: Ruleset, now: datetime) -> None:
    if event.run == HANDED_OFF:
        _nobody_came(walk, event, ruleset, now)
        return
    if event.run == BURST:
        contact_writes.burst_is_over(walk, event, ruleset, now)
        return
    wake_ups.timer(walk, event, ruleset, now)


def _nobody_came(walk: Walk, event: TimerFired, ruleset: Ruleset, now: datetime) -> None:
    holding = walk.chat.holding
    if not holding.asked or holding.owner_came or event.wait != handoff_mark(walk.chat):
        walk.note("timer", "`nobody_came` is void: somebody came")
        return
    policy = ruleset.business.handoff
    back = handoff.next_holding(holding, Signal.NOBODY_CAME, at=now, now=now, pause=policy.pause, asked=policy.asked)
    walk.chat = replace(walk.chat, holding=back)
    walk.note("handoff", "nobody came: the bot holds the chat again")
    if wake_ups.is_late(event, ruleset, now):
        walk.note("timer", "`nobody_came` comes too late: nothing is said")
    elif aside := ruleset.asides.get(NOBODY_CAME):
        walk.aside(aside)


def _status(walk: Walk, event: StatusReceived, now: datetime) -> None:
    if event.free_until is not None:
        walk.chat = replace(walk.chat, free_until=event.free_until)
    if event.status in ("delivered", "read", "played") and walk.chat.contact.unreachable_until:
        walk.chat = replace(walk.chat, contact=replace(walk.chat.contact, unreachable_until=None))
    walk.note("status", f"Meta says `{event.status}`")
    if event.status == "failed":
        _refused(walk, event, now)


def _refused(walk: Walk, event: StatusReceived | RowEnded, now: datetime) -> None:
    """Draw from an error what it says about the chat or its contact."""
    rule = errors.error(event.code, None)
    contact = walk.chat.contact
    walk.note("error", f"{event.code}: {rule.title}")
    match rule.action:
        case errors.Action.TEMPLATE:
            # It was shut when the message left already; the contact may have written since.
            walk.chat = replace(walk.chat, window_shut_at=min(event.at, walk.chat.bot_at or event.at))
        case errors.Action.UNREACHABLE | errors.Action.COUNTRY:
            walk.chat = replace(walk.chat, contact=replace(contact, unreachable_until=now + UNREACHABLE_FOR))
        case errors.Action.OPTED_OUT:
            walk.chat = replace(walk.chat, contact=replace(contact, marketing=Consent.REFUSED))
        case errors.Action.LATER_DAY:
            walk.chat = replace(walk.chat, contact=replace(contact, marketing_after=now + rule.rest))
    # What concerns the whole number, or a template in all chats, is told where the number is decided.
    if rule.notify and rule.action is not errors.Action.PAUSE_NUMBER and rule.template_status is None:
        walk.do(Alert("send_refused", rule.words_with(event.details)))


def _identity(walk: Walk, event: IdentityChanged) -> None:
    known = walk.chat.contact.ids
    kept = Ids(
        phones=tuple(phone for phone in known.phones if phone not in event.old.phones),
        bsuids=tuple(bsuid for bsuid in known.bsuids if bsuid not in event.old.bsuids),
    )
    walk.chat = replace(walk.chat, contact=replace(walk.chat.contact, ids=merged(event.ids, kept)))
    walk.note("contact", "the contact has another number or user id now")


def _preference(walk: Walk, *, marketing: bool) -> None:
    wish = Consent.GIVEN if marketing else Consent.REFUSED
    walk.chat = replace(walk.chat, contact=replace(walk.chat.contact, marketing=wish))
    walk.note("consent", f"marketing is {wish}")


def _joined(walk: Walk, event: ContactJoined) -> None:
    chat = walk.chat
    contact = chat.contact
    known = ContactAbsorbed(
        id=f"{event.id}/absorbed",
        at=event.at,
        arrived_at=event.arrived_at,
        ids=contact.ids,
        tags=contact.tags,
        attributes=contact.attributes,
        marketing=contact.marketing,
        marketing_after=contact.marketing_after,
        heard_at=chat.heard_at,
        holding=chat.holding,
        first_ad=chat.first_ad,
        last_ad=chat.last_ad,
        claims=chat.claims,
        unanswered=chat.burst.messages if chat.burst else (),
        campaigns=chat.campaigns,
        book=contact.book,
    )
    walk.chat = replace(chat, run=None, queued_flow=None, queued_values={}, burst=None, epoch=chat.epoch + 1)
    walk.do(DropQueued("joined", tuple(Speaker)), PassOn(event.into, known))
    walk.note("contact", "this contact is the same person as another; their chat goes on there")


def _absorbed(walk: Walk, event: ContactAbsorbed, now: datetime) -> None:
    chat = walk.chat
    contact = replace(
        chat.contact,
        ids=merged(chat.contact.ids, event.ids),
        tags=tuple(sorted({*chat.contact.tags, *event.tags})),
        attributes={**event.attributes, **chat.contact.attributes},
        marketing=_stricter(chat.contact.marketing, event.marketing),
        marketing_after=_later(chat.contact.marketing_after, event.marketing_after),
        book=both(chat.contact.book, event.book),
    )
    walk.chat = replace(
        ads.with_claims(chat, event.claims),
        contact=contact,
        heard_at=_later(chat.heard_at, event.heard_at),
        holding=handoff.longer(chat.holding, event.holding, now),
        first_ad=ads.first(chat.first_ad, event.first_ad),
        last_ad=ads.last(chat.last_ad, event.last_ad),
        campaigns=campaign_writes.had(event.campaigns, chat.campaigns),
    )
    walk.note("contact", "took over what was known of the same person under another id")


def _stricter(one: Consent, other: Consent) -> Consent:
    """Return a no before a yes, and either before nothing."""
    return next((each for each in (Consent.REFUSED, Consent.GIVEN) if each in (one, other)), Consent.UNKNOWN)


def _later(*moments: datetime | None) -> datetime | None:
    return max((each for each in moments if each), default=None)
