"""What does it lead to when somebody's turn comes in a campaign?"""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from engine.campaign import Campaign, Excluded, Seen, admit
from engine.effects import Bulk, Send
from engine.events import CampaignReached
from engine.identity import merged
from engine.ruleset import Ruleset
from engine.walk import Walk
from rules.policy.consent import Consent

REMEMBERED = 50  # campaigns of one contact


def remember(walk: Walk, event: CampaignReached) -> None:
    """Keep what a list knows of somebody: the number, and an opt-in where they said nothing else."""
    contact = walk.chat.contact
    agreed = event.agreed and contact.marketing is Consent.UNKNOWN
    known = replace(
        contact,
        # What Meta wrote is never replaced by how somebody typed it into a list.
        ids=contact.ids if contact.ids.phones else merged(contact.ids, event.ids),
        marketing=Consent.GIVEN if agreed else contact.marketing,
    )
    if known != contact:
        walk.chat = replace(walk.chat, contact=known)
    if agreed:
        walk.note("consent", "the list of the campaign says that they opted in")


def reach(walk: Walk, event: CampaignReached, ruleset: Ruleset, now: datetime) -> None:
    """Send the campaign, unless something speaks against it by now."""
    campaign: Campaign | None = ruleset.campaigns.get(event.campaign)
    if campaign is None:
        walk.note("campaign", f"`{event.campaign}` is not live any more")
        return
    number = ruleset.business.numbers[walk.chat.number]
    seen = Seen(
        chat=walk.chat,
        number=number,
        business=ruleset.business,
        lists=ruleset.lists,
        now=now,
        values=event.values,
        agreed=event.agreed,
    )
    verdict = admit(campaign, seen)
    template = None if isinstance(verdict, Excluded) else campaign.message.fill(seen.turn())
    if isinstance(verdict, Excluded) or template is None:
        words = verdict.words if isinstance(verdict, Excluded) else "A part of the template would be empty."
        walk.note("campaign", f"does not get `{campaign.name}`: {words}")
        return
    bulk = Bulk(campaign.name, campaign.hours_for(walk.chat.contact.ids, ruleset.business, now), campaign.stop)
    walk.do(Send(content=template, asked=False, bulk=bulk))
    walk.chat = replace(walk.chat, campaigns=had(walk.chat.campaigns, {campaign.name: now}))
    walk.note("campaign", f"gets `{campaign.name}`")


def had(*known: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return which campaigns somebody had and when last, the latest of them."""
    found: dict[str, datetime] = {}
    for name, at in (item for each in known for item in each.items()):
        found[name] = max(at, found.get(name, at))
    return dict(sorted(found.items(), key=lambda item: item[1])[-REMEMBERED:])
