"""What if the store loses, fills up, forgets, or has another clock?"""

import asyncio
import os
import shutil
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from adapters.whatsapp import meta
from tests.faults.audit import audit
from tests.faults.line import Line
from tests.faults.matrix import DoesNotApply, Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import Place, free_port, people, place
from tests.faults.server import Server
from tests.main_job.town import LINE

PRELOAD = Path(__file__).with_name("preload.c")
ALERTED_S = 10.0


@row("F14", "power cut: the store killed, its log cut back to the last sync, started again")
async def power_cut(run: Run) -> Told:
    """With every write synced nothing is lost; with a sync each second the loss is seen."""
    lost = 0
    library = _preload(run)
    crowd = people(run.many(60, 300))
    notes = run.folder / "synced"
    async with place(run, webs=2, PRELOAD=str(library), NOTES=str(notes)) as town:
        for part in range(2):
            writing = asyncio.create_task(town.crowd(crowd[part::2], 4))
            await asyncio.sleep(2)
            town.server.kill()
            cut = _cut(town.server, notes)
            await asyncio.to_thread(town.server.start)
            await writing
        await town.rest()
        found = await town.audit()
    lost = await asyncio.to_thread(_lost_each_second, run, library)
    figures = (Figure("bytes cut", cut), Figure("lost with a sync each second", lost, n=200))
    return Told((none_of("lost with each write synced", len(found.lost), found.acked), *figures), found)


def _preload(run: Run) -> Path:
    if shutil.which("gcc") is None:
        raise DoesNotApply("there is no compiler here for what notes the syncs")
    library = run.folder / "preload.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(PRELOAD), "-ldl"], check=True)  # noqa: S607
    return library


def _cut(server: Server, notes: Path) -> int:
    """Cut the log back to what was synced; returns how much that was."""
    log = server.log_files()[-1]
    synced = {path: int(size) for size, path in (line.split(" ", 1) for line in notes.read_text().splitlines())}
    keep, there = synced.get(str(log), 0), log.stat().st_size
    os.truncate(log, min(keep, there))
    return max(0, there - keep)


def _lost_each_second(run: Run, library: Path) -> int:
    """Count what a power cut takes of 200 writes of a store that syncs once a second."""
    notes = run.folder / "each-second"
    environ = {"LD_PRELOAD": str(library), "NOTES": str(notes)}
    server = Server(run.folder / "everysec", free_port(), "--appendfsync", "everysec", environ=environ)
    server.start()
    for each in range(200):
        server.client.rpush("written", each)
        time.sleep(0.01)
    server.kill()
    _cut(server, notes)
    server.start()
    left = int(server.client.llen("written"))
    server.kill()
    return 200 - left


@row("F16", "the disk of the store is full, then it is not")
async def disk_full(run: Run) -> Told:
    """No send without a record; it goes on when the store is started again."""
    crowd = people(run.many(60, 300))
    async with place(run, webs=2) as town:
        await town.crowd(crowd[:10], 1)
        await town.rest()
        await asyncio.to_thread(town.server.kill)
        size = town.server.log_files()[-1].stat().st_size
        await asyncio.to_thread(town.server.start, size + 120_000)
        writing = asyncio.create_task(town.crowd(crowd[10:], 4))
        await town.until(lambda: not town.server.is_up(), 60)
        full_at, sent = time.monotonic(), len(town.graph.received)
        await asyncio.sleep(3)
        without = [each for each in town.graph.received[sent:] if each.at > full_at + 0.3]
        await asyncio.to_thread(town.server.start)
        back_at = time.monotonic()
        await writing
        await town.rest()
        good = [
            each.at + each.seconds for each in town.posts if each.status == 200 and each.at + each.seconds > back_at
        ]
        found = await town.audit()
    return Told(
        (
            none_of("sends without a record", len(without), found.posts),
            Figure("resumed after", min(good) - back_at, unit="s"),
            Figure("in doubt", found.doubts),
        ),
        found,
        declared=True,
    )


@row("F17", "the store at its `maxmemory`, which evicts nothing")
async def memory_full(run: Run) -> Told:
    """503 for messages; echoes are taken from the reserve and silence; it goes on with more memory."""
    crowd = people(run.many(30, 200))
    async with place(run, webs=2) as town:
        town.graph.change(latency=0.5)
        await town.crowd(crowd[:10], 0.5)
        used = int(town.store.info("memory")["used_memory"])
        town.store.config_set("maxmemory", used // 2)
        since = time.monotonic()
        refused = [await town.write(each, "count please", again=False) for each in crowd[10:]]
        taken = 0
        for person in crowd[:5]:
            raw = meta.encode(meta.echo(LINE, person, "I am here", at=datetime.now(UTC)))
            if await town.post(raw) == 200:
                taken += 1
                town.talk(person).silent = True
                town.silent_at[str(person.phone)] = time.monotonic()
        await asyncio.sleep(2)
        until, late = time.monotonic(), town.late()
        town.store.config_set("maxmemory", 0)
        await town.crowd(crowd[10:], 1)
        took = await town.rest()
        found = await town.audit("owner_replied", "owner_holds")
    return Told(
        (
            all_of("echoes taken", taken, 5),
            none_of("late sends", len(late), 5),
            Figure("messages taken while full", sum(bool(each) for each in refused), n=len(refused)),
            at_most("answer p99", town.answered(0.99, since, until), 1.0),
            Figure("at rest after", took, unit="s"),
        ),
        found,
    )


@row("F18", "failover to a replica that lacks the last seconds")
async def failed_over(run: Run) -> Told:
    """It is noticed, sending is held, the owner is told, and nothing is sent twice."""
    crowd = people(run.many(40, 200))
    async with place(run, webs=2) as town:
        copying = Line(town.server.port)
        await copying.open()
        replica = Server(run.folder / "replica", free_port(), "--replicaof", f"127.0.0.1 {copying.port}")
        await asyncio.to_thread(replica.start)
        await town.crowd(crowd[:20], 1)
        await town.until(lambda: replica.client.info("replication")["master_link_status"] == "up", 20)
        await asyncio.sleep(1)
        copying.freeze()
        await town.crowd(crowd[20:], 1)
        await asyncio.sleep(2)
        written = town.count("event.chat")
        town.server.kill()
        copying.refuse()
        replica.client.replicaof("NO", "ONE")
        for line in (town.web_line, town.work_line):
            line.target = replica.port
            line.cut()
        failed_at, sent = time.monotonic(), len(town.graph.received)
        town.store = replica.client
        lacking = written - town.count("event.chat")
        told_after = await _told_after(town, failed_at)
        after = [each.at - failed_at for each in town.graph.received[sent:] if each.at > failed_at + 0.3]
        found = audit(town.store, town.graph.received, town.graph_line.departures, (), ())
        replica.kill()
    figures = (
        Figure("lost writes", lacking, least=1),
        at_most("noticed after", told_after, ALERTED_S),
        none_of("sends after it", len(after), len(crowd)),
        none_of("sent twice", len(found.doubled), found.rows),
    )
    return Told(figures, found, lost=True)


async def _told_after(town: Place, since: float) -> float:
    """Return after how many seconds the processes said that the store is another, 99 if they did not."""
    with suppress(AssertionError):
        await town.until(lambda: b"store_held" in town.logged(), ALERTED_S)
        return time.monotonic() - since
    return 99.0


@row("F22", "the store's clock an hour ahead, an hour back, eight days ahead")
async def clock_jumps(run: Run) -> Told:
    """No double, nothing outside the window, and an alarm."""
    library, crowd = _preload(run), people(run.many(36, 120))
    third, wrong, alarms = len(crowd) // 3, 0, 0
    shift = run.folder / "shift"
    shift.write_text("0")
    os.environ["SHIFT"] = str(shift)
    try:
        async with place(run, webs=2, PRELOAD=str(library)) as town:
            for turn, seconds in enumerate((3600, -3600, 8 * 86_400)):
                mine = crowd[third * turn : third * turn + third]
                writing = asyncio.create_task(town.crowd(mine, 1))
                await asyncio.sleep(0.5)
                shift.write_text(str(seconds))
                await writing
                await asyncio.sleep(5)
                alarms += town.logged().count(b"clock_differs") > alarms
                shift.write_text("0")
                await town.rest(60)
            wrong = sum(each.code == 131047 for each in town.graph.received)
            found = await town.audit("too_old", "window_closed")
    finally:
        del os.environ["SHIFT"]
    return Told((none_of("outside the window", wrong, found.posts), all_of("alarms", alarms, 3)), found)


@row("F24", "the end of the store's log is torn")
async def torn_log(run: Run) -> Told:
    """The store starts and reports the cut; what was acknowledged is there."""
    crowd = people(run.many(10, 200))
    async with place(run, webs=2) as town:
        await town.crowd(crowd, 2)
        town.server.kill()
        with town.server.log_files()[-1].open("ab") as log:
            log.write(b"*3\r\n$4\r\nHSET\r\n$10\r\n{corner")
        took = await asyncio.to_thread(town.server.start)
        told = b"truncat" in (town.server.folder / "store.log").read_bytes().lower()
        await town.rest()
        found = await town.audit()
    return Told((at_most("started in", took, 5), all_of("cut reported", int(told), 1)), found)


@row("F25", "the store emptied while it runs; then replaced by another, empty one")
async def emptied(run: Run) -> Told:
    """Sending stops, nothing is treated as new, and people are told."""
    crowd, after, told_after = people(run.many(40, 200)), 0, []
    half = len(crowd) // 2
    for turn in range(2):
        async with place(run, webs=2) as town:
            town.graph.change(latency=0.3)
            writing = asyncio.create_task(town.crowd(crowd[:half], 0.5))
            await writing
            since = time.monotonic()
            if turn == 0:
                town.store.flushall()
            else:
                town.server.kill()
                shutil.rmtree(town.server.folder / "appendonlydir")
                await asyncio.to_thread(town.server.start)
            told_after.append(await _told_after(town, since))
            refused = [await town.write(each, "ping", again=False) for each in crowd[half : half + 5]]
            after += sum(each.at > since + 0.4 for each in town.graph.received)
            taken = sum(map(bool, refused))
            wamids = [each.wamid for each in town.graph.received if each.wamid]
            found = audit(town.store, [], town.graph_line.departures, (), ())
    return Told(
        (
            none_of("sends after it", after, len(crowd)),
            none_of("webhooks taken by an empty store", taken, 5),
            none_of("sent twice", len(wamids) - len(set(wamids)), len(wamids)),
            at_most("people told after", max(told_after), ALERTED_S),
        ),
        found,
        lost=True,
    )
