"""Do the processes run that are needed, and does anything wait too long?"""

import asyncio

import redis
from rq import Queue, Worker

from adapters.doctor.findings import Finding, fine, warning, wrong
from adapters.doctor.scene import Scene
from adapters.rings import JOBS
from adapters.status import LATE_MS
from adapters.store.figures import BusinessFigures, NumberFigures

START = "Start it: baton run FOLDER, or baton serve FOLDER and baton work"
WORK = "Start it: baton work"


async def running(scene: Scene) -> list[Finding]:
    """Look for workers of each queue, shifts, and whoever looks after timers."""
    counts = await asyncio.to_thread(_workers, scene.settings.redis_url or "")
    shifts, leads = await scene.store.processes()
    if not any(counts.values()) and not leads:
        return [warning("processes", "none of Baton's processes runs", START)]
    missing = [name for name, count in counts.items() if not count]
    found = [wrong("processes", f"no worker of the queue `{name}` runs", WORK) for name in missing]
    if not leads:
        found.append(wrong("processes", "nobody looks after timers and what dead processes left", START))
    told = ", ".join(f"{count} of `{name}`" for name, count in counts.items())
    return found or [fine("processes", f"workers: {told}; {shifts} sending now")]


async def waiting(scene: Scene) -> list[Finding]:
    """Look at what waits, and for how long."""
    businesses, found = await scene.businesses(), list[Finding]()
    for figures in await scene.store.figures_of(businesses):
        found += _of_business(figures)
    for each in businesses:
        if await scene.store.half_erased(each):
            words = f"an erase in `{each}` was interrupted, and something of somebody is left"
            found.append(wrong("queue", words, "Erase anybody again, which goes on with it: baton erase CONTACT"))
    return found


def _workers(url: str) -> dict[str, int]:
    """Count the workers of each queue; one that was killed counts for some minutes more."""
    with redis.Redis.from_url(url) as connection:
        queues = {name: Queue(name, connection=connection) for name in JOBS}
        return {name: Worker.count(queue=queue) for name, queue in queues.items()}


def _of_business(figures: BusinessFigures) -> list[Finding]:
    name, found = figures.business, list[Finding]()
    if (oldest := figures.undecided.oldest_ms or 0) > LATE_MS:
        words = f"events of `{name}` have waited undecided for {oldest / 1000:,.0f} s"
        found.append(wrong("queue", words, "Is `baton serve` or `baton work` running?"))
    found += [finding for each in figures.numbers if (finding := _late(each))]
    if figures.parked.size:
        words = f"of {figures.parked.size:,} messages of `{name}` nobody knows whether they arrived"
        found.append(warning("queue", words, f"See them with: baton parked --business {name}"))
    if figures.doubt:
        found.append(
            warning("queue", f"{figures.doubt:,} messages of `{name}` are in doubt", "It clears up by itself.")
        )
    if figures.quarantined:
        words = f"{figures.quarantined:,} bodies for `{name}` could not be read"
        found.append(warning("queue", words, "See why with: baton status --business " + name))
    sizes = (
        f"{figures.undecided.size:,} chats to be decided, {sum(each.open.size for each in figures.numbers):,} messages"
    )
    return found or [fine("queue", f"nothing of `{name}` waits too long ({sizes} to leave)")]


def _late(number: NumberFigures) -> Finding | None:
    oldest = number.open.oldest_ms or 0
    if oldest <= LATE_MS:
        return None
    words = f"{number.open.size:,} messages of {number.id} wait, the oldest for {oldest / 1000:,.0f} s"
    if number.last_try:
        words = f"{words} (last try: {number.last_try})"
    return warning("queue", words) if number.served else wrong("queue", words, "Nobody sends: is `baton work` running?")
