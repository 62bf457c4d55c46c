"""What may a step know at its point of a run?"""

from engine.facts import Facts, Scene
from engine.step import Turn


def turn_at(at: str, scene: Scene, *, event: str, waiting: bool) -> Turn:
    """Return the turn of the step at `at`; a step the run is waiting at has the wait's key, others that of the next."""
    chat, business, run = scene.chat, scene.business, scene.chat.run
    waits = run.waits + (0 if waiting else 1) if run else 0
    return Turn(
        facts=Facts(scene),
        now=scene.now,
        zone=business.zone,
        language=business.language_of(chat.contact),
        at=at,
        tries=run.tries if run else 0,
        message=scene.message,
        ad=chat.last_ad,
        claims=chat.claims,
        wait_key=f"{run.id}.{waits}" if run else "",
        hours=business.hours,
        contact=chat.contact.id,
        flow=run.flow if run else "",
        run=run.id if run else event,
    )
