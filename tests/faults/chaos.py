"""What if anything breaks at any moment, again and again?"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.meta import Person
from tests.faults.matrix import Figure, Run, Told, none_of, row
from tests.faults.place import Place, people, place

EVERY_S = (0.5, 2.5)
STORE_REST_S = 1.0
BACK_MOST_S = 180.0
Break = Callable[[Place, random.Random], Awaitable[None]]


async def _kill(town: Place, chance: random.Random) -> None:
    """Kill a process; whoever looks after the town starts it again."""
    if pids := town.pids(chance.choice(("web", "serve", "work", "shift", "worker"))):
        _signal(chance.choice(pids), signal.SIGKILL)


async def _stop(town: Place, chance: random.Random) -> None:
    """Stop a process for longer or shorter than a lease."""
    if pids := town.pids(chance.choice(("web", "shift"))):
        pid = chance.choice(pids)
        _signal(pid, signal.SIGSTOP)
        await asyncio.sleep(chance.choice((0.5, 3, 11)))
        _signal(pid, signal.SIGCONT)


async def _freeze_store(town: Place, chance: random.Random) -> None:
    town.server.signal(signal.SIGSTOP)
    await asyncio.sleep(chance.uniform(0.2, 3))
    town.server.signal(signal.SIGCONT)


async def _kill_store(town: Place, _chance: random.Random) -> None:
    town.server.kill()
    await asyncio.sleep(STORE_REST_S)
    await asyncio.to_thread(town.server.start)


async def _freeze_line(town: Place, chance: random.Random) -> None:
    line = chance.choice((town.web_line, town.work_line, town.graph_line))
    line.freeze()
    await asyncio.sleep(chance.uniform(0.2, 3))
    line.thaw()


async def _cut_line(town: Place, chance: random.Random) -> None:
    chance.choice((town.web_line, town.work_line, town.graph_line)).cut()


async def _trouble_graph(town: Place, chance: random.Random) -> None:
    """Let Graph lose the answers to what it took, or refuse what it did not take."""
    trouble = Trouble(does=chance.choice(("drop", "hang", "blank")), accepted=True, times=3)
    town.graph.trouble.append(chance.choice((trouble, Trouble(does="refuse", code=131016, times=3))))


BREAKS: dict[str, Break] = {
    "killed": _kill,
    "stopped": _stop,
    "store frozen": _freeze_store,
    "store killed": _kill_store,
    "lines frozen": _freeze_line,
    "lines cut": _cut_line,
    "troubles of Graph": _trouble_graph,
}


@row("L4", "anything broken at any moment while people write and owners answer")
async def anything(run: Run) -> Told:
    """Nothing acknowledged is lost, nothing is said twice without saying so, and owners are not talked over."""
    chance, count = run.chance, run.many(15, 300)
    crowd = people(6 * count)
    owners = crowd[:: len(crowd) // count]
    done: Counter[str] = Counter()
    async with place(run, works=2, webs=2) as town:
        writing = asyncio.create_task(town.crowd(crowd, 2.5 * count))
        answering = asyncio.create_task(_answer(town, owners, 2.5 * count))
        for _ in range(count):
            await asyncio.sleep(chance.uniform(*EVERY_S))
            name = chance.choice(list(BREAKS))
            done[name] += 1
            await BREAKS[name](town, chance)
        await asyncio.gather(writing, answering)
        took = await town.rest(BACK_MOST_S)
        late = town.late()
        found = await town.audit("owner_replied", "owner_holds")
    return Told(
        (
            *(Figure(name, done[name]) for name in BREAKS),
            none_of("begun after an echo", len(late), len(owners)),
            Figure("in doubt", found.doubts),
            Figure("parked", found.ends.get("parked", 0)),
            Figure("at rest after", took, unit="s"),
        ),
        found,
        declared=True,
    )


async def _answer(town: Place, owners: Sequence[Person], seconds: float) -> None:
    """Let the owner answer some of the chats, one after the other."""
    for person in owners:
        await town.owner_writes(person)
        await asyncio.sleep(seconds / len(owners))


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
