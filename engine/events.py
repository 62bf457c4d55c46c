"""What happened, in the past tense.

Two closed sets: `ChatEvent` happens in one chat, `NumberEvent` to a business number.
Every event has the id it is de-duplicated by, the moment it happened by the sender's clock (`at`)
and the moment it reached us (`arrived_at`); both are aware and in UTC.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from engine.content import Content, Media
from engine.identity import Booked, Ids
from engine.kept import Stored
from engine.request import Answer
from rules.policy.consent import Consent
from rules.policy.handoff import Holding


class Happened(Struct, frozen=True, kw_only=True):
    """What every event has."""

    id: str
    at: datetime
    arrived_at: datetime


class Referral(Struct, frozen=True):
    """The ad or post a message came from; `clid` is Meta's click id and may be missing."""

    source: Literal["ad", "post"]
    id: str
    clid: str | None = None
    url: str | None = None
    headline: str | None = None
    body: str | None = None


class AdClick(Struct, frozen=True):
    """A click on an ad that led to a message."""

    at: datetime
    referral: Referral


class MessageReceived(Happened, frozen=True, tag=True, kw_only=True):
    """The contact wrote to the business."""

    content: Content
    ids: Ids
    name: str | None = None
    username: str | None = None
    reply_to: str | None = None
    forwarded: bool = False
    referral: Referral | None = None


class MessageUnreadable(Happened, frozen=True, tag=True, kw_only=True):
    """The contact wrote something only the app can show (131060)."""

    ids: Ids


class ReactionReceived(Happened, frozen=True, tag=True, kw_only=True):
    """The contact put an emoji on a message, or took it away (`emoji` is nothing)."""

    message_id: str
    emoji: str | None
    ids: Ids


class EchoReceived(Happened, frozen=True, tag=True, kw_only=True):
    """The owner wrote in the app; `content` is `Unsupported` when the app does not tell what."""

    content: Content
    ids: Ids


class MessageChanged(Happened, frozen=True, tag=True, kw_only=True):
    """Somebody edited an earlier message (`content` is the new one) or deleted it (nothing)."""

    by: Literal["contact", "owner"]
    original_id: str
    content: Content | None = None


class OtherSenderWrote(Happened, frozen=True, tag=True, kw_only=True):
    """Another app or Meta's own agent holds or used the chat; recorded, never answered."""

    content: Content | None = None


class FileRecalled(Happened, frozen=True, tag=True, kw_only=True):
    """A phone told of a file in its past: it is brought, and nothing else follows. `by` is who had sent it."""

    file: Media
    by: Literal["contact", "owner"]


class StatusReceived(Happened, frozen=True, tag=True, kw_only=True):
    """Meta says what became of a message of ours.

    `message_id` is Meta's, `row` ours if it came back; `free_until` ends the free entry point window.
    """

    message_id: str
    status: Literal["sent", "delivered", "read", "played", "failed"]
    row: str | None = None
    code: int | None = None
    details: str | None = None
    free_until: datetime | None = None
    price_type: str | None = None
    price_category: str | None = None


class RowEnded(Happened, frozen=True, tag=True, kw_only=True):
    """A row of ours was refused with an error that says something about the chat."""

    row: str
    code: int
    details: str | None = None


class TimerFired(Happened, frozen=True, tag=True, kw_only=True):
    """A timer of a run is due; `wait` must still be the run's own count of waits."""

    name: str
    run: str
    wait: int


class HttpAnswered(Happened, frozen=True, tag=True, kw_only=True):
    """Another system answered a run, or surely will not; `run` and `wait` must still be the run's own."""

    run: str
    wait: int
    answer: Answer
    asked: bool = True


class IdentityChanged(Happened, frozen=True, tag=True, kw_only=True):
    """The contact has another number or user id now; `ids` are the new ones, `old` end."""

    ids: Ids
    old: Ids


class PreferenceChanged(Happened, frozen=True, tag=True, kw_only=True):
    """The contact told Meta whether they want marketing messages from this business."""

    marketing: bool


class ContactJoined(Happened, frozen=True, tag=True, kw_only=True):
    """Two contacts turned out to be one person; this chat goes on as `into`."""

    into: str


class ContactAbsorbed(Happened, frozen=True, tag=True, kw_only=True):
    """What was known about the other of two contacts that turned out to be this one; `unanswered` waited there."""

    ids: Ids
    tags: tuple[str, ...] = ()
    attributes: dict[str, Stored] = {}
    marketing: Consent = Consent.UNKNOWN
    marketing_after: datetime | None = None
    heard_at: datetime | None = None
    holding: Holding = Holding()
    first_ad: AdClick | None = None
    last_ad: AdClick | None = None
    claims: tuple[str, ...] = ()
    unanswered: tuple[MessageReceived, ...] = ()
    campaigns: dict[str, datetime] = {}
    book: dict[str, Booked] = {}


class CampaignReached(Happened, frozen=True, tag=True, kw_only=True):
    """Somebody's turn has come in a campaign; `values` are a list's, `agreed` tells that it says they opted in."""

    campaign: str
    ids: Ids
    values: dict[str, str] = {}
    agreed: bool = False


class ChatTaken(Happened, frozen=True, tag=True, kw_only=True):
    """Somebody who looks after the chats (`by`) took one for the owner; without `span` until it is handed back."""

    by: str
    span: timedelta | None = None


class ChatHandedBack(Happened, frozen=True, tag=True, kw_only=True):
    """Somebody who looks after the chats (`by`) handed one back to the bot."""

    by: str


ChatEvent = (
    MessageReceived
    | MessageUnreadable
    | ReactionReceived
    | EchoReceived
    | MessageChanged
    | OtherSenderWrote
    | FileRecalled
    | StatusReceived
    | RowEnded
    | TimerFired
    | HttpAnswered
    | IdentityChanged
    | PreferenceChanged
    | ContactJoined
    | ContactAbsorbed
    | CampaignReached
    | ChatTaken
    | ChatHandedBack
)


class AccountChanged(Happened, frozen=True, tag=True, kw_only=True):
    """Meta changed something about the account; `event` and `reason` in Meta's words."""

    event: str
    reason: str | None = None
    state: str | None = None
    restrictions: tuple[str, ...] = ()
    until: datetime | None = None


class TemplateChanged(Happened, frozen=True, tag=True, kw_only=True):
    """A template has another status, quality, category or text; `values` is how many the text takes.

    `next_category` is the one that Meta will file it under soon.
    """

    name: str
    language: str
    status: str | None = None
    quality: str | None = None
    category: str | None = None
    next_category: str | None = None
    values: int | None = None


class Listed(Struct, frozen=True, kw_only=True):
    """A template as Meta lists it."""

    name: str
    language: str
    status: str
    category: str
    quality: str | None = None
    values: int | None = None


class TemplatesPulled(Happened, frozen=True, tag=True, kw_only=True):
    """All templates of the number's account were asked for; `at` is when that began."""

    templates: tuple[Listed, ...]


class NumberRated(Happened, frozen=True, tag=True, kw_only=True):
    """Meta rated a number anew; `reach` is how many people it may write to first within 24 hours (nothing: unsaid)."""

    event: str = ""
    quality: str = ""
    reach: int | None = None


class SendRefused(Happened, frozen=True, tag=True, kw_only=True):
    """The Graph API refused a send for a reason that concerns the whole number."""

    code: int
    details: str | None = None


class ReportingTroubled(Happened, frozen=True, tag=True, kw_only=True):
    """Something is the matter with the conversions of the number; they rest `until` then, if at all."""

    reason: str
    words: str
    until: datetime | None = None


class PlatformTold(Happened, frozen=True, tag=True, kw_only=True):
    """Meta told something that changes nothing here: kept for people; `field` is Meta's name."""

    field: str
    summary: str


NumberEvent = (
    AccountChanged | TemplateChanged | TemplatesPulled | NumberRated | SendRefused | ReportingTroubled | PlatformTold
)
