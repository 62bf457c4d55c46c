"""Who gets a campaign, and when?

`admit` decides about one person, and is asked twice: when their turn comes in the audience, and again when their chat
decides it. Before the message leaves, the gate asks what the gate always asks, and for the opt-in, the hours and the
end of the campaign.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from engine.approval import MARKETING
from engine.chat import Chat, Number, Run
from engine.content import Template
from engine.facts import Facts, Scene
from engine.identity import Ids, recipient
from engine.paths import check
from engine.ruleset import Business
from engine.step import Turn
from engine.turns import turn_at
from rules.conditions import Compiled
from rules.policy import countries
from rules.policy.consent import Consent
from rules.policy.daytime import Daytime, zone_of
from rules.policy.handoff import Holder, holder_at
from rules.policy.restrictions import Path, Refusal, Restrictions

NOTHING: Mapping[str, Any] = {}


class Message(Protocol):
    """A template as a campaign names it."""

    def fill(self, turn: Turn) -> Template | None:
        """Write in what is known of somebody; nothing where a part that Meta needs is empty."""


class Campaign(Struct, frozen=True, kw_only=True):
    """A template for many people, ready to run.

    `audience` is nothing where a list says who they are; `templates` are names with languages, as a number knows them.
    `marketing` asks for an opt-in. Hours go by the clock of each
    contact, or of the business. `share` is that of the number's pace, in percent. Left out are people in the middle of
    a flow (`in_flow`), where anybody wrote within the span `spoke`, and whoever `had` another campaign.
    """

    name: str
    number: str
    message: Message
    templates: tuple[str, ...] = ()
    audience: Compiled | None = None
    columns: tuple[str, ...] = ()
    marketing: bool = True
    begins: time = time(9)
    ends: time = time(20)
    of_contact: bool = True
    share: int = 50
    in_flow: bool = True
    spoke: timedelta = timedelta(days=1)
    had: tuple[str, ...] = ()
    at: datetime | None = None
    stop: datetime | None = None

    def hours_for(self, ids: Ids, business: Business, now: datetime) -> Daytime:
        """Return the hours in which somebody may get it."""
        own = getattr(business.zone, "key", "UTC")
        country = countries.country_of(ids.phones, ids.bsuids) if self.of_contact else None
        return Daytime(self.begins, self.ends, zone_of(country, own, now))


class Seen(Struct, frozen=True, kw_only=True):
    """Somebody whose turn it is: what is known of them, what a list adds to it, and whether it tells of an opt-in."""

    chat: Chat
    number: Number
    business: Business
    lists: Restrictions
    now: datetime
    values: Mapping[str, str] = {}
    agreed: bool = False

    def facts(self) -> Facts:
        """Return what the condition and the texts of a campaign can read."""
        return Facts(self._scene(self._as_run()))

    def turn(self) -> Turn:
        """Return what the template is filled in with."""
        return replace(turn_at("", self._scene(None), event="", waiting=False), facts=self.facts())

    def _scene(self, run: Run | None) -> Scene:
        return Scene(replace(self.chat, run=run), self.business, self.now, None, self.chat.written_at)

    def _as_run(self) -> Run:
        """Let names of the list be read the way those of a run are."""
        return Run(id="", flow="", version="", at="", variables=dict(self.values), started_at=self.now)


class Admitted(Struct, frozen=True):
    """They get it now."""


class Later(Struct, frozen=True):
    """They get it, not before a moment."""

    until: datetime


class Excluded(Struct, frozen=True):
    """They do not get it: `reason` for counting, `words` for people."""

    reason: str
    words: str


def admit(campaign: Campaign, seen: Seen) -> Admitted | Later | Excluded:
    """Decide whether somebody gets a campaign now."""
    stopped = next((found for check in _CHECKS if (found := check(campaign, seen))), None)
    if stopped is not None:
        return stopped
    opens = campaign.hours_for(seen.chat.contact.ids, seen.business, seen.now).opens_at(seen.now)
    return Admitted() if opens <= seen.now else Later(opens)


def _restricted(_: Campaign, seen: Seen) -> Excluded | None:
    found = check(Path.CAMPAIGN, seen.chat.contact.ids, seen.number, seen.lists)
    return Excluded("restricted", found.words) if isinstance(found, Refusal) else None


def _unaddressed(_: Campaign, seen: Seen) -> Excluded | None:
    to = recipient(seen.chat.contact.ids)
    if (to.phone or to.bsuid) and to.phone != countries.digits(seen.number.phone):
        return None
    return Excluded("no_recipient", "There is nobody to write to.")


def _outside(campaign: Campaign, seen: Seen) -> Excluded | None:
    if campaign.audience is None or campaign.audience.holds(seen.facts()):
        return None
    return Excluded("not_in_audience", "They are not among those whom the campaign is for.")


def _had(campaign: Campaign, seen: Seen) -> Excluded | None:
    had = next((name for name in (campaign.name, *campaign.had) if name in seen.chat.campaigns), None)
    if had is None:
        return None
    return Excluded("had_it" if had == campaign.name else "had_another", f"They had the campaign `{had}`.")


def _unwilling(campaign: Campaign, seen: Seen) -> Excluded | None:
    known, after = seen.chat.contact.marketing, seen.chat.contact.marketing_after
    if known is Consent.REFUSED:
        return Excluded("opted_out", "They want no offers.")
    filed = {seen.number.state_by(name).category for name in campaign.templates}
    if not campaign.marketing and MARKETING not in filed:
        return None
    if known is not Consent.GIVEN and not seen.agreed:
        return Excluded("no_opt_in", "They did not opt in, and the template is for marketing.")
    if after is not None and seen.now < after:
        return Excluded("held_back", "Meta held marketing back from them a short while ago.")
    return None


def _unreachable(_: Campaign, seen: Seen) -> Excluded | None:
    until = seen.chat.contact.unreachable_until
    if until is None or until <= seen.now:
        return None
    return Excluded("unreachable", "Meta could not deliver to them a short while ago.")


def _held(_: Campaign, seen: Seen) -> Excluded | None:
    if holder_at(seen.chat.holding, seen.now) is not Holder.OWNER:
        return None
    return Excluded("owner_holds", "The owner holds the chat.")


def _busy(campaign: Campaign, seen: Seen) -> Excluded | None:
    if seen.chat.run is None or not campaign.in_flow:
        return None
    return Excluded("in_flow", f"They are in the middle of `{seen.chat.run.flow}`.")


def _spoke(campaign: Campaign, seen: Seen) -> Excluded | None:
    chat = seen.chat
    spoke = max((at for at in (chat.written_at, chat.owner_at, chat.bot_at) if at), default=None)
    if spoke is None or not campaign.spoke or seen.now - spoke >= campaign.spoke:
        return None
    return Excluded("spoke", "Somebody wrote in this chat a short while ago.")


def _empty(campaign: Campaign, seen: Seen) -> Excluded | None:
    if campaign.message.fill(seen.turn()) is not None:
        return None
    return Excluded("empty", "A part of the template would be empty.")


_CHECKS: tuple[Callable[[Campaign, Seen], Excluded | None], ...] = (
    _restricted,
    _unaddressed,
    _outside,
    _had,
    _unwilling,
    _unreachable,
    _held,
    _busy,
    _spoke,
    _empty,
)
