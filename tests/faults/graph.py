"""What if Meta's Graph API is slow, refuses, breaks off, or answers nonsense?"""

import asyncio
import time
from typing import Any

from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.meta import Person
from engine.outbox import PAUSED_REST
from tests.benchmarks.figures import busiest_second
from tests.faults.audit import contact_id, rows_by_chat
from tests.faults.matrix import Figure, Run, Told, all_of, at_most, none_of, row
from tests.faults.place import READY_KEY, Place, changed_shop, people, place
from tests.main_job.ledgers import BUSINESS
from tests.main_job.town import LINE, is_for


@row("F26", "Graph answers some chats after 9 s")
async def slow_answers(run: Run) -> Told:
    """Other chats keep their rate; no time limit makes a double."""
    crowd = people(run.many(80, 400))
    slow, others = crowd[:10], crowd[10:]
    async with place(run) as town:
        town.graph.trouble.extend(Trouble(does="slow", seconds=9, times=None, to=each.phone) for each in slow)
        since = time.monotonic()
        writing = asyncio.create_task(town.crowd(crowd, 1))
        await town.until(lambda: all(town.heard(each) >= 3 for each in others), 90)
        rate = 3 * len(others) / (time.monotonic() - since)
        await writing
        await town.rest()
        found = await town.audit()
    figures = (
        Figure("others' rate", rate, least=13, unit="/s"),
        Figure("in doubt", found.doubts, most=0),
    )
    return Told(figures, found)


@row("F27", "Graph accepts and never answers; half of the messages get statuses, half do not")
async def no_answer(run: Run) -> Told:
    """A status proves that it arrived; without one it is in doubt and sent once more, which the row declares."""
    crowd = people(2 * run.many(10, 40))
    half = len(crowd) // 2
    async with place(run) as town:
        began_at = time.monotonic()
        for statuses, some in ((("sent", "delivered"), crowd[:half]), ((), crowd[half:])):
            town.graph.change(statuses=statuses)
            town.graph.trouble.extend(Trouble(does="hang", accepted=True, to=each.phone) for each in some)
            await town.crowd(some, 1, "ping")
            await town.until(lambda: not town.graph.trouble, 30)
            await asyncio.sleep(0.5)
        solved = half - len(town.store.zrange(f"{BUSINESS}:sending", 0, -1)) + half
        await town.rest()
        took = time.monotonic() - began_at
        found = await town.audit()
    return Told(
        (
            all_of("solved by status", solved, half),
            all_of("without one, in doubt", found.doubts, half),
            all_of("of these sent once more", len(found.doubled), half),
            Figure("parked", found.ends.get("parked", 0), most=0),
            at_most("all at rest after", took, 60),
        ),
        found,
        declared=True,
    )


@row("F28", "connections to Graph refused, then reset before the request went through")
async def not_reached(run: Run) -> Told:
    """Refused is known not to have left and is tried again; a reset after the first byte is a doubt."""
    crowd = people(run.many(40, 160))
    half = len(crowd) // 2
    async with place(run) as town:
        town.graph_line.refuse()
        before = len(town.graph.received)
        await town.crowd(crowd[:half], 2)
        await asyncio.sleep(6)
        refused_doubts, got = town.count("row.doubt"), len(town.graph.received) - before
        await town.graph_line.open()
        await town.rest()
        town.graph_line.reset(on=True)
        writing = asyncio.create_task(town.crowd(crowd[half:], 1))
        await asyncio.sleep(3)
        town.graph_line.cut()
        town.graph_line.reset(on=False)
        await writing
        took = await town.rest()
        found = await town.audit()
    return Told(
        (
            none_of("doubts of what never left", refused_doubts, 3 * half),
            none_of("POSTs that came through", got, half),
            Figure("doubts of what was cut", found.doubts),
            at_most("at rest after", took, 30),
        ),
        found,
    )


@row("F29", "500, 502 and 503, with and without an error of Meta's")
async def server_faults(run: Run) -> Told:
    """With one it is tried again by its code; without one it is in doubt."""
    crowd = people(6 * run.many(4, 20))
    async with place(run) as town:
        town.graph.change(status_delay=1)  # not before the answer
        for place_, person in enumerate(crowd):
            status = (500, 502, 503)[place_ % 3]
            with_body = place_ % 6 < 3
            town.graph.trouble.append(
                Trouble(does="refuse", code=131000, http_status=status, to=person.phone)
                if with_body
                else Trouble(does="blank", http_status=status, accepted=True, to=person.phone)
            )
        await town.crowd(crowd, 1)
        await town.rest()
        found = await town.audit()
    half = len(crowd) // 2
    return Told((Figure("with an error", half), all_of("without, in doubt", found.doubts, half)), found)


@row("F30", "130429 for the number; 131056 for one contact")
async def too_fast(run: Run) -> Told:
    """The number slows down and recovers; only that one contact waits."""
    pair, *crowd = people(run.many(60, 300))
    async with place(run) as town:
        town.graph.trouble.append(Trouble(does="refuse", code=131056, to=pair.phone, times=2))
        town.graph.trouble.extend(Trouble(does="refuse", code=130429, to=each.phone) for each in crowd[:3])
        since = time.monotonic()
        writing = asyncio.create_task(town.crowd([pair, *crowd], 1))
        await town.until(lambda: any(each.code == 130429 for each in town.graph.received), 20)
        slowed_at = next(each.at for each in town.graph.received if each.code == 130429)
        await writing
        await town.until(lambda: all(town.heard(each) >= 3 for each in crowd), 120)
        others = time.monotonic() - since
        await town.rest()
        after = [each.at for each in town.graph.received if slowed_at + 1.2 < each.at < slowed_at + 20]
        refused = sum(each.code in {130429, 131056} for each in town.graph.received)
        found = await town.audit()
    return Told(
        (
            Figure("refusals", refused),
            at_most("busiest second while slowed", busiest_second(after), 12, ""),
            Figure("all others heard after", others, unit="s"),
            Figure("in doubt", found.doubts, most=0),
        ),
        found,
    )


@row("F31", "401 with code 190 for 65 s, then mended")
async def token_refused(run: Run) -> Told:
    """The number pauses, the owner is told, the queue is kept; it is tried once a minute at most."""
    seconds, crowd = run.many(65, 200), people(run.many(20, 60))
    async with place(run) as town:
        town.graph.change(tokens=("another",), latency=0.05)
        await town.crowd(crowd, 0.5)
        await town.until(lambda: bool(_refused(town)), 20)
        first = _refused(town)[0].at
        await asyncio.sleep(seconds)
        tries = len([each for each in town.graph.received if each.at > first + 1])
        told = len([each for each in town.alerts() if b"190" in each])
        town.graph.change(tokens=())
        took = await town.rest(PAUSED_REST.total_seconds() + 60)
        found = await town.audit()
    return Told(
        (
            Figure(
                "POSTs within a second of the first", len([each for each in _refused(town) if each.at <= first + 1])
            ),
            at_most(f"POSTs in the {seconds} s after", tries, 1 + seconds // 60, ""),
            Figure("owner told", told, least=1),
            Figure("at rest after it was mended", took, unit="s"),
        ),
        found,
    )


def _refused(town: Place) -> list[Any]:
    return [each for each in town.graph.received if each.status == 401]


@row("F32", "200 with a web page; 200 without a message id")
async def nonsense(run: Run) -> Told:
    """In doubt, and solved by the status where the message was taken."""
    crowd = people(2 * run.many(10, 40))
    async with place(run) as town:
        town.graph.change(status_delay=1)  # not before the answer
        for place_, person in enumerate(crowd):
            does: Any = ("html", "no_id")[place_ % 2]
            town.graph.trouble.append(Trouble(does=does, accepted=True, to=person.phone))
        await town.crowd(crowd, 1)
        await town.rest()
        found = await town.audit()
    return Told((all_of("in doubt", found.doubts, len(crowd)),), found)


FINAL = ("window_closed", "country")
STOPPED_S = 5.0


@row("F33", "131047, 130497, 368 and 131031 as answers")
async def final_refusals(run: Run) -> Told:
    """No retry of the first two, a template instead of the first; the last two stop the number."""
    crowd = people(2 * run.many(6, 30))
    stops = [await _posts_after_the_stop(run, code) for code in (368, 131031)]
    async with place(run) as town:
        for place_, person in enumerate(crowd):
            code = (131047, 130497)[place_ % 2]
            town.graph.trouble.append(Trouble(does="refuse", code=code, to=person.phone))
        await town.crowd(crowd, 1, "ping")
        await town.rest()
        retries = sum(_posts_of_refused(town, person) > 1 for person in crowd)
        templates = sum(each.body.get("type") == "template" for each in town.graph.received)
        found = await town.audit(*FINAL)
    return Told(
        (
            none_of("retries of what is final", retries, len(crowd)),
            all_of("templates instead", templates, len(crowd) // 2),
            none_of("POSTs of a number that was stopped", sum(stops), len(stops) * 6),
        ),
        found,
    )


async def _posts_after_the_stop(run: Run, code: int) -> int:
    """Count what leaves after a refusal that stops the number, and after the owner was told."""
    first, *others = people(6)
    async with place(run) as town:
        town.graph.trouble.append(Trouble(does="refuse", code=code, to=first.phone))
        await town.write(first, "ping")
        await town.until(lambda: any(str(code).encode() in each for each in town.alerts()), 20)
        before = len(town.graph.received)
        await town.crowd(others, 0.5, "ping")
        await asyncio.sleep(STOPPED_S)
        return len(town.graph.received) - before


def _posts_of_refused(town: Place, person: Person) -> int:
    rows = rows_by_chat(town.store).get(f"{LINE.phone_number_id}/{contact_id(town.store, person)}", [])
    refused = {row.id for row in rows if row.state == "failed"}
    keys = [each.body["biz_opaque_callback_data"] for each in town.graph.received if is_for(each, person)]
    return max((sum(row in key for key in keys) for row in refused), default=0)


@row("F34", "Graph down while more is offered than a number may send, then back")
async def down_for_long(run: Run) -> Told:
    """The backlog is kept in order, leaves at the pace and no faster, and what is too old is dropped."""
    seconds = run.many(30, 3600)
    shop = changed_shop(run, business=f"answer_within: {seconds * 2 // 3}s\n")
    crowd = people(run.many(10, 20) * seconds)
    async with place(run, shop=shop) as town:
        town.graph_line.refuse()
        await town.crowd(crowd, seconds, "ping")
        backlog = town.store.zcard(READY_KEY)
        await town.graph_line.open()
        opened = len(town.graph_line.departures)
        took = await town.rest(seconds + 120)
        found = await town.audit("too_old")
    return Told(
        (
            Figure("down", seconds, unit="s"),
            Figure("backlog", backlog, n=len(crowd)),
            Figure("expired", found.ends.get("dropped too_old", 0), n=found.rows),
            at_most("most in a second afterwards", busiest_second(town.graph_line.departures[opened:]), 20, ""),
            Figure("drained in", took, unit="s"),
        ),
        found,
    )
