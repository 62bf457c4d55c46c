"""What if a process is stopped, told to stop, or not there for a while?"""

import asyncio
import os
import signal
import time

from tests.faults.matrix import Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import Place, changed_shop, people, place
from tests.main_job.family import END_S, Role, send

SENDERS: tuple[Role, ...] = ("work", "worker", "shift", "asker", "importer")


@row("F03", "web processes killed while they write the spool, with half a record left behind")
async def killed_at_the_spool(run: Run) -> Told:
    """What was answered with 200 is read when the store is back; half a record is passed over."""
    kills, crowd, chance = run.many(6, 60), people(run.many(60, 600)), run.chance
    spool = run.folder / "spool"
    async with place(run, webs=2, BATON_SPOOL=str(spool)) as town:
        town.web_line.freeze()
        since = time.monotonic()
        writing = asyncio.create_task(town.crowd(crowd, kills * 2))
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(1, 2))
            send(signal.SIGKILL, town.pids("web")[:1])
        await writing
        send(signal.SIGKILL, town.pids("web"))
        segments = [*spool.glob("*.events"), *spool.glob("*.echoes")]
        for each in segments:
            with each.open("ab") as file:
                file.write(each.read_bytes()[: chance.randrange(1, 200)])
        until = time.monotonic()
        town.web_line.thaw()
        await town.until(lambda: not [*spool.glob("*.e*s")], 60)
        took = time.monotonic() - until
        await town.rest()
        found, torn = await town.audit(), town.logged().count(b"spool_torn")
    return Told(
        (
            Figure("kills", kills),
            Figure("segments with half a record", len(segments), least=1),
            Figure("told of as torn", torn, least=1),
            Figure("answer p99, restarts included", town.answered(0.99, since, until), unit="s"),
            at_most("all read after", took, 60),
        ),
        found,
    )


@row("F06", "sender stopped between the fence and the socket; the owner writes meanwhile; then continued")
async def stopped_behind_the_fence(run: Run) -> Told:
    """Nothing is sent on waking; another sender does the rest."""
    seconds, stops = run.many(15, 90), run.many(2, 5)
    crowd = people(8 * stops)
    async with place(run, works=2) as town:
        for stop in range(stops):
            catching = asyncio.create_task(town.work_line.catch("begin", "reply"))
            mine = crowd[8 * stop : 8 * stop + 8]
            await town.crowd(mine, 0.2)
            link = await catching
            await asyncio.sleep(0.05)
            pid = link.kill(signal.SIGSTOP)
            link.release()
            for person in mine[:6]:
                await town.owner_writes(person)
            await asyncio.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(1)
        await town.rest()
        late = town.late()
        found = await town.audit("owner_replied", "owner_holds")
    return Told(
        (
            Figure("stopped for", seconds, unit="s"),
            none_of("late sends", len(late), 6 * stops),
            Figure("in doubt", found.doubts),
        ),
        found,
    )


@row("F07", "one of two web processes stopped in front of its commit, then continued")
async def stopped_web(run: Run) -> Told:
    """The other one answers; what was judged before the stop is not committed on waking."""
    seconds = run.many(15, 30)
    stopped, *crowd = people(seconds * 4)
    async with place(run, webs=2) as town:
        catching = asyncio.create_task(town.web_line.catch("commit", "request"))
        await town.write(stopped, "count please")
        link = await catching
        pid = link.kill(signal.SIGSTOP)
        since = time.monotonic()
        await town.crowd(crowd, seconds - 2)
        await town.until(lambda: town.heard(stopped) > 0, 30)
        until = time.monotonic()
        link.release()
        os.kill(pid, signal.SIGCONT)
        await town.rest()
        found = await town.audit()
        posts = [each for each in town.posts if since <= each.at <= until]
    refused = [each for each in posts if each.status != 200]
    return Told(
        (
            Figure("stopped for", until - since, unit="s"),
            Figure("not 200", 100 * len(refused) / len(posts), unit=f"% of {len(posts)}"),
            at_most("answer p99", town.answered(0.99, since, until), 1.0),
        ),
        found,
    )


@row("F08", "SIGTERM to the worker only, then to worker and children together")
async def asked_to_stop(run: Run) -> Told:
    """What is in flight ends and is recorded, nothing new is claimed, and the exit is soon."""
    took, codes, late = [], [], []
    crowd = people(24 * run.many(1, 5))
    async with place(run, works=0) as town:
        town.graph.change(statuses=())  # so that only the answer tells what became of a send
        for turn in range(len(crowd) // 12):
            town.graph.change(latency=2)
            work, before = town.work(), len(town.graph.received)
            await town.crowd(crowd[12 * turn : 12 * turn + 12], 0.2)
            await town.until(lambda before=before: len(town.graph.received) >= before + 6, 30)  # type: ignore[misc]
            asked_at = time.monotonic()
            await _stop(town, everyone=turn % 2 == 1, first=work.pid)
            codes.append(await asyncio.to_thread(work.wait, END_S + 5))
            took.append(time.monotonic() - asked_at)
            late.append(max(each.at for each in town.graph.received) - asked_at)
        town.graph.change(latency=0.1)
        work = town.work()
        await town.rest()
        found = await town.audit()
    return Told(
        (
            none_of("in doubt", found.doubts, found.rows),
            at_most("exit", max(took), END_S),
            at_most("last POST after the signal", max(late), 1.0),
            all_of("exits with 0", codes.count(0), len(codes)),
        ),
        found,
    )


async def _stop(town: Place, *, everyone: bool, first: int) -> None:
    for pid in town.pids(*SENDERS) if everyone else [first]:
        os.kill(pid, signal.SIGTERM)


@row("F09", "SIGTERM twice, then SIGKILL after the grace, while Graph hangs")
async def killed_after_the_grace(run: Run) -> Told:
    """What is in flight has its time; whatever it is then, one message of each sender at most is in doubt."""
    crowd = people(run.many(6, 12))
    async with place(run, works=0) as town:
        town.graph.change(latency=2)
        work = town.work()
        await town.crowd(crowd, 0.2)
        await town.until(lambda: len(town.graph.received) >= 4, 30)
        for _ in range(2):
            for pid in town.pids(*SENDERS):
                os.kill(pid, signal.SIGTERM)
            await asyncio.sleep(1.2)
        await asyncio.sleep(END_S - 2.4 if run.size == "nightly" else 6)
        left = town.pids(*SENDERS)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(work.wait, 5)
        town.graph.change(latency=0.1)
        town.work()
        await town.rest()
        found = await town.audit()
    figures = (Figure("left at the SIGKILL", len(left)), at_most("in doubt, one sender", found.doubts, 1, ""))
    return Told(figures, found)


@row("F11", "all workers away while people write; what is too old when they are back is dropped")
async def workers_away(run: Run) -> Told:
    """The backlog leaves in order; window, country, age and epoch are checked again."""
    seconds = run.many(16, 600)
    shop = changed_shop(run, business=f"answer_within: {seconds * 3 // 4}s\n")
    old, new = people(run.many(60, 1200))[:20], people(run.many(60, 1200))[20:]
    async with place(run, works=0, shop=shop) as town:
        await town.crowd(old, 1)
        await asyncio.sleep(seconds * 3 / 4)
        await town.crowd(new, seconds / 4)
        for person in new[:5]:
            await town.owner_writes(person)
        town.work()
        took = await town.rest(300)
        wrong = sum(town.heard(person) for person in (*old, *new[:5]))
        found = await town.audit("owner_replied", "too_old")
    return Told(
        (
            Figure("away", seconds, unit="s"),
            Figure("drained in", took, unit="s"),
            none_of("wrong sends", wrong, len(old) + 5),
            Figure("expired", found.ends.get("dropped too_old", 0), n=found.rows),
        ),
        found,
    )
