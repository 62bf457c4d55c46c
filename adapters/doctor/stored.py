"""Can the store be relied on, and is it still the one it was?"""

import time

from adapters import durability
from adapters.doctor.findings import Finding, fine, warning, wrong
from adapters.doctor.scene import Scene
from adapters.exposure import exposed
from adapters.watch import CLOCK_MOST_S, OTHER, WHY_HELD, off_by


async def durable(scene: Scene) -> list[Finding]:
    """Look whether it keeps what it has acknowledged; what the operator waived is a warning."""
    strict = await durability.check_async(scene.client)
    told = await durability.check_async(scene.client, allow_volatile=scene.settings.allow_volatile)
    found = [wrong("store", words) for words in told]
    found += [warning("store", words) for words in strict if words not in told]
    return found or [fine("store", "answers, and has on disk what it has acknowledged")]


async def private(scene: Scene) -> list[Finding]:
    """Look whether anybody could read it."""
    found = await exposed(scene.settings.redis_url or "")
    return [wrong("store", words) for words in found] or [fine("store", "is not open to everybody")]


async def clock(scene: Scene) -> list[Finding]:
    """Compare its clock with this machine's."""
    before = time.time()
    seconds, micros = await scene.client.time()
    found = off_by(int(seconds) + int(micros) / 1_000_000, before, time.time())
    if abs(found) <= CLOCK_MOST_S:
        return [fine("clock", "the store's and this machine's agree")]
    words = f"the store's differs by {found:+.0f} s from this machine's, so timers rest"
    return [wrong("clock", words, "Let both machines keep the time (NTP).")]


async def marks(scene: Scene) -> list[Finding]:
    """Look whether it lost something, or is another one."""
    expected, found = scene.settings.store_id, await scene.store.store_id()
    if expected and found and expected != found:
        return [wrong("store", "is not the one that `BATON_STORE_ID` names", WHY_HELD[OTHER])]
    if held := await scene.store.held():
        return [wrong("store", "is held", WHY_HELD.get(held, held))]
    return [fine("store", "lost nothing that anybody saw")]
