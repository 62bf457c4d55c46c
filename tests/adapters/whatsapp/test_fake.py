"""Does the fake Graph server answer, refuse, fail and call back as Meta would?

Each test is a scenario over real HTTP: `play` starts a server and a webhook, and stops both.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.whatsapp.fake import FakeGraph, serve
from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.fake_settings import KnownTemplate, Settings
from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.meta import Line, Person, sign

NUMBER = "106540352242922"
LINE = Line(NUMBER, "15550783881", "102290129340398")
ANA = Person("+447700900123", "GB.81724059316620114507", "Ana")
SECRET = "a secret of tests"
HEADERS = {"Authorization": "Bearer token"}
QUICK = {"status_delay": 0.001, "callback_backoff": 0.001, "app_secret": SECRET, "lines": (LINE,)}


class Webhook:
    """The other side: keeps what is posted, and answers with the statuses it is given, then with 200."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.bodies: list[dict[str, Any]] = []
        self.signatures: list[bool] = []
        self.came = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Keep one body, or refuse it."""
        raw = await request.read()
        self.signatures.append(request.headers["X-Hub-Signature-256"] == sign(SECRET, raw))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.bodies.append(json.loads(raw))
            self.came.set()
        return web.Response(status=status)

    @property
    def values(self) -> list[dict[str, Any]]:
        """The values of all changes."""
        return [body["entry"][0]["changes"][0]["value"] for body in self.bodies]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """All statuses, as they came."""
        return [status for value in self.values for status in value.get("statuses", ())]


class Stage:
    """A running server, its webhook, and a client."""

    def __init__(self, graph: FakeGraph, url: str, webhook: Webhook, client: aiohttp.ClientSession) -> None:
        self.graph, self.url, self.webhook, self.client = graph, url, webhook, client

    async def post(
        self,
        body: Any = None,
        number: str = NUMBER,
        data: bytes = b"",
        headers: dict[str, str] = HEADERS,
    ) -> tuple[int, Any]:
        """Post to `/messages`; returns the status and the body, as JSON where it is JSON."""
        raw = data or json.dumps(body or a_text()).encode()
        async with self.client.post(f"{self.url}/v26.0/{number}/messages", data=raw, headers=headers) as answer:
            raw = await answer.read()
            return answer.status, json.loads(raw) if answer.content_type == "application/json" else raw.decode()

    async def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Drive the server as another process would."""
        async with self.client.request(method, f"{self.url}/_fake/{path}", json=body) as answer:
            return answer.status, await answer.json()


def a_text(**changes: Any) -> dict[str, Any]:
    """Build a text that is accepted, with changes; None takes a field away."""
    text = {"type": "text", "text": {"body": "Hi"}}
    body: dict[str, Any] = {"messaging_product": "whatsapp", "to": ANA.phone, **text, **changes}
    return {key: value for key, value in body.items() if value is not None}


def a_template(name: str = "follow_up", *parameters: str, language: str = "en", **changes: Any) -> dict[str, Any]:
    """Build a template message."""
    sent: dict[str, Any] = {"name": name, "language": {"code": language}}
    if parameters:
        sent["components"] = [{"type": "body", "parameters": [{"type": "text", "text": each} for each in parameters]}]
    return a_text(type="template", text=None, template=sent, **changes)


async def post_once(url: str) -> Any:
    """Post one text to a server, and return the body of its answer."""
    session = aiohttp.ClientSession(headers=HEADERS)
    async with session, session.post(f"{url}/v26.0/1/messages", json=a_text()) as answer:
        return await answer.json()


def play(scenario: Callable[[Stage], Awaitable[Any]], **settings: Any) -> Any:
    """Run a scenario on a fresh server with a webhook; returns what the scenario returns."""

    async def run() -> Any:
        webhook = Webhook()
        app = web.Application()
        app.router.add_post("/webhook", webhook.take)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        callback = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
        graph = FakeGraph(Settings(**{**QUICK, "callback_url": callback, **settings}))
        url = await graph.start()
        try:
            async with aiohttp.ClientSession() as client, asyncio.timeout(20):
                return await scenario(Stage(graph, url, webhook, client))
        finally:
            await graph.stop()
            await runner.cleanup()

    return asyncio.run(run())


def test_a_text_is_accepted_and_its_statuses_follow():
    """The answer has Meta's shape, and two signed statuses tell the rest."""

    async def scenario(stage):
        stage.graph.contact_wrote(NUMBER, ANA)
        answer = await stage.post(a_text(biz_opaque_callback_data="row-1"))
        await stage.graph.quiet()
        return answer, stage.webhook

    (status, body), webhook = play(scenario)

    wamid = body["messages"][0]["id"]
    assert status == 200
    assert body == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+447700900123", "wa_id": "447700900123"}],
        "messages": [{"id": wamid}],
    }
    assert webhook.signatures == [True, True]
    assert [each["status"] for each in webhook.statuses] == ["sent", "delivered"]
    first = webhook.values[0]
    assert first == {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "447700900123", "user_id": ANA.bsuid}],
        "statuses": [
            {
                "id": wamid,
                "status": "sent",
                "timestamp": first["statuses"][0]["timestamp"],
                "recipient_id": "447700900123",
                "recipient_user_id": ANA.bsuid,
                "biz_opaque_callback_data": "row-1",
                "pricing": {
                    "billable": False,
                    "pricing_model": "PMP",
                    "type": "free_customer_service",
                    "category": "service",
                },
            },
        ],
    }


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"headers": {}}, 401, 190),
        ({"headers": {"Authorization": "Bearer "}}, 401, 190),
        ({"headers": {"Authorization": "Bearer stolen"}}, 401, 190),
        ({"number": "999"}, 400, 33),
        ({"data": b"{"}, 400, 100),
        ({"data": b"\xff"}, 400, 100),
        ({"data": b"[" * 100_000}, 400, 100),
        ({"data": b"[]"}, 400, 100),
        ({"body": a_text(text={"body": ""})}, 400, 131008),
        ({"body": a_text(to="15550783881")}, 400, 131021),
    ],
)
def test_what_meta_refuses_is_refused(options, status, code):
    """A refusal has the HTTP status that Meta documents, and the error in its body."""

    async def scenario(stage):
        return await stage.post(**options), stage.graph.received

    (answered, body), [received] = play(scenario, tokens=("token",))

    assert (answered, body["error"]["code"]) == (status, code)
    assert (received.status, received.code, received.wamid) == (status, code, "")


def test_a_refusal_names_the_field():
    """The details say which field it was, and the rest is as Meta writes it."""

    async def scenario(stage):
        return await stage.post(a_text(text={"body": "x" * 4097}))

    _, body = play(scenario)

    assert body["error"].pop("fbtrace_id")
    assert body == {
        "error": {
            "message": "(#100) Invalid parameter",
            "type": "OAuthException",
            "code": 100,
            "error_data": {
                "messaging_product": "whatsapp",
                "details": "`text.body` takes at most 4096 characters and has 4097",
            },
        },
    }


def test_a_read_mark_succeeds():
    """Read marks and typing share the address, and need no window."""
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}

    async def scenario(stage):
        return await stage.post({**mark, "typing_indicator": {"type": "text"}})

    answer = play(scenario)

    assert answer == (200, {"success": True})


def test_a_number_says_that_it_is_on_the_app():
    """The two fields that confirm coexistence can be asked for."""

    async def scenario(stage):
        url = f"{stage.url}/v26.0/{NUMBER}?fields=is_on_biz_app,platform_type"
        async with stage.client.get(url, headers=HEADERS) as good, stage.client.get(url) as bad:
            return await good.json(), bad.status

    facts, refused = play(scenario)

    assert facts == {"is_on_biz_app": True, "platform_type": "CLOUD_API", "id": NUMBER}
    assert refused == 401


def test_someone_without_a_phone_number_is_reached_by_user_id():
    """The answer and the statuses name the user id alone."""
    nora = Person(None, "ES.27750193364481029956", "Nora")

    async def scenario(stage):
        stage.graph.contact_wrote(NUMBER, nora)
        answer = await stage.post(a_text(to=None, recipient=nora.bsuid))
        await stage.graph.quiet()
        return answer, stage.webhook.statuses

    (_, body), statuses = play(scenario)

    assert body["contacts"] == [{"input": nora.bsuid, "user_id": nora.bsuid}]
    assert [(each["recipient_user_id"], "recipient_id" in each) for each in statuses] == [(nora.bsuid, False)] * 2


def test_a_user_id_in_the_wrong_field_is_accepted_and_lost():
    """Meta takes a user id in `to`, and nothing follows."""

    async def scenario(stage):
        answer = await stage.post(a_text(to=ANA.bsuid))
        await stage.graph.quiet()
        return answer, stage.graph.callbacks.stats()

    (status, _), callbacks = play(scenario)

    assert status == 200
    assert callbacks == {"posted": 0, "lost": 0, "waiting": 0}


def test_a_closed_window_is_told_by_status():
    """A free-form message after the window is accepted, and fails later."""

    async def scenario(stage):
        stage.graph.contact_wrote(NUMBER, ANA, datetime.now(UTC) - timedelta(hours=25))
        answer = await stage.post()
        await stage.graph.quiet()
        return answer[0], stage.webhook.statuses

    status, [failed] = play(scenario)

    assert status == 200
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
    assert "pricing" not in failed
    assert "recipient_user_id" not in failed


@pytest.mark.parametrize(
    ("wrote", "settings", "body", "status"),
    [
        (None, {}, a_text(), 400),
        (timedelta(hours=25), {}, a_text(), 400),
        (timedelta(hours=23), {}, a_text(), 200),
        (timedelta(hours=23), {"ahead": 2 * 3600}, a_text(), 400),
        (timedelta(hours=25), {}, a_template(), 200),
        (timedelta(hours=25), {"enforce_window": False}, a_text(), 200),
        (None, {}, a_text(to="+447700900999"), 200),
    ],
    ids=["never wrote", "too late", "in time", "time passed", "template", "not enforced", "stranger"],
)
def test_a_closed_window_can_be_refused_at_once(wrote, settings, body, status):
    """Only a free-form message to a known contact needs the window."""

    async def scenario(stage):
        stage.graph.register(ANA)
        if wrote is not None:
            stage.graph.contact_wrote(NUMBER, ANA.bsuid, datetime.now(UTC) - wrote)
        return await stage.post(body)

    answer = play(scenario, window_error="sync", **settings)

    assert answer[0] == status


def test_more_than_the_throughput_is_refused():
    """The fourth message within a second gets 130429, another number is not touched, and all are counted."""

    async def scenario(stage):
        answers = [await stage.post(number="1") for _ in range(4)]
        other = await stage.post(number="2")
        return answers, other[0], stage.graph.busiest_second("1"), stage.graph.received

    answers, other, busiest, received = play(scenario, lines=(), throughput=3)

    within = received[3].at - received[0].at < 1
    assert [status for status, _ in answers] == ([200, 200, 200, 400] if within else [200] * 4)
    assert not within or answers[3][1]["error"]["code"] == 130429
    assert not within or busiest == 4
    assert other == 200


def test_too_much_to_one_contact_is_refused():
    """After the burst a contact gets no more for a while, under any of their addresses; others do."""

    async def scenario(stage):
        stage.graph.contact_wrote(NUMBER, ANA)
        to_ana = [a_text(), a_text(to="447700900123"), a_text(to=None, recipient=ANA.bsuid)]
        answers = [await stage.post(body) for body in [*to_ana, a_text(to="+447700900999")]]
        return [body.get("error", {}).get("code") for _, body in answers]

    codes = play(scenario, pair_burst=2)

    assert codes == [None, None, 131056, None]


def test_an_unreachable_contact_gets_nothing():
    """The send is accepted, and fails later without a reason."""

    async def scenario(stage):
        stage.graph.register(ANA, reachable=False)
        status, _ = await stage.post()
        await stage.graph.quiet()
        return status, stage.webhook.statuses

    status, [failed] = play(scenario)

    assert (status, failed["errors"][0]["code"]) == (200, 131026)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (a_template("follow_up", "Ana"), 200, None),
        (a_template("follow_up"), 400, 132000),
        (a_template("follow_up", "Ana", language="en_US"), 404, 132001),
        (a_template("unknown"), 404, 132001),
        (a_template("waiting"), 404, 132001),
        (a_template("paused"), 400, 132015),
        (a_template("disabled"), 400, 132016),
        (a_template("code", to=None, recipient=ANA.bsuid), 400, 131062),
    ],
)
def test_only_templates_that_exist_can_be_sent(body, status, code):
    """Name, language, state and number of parameters have to fit."""
    templates = (
        KnownTemplate("follow_up", "en", parameters=1),
        KnownTemplate("waiting", "en", status="PENDING"),
        KnownTemplate("paused", "en", status="PAUSED"),
        KnownTemplate("disabled", "en", status="DISABLED"),
        KnownTemplate("code", "en", category="AUTHENTICATION"),
    )

    async def scenario(stage):
        return await stage.post(body)

    answered, content = play(scenario, templates=templates)

    assert (answered, content.get("error", {}).get("code")) == (status, code)
    assert code or content["messages"][0]["message_status"] == "accepted"


@pytest.mark.parametrize(
    ("category", "wrote", "price"),
    [
        ("MARKETING", True, (True, "regular", "marketing")),
        ("UTILITY", True, (False, "free_customer_service", "utility")),
        ("UTILITY", False, (True, "regular", "utility")),
    ],
)
def test_a_template_has_its_price(category, wrote, price):
    """Utility is free inside the window, marketing never is."""

    async def scenario(stage):
        stage.graph.register(ANA)
        if wrote:
            stage.graph.contact_wrote(NUMBER, ANA)
        await stage.post(a_template())
        await stage.graph.quiet()
        return stage.webhook.statuses[0]["pricing"]

    pricing = play(scenario, templates=(KnownTemplate("follow_up", "en", category),), statuses=("sent",))

    assert (pricing["billable"], pricing["type"], pricing["category"]) == price


def test_the_answer_to_an_ad_starts_the_free_window():
    """The `sent` status tells until when everything is free."""

    async def scenario(stage):
        stage.graph.contact_wrote(NUMBER, ANA, from_ad=True)
        await stage.post()
        await stage.graph.quiet()
        return stage.webhook.statuses

    sent, delivered = play(scenario)

    ends = int(sent["conversation"]["expiration_timestamp"]) - int(sent["timestamp"])
    assert abs(ends - 72 * 3600) <= 1
    assert sent["conversation"]["origin"] == {"type": "referral_conversion"}
    assert sent["pricing"]["type"] == "free_entry_point"
    assert "conversation" not in delivered


@pytest.mark.parametrize(
    ("trouble", "status", "body"),
    [
        (Trouble("blank"), 500, ""),
        (Trouble("blank", http_status=503, accepted=True), 503, ""),
        (Trouble("html"), 200, "<!doctype html><title>Sorry</title><p>Something is not working right now.</p>"),
        (Trouble("no_id"), 200, {"messaging_product": "whatsapp", "contacts": [], "messages": []}),
    ],
)
def test_an_answer_can_be_useless(trouble, status, body):
    """The answer is not Meta's, and the message was taken or not, as it was told; the next send is fine."""
    accepted = trouble.accepted

    async def scenario(stage):
        stage.graph.trouble.append(trouble)
        bad, good = await stage.post(), await stage.post()
        return bad, good[0], [bool(each.wamid) for each in stage.graph.received]

    bad, good, taken = play(scenario)

    assert (bad, good) == ((status, body), 200)
    assert taken == [accepted, True]


def test_a_send_can_be_refused_with_any_error():
    """Trouble meets the sends it is meant for, as often as it was told."""

    async def scenario(stage):
        stage.graph.trouble.append(Trouble("refuse", code=131031, times=2, to="447700900123"))
        bodies = [a_text(to="+447700900999"), a_text(), a_text(), a_text()]
        return [await stage.post(body) for body in bodies], stage.graph.trouble

    answers, left = play(scenario)

    assert [status for status, _ in answers] == [200, 403, 403, 200]
    assert answers[1][1]["error"]["message"] == "(#131031) Business Account locked"
    assert left == []


def test_a_send_can_fail_later():
    """The answer is good, and the only status is a failure."""

    async def scenario(stage):
        stage.graph.trouble.append(Trouble("fail", code=130497, times=None))
        answers = [await stage.post(), await stage.post()]
        await stage.graph.quiet()
        return [status for status, _ in answers], stage.webhook.statuses

    answers, statuses = play(scenario)

    assert answers == [200, 200]
    assert [each["errors"][0]["code"] for each in statuses] == [130497, 130497]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_connection_can_be_dropped(accepted):
    """The client learns nothing, and statuses follow only if the message was taken."""

    async def scenario(stage):
        stage.graph.trouble.append(Trouble("drop", accepted=accepted))
        with pytest.raises(aiohttp.ClientError):
            await stage.post()
        await stage.graph.quiet()
        return stage.graph.received, stage.webhook.statuses

    [received], statuses = play(scenario)

    assert (received.status, bool(received.wamid)) == (0, accepted)
    assert len(statuses) == (2 if accepted else 0)


def test_an_answer_can_hang():
    """The message is taken, its statuses come, and the answer never does."""

    async def scenario(stage):
        stage.graph.trouble.append(Trouble("hang", accepted=True))
        waiting = asyncio.create_task(stage.post())
        await stage.webhook.came.wait()
        is_done = waiting.done()
        waiting.cancel()
        return is_done

    is_done = play(scenario)

    assert not is_done


def test_a_server_with_a_hanging_answer_stops():
    """Stopping closes the connections that wait."""

    async def scenario():
        came = asyncio.Event()
        graph = FakeGraph(heard=lambda _: came.set())
        graph.trouble.append(Trouble("hang"))
        url = await graph.start()
        async with aiohttp.ClientSession(headers=HEADERS) as client:
            waiting = asyncio.create_task(client.post(f"{url}/v26.0/1/messages", json=a_text()))
            await came.wait()
            await asyncio.wait_for(graph.stop(), 10)
            return await asyncio.gather(waiting, return_exceptions=True)

    [outcome] = asyncio.run(scenario())

    assert isinstance(outcome, aiohttp.ClientError)


def test_answers_can_be_slow():
    """Latency is for all, a slow answer for one, and the arrival is noted before either."""

    async def scenario(stage):
        stage.graph.change(latency=0.05)
        stage.graph.trouble.append(Trouble("slow", seconds=0.05))
        started = time.monotonic()
        await stage.post()
        return time.monotonic() - started, stage.graph.received[0].at - started

    took, arrived = play(scenario)

    assert took >= 0.1
    assert 0 <= arrived < took - 0.09


def test_a_webhook_that_fails_gets_its_statuses_again():
    """Every status is posted until it is taken."""

    async def scenario(stage):
        stage.webhook.answers = [500, 404, 503]
        await stage.post()
        await stage.graph.quiet()
        return sorted(each["status"] for each in stage.webhook.statuses), stage.graph.callbacks.stats()

    statuses, callbacks = play(scenario)

    assert statuses == ["delivered", "sent"]
    assert callbacks == {"posted": 2, "lost": 0, "waiting": 0}


def test_a_webhook_that_is_gone_is_given_up():
    """After the last retry a status is lost, and the server goes on."""

    async def scenario(stage):
        await stage.post()
        await stage.graph.quiet()
        return stage.graph.callbacks.stats()

    callbacks = play(scenario, callback_url="http://127.0.0.1:1/webhook", callback_retries=2)

    assert callbacks == {"posted": 0, "lost": 2, "waiting": 0}


def test_statuses_can_share_a_webhook():
    """With a batch, what is due together travels together."""

    async def scenario(stage):
        await asyncio.gather(*(stage.post() for _ in range(10)))
        await stage.graph.quiet()
        return len(stage.webhook.statuses), len(stage.webhook.bodies)

    statuses, bodies = play(scenario, statuses=("sent",), status_batch=100, status_delay=0.3, callback_concurrency=1)

    assert statuses == 10
    assert bodies < 10


def test_statuses_can_be_turned_off():
    """Without statuses, nothing is posted."""

    async def scenario(stage):
        await stage.post()
        await stage.graph.quiet()
        return stage.webhook.bodies

    bodies = play(scenario, statuses=())

    assert bodies == []


@pytest.mark.parametrize("how", ["same_id", "other_id"])
def test_own_sends_can_come_back_as_echoes(how):
    """The echo has the id of the send, or another one with the same key."""

    async def scenario(stage):
        stage.graph.register(ANA)
        _, body = await stage.post(a_text(text={"body": "Hello"}))
        await stage.graph.quiet()
        return body["messages"][0]["id"], stage.webhook.values[0]["message_echoes"][0]

    sent, echoed = play(scenario, statuses=(), echo_sends=how, enforce_window=False)

    assert (echoed["text"], echoed["to"]) == ({"body": "Hello"}, "447700900123")
    assert (echoed["id"] == sent) == (how == "same_id")


def test_another_process_can_drive_it():
    """Settings, people, windows and trouble are set over HTTP, and what came is read back."""

    async def scenario(stage):
        person = {"phone": ANA.phone, "bsuid": ANA.bsuid}
        told = [
            await stage.control("POST", "settings", {"window_error": "sync", "throughput": 5}),
            await stage.control("POST", "people", {"person": person, "aliases": ["+447700900124"]}),
        ]
        closed = await stage.post(a_text(to="+447700900124"))
        told.append(await stage.control("POST", "wrote", {"number_id": NUMBER, "peer": ANA.bsuid}))
        told.append(await stage.control("POST", "trouble", [{"does": "blank"}, {"does": "refuse", "code": 131000}]))
        bad = await stage.post()
        told.append(await stage.control("DELETE", "trouble"))
        good = await stage.post()
        codes = [closed[1]["error"]["code"], bad[0], good[0]]
        received = await stage.control("GET", "received?since=1")
        return told, codes, received[1], (await stage.control("GET", "stats"))[1]

    told, codes, received, stats = play(scenario)

    assert told == [(200, {"success": True})] * 5
    assert codes == [131047, 500, 200]
    assert [(each["number_id"], each["status"], each["body"]["to"]) for each in received] == [
        (NUMBER, 500, ANA.phone),
        (NUMBER, 200, ANA.phone),
    ]
    assert stats["numbers"][NUMBER]["answers"] == {"131047": 1, "500": 1, "200": 1}
    assert stats["numbers"][NUMBER]["accepted"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "settings", {"latancy": 1}, "latancy"),
        ("POST", "settings", {"latency": "slow"}, "latency"),
        ("POST", "settings", [], "object"),
        ("POST", "trouble", {"does": "explode"}, "explode"),
        ("POST", "wrote", {"number_id": NUMBER}, "peer"),
        ("GET", "received?since=now", None, "since"),
    ],
)
def test_a_mistake_in_driving_it_is_told(method, path, body, words):
    """What cannot be understood changes nothing and is answered with what is wrong."""

    async def scenario(stage):
        return await stage.control(method, path, body)

    status, answer = play(scenario)

    assert status == 400
    assert words in answer["error"]


def test_it_can_be_watched():
    """The listener hears each POST once it is known what will be answered."""

    async def scenario():
        heard: list[Received] = []
        graph = FakeGraph(heard=heard.append)
        url = await graph.start()
        body = await post_once(url)
        await graph.stop()
        return heard, body

    [received], body = asyncio.run(scenario())

    assert received.wamid == body["messages"][0]["id"]
    assert received.body["text"] == {"body": "Hi"}


def test_it_can_stand_alone():
    """`serve` tells its address and runs until it is cancelled."""

    async def scenario():
        ready: asyncio.Queue[str] = asyncio.Queue()
        serving = asyncio.create_task(serve(Settings(), "127.0.0.1", 0, ready.put_nowait))
        url = await ready.get()
        body = await post_once(url)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return len(body["messages"]), serving.cancelled()

    outcome = asyncio.run(scenario())

    assert outcome == (1, True)
