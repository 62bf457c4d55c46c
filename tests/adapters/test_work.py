"""Is another system asked once or declared, from a flow to its answer, on a real store with real workers?"""

import asyncio
import os
import signal
import sys
import time
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from adapters.intake import in_turn, item_of
from adapters.publish import publish
from adapters.records import read_alert, read_row
from adapters.settings import read
from adapters.whatsapp.receive import Arrival
from adapters.wiring import parts
from engine.content import Text, words_of
from engine.effects import Send
from engine.events import EchoReceived, MessageReceived
from engine.identity import Ids
from rules.policy.restrictions import DEFAULT
from tests.adapters.elsewhere import elsewhere
from tests.adapters.lossy import lossy

TOP = Path(__file__).parents[2]
ANA = Ids(phones=("5511987650001",))
PATIENCE_S = 20.0
BUSINESS = """
business: shop
timezone: America/Sao_Paulo
language: en
numbers: [{id: "1", phone: "+55 11 91234-5671", waba: "100"}]
"""
FLOW = """
flow: order
start: [{{when: text starts with "order"}}]
steps:
  - http: "http://127.0.0.1:{port}/{path}"
    method: {method}
    timeout: 2s
    headers: {{X-Key: "{{{{ secret.SHOP }}}}"}}
    save: {{eta: delivery.eta}}
    on_error: [{{send: "Sorry"}}, end]
  - send: "It comes at {{{{ eta }}}}"
"""


class House:
    """A business that asks another system, and what a test looks at."""

    def __init__(self, built, there, environ):
        self.built = built
        self.there = there
        self.environ = environ
        self.chat = ""

    async def take(self, event, kind="chat", field="messages"):
        """Let something happen in Ana's chat, and decide it."""
        arrival = Arrival(
            number="1", waba=None, field=field, kind=kind, key=event.id, at=event.at, event=event, ids=event.ids
        )
        [taken] = await self.built.store.ingest("shop", [item_of(arrival, "1", kind)])
        for subject in in_turn(taken):
            await self.built.handler.drain("shop", subject)
        self.chat = taken.subject

    async def order(self, key="w1"):
        """Let Ana ask for her order."""
        at = _now()
        await self.take(MessageReceived(id=key, at=at, arrived_at=at, content=Text("order"), ids=ANA))

    async def write(self, phone, words):
        """Let somebody write."""
        at, ids = _now(), Ids(phones=(phone,))
        await self.take(MessageReceived(id=f"w{phone}", at=at, arrived_at=at, content=Text(words), ids=ids))

    async def said(self):
        """Return the words that are queued in the chat."""
        found = await self.built.store.subject("shop", self.chat)
        rows = [await self.built.store.row("shop", row) for row in found.rows]
        effects = [read_row(row.blob).effect for row in rows if row]
        return [words_of(each.content) for each in effects if isinstance(each, Send)]

    async def until_said(self):
        """Wait until something is queued, with the loop that picks up what others left; return it."""
        tick, ends_at = self.built.tick(), time.monotonic() + PATIENCE_S
        while not (said := await self.said()) and time.monotonic() < ends_at:
            await tick.sweep()
            await asyncio.sleep(0.1)
        return said

    @asynccontextmanager
    async def worker(self):
        """Run a real worker of the queue `work` for a while."""
        command = [sys.executable, "-m", "adapters.worker", "work"]
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), **self.environ}
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=env, stdin=pipe, stderr=pipe, process_group=0)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            _, self.log = await process.communicate()


def _now():
    return datetime.now(UTC).replace(microsecond=0)


@asynccontextmanager
async def a_house(store_url, folder, *, path="orders/1", method="GET", slow=None, **environ):
    """Give a house whose flow asks a path by a method, and a slow system, too, when somebody writes "slow"."""
    async with elsewhere() as there:
        environ = {
            "BATON_REDIS_URL": store_url,
            "BATON_HTTP_HOSTS": ",".join(f"127.0.0.1:{each.port}" for each in (there, slow) if each),
            "BATON_HTTP_SECRET_SHOP": "hush-hush",
            **environ,
        }
        (folder / "business.yaml").write_text(BUSINESS)
        (folder / "flow.yaml").write_text(FLOW.format(port=there.port, path=path, method=method))
        if slow:
            text = FLOW.format(port=slow.port, path=path, method=method)
            (folder / "slow.yaml").write_text(text.replace("order", "slow"))
        async with parts(read(environ)) as built:
            done = await publish(built.store, folder, DEFAULT, by="a test")
            assert done.changed, done.problems
            yield House(built, there, environ)


def play(scene):
    """Run an asynchronous scene."""
    return asyncio.run(scene())


@pytest.mark.usefixtures("store")
def test_a_worker_asks_and_the_flow_goes_on(store_url, tmp_path):
    """From the message to the words with the answer in them, by a real job of the queue `work`."""

    async def scene():
        async with a_house(store_url, tmp_path) as house, house.worker():
            await house.order()
            return await house.until_said(), house.there.asked

    said, [(method, path, headers, _)] = play(scene)

    assert said == ["It comes at noon"]
    assert (method, path, headers["X-Key"]) == ("GET", "/orders/1", "hush-hush")


@pytest.mark.usefixtures("store")
def test_no_log_and_no_row_holds_a_secret(store, store_url, tmp_path):
    """It is known by its name alone, until the request leaves."""

    async def scene():
        async with a_house(store_url, tmp_path, path="missing") as house:
            async with house.worker():
                await house.order()
                await house.until_said()
            return house.log

    log = play(scene)

    rows = [store.hgetall(name) for name in store.scan_iter("{shop}:r:*")]
    said = [store.lrange(name, 0, -1) for name in store.scan_iter("{shop}:log:*")]
    assert b"secret" in repr(rows).encode()
    assert "hush" not in repr((rows, said, log))
    assert b"missing" not in log


@pytest.mark.usefixtures("store")
def test_a_failure_that_may_pass_is_tried_again_under_the_same_key(store_url, tmp_path):
    """Twice 503, then an answer."""

    async def scene():
        async with a_house(store_url, tmp_path) as house, house.worker():
            house.there.fails = 2
            await house.order()
            return await house.until_said(), house.there.keys

    said, keys = play(scene)

    assert said == ["It comes at noon"]
    assert (len(keys), len(set(keys))) == (3, 1)


@pytest.mark.usefixtures("store")
def test_a_post_that_fails_is_not_made_again(store_url, tmp_path):
    """Nobody knows whether it would be done twice."""

    async def scene():
        async with a_house(store_url, tmp_path, method="POST") as house, house.worker():
            house.there.fails = 1
            await house.order()
            return await house.until_said(), house.there.keys

    said, keys = play(scene)

    assert (said, len(keys)) == (["Sorry"], 1)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("method", "wanted"), [("GET", (["It comes at noon"], 2)), ("POST", (["Sorry"], 1))])
def test_a_worker_killed_in_the_middle_is_made_up_for(store, store_url, tmp_path, method, wanted):
    """What may be asked twice is asked again under the same key; anything else is declared to have failed."""

    async def scene():
        async with a_house(store_url, tmp_path, method=method) as house:
            house.there.slow_s = 60.0
            async with house.worker() as process:
                await house.order()
                await house.there.begun.wait()
                _kill_family(process)
            house.there.slow_s = 0.0
            [(row, _)] = store.zrange("{shop}:sending", 0, -1, withscores=True)
            store.zadd("{shop}:sending", {row: 0})  # so long a time has gone by
            store.delete("baton:working")
            async with house.worker():
                return await house.until_said(), house.there.keys

    said, keys = play(scene)

    assert (said, len(keys), len(set(keys))) == (*wanted, 1)


@pytest.mark.usefixtures("store")
def test_a_host_that_is_not_listed_is_not_asked_and_the_operator_is_told(store_url, tmp_path):
    """The flow goes on at `on_error` at once."""

    async def scene():
        async with a_house(store_url, tmp_path, BATON_HTTP_HOSTS="api.example.com") as house:
            await house.order()
            await house.built.errands().run(idle_s=0)
            alerts = await house.built.store.alerts("shop")
            return await house.said(), house.there.asked, [read_alert(each.blob) for each in alerts]

    said, asked, [alert] = play(scene)

    assert (said, asked, alert.code) == (["Sorry"], [], "http_forbidden")
    assert "which `BATON_HTTP_HOSTS` does not list" in alert.words


@pytest.mark.usefixtures("store")
def test_when_the_owner_steps_in_nothing_is_asked_any_more(store_url, tmp_path):
    """The row is dropped by the gate."""

    async def scene():
        async with a_house(store_url, tmp_path) as house:
            await house.order()
            at = _now()
            echo = EchoReceived(id="e1", at=at, arrived_at=at, content=Text("I am here"), ids=ANA)
            await house.take(echo, "echo", "smb_message_echoes")
            await house.built.errands().run(idle_s=0)
            return await house.said(), house.there.asked

    assert play(scene) == ([], [])


@pytest.mark.usefixtures("store")
def test_more_than_a_business_may_have_under_way_is_asked_in_turn(store_url, tmp_path):
    """Forty contacts, all answered, and nobody waits for the tick."""

    async def scene():
        async with a_house(store_url, tmp_path) as house:
            for place in range(40):
                at, ids = _now(), Ids(phones=(f"55119876500{place:02}",))
                await house.take(MessageReceived(id=f"w{place}", at=at, arrived_at=at, content=Text("order"), ids=ids))
            await house.built.errands().run(idle_s=0)
            return len(house.there.keys), len(set(house.there.keys))

    assert play(scene) == (40, 40)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_store_that_lost_its_answer_at_the_beginning_holds_no_request_up(store, store_url, tmp_path, method):
    """Nothing was asked, which is known: it is asked a moment later, not when its time is over."""

    async def scene():
        async with (
            lossy(store_url, tmp_path, "begin") as (url, way),
            a_house(url, tmp_path, method=method) as house,
        ):
            await house.order()
            with suppress(RedisError):
                await house.built.errands().run(idle_s=0)
            states = [store.hget(name, "state") for name in store.scan_iter("{shop}:r:*")]
            await asyncio.sleep(1.1)
            await house.built.tick().sweep()
            await house.built.errands().run(idle_s=0)
            return way.lost, states, await house.said(), len(house.there.keys)

    assert play(scene) == (1, [b"queued"], ["It comes at noon"], 1)


@pytest.mark.usefixtures("store")
def test_a_slow_system_does_not_hold_the_others(store_url, tmp_path):
    """Thirty people wait for the slow one; who asks another one is answered at once."""

    async def scene():
        async with elsewhere() as slow, a_house(store_url, tmp_path, slow=slow) as house:
            slow.slow_s = 1.0
            for place in range(30):
                await house.write(f"5511987651{place:03}", "slow")
            await house.write("5511987650001", "order")
            running = asyncio.create_task(house.built.errands().run(idle_s=0))
            await house.there.begun.wait()
            at_once, said = len(slow.keys), await house.until_said()
            while len(slow.keys) < 30:
                await running
                await house.built.tick().sweep()
                running = asyncio.create_task(house.built.errands().run(idle_s=0))
            await running
            return at_once, len(slow.keys), len(set(slow.keys)), said

    at_once, asked, different, said = play(scene)

    assert at_once <= 10
    assert (asked, different, said) == (30, 30, ["It comes at noon"])


@pytest.mark.usefixtures("store")
def test_a_request_that_nobody_can_read_rests_and_stays_alone(store, store_url, tmp_path):
    """Another version of Baton may have written it: it is looked at again in a minute, and the others are asked."""

    async def scene():
        async with a_house(store_url, tmp_path) as house:
            await house.order()
            [bad] = store.zrange("{shop}:todo:http", 0, -1)
            store.hset(b"{shop}:r:" + bad, "blob", b"\x7f")
            await house.write("5511987650002", "order")
            await house.built.errands().run(idle_s=0)
            return len(house.there.keys), store.zscore("{shop}:todo:http", bad) - time.time() * 1000

    asked, rests_ms = play(scene)

    assert asked == 1
    assert 30_000 < rests_ms <= 60_000


def _kill_family(process):
    """Kill a worker and the job in it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in (process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
