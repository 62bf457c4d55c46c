"""What would a campaign do: who gets it, who does not and why, what does it cost, and how long does it take?"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime, time, timedelta
from decimal import Decimal

from msgspec import Struct

from adapters.audience import BROKEN, Audience, Candidate, Listing, Portion
from adapters.handle import number_of
from adapters.store import Store
from engine.campaign import Campaign, Excluded, admit
from engine.campaign_run import duration, per_second, reach_of
from engine.chat import Number
from engine.ruleset import Ruleset
from rules.policy import countries, pricing, window

NOT_DELIVERED = "US"
"""Where Meta has delivered no marketing since April 2025."""
REASONS = {
    "not_in_audience": "are not in the audience",
    "had_it": "had it already",
    "had_another": "had another campaign that it leaves out",
    "no_opt_in": "did not opt in",
    "opted_out": "want no offers",
    "owner_holds": "are in a chat that the owner holds",
    "in_flow": "are in the middle of a flow",
    "spoke": "wrote, or were written to, a short while ago",
    "restricted": "are of a country or number that nobody may write to",
    "no_recipient": "have no number to write to",
    "unreachable": "could not be reached a short while ago",
    "held_back": "were held back from by Meta a short while ago",
    BROKEN: "have a record here that is broken",
    "empty": "would get a template with an empty part",
}


class Sum(Struct, frozen=True):
    """So many messages in a market, each at a price."""

    market: str
    category: str
    people: int
    price: Decimal

    @property
    def cost(self) -> Decimal:
        """What they cost together."""
        return self.people * self.price


class Plan(Struct, frozen=True, kw_only=True):
    """What a campaign would do now."""

    campaign: Campaign
    people: int
    left_out: dict[str, int]
    sums: tuple[Sum, ...]
    free: int
    undelivered: int
    card: pricing.Card
    reach: int
    reach_known: bool
    rate: float
    takes: timedelta

    @property
    def cost(self) -> Decimal:
        """What all of it costs by the list prices."""
        return sum((each.cost for each in self.sums), Decimal())


async def plan(
    store: Store,
    ruleset: Ruleset,
    campaign: Campaign,
    now: datetime,
    *,
    listings: list[Listing] | None,
    reach: int | None,
    each: Callable[[int], None],
) -> Plan:
    """Go through the whole audience and count; `listings` are the people of a list, `each` hears how many were seen."""
    business = ruleset.business.id
    found = await store.subject(business, campaign.number)
    number = number_of(found.state if found else None, ruleset.business.numbers[campaign.number])
    counting = _Counting(ruleset, campaign, number, now)
    async for portion in _portions(Audience(store, business, campaign), listings):
        for candidate in portion.people:
            counting.add(candidate)
        counting.leave_out(BROKEN, portion.broken)
        each(len(portion.people) + portion.broken)
    return counting.plan(reach)


async def _portions(audience: Audience, listings: list[Listing] | None) -> AsyncIterator[Portion]:
    """Go through an audience, a portion at a time."""
    if listings is not None:
        for listing in listings:
            found = await audience.of_list(listing)
            yield Portion((found,), None) if found else Portion((), None, broken=1)
        return
    at: str | None = "0"
    while at is not None:
        portion = await audience.portion(at)
        yield portion
        at = portion.following


class _Counting:
    """Counts the people of an audience, each once."""

    def __init__(self, ruleset: Ruleset, campaign: Campaign, number: Number, now: datetime) -> None:
        self._ruleset = ruleset
        self._campaign = campaign
        self._number = number
        self._now = now
        self._card = pricing.card_on(now.date())
        self._seen: set[str] = set()
        self._left_out: Counter[str] = Counter()
        self._charged: Counter[tuple[str, str]] = Counter()
        self._free = self._undelivered = 0

    def add(self, candidate: Candidate) -> None:
        """Count somebody: a store may show them twice."""
        ids = candidate.chat.contact.ids
        who = candidate.subject or next(iter(ids.phones), "")
        if who in self._seen:
            return
        self._seen.add(who)
        seen = candidate.seen(self._ruleset, self._number, self._now)
        verdict = admit(self._campaign, seen)
        if isinstance(verdict, Excluded):
            self._left_out[verdict.reason] += 1
            return
        template = self._campaign.message.fill(seen.turn())
        category = template.category if template and template.category else "MARKETING"
        self._charge(candidate, category)

    def leave_out(self, reason: str, count: int) -> None:
        """Count people of whom nothing else is known."""
        if count:
            self._left_out[reason] += count

    def _charge(self, candidate: Candidate, category: str) -> None:
        chat, ids = candidate.chat, candidate.chat.contact.ids
        is_open = window.is_open(chat.heard_at, chat.window_shut_at, self._now)
        entered = chat.free_until is not None and chat.free_until > self._now
        if category == "MARKETING" and countries.country_of(ids.phones, ids.bsuids) == NOT_DELIVERED:
            self._undelivered += 1
        if pricing.is_free(category, self._now.date(), window_open=is_open, free_entry=entered):
            self._free += 1
        else:
            self._charged[self._card.market(ids.phones, ids.bsuids), category] += 1

    def plan(self, told: int | None) -> Plan:
        """Put the counts together."""
        people, reach = self._free + self._charged.total(), reach_of(self._number, told)
        sums = [
            Sum(market, category, count, self._card.price(market, category))
            for (market, category), count in self._charged.items()
        ]
        return Plan(
            campaign=self._campaign,
            people=people,
            left_out=dict(self._left_out.most_common()),
            sums=tuple(sorted(sums, key=lambda found: -found.cost)),
            free=self._free,
            undelivered=self._undelivered,
            card=self._card,
            reach=reach,
            reach_known=(self._number.reach or told) is not None,
            rate=per_second(self._campaign, self._number),
            takes=duration(people, self._campaign, self._number, reach),
        )


def told(plan: Plan) -> str:
    """Say a plan in words."""
    campaign = plan.campaign
    lines = [f"`{campaign.name}` would go to {_people_of(plan.people)}."]
    lines += [
        f"  {count:>7,}  {REASONS.get(reason, reason)}, and get nothing" for reason, count in plan.left_out.items()
    ]
    lines.append(
        f"About {pricing.CURRENCY} {plan.cost:,.2f} by the list prices of {plan.card.since} ({plan.card.source})."
    )
    lines += [
        f"  {each.people:>7,}  {each.market}, {each.category.lower()}, {each.price} each: {each.cost:,.2f}"
        for each in plan.sums
    ]
    if plan.free:
        lines.append(f"  {plan.free:>7,}  cost nothing, in a window that is free")
    if plan.undelivered:
        words = "have a number of the United States, where Meta delivers no marketing"
        lines.append(f"  {plan.undelivered:>7,}  {words}")
    ends = "24:00" if campaign.ends == time.max else f"{campaign.ends:%H:%M}"
    lines.append(f"About {spoken(plan.takes)} at {plan.rate:g} a second, from {campaign.begins:%H:%M} to {ends}.")
    lines.append(_reach(plan))
    return "\n".join(lines)


def spoken(span: timedelta) -> str:
    """Say how long something takes, roughly."""
    days, rest = divmod(round(span.total_seconds()), 86_400)
    hours, minutes = rest // 3_600, -(-rest % 3_600 // 60) if rest % 3_600 else 0
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, parts[:2] if days else parts)) or "1 min"


def _reach(plan: Plan) -> str:
    if plan.reach_known:
        return f"It may write to {plan.reach:,} people first within 24 hours."
    words = "Nobody knows yet how many people Meta lets this business write to"
    return f"{words}, so it is {plan.reach:,} within 24 hours; say --reach if you know better."


def _people_of(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
