"""Carry campaigns on: look at the next people of each audience, and let the turn of some of them come.

Every parent's `tick` does it. Doing a portion twice does nothing: somebody's turn is an event with an id of its own,
and their chat remembers what they had.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec.structs import replace
from redis.exceptions import RedisError

from adapters.audience import BROKEN, Audience, Candidate, Listing
from adapters.handle import Handler, number_of
from adapters.live import Live, NotLive
from adapters.records import LaterSchemaError, new_alert, packed
from adapters.store import CampaignRecord, Store, blames_a_record
from adapters.store.campaigns import ENDED
from adapters.store.records import Item
from engine.campaign import Admitted, Campaign, Excluded, Later, admit
from engine.campaign_run import REACHED, Begun, End, Feed, Pause, Progress, next_move
from engine.chat import Chat, Number
from engine.effects import Alert
from engine.events import CampaignReached
from engine.identity import aliases, own_aliases
from engine.ruleset import Ruleset
from rules.policy import window

log = structlog.get_logger()

DAY_S = 86_400
AT_A_TIME = timedelta(milliseconds=500)
PUT_AT_ONCE = 500
DRAINS_AT_ONCE = 16


async def begin(
    store: Store, business: str, name: str, people: Sequence[Listing], *, by: str, reach: int | None = None
) -> bool:
    """Let a campaign that does not run begin from the start, with the people of its list; tell whether it did."""
    known = await store.campaign(business, name)
    if known is not None and known.state not in ENDED:
        return False  # its list is still in use
    listed = [msgspec.msgpack.encode(each) for each in people]
    for at in range(0, max(1, len(listed)), PUT_AT_ONCE):
        await store.put_people(business, name, listed[at : at + PUT_AT_ONCE], first=at == 0)
    begun = msgspec.msgpack.encode(Begun(datetime.now(UTC), by, reach))
    run = secrets.token_hex(6)
    return await store.move_campaign(business, name, "running", expect=("", *ENDED), run=run, begun=begun)


class Campaigns:
    """Carries the campaigns of a store on, a step every second."""

    def __init__(self, store: Store, live: Live, handler: Handler) -> None:
        """Work on one store."""
        self._store = store
        self._live = live
        self._handler = handler
        self._drains = asyncio.Semaphore(DRAINS_AT_ONCE)

    async def step(self, business: str, names: Sequence[str]) -> None:
        """Carry campaigns of a business on; one that cannot be carried on is paused, and stays alone."""
        for name in names:
            record = await self._store.campaign(business, name)
            if record is None:
                continue
            if record.state in ENDED and record.queued:
                await self._store.move_campaign(business, name, record.state, expect=())
            elif record.state == "running" and not await self._store.held():
                await self._carry_on_alone(business, record)

    async def _carry_on_alone(self, business: str, record: CampaignRecord) -> None:
        try:
            await self._carry_on(business, record)
        except LaterSchemaError:
            await self._handler.later.met(business)
        except Exception as error:  # whatever it is, it would be the same a second later
            if isinstance(error, RedisError | OSError) and not blames_a_record(error):
                raise
            log.exception("campaign_failed", business=business, campaign=record.name)
            words = f"It could not go on; the log says why. When that is mended: baton campaign resume {record.name}"
            await self._pause(business, record, "", Pause("failed", words))

    async def _carry_on(self, business: str, record: CampaignRecord) -> None:
        now = datetime.now(UTC)
        try:
            ruleset = await self._live.now_live(business)
        except NotLive:
            return
        campaign: Campaign | None = ruleset.campaigns.get(record.name)
        if campaign is None:
            words = "No campaign of that name is live any more. Publish a folder that has it, or stop it."
            await self._pause(business, record, "", Pause("not_live", words))
            return
        begun = msgspec.msgpack.decode(record.begun, type=Begun)
        number = await self._number(business, ruleset, campaign)
        reached = await self._store.reached(business, round(now.timestamp() * 1000))
        move = next_move(campaign, number, begun, progress_of(record), now, queued=record.queued, reached=reached)
        match move:
            case Feed():
                await self._feed(business, record, ruleset, campaign, number, begun, move)
            case Pause():
                await self._pause(business, record, campaign.number, move)
            case End(reason=reason):
                await self._store.move_campaign(
                    business, record.name, "done", expect=("running",), reason=reason, run=record.run
                )

    async def _number(self, business: str, ruleset: Ruleset, campaign: Campaign) -> Number:
        found = await self._store.subject(business, campaign.number)
        return number_of(found.state if found else None, ruleset.business.numbers[campaign.number])

    async def _pause(self, business: str, record: CampaignRecord, number: str, why: Pause) -> None:
        """Pause a campaign, and tell people once."""
        moved = await self._store.move_campaign(business, record.name, "paused", expect=("running",), reason=why.reason)
        if moved:
            words = f"The campaign `{record.name}` is paused. {why.words}"
            await self._store.alert(business, new_alert(Alert("campaign_paused", words, number)))

    async def _feed(
        self,
        business: str,
        record: CampaignRecord,
        ruleset: Ruleset,
        campaign: Campaign,
        number: Number,
        begun: Begun,
        feed: Feed,
    ) -> None:
        """Go on through the audience until enough people were found, or for half a second."""
        audience, progress, room = Audience(self._store, business, campaign), feed.progress, feed.most
        ends_at, first = datetime.now(UTC) + AT_A_TIME, list[str]()
        while room > 0 and progress.at is not None and datetime.now(UTC) < ends_at:
            portion, now = await audience.portion(progress.at), datetime.now(UTC)
            verdicts = [
                _verdict(each, campaign, begun, admit(campaign, each.seen(ruleset, number, now)))
                for each in portion.people
            ]
            admitted = [each for each, found in zip(portion.people, verdicts, strict=True) if found == Admitted()]
            while room > 0 and admitted:  # whose turn had come before takes no room
                fresh = await self._reach(business, record, campaign, begun, admitted[:room])
                admitted = admitted[room:]
                first += [each.chat.contact.id for each in fresh if not _is_open(each.chat, now)]
                progress = replace(progress, left=max(0.0, progress.left - len(fresh)))
                room -= len(fresh)
            if admitted:
                break
            progress = progress.beyond(portion.following, [*verdicts, *[BROKEN] * portion.broken])
        await self._store.fed(business, record.name, record.run, msgspec.msgpack.encode(progress), first)

    async def _reach(
        self, business: str, record: CampaignRecord, campaign: Campaign, begun: Begun, people: Sequence[Candidate]
    ) -> list[Candidate]:
        """Let the turn of some people come; return those whose turn had not come before."""
        items = [_item(record, campaign, begun, each) for each in people]
        taken = await self._store.ingest(business, items)
        await asyncio.gather(*(self._drain(business, each.subject) for each in taken if each.subject))
        return [
            replace(each, chat=replace(each.chat, contact=replace(each.chat.contact, id=_contact(found.subject))))
            for each, found in zip(people, taken, strict=True)
            if found.fresh
        ]

    async def _drain(self, business: str, subject: str) -> None:
        async with self._drains:
            await self._handler.drain(business, subject)


def progress_of(record: CampaignRecord) -> Progress:
    """Read how far a campaign has come."""
    return msgspec.msgpack.decode(record.progress, type=Progress) if record.progress else Progress()


def _verdict(
    candidate: Candidate, campaign: Campaign, begun: Begun, found: Admitted | Later | Excluded
) -> Admitted | Later | Excluded | str:
    """Tell whom this very run has reached already from those who had the campaign before."""
    had_at = candidate.chat.campaigns.get(campaign.name)
    return REACHED if had_at is not None and had_at >= begun.at else found


def _is_open(chat: Chat, now: datetime) -> bool:
    return window.is_open(chat.heard_at, chat.window_shut_at, now)


def _contact(subject: str | None) -> str:
    return (subject or "").partition("/")[2]


def _item(record: CampaignRecord, campaign: Campaign, begun: Begun, candidate: Candidate) -> Item:
    """Return somebody's turn as the store takes an event."""
    ids, listing, now = candidate.chat.contact.ids, candidate.listing or Listing(""), datetime.now(UTC)
    event = CampaignReached(
        id=f"campaign/{campaign.name}",
        at=now,
        arrived_at=now,
        campaign=campaign.name,
        ids=ids,
        values=listing.values,
        agreed=listing.agreed,
    )
    who = candidate.subject or (ids.phones or ids.bsuids)[0]
    return Item(
        number=campaign.number,
        kind="chat",
        key=hashlib.blake2b(f"{campaign.name} {record.run} {who}".encode(), digest_size=16).digest(),
        bucket=int(begun.at.timestamp()) // DAY_S,
        blob=packed(event),
        aliases=aliases(ids),
        # Only what Meta wrote files a contact whom somebody else knows already.
        own_aliases=() if candidate.subject else own_aliases(ids),
        new_contact=secrets.token_hex(6),
    )
