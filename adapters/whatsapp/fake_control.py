"""How does another process tell the fake Graph server what to do, and read what it got?

GET    /_fake/received?since=0&number_id=…   every POST, oldest first, from the one with that place
GET    /_fake/files                          every file it keeps: id, number, type, name, digest, size
GET    /_fake/conversions                    every POST that reported conversions, oldest first
GET    /_fake/stats                          counts per number, busiest second, webhooks posted
POST   /_fake/settings                       some settings: {"latency": 0.3}
POST   /_fake/trouble                        one trouble or a list: {"does": "refuse", "code": 131047}
DELETE /_fake/trouble                        no more trouble
POST   /_fake/people                         {"person": {"phone": …, "bsuid": …}, "aliases": […], "reachable": true}
POST   /_fake/wrote                          {"number_id": …, "peer": a phone or user id, "person": …, "at": …}
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from adapters.whatsapp.fake_trouble import Trouble
from adapters.whatsapp.fake_world import World
from adapters.whatsapp.meta import Person


class _Known(Struct, forbid_unknown_fields=True):
    person: Person
    aliases: tuple[str, ...] = ()
    reachable: bool = True


class _Wrote(Struct, forbid_unknown_fields=True):
    number_id: str
    peer: str | None = None
    person: Person | None = None
    at: datetime | None = None
    from_ad: bool = False


def control_routes(world: World) -> Sequence[web.RouteDef]:
    """List the routes under `/_fake`."""
    control = _Control(world)
    return (
        web.get("/_fake/received", control.received),
        web.get("/_fake/files", control.files),
        web.get("/_fake/conversions", control.conversions),
        web.get("/_fake/stats", control.stats),
        web.post("/_fake/settings", control.settings),
        web.post("/_fake/trouble", control.trouble),
        web.delete("/_fake/trouble", control.no_trouble),
        web.post("/_fake/people", control.people),
        web.post("/_fake/wrote", control.wrote),
    )


def json_response(value: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    async def received(self, request: web.Request) -> web.Response:
        number_id, since = request.query.get("number_id"), request.query.get("since", "0")
        if not since.isdecimal():
            return _refused("`since` takes a number from 0.")
        found = self._world.received[int(since) :]
        return json_response([each for each in found if number_id in (None, each.number_id)])

    async def files(self, _request: web.Request) -> web.Response:
        return json_response([each.facts() for each in self._world.shelf.kept.values()])

    async def conversions(self, _request: web.Request) -> web.Response:
        return json_response(self._world.conversions)

    async def stats(self, _request: web.Request) -> web.Response:
        return json_response(self._world.stats())

    async def settings(self, request: web.Request) -> web.Response:
        changes = await _read(request, dict[str, Any])
        try:
            self._world.change(**changes)
        except msgspec.ValidationError as error:
            return _refused(str(error))
        return _done()

    async def trouble(self, request: web.Request) -> web.Response:
        given = await _read(request, Trouble | list[Trouble])
        self._world.trouble.extend(given if isinstance(given, list) else [given])
        return _done()

    async def no_trouble(self, _request: web.Request) -> web.Response:
        self._world.trouble.clear()
        return _done()

    async def people(self, request: web.Request) -> web.Response:
        known = await _read(request, _Known)
        self._world.register(known.person, known.aliases, reachable=known.reachable)
        return _done()

    async def wrote(self, request: web.Request) -> web.Response:
        wrote = await _read(request, _Wrote)
        peer = wrote.person or wrote.peer
        if peer is None:
            return _refused("Say who wrote: `peer` or `person`.")
        self._world.contact_wrote(wrote.number_id, peer, wrote.at, from_ad=wrote.from_ad)
        return _done()


async def _read(request: web.Request, kind: Any) -> Any:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise web.HTTPBadRequest(text=_words(str(error)), content_type="application/json") from error


def _refused(words: str) -> web.Response:
    return web.Response(text=_words(words), status=400, content_type="application/json")


def _words(words: str) -> str:
    return msgspec.json.encode({"error": words}).decode()


def _done() -> web.Response:
    return json_response({"success": True})
