"""What may a step know at its point of a run?"""

from datetime import datetime

from engine.chat import Chat
from engine.events import MessageReceived
from engine.facts import Facts
from engine.ruleset import Business
from engine.step import Turn


def turn_at(
    at: str,
    *,
    chat: Chat,
    business: Business,
    facts: Facts,
    now: datetime,
    message: MessageReceived | None,
    event: str,
    waiting: bool,
) -> Turn:
    """Return the turn of the step at `at`; a step the run is waiting at has the wait's key, others that of the next."""
    run = chat.run
    waits = run.waits + (0 if waiting else 1) if run else 0
    return Turn(
        facts=facts,
        now=now,
        zone=business.zone,
        language=business.language_of(chat.contact),
        at=at,
        tries=run.tries if run else 0,
        message=message,
        ad=chat.last_ad,
        wait_key=f"{run.id}.{waits}" if run else "",
        hours=business.hours,
        contact=chat.contact.id,
        flow=run.flow if run else "",
        run=run.id if run else event,
    )
