"""What if webhooks come twice, shuffled, late, broken, or all at once?"""

import asyncio
import resource
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from adapters.records import read_log
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from rules.policy.loop import MOST
from tests.benchmarks.figures import percentile
from tests.faults.audit import contact_id, rows_by_chat
from tests.faults.matrix import Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import Place, people, place
from tests.main_job.ledgers import BUSINESS
from tests.main_job.town import LINE

PAGE_KB = resource.getpagesize() // 1024
CHATS, MESSAGES = 10, 50  # of one body of history


@row("F40", "each event ten times at the same moment, to two web processes")
async def ten_times(run: Run) -> Told:
    """One effect."""
    crowd = people(run.many(30, 300))
    async with place(run, webs=2) as town:
        for person in crowd:
            raw = _text(town, person, "count please")
            statuses = await asyncio.gather(*(town.post(raw) for _ in range(10)))
            assert set(statuses) == {200}, statuses
            town.talk(person).wrote.append("count please")
        await town.crowd([], 0)
        await town.rest()
        found, repeats = await town.audit(), town.count("event.dup")
    return Told((Figure("webhooks", 10 * len(crowd)), all_of("taken for repeats", repeats, 9 * len(crowd))), found)


@row("F41", "messages, echoes and statuses of a minute in any order")
async def shuffled(run: Run) -> Told:
    """Delivery only rises; an echo still silences."""
    chance, crowd = run.chance, people(run.many(20, 200))
    async with place(run, webs=2) as town:
        town.graph.change(statuses=())
        await town.crowd(crowd, 1, "ping 0")
        await town.rest()
        bodies: list[tuple[str, Person, bytes]] = []
        for person in crowd:
            texts = ((f"ping {number}", 60 - number) for number in (1, 2, 3))
            bodies += [(text, person, _text(town, person, text, ago=ago)) for text, ago in texts]
            bodies += [("", person, _status(town, person, name)) for name in ("sent", "delivered", "read")]
        chance.shuffle(bodies)
        half = crowd[: len(crowd) // 2]
        before = {str(each.phone): town.heard(each) for each in crowd}
        await asyncio.gather(*(town.owner_writes(each) for each in half))
        silent = {str(each.phone): town.heard(each) for each in half}
        await asyncio.gather(*(_deliver(town, *each) for each in bodies))
        await town.rest()
        violations = sum(town.heard(each) > silent[str(each.phone)] for each in half)
        found = await town.audit("owner_replied", "owner_holds")
        chats = rows_by_chat(town.store)
        first = [chats[f"{LINE.phone_number_id}/{contact_id(town.store, each)}"][0] for each in crowd]
        fallen = sum(each.delivery != "read" for each in first)
    return Told(
        (
            none_of("sends into silenced chats", violations, len(half)),
            none_of("deliveries that fell", fallen, len(first)),
            Figure("webhooks", len(bodies), least=len(before)),
        ),
        found,
    )


@row("F42", "a burst of events up to three days old while people write")
async def old_burst(run: Run) -> Told:
    """Stored, and never answered; those who write now are answered as ever."""
    old, live = people(run.many(2_100, 50_100))[:-100], people(run.many(2_100, 50_100))[-100:]
    chance = run.chance
    async with place(run, webs=2) as town:
        await town.crowd([], 0)
        begun = town.count("event.chat")
        bodies = [_text(town, each, "ping old", ago=chance.uniform(13 * 3600, 72 * 3600)) for each in old]
        burst = asyncio.create_task(_in_parallel(town, bodies, 16))
        since = time.monotonic()
        await town.crowd(live, 10, "ping")
        until = time.monotonic()
        await burst
        took = time.monotonic() - since
        await town.rest()
        stale = sum(town.heard(each) for each in old)
        stored = town.count("event.chat") - begun - len(live) - 2
        found = await town.audit("too_old")
        live_p99 = await _answers(town, live)
    return Told(
        (
            all_of("stored", stored, len(old)),
            none_of("stale answers", stale, len(old)),
            at_most("webhooks' answer p99", town.answered(0.99, since, until), 1.0),
            Figure("live chats heard after p99", live_p99, unit="s"),
            Figure("burst", took, unit="s"),
        ),
        found,
    )


@row("F43", "one body of 1,000 items in 3 MB, one of them bad")
async def large_body(run: Run) -> Told:
    """999 are applied, one is kept aside, and the answer comes within a second."""
    crowd, took = people(200), []
    filler, old = "x" * 2_800, datetime.now(UTC) - timedelta(hours=13)  # too old to be answered, which takes its time
    rounds = run.many(1, 10)
    async with place(run) as town:
        await town.crowd([], 0)
        before, begun = _memory(town), town.count("event.chat")
        for turn in range(rounds):
            items = [
                meta.text_message(LINE, crowd[each % 200], f"{filler} {turn} {each}", at=old) for each in range(1000)
            ]
            items[500]["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = f"not a moment {turn}"
            raw = meta.encode(meta.together(items))
            began_at = time.monotonic()
            assert await town.post(raw) == 200
            took.append(time.monotonic() - began_at)
        await town.rest()
        found = await town.audit("too_old")
        applied, aside = town.count("event.chat") - begun, town.count("event.quarantined")
        aside = aside or int(town.store.hget("baton:count", "event.quarantined") or 0)
        after = _memory(town)
    return Told(
        (
            Figure("body", len(raw) / 1e6, unit="MB"),
            all_of("applied", applied, 999 * rounds),
            all_of("kept aside", aside, rounds),
            at_most("answer p99", percentile(took, 0.99), 1.0),
            Figure("web's memory", after, unit=f"MB (before {before:.0f})"),
        ),
        found,
    )


@row("F44", "the owner's echo at every point of a send")
async def echo_at_every_point(run: Run) -> Told:
    """No POST begins after the echo was taken."""
    chance, crowd = run.chance, people(run.many(80, 2_000))
    async with place(run, works=2, webs=2) as town:
        town.graph.change(latency=0.1)

        async def one(place_: int, person: Person) -> None:
            await asyncio.sleep(place_ * 0.2)
            await town.write(person, "count please")
            await asyncio.sleep(chance.uniform(0, 0.8))
            await town.owner_writes(person)

        await asyncio.gather(*(one(place_, person) for place_, person in enumerate(crowd)))
        await town.crowd([], 0)
        await town.rest()
        late = [max(0.0, at + 0.05) for at in town.late(0.05)]
        found = await town.audit("owner_replied", "owner_holds")
    return Told(
        (
            none_of("begun after the echo's 200", len(late), len(crowd)),
            at_most("largest", 1000 * max(late, default=0.0), 50, "ms"),
            Figure("dropped in time", found.ends.get("dropped owner_replied", 0), n=found.rows, least=1),
        ),
        found,
    )


@row("F45", "one chat writes 200 messages in 10 s")
async def hot_chat(run: Run) -> Told:
    """Its order is kept, the loop guard stops answering, and others are answered as ever."""
    hot, *others = people(run.many(41, 200))
    async with place(run, webs=2) as town:

        async def shouting() -> None:
            for number in range(200):
                began_at = time.monotonic()
                await town.write(hot, f"ping {number:03}")
                await asyncio.sleep(max(0, 0.05 - time.monotonic() + began_at))

        since = time.monotonic()
        await asyncio.gather(shouting(), town.crowd(others, 10))
        posted = time.monotonic() - since
        others_p99 = await _answers(town, others)
        await town.rest(60)
        cid = contact_id(town.store, hot)
        ver = int(town.store.hget(f"{BUSINESS}:s:{LINE.phone_number_id}/{cid}", "ver") or 0)
        del town.talk(hot).wrote[MOST:]  # the guard lets nothing of the rest become a message
        found = await town.audit("loop_guard")
        heard = town.heard(hot)
    return Told(
        (
            at_most("answer p99", town.answered(0.99), 1.0),
            Figure("others heard after p99", others_p99, unit="s"),
            Figure("writes of the chat's record", ver / 200, unit="per message"),
            Figure("posted in", posted, unit="s"),
            Figure("answered before the guard", heard, n=200, most=MOST, least=MOST),
        ),
        found,
    )


@row("F46", "statuses at three times the rate of sending")
async def status_flood(run: Run) -> Told:
    """Sending keeps its rate."""
    crowd, rates = people(2 * run.many(60, 200)), []
    half = len(crowd) // 2
    async with place(run, webs=2) as town:
        await town.write(crowd[0], "ping")
        await town.rest()
        for turn, some in enumerate((crowd[1:half], crowd[half:])):
            flood = asyncio.create_task(_flood(town, crowd[0], 60)) if turn else None
            first = len(town.graph.received)
            await town.crowd(some, 0.5)
            await town.until(lambda: all(town.heard(each) >= 3 for each in some), 120)  # noqa: B023 - awaited here
            moments = [each.at for each in town.graph.received[first:]]
            rates.append(len(moments) / (max(moments) - min(moments)))
            if flood:
                flood.cancel()
        await town.rest()
        found = await town.audit()
    return Told(
        (Figure("rate without", rates[0], unit="/s"), Figure("rate with", rates[1], least=0.9 * rates[0], unit="/s")),
        found,
    )


@row("F47", "history of thousands of messages while people write")
async def history(run: Run) -> Told:
    """No rule runs for it, all of it is in the logs once, and live chats are as fast as before."""
    crowd, bodies = people(2 * run.many(40, 200)), run.many(20, 200)
    half, seconds = len(crowd) // 2, run.many(8, 40)  # slow enough for the pace of the number
    async with place(run, webs=2) as town:
        await town.crowd(crowd[:half], seconds, "ping")
        heard_without, without = await _answers(town, crowd[:half]), town.answered(0.99)
        past, since = [_past(each) for each in range(bodies)], time.monotonic()
        loading = asyncio.create_task(_told_of(town, past))
        await town.crowd(crowd[half:], seconds, "ping")
        heard_during, during = await _answers(town, crowd[half:]), town.answered(0.99, since)
        took = await loading
        await town.rest()
        found, wrong = await town.audit(), sum(map(partial(_unlike_log, town), past))
        ruled, read = found.rows - len(crowd) - 1, town.count("imported.message")
    return Told(
        (
            none_of("rules run for history", ruled, MESSAGES * CHATS * bodies),
            all_of("imported", read, MESSAGES * CHATS * bodies),
            none_of("chats whose log is another", wrong, CHATS * bodies),
            Figure("taken over within", took, unit="s"),
            Figure("answer p99 without", 1000 * without, unit="ms"),
            at_most("with", 1000 * during, max(1500 * without, 100), "ms"),
            Figure("live chats heard after p99 without", 1000 * heard_without, unit="ms"),
            at_most("with", 1000 * heard_during, max(1500 * heard_without, 1000), "ms"),
        ),
        found,
    )


@row("F48", "a signed body that cannot be used, delivered ten times")
async def poison(run: Run) -> Told:
    """It is kept aside once and answered with 200 each time."""
    bodies = [b'{"entry":', b"\xff\xfe", b"[]", b'{"object":"page","entry":[]}']
    async with place(run) as town:
        statuses = [await town.post(body) for body in bodies for _ in range(10)]
        await town.crowd(people(3), 0.5)
        await town.rest()
        found = await town.audit()
        aside = int(town.store.hget("baton:count", "event.quarantined") or 0) + town.count("event.quarantined")
    return Told(
        (
            all_of("answered with 200", statuses.count(200), len(statuses)),
            Figure("kept aside", aside, n=len(bodies), most=len(bodies), least=len(bodies)),
        ),
        found,
    )


def _text(town: Place, person: Person, text: str, ago: float = 0) -> bytes:
    at = datetime.now(UTC) - timedelta(seconds=ago)
    town.graph.contact_wrote(LINE.phone_number_id, person, at)
    return meta.encode(meta.text_message(LINE, person, text, at=at))


async def _deliver(town: Place, text: str, person: Person, raw: bytes) -> None:
    if text:
        await town.deliver(raw, person, text)
        town.talk(person).shuffled = True
    else:
        await town.post(raw)


def _status(town: Place, person: Person, name: str) -> bytes:
    sent = town.heard_by(person)[0]
    status: dict[str, Any] = {
        "id": sent.wamid,
        "status": name,
        "timestamp": str(int(time.time())),
        "recipient_id": person.phone,
        "biz_opaque_callback_data": sent.body["biz_opaque_callback_data"],
    }
    return meta.encode(meta.envelope(LINE, "messages", {"statuses": [status]}))


async def _flood(town: Place, person: Person, per_second: int) -> None:
    while True:
        began_at = time.monotonic()
        await asyncio.gather(*(town.meta.post(_status(town, person, "read")) for _ in range(per_second // 4)))
        await asyncio.sleep(max(0.0, 0.25 - time.monotonic() + began_at))


async def _in_parallel(town: Place, bodies: list[bytes], at_once: int) -> None:
    left = iter(bodies)

    async def some() -> None:
        for raw in left:
            while await town.post(raw) != 200:  # noqa: ASYNC110 - the web is asked again, no event tells
                await asyncio.sleep(0.2)

    await asyncio.gather(*(some() for _ in range(at_once)))


async def _answers(town: Place, crowd: list[Person]) -> float:
    """Return how long it took, for all but one in a hundred, from a webhook's 200 to the first word of the answer."""
    await town.until(lambda: all(town.heard(each) for each in crowd), 60)
    took = [town.heard_by(each)[0].at - town.taken_at[str(each.phone)] for each in crowd]
    return percentile(took, 0.99)


async def _told_of(town: Place, past: list[meta.Body]) -> float:
    """Post history beside the webhooks whose answers are timed; returns how long it took until all was imported."""
    began_at = time.monotonic()
    for body in past:
        while await town.meta.post(body) != 200:  # noqa: ASYNC110 - the web is asked again, no event tells
            await asyncio.sleep(0.2)
    await town.until(lambda: not town.store.exists(f"{BUSINESS}:imports"), 240)
    return time.monotonic() - began_at


def _past(place_: int) -> meta.Body:
    phones = [f"55118876{CHATS * place_ + each:05}" for each in range(CHATS)]
    last = int(time.time()) - 86_400
    threads = [{"id": each, "messages": [_said(each, last - ago) for ago in range(MESSAGES)]} for each in phones]
    chunk = {"metadata": {"phase": 0, "chunk_order": place_, "progress": 10}, "threads": threads}
    return meta.envelope(LINE, "history", {"history": [chunk]})


def _said(phone: str, at: int) -> dict[str, Any]:
    return {
        "from": phone,
        "id": meta.wamid(phone, f"3A{at:018}", "inbound"),
        "timestamp": str(at),
        "type": "text",
        "text": {"body": f"ping {at}"},
        "history_context": {"status": "READ"},
    }


def _unlike_log(town: Place, past: meta.Body) -> int:
    """Count the chats whose log does not hold what was said there, once and in order."""
    [part] = past["entry"][0]["changes"][0]["value"]["history"]
    return sum(_log(town, each["id"]) != [said["id"] for said in each["messages"]][::-1] for each in part["threads"])


def _log(town: Place, phone: str) -> list[str]:
    cid = contact_id(town.store, Person(phone=phone))
    turns: Any = town.store.lrange(f"{BUSINESS}:log:{LINE.phone_number_id}/{cid}", 0, -1)
    return [line.event for turn in turns for line in read_log(turn)]


def _memory(town: Place) -> float:
    pid = town.pids("web")[0]
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE_KB / 1024
