"""A page with two phones: the contact's and the owner's, around one chat with the bot in between."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from msgspec import Struct

from adapters import site, wording
from adapters.demo.heard import offered, reported
from adapters.demo.stage import Stage
from adapters.records import read_chat
from adapters.store import Store
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from engine.content import Outgoing, words_of
from engine.content import Template as ApprovedTemplate
from engine.identity import aliases, ids_from
from flows.shown import shown
from flows.verbs import PREFILLED
from rules.policy.handoff import Holder, holder_at

ANA = Person(phone="5511987654321", bsuid="BR.10000000000000000001", name="Ana")
AD = "120330000000001"  # the one that the bakery has a flow for; any other business takes it for any ad
PAGES = Path(__file__).parent / "templates"


class Said(Struct, frozen=True):
    """One bubble: who said it, the words, and what can be tapped below it."""

    who: str
    words: str
    at: float
    buttons: tuple[tuple[str, str], ...] = ()


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody typed, or tapped if there is a `payload`."""

    words: str
    payload: str | None = None


class Hours(Struct, frozen=True, forbid_unknown_fields=True):
    """How long to let pass."""

    hours: float


class Table:
    """The chat between the two phones, as it was typed and heard."""

    def __init__(self, stage: Stage) -> None:
        """Begin with an empty chat."""
        self._stage = stage
        self._typed: list[Said] = []

    async def contact(self, said: Words) -> None:
        """Let the contact type or tap."""
        line, graph, now = self._stage.line, self._stage.graph, datetime.now(UTC)
        self._typed.append(Said("contact", said.words, now.timestamp()))
        graph.contact_wrote(line.phone_number_id, ANA)
        if said.payload is None:
            body = meta.text_message(line, ANA, said.words, at=now)
        else:
            body = meta.tap_message(line, ANA, meta.Tap("button", said.payload, said.words), at=now)
        await self._stage.meta.post(body)

    async def ad(self) -> None:
        """Let the contact tap an ad, and send what WhatsApp has written there for them."""
        line, now = self._stage.line, datetime.now(UTC)
        self._typed.append(Said("ad", PREFILLED, now.timestamp()))
        self._stage.graph.contact_wrote(line.phone_number_id, ANA, from_ad=True)
        click = meta.Referral(AD, headline="An ad", ctwa_clid=f"click-{secrets.token_hex(8)}")
        await self._stage.meta.post(meta.ad_message(line, ANA, PREFILLED, click, at=now))

    async def owner(self, said: Words) -> None:
        """Let the owner type in the app: Meta posts an echo."""
        now = datetime.now(UTC)
        self._typed.append(Said("owner", said.words, now.timestamp()))
        await self._stage.meta.post(meta.echo(self._stage.line, ANA, said.words, at=now))

    async def state(self) -> dict[str, Any]:
        """Return all bubbles in order, and who holds the chat."""
        bubbles = sorted([*self._typed, *self._heard(), *self._told()], key=lambda each: each.at)
        return {"bubbles": bubbles, **await self._holding()}

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass for everybody, and say so between the bubbles."""
        self._typed.append(Said("time", f"{wording.long(span)} later", datetime.now(UTC).timestamp()))
        await self._stage.pass_time(span)

    def _heard(self) -> list[Said]:
        left = [each for each in self._stage.graph.received if each.wamid]
        return [_said(self._stage.content_of(each.body), each.body, each.wall) for each in left]

    def _told(self) -> list[Said]:
        took = [each for each in self._stage.graph.conversions if each.taken]
        return [Said("meta", reported(event), each.wall) for each in took for event in each.body["data"]]

    async def _holding(self) -> dict[str, Any]:
        store, business = Store(self._stage.client), self._stage.business
        contact = await store.contact_of(business, aliases(ids_from([ANA.phone], [ANA.bsuid])))
        found = await store.subject(business, f"{self._stage.line.phone_number_id}/{contact}")
        if found is None or found.state is None:
            return {"holder": Holder.BOT, "until": None}
        holding = read_chat(found.state).holding
        return {"holder": holder_at(holding, datetime.now(UTC)), "until": holding.until}


@get("/", sync_to_thread=False)
def page(state: State) -> Template:
    """Show the two phones."""
    return Template("phones.html", context={"business": state.business, "nonce": secrets.token_urlsafe(12)})


@get("/state")
async def chat_state(state: State) -> dict[str, Any]:
    """Tell what was said, and who holds the chat."""
    found: dict[str, Any] = await state.table.state()
    return found


@post("/contact", status_code=204)
async def contact_says(state: State, data: Words) -> None:
    """Let the contact write."""
    await state.table.contact(data)


@post("/ad", status_code=204)
async def contact_taps_ad(state: State) -> None:
    """Let the contact come by an ad."""
    await state.table.ad()


@post("/owner", status_code=204)
async def owner_says(state: State, data: Words) -> None:
    """Let the owner write."""
    await state.table.owner(data)


@post("/time", status_code=204)
async def time_passes(state: State, data: Hours) -> None:
    """Let time pass."""
    await state.table.pass_time(timedelta(hours=data.hours))


class _Guest(uvicorn.Server):
    """A server that leaves signals to the process it is in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change nothing."""
        yield


@asynccontextmanager
async def phones(stage: Stage, host: str, port: int) -> AsyncIterator[str]:
    """Serve the page, and give its address."""
    app = Litestar(
        [page, chat_state, contact_says, contact_taps_ad, owner_says, time_passes],
        template_config=TemplateConfig(directory=PAGES, engine=JinjaTemplateEngine),
        state=State({"table": Table(stage), "business": stage.ruleset.business.name}),
        openapi_config=None,
    )
    opened = site.listen(host, port)
    server = _Guest(uvicorn.Config(app, log_level="warning", access_log=False))
    running = asyncio.create_task(server.serve(sockets=[opened]))
    try:
        yield f"http://{host}:{opened.getsockname()[1]}/"
    finally:
        server.should_exit = True
        await running


def _said(found: Outgoing, body: dict[str, Any], at: float) -> Said:
    if isinstance(found, ApprovedTemplate):
        return Said("template", f"{found.name} {' · '.join(found.params)}".strip(), at)
    return Said("bot", words_of(found) or shown(found), at, tuple(offered(body)))
