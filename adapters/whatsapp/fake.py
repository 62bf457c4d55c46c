"""Where does Baton send when there is no Meta? To a Graph server of our own, over real HTTP.

It refuses what Meta refuses, keeps files, the customer service window, the throughput and the pair limit, remembers
every POST, goes wrong when it is told to, and posts signed statuses back. It keeps everything in memory: it is for
demos, tests and load runs.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from adapters.whatsapp import fake_errors as errors
from adapters.whatsapp import fake_events
from adapters.whatsapp.fake_control import control_routes, json_response
from adapters.whatsapp.fake_events import Conversion, Wrong
from adapters.whatsapp.fake_media import MOST, read_upload
from adapters.whatsapp.fake_send import OK, Received, answer, parsed, recipient_of, refusal
from adapters.whatsapp.fake_settings import Settings
from adapters.whatsapp.fake_templates import page
from adapters.whatsapp.fake_trouble import Trouble, take
from adapters.whatsapp.fake_world import World
from adapters.whatsapp.limits import Fault, faults

_VERSION: Final = r"/{version:v\d+\.\d+}"
_BEARER: Final = "Bearer "
_NO_TOKEN: Final = Fault(errors.TOKEN, "An access token is needed, and this one is missing or not accepted.")
_NO_ACCOUNT: Final = Fault(errors.INVALID_PARAMETER, "This account does not exist, or the token may not see it.")
_NO_FILE: Final = Fault(errors.INVALID_PARAMETER, "This file does not exist, or has run out.")
_NO_NUMBER: Final = Fault(errors.NUMBER_GONE, "This business number does not exist or is not yours.")


class FakeGraph(World):
    """A Graph server in this process; `start` gives the address that stands for Meta's."""

    def __init__(self, settings: Settings | None = None, heard: Callable[[Received], None] | None = None) -> None:
        """Prepare a server; `heard` is called with each POST as soon as it is known what will be answered."""
        super().__init__(settings)
        self._heard = heard
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, on a free port unless one is named, and return the address."""
        self._stopping.clear()
        app = web.Application(client_max_size=MOST)
        app.add_routes(control_routes(self))
        app.router.add_post(_VERSION + "/{number_id}/messages", self._messages)
        app.router.add_post(_VERSION + "/{number_id}/media", self._upload)
        app.router.add_post(_VERSION + "/{dataset}/events", self._events)
        app.router.add_get(_VERSION + "/{number_id}", self._facts)
        app.router.add_get(_VERSION + "/{waba}/message_templates", self._templates)
        app.router.add_get(_VERSION + "/{waba}/subscribed_apps", self._subscribed)
        app.router.add_get("/files/{name}", self._download)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        await self.callbacks.start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close every connection, and forget the statuses that are still to come."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            await self.callbacks.stop()

    async def quiet(self) -> None:
        """Wait until every status that is planned was posted or given up."""
        await self.callbacks.quiet()

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        received = Received(request.match_info["number_id"], time.monotonic(), time.time())
        self._note(received)
        received.body, fault = _read(await request.read())
        fault = self._entry_fault(request, received.number_id) or fault
        trouble = None if fault or "status" in received.body else self._next_trouble(received)
        response = self._refused(received, fault) if fault else self._response(received, trouble)
        self._tell(received, response)
        await asyncio.sleep(self.settings.latency + (trouble.seconds if trouble else 0))
        return await self._lost(request, trouble) if response is None else response

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        number_id = request.match_info["number_id"]
        fault = self._entry_fault(request, number_id)
        trouble = None if fault else take(self.trouble, number_id, "", at="media")
        found = fault or await read_upload(request)
        await asyncio.sleep(self.settings.latency + (trouble.seconds if trouble else 0))
        if trouble is not None and trouble.does == "refuse":
            found = Fault(trouble.code, trouble.details)
        elif trouble is not None and not trouble.answers_well:
            response = trouble.response()
            return await self._lost(request, trouble) if response is None else response
        if isinstance(found, Fault):
            given = refusal(found, trouble.http_status if trouble else None)
            return json_response(given.body, given.status)
        return json_response({"id": self.shelf.put(number_id, *found, self.now()).id})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        received = Conversion(request.match_info["dataset"], time.time())
        self.conversions.append(received)
        received.body, fault = _read(await request.read())
        fault = self._token_fault(request) or fault
        trouble = None if fault else take(self.trouble, received.dataset, "", at="events")
        response = self._event_response(received, fault, trouble)
        received.status = 0 if response is None else response.status
        await asyncio.sleep(self.settings.latency + (trouble.seconds if trouble else 0))
        return await self._lost(request, trouble) if response is None else response

    def _event_response(
        self, received: Conversion, fault: Fault | None, trouble: Trouble | None
    ) -> web.Response | None:
        if fault is not None:
            given = refusal(fault)
        elif trouble is not None and trouble.does == "refuse":
            given = fake_events.refusal(trouble.code, Wrong(trouble.details, trouble.subcode), trouble.http_status)
        elif trouble is not None and not trouble.answers_well:
            if trouble.accepted:
                fake_events.answer(received, self.settings)
            return trouble.response()
        else:
            given = fake_events.answer(received, self.settings)
        received.code = given.code
        return json_response(given.body, given.status)

    async def _file_facts(self, request: web.Request, media_id: str) -> web.Response:
        await asyncio.sleep(self.settings.latency)
        fault = self._token_fault(request)
        found = self.shelf.find(media_id, self.now(), self.settings.media_life)
        if fault or found is None:
            given = refusal(fault or _NO_FILE)
            return json_response(given.body, given.status)
        name = self.shelf.lend(found, self.now() + self.settings.url_life)
        facts = {"url": f"http://{request.host}/files/{name}", "mime_type": found.mime, "sha256": found.sha256}
        return json_response(facts | {"file_size": found.size, "id": found.id, "messaging_product": "whatsapp"})

    async def _download(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.settings.latency)
        found = self.shelf.lent(request.match_info["name"], self.now())
        if found is None or self._token_fault(request):
            return web.Response(status=404)
        return web.Response(body=found.data, content_type=found.mime)

    async def _facts(self, request: web.Request) -> web.Response:
        number_id = request.match_info["number_id"]
        if number_id in self.shelf.kept or "phone_number_id" in request.query:
            return await self._file_facts(request, number_id)
        fault, number = self._entry_fault(request, number_id), self.number(number_id)
        if fault or number is None:
            given = refusal(fault or _NO_NUMBER)
            return json_response(given.body, given.status)
        facts: dict[str, Any] = {
            "display_phone_number": number.line.display_phone_number,
            "is_on_biz_app": True,
            "platform_type": "CLOUD_API",
        }
        asked = request.query.get("fields", "display_phone_number").split(",")
        return json_response({key: facts[key] for key in asked if key in facts} | {"id": number_id})

    async def _subscribed(self, request: web.Request) -> web.Response:
        waba = request.match_info["waba"]
        fault = self._token_fault(request) or (None if self.has_account(waba) else _NO_ACCOUNT)
        if fault:
            given = refusal(fault)
            return json_response(given.body, given.status)
        app = {"whatsapp_business_api_data": {"id": "1", "name": "Baton"}}
        return json_response({"data": [app] if self.settings.callback_url else []})

    async def _templates(self, request: web.Request) -> web.Response:
        fault, waba = self._token_fault(request), request.match_info["waba"]
        if any(each.number_id == waba for each in self.trouble):
            trouble = take(self.trouble, waba, "")
            fault = fault or (Fault(trouble.code, trouble.details) if trouble else None)
        if fault is None and not self.has_account(waba):
            fault = _NO_ACCOUNT
        found = fault or page(self.settings.templates, request.query.get("after"), request.query.get("limit"))
        if isinstance(found, Fault):
            given = refusal(found)
            return json_response(given.body, given.status)
        return json_response(found)

    def _note(self, received: Received) -> None:
        self.received.append(received)
        number = self.number(received.number_id)
        if number is not None:
            number.traffic.arrivals.append(received.at)

    def _entry_fault(self, request: web.Request, number_id: str) -> Fault | None:
        return self._token_fault(request) or (_NO_NUMBER if self.number(number_id) is None else None)

    def _token_fault(self, request: web.Request) -> Fault | None:
        header = request.headers.get("Authorization", "")
        token = header.removeprefix(_BEARER).strip() if header.startswith(_BEARER) else ""
        is_good = token and (not self.settings.tokens or token in self.settings.tokens)
        return None if is_good else _NO_TOKEN

    def _next_trouble(self, received: Received) -> Trouble | None:
        return take(self.trouble, received.number_id, recipient_of(received.body))

    def _refused(self, received: Received, fault: Fault, status: int | None = None) -> web.Response:
        given = refusal(fault, status)
        received.code = given.code
        return json_response(given.body, given.status)

    def _response(self, received: Received, trouble: Trouble | None) -> web.Response | None:
        if trouble is None or trouble.answers_well:
            return self._judged(received, trouble)
        if trouble.does == "refuse":
            return self._refused(received, Fault(trouble.code, trouble.details), trouble.http_status)
        if trouble.accepted and (response := self._judged(received, trouble)).status != OK:
            return response
        return trouble.response()

    def _judged(self, received: Received, trouble: Trouble | None) -> web.Response:
        number = self.number(received.number_id)
        if number is None:
            return self._refused(received, _NO_NUMBER)
        if not faults(received.body) and (fault := self.file_fault(received.number_id, received.body)):
            return self._refused(received, fault)
        given = answer(received, number, self.people, self.settings, trouble)
        received.code = given.code
        self.plan(number, given)
        return json_response(given.body, given.status)

    def _tell(self, received: Received, response: web.Response | None) -> None:
        received.status = 0 if response is None else response.status
        if self._heard is not None:
            self._heard(received)

    async def _lost(self, request: web.Request, trouble: Trouble | None) -> web.StreamResponse:
        if trouble is not None and trouble.does == "hang":
            await self._stopping.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


def _read(raw: bytes) -> tuple[dict[str, Any], Fault | None]:
    body = parsed(raw)
    return ({}, body) if isinstance(body, Fault) else (body, None)


async def serve(settings: Settings, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Run a server until this is cancelled; `ready` is told the address."""
    graph = FakeGraph(settings)
    ready(await graph.start(host, port))
    try:
        await asyncio.Event().wait()
    finally:
        await graph.stop()
