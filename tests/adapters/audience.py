"""People in a store, as campaigns find them: some agreed to get offers, others did not, or are busy."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters.intake import item_of
from adapters.whatsapp.receive import Arrival
from adapters.wiring import Parts
from engine.content import Text
from engine.events import ContactAbsorbed, MessageReceived
from engine.identity import Ids
from rules.policy.consent import Consent
from rules.policy.handoff import Holder, Holding

CLIENT = "client"


def absorbed(phone: str, *, marketing: Consent = Consent.GIVEN, holding: Holding | None = None) -> ContactAbsorbed:
    """Return what makes somebody known: a client who wrote two days ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    return ContactAbsorbed(
        id=f"known/{phone}",
        at=now,
        arrived_at=now,
        ids=Ids(phones=(phone,)),
        tags=(CLIENT,),
        marketing=marketing,
        heard_at=now - timedelta(days=2),
        holding=holding or Holding(),
    )


def wrote(phone: str, text: str, key: str) -> MessageReceived:
    """Return a message of somebody."""
    now = datetime.now(UTC).replace(microsecond=0)
    return MessageReceived(id=key, at=now, arrived_at=now, content=Text(text), ids=Ids(phones=(phone,)))


def held(phone: str) -> ContactAbsorbed:
    """Return what makes somebody known whose chat the owner holds."""
    return absorbed(phone, holding=Holding(holder=Holder.OWNER))


async def happen(built: Parts, business: str, number: str, events: Sequence[ContactAbsorbed | MessageReceived]) -> None:
    """Let something happen in a chat each, and decide it."""
    items = [item_of(arrival(each, number), number, "chat") for each in events]
    for taken in await built.store.ingest(business, items):
        if taken.subject:
            await built.handler.drain(business, taken.subject)


def arrival(event: ContactAbsorbed | MessageReceived, number: str) -> Arrival:
    """Return how something that happens in a chat comes."""
    return Arrival(
        number=number, waba=None, field="messages", kind="chat", key=event.id, at=event.at, event=event, ids=event.ids
    )
