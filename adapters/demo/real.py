"""Let a transcript happen for real: webhooks over HTTP, a store, a worker, and a fake Meta that hears what leaves."""

import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters.demo.stage import Stage
from adapters.records import read_alert, read_chat, read_row
from adapters.store import Store
from adapters.store.keys import key
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Person
from engine.content import Content, Form, Location, Media, Outgoing, Tap, words_of
from engine.effects import Alert, Report, Speaker
from engine.events import Referral
from engine.identity import aliases, ids_from
from engine.request import Answer
from flows.lines import AT_ONCE, Transcript
from flows.post import Left
from flows.round import NO_AD, Round
from flows.shown import folded, shown
from flows.taps import answering, taps
from flows.world import CannotHappenError
from rules.policy.handoff import Holder, holder_at

OK = 200
ANY_FILE = "application/octet-stream"


class RealWorld:
    """A chat through the whole of Baton. What happens is told to `say`: who did it, and what.

    The clock is the machine's, so what a transcript says about the hour cannot be played here.
    """

    def __init__(self, stage: Stage, script: Transcript, say: Callable[[str, str], None]) -> None:
        """Open a chat with the contact of a transcript; nothing was said yet."""
        self._stage = stage
        self._say = say
        who = script.contact
        self._ids = ids_from([who.phone], [who.bsuid])
        self._phone, self._bsuid = next(iter(self._ids.phones), None), next(iter(self._ids.bsuids), None)
        self._person = Person(phone=self._phone, bsuid=self._bsuid, name=who.name)
        self._first = len(stage.graph.received)
        self._body: meta.Body | None = None
        self._told, self._alerted = 0, Counter[bytes]()
        self._held = Holder.BOT
        self._reported: set[bytes] = set()

    async def contact(self, content: Content, referral: Referral | None = None, *, late: timedelta = AT_ONCE) -> Round:
        """The contact writes."""
        self._say("contact", shown(content))
        content = answering(content, (left.content for left in reversed(self._heard())))
        return await self._from_contact(self._written(content, referral, datetime.now(UTC) - late))

    async def tap(self, title: str) -> Round:
        """The contact taps what the latest message with that title offers."""
        for left in reversed(self._heard()):
            for found in taps(left.content, self._stage.ruleset.templates):
                if folded(found.title).casefold() == folded(title).casefold():
                    return await self._tapped(found, left)
        raise CannotHappenError(f"There is no `{title}` to tap.")

    async def _tapped(self, found: Tap, left: Left) -> Round:
        self._say("contact", f"taps {found.title}")
        tap = meta.Tap(found.source, found.payload, found.title)
        now = datetime.now(UTC)
        body = meta.tap_message(self._stage.line, self._person, tap, at=now, about=left.message_id)
        return await self._from_contact(body)

    async def owner(self, content: Content, *, late: timedelta = AT_ONCE) -> Round:
        """The owner writes from the phone."""
        self._say("owner", shown(content))
        return await self._posted(self._echo(content, datetime.now(UTC) - late))

    async def after(self, span: timedelta) -> Round:
        """Time passes: everything that was is put back."""
        self._say("time", f"{span} pass")
        await self._stage.pass_time(span)
        return await self._round()

    async def until(self, at: datetime | time) -> Round:
        """Refuse: the hour is the one it is."""
        raise CannotHappenError(f"Only `baton test` can choose the hour, so it cannot become {at:%H:%M} here.")

    async def redeliver(self) -> Round:
        """The last webhook comes in once more."""
        if self._body is None:
            raise CannotHappenError("Nothing came in yet that could come in once more.")
        self._say("meta", "delivers the last webhook once more")
        return await self._posted(self._body)

    async def echo_of_bot(self) -> Round:
        """The latest message of the bot comes back as an echo."""
        left = self._latest("come back")
        self._say("meta", "the bot's own message comes back as an echo")
        return await self._posted(self._echo(left.content, datetime.now(UTC), left.message_id))

    async def fails(self, code: int, left: Left | None = None) -> Round:
        """Meta could not deliver a message."""
        left = left or self._latest("fail")
        self._say("meta", f"refuses {shown(left.content)} with {code}")
        return await self._posted(self._failed(left.message_id, code))

    async def answers(self, answer: Answer, asked: str | None = None) -> Round:  # noqa: ARG002 - nobody can
        """Another system answers: here they are asked for real."""
        raise CannotHappenError("Here other systems are asked for real, and a transcript cannot answer for them.")

    def _latest(self, what: str) -> Left:
        heard = self._heard()
        if not heard:
            raise CannotHappenError(f"The bot said nothing yet that could {what}.")
        return heard[-1]

    async def _from_contact(self, body: meta.Body) -> Round:
        self._stage.graph.contact_wrote(self._stage.line.phone_number_id, self._person)
        return await self._posted(body)

    async def _posted(self, body: meta.Body) -> Round:
        self._body = body
        status = await self._stage.meta.post(body)
        if status != OK:
            raise RuntimeError(f"The webhook answered {status}.")
        return await self._round()

    async def _round(self) -> Round:
        await self._stage.quiet()
        heard = self._heard()
        left, self._told = heard[self._told :], len(heard)
        for each in left:
            self._say("bot", shown(each.content))
        return Round(
            at=datetime.now(UTC),
            holder=await self._changed(),
            left=tuple(left),
            reports=tuple(await self._reports()),
            alerts=tuple(await self._alerts()),
        )

    def _written(self, content: Content, referral: Referral | None, at: datetime) -> meta.Body:
        line, person = self._stage.line, self._person
        kind, fields = _as_meta(content)
        return meta.message(line, person, kind, fields, at=at, referral=_ad(referral) if referral else None)

    def _echo(self, content: Content | Outgoing, at: datetime, message_id: str | None = None) -> meta.Body:
        kind, fields = _as_meta(content)
        return meta.echo(self._stage.line, self._person, fields, at=at, kind=kind, message_id=message_id)

    def _failed(self, message_id: str, code: int) -> meta.Body:
        sent = next(each for each in self._stage.graph.received if each.wamid == message_id)
        status = {
            "id": message_id,
            "status": "failed",
            "timestamp": str(int(datetime.now(UTC).timestamp())),
            "recipient_id": self._phone,
            "biz_opaque_callback_data": sent.body.get("biz_opaque_callback_data"),
            "errors": [{"code": code, "title": "The transcript says so"}],
        }
        return meta.envelope(self._stage.line, "messages", {"statuses": [status]})

    def _heard(self) -> list[Left]:
        """Return what was accepted for this contact in this transcript."""
        mine = (self._phone, self._bsuid)
        return [
            Left(
                at=datetime.fromtimestamp(each.wall, UTC),
                content=self._stage.content_of(each.body),
                speaker=Speaker.BOT,
                row="",
                message_id=each.wamid,
            )
            for each in self._stage.graph.received[self._first :]
            if each.wamid and _to(each.body) in mine
        ]

    async def _changed(self) -> Holder:
        before, self._held = self._held, await self._holder()
        if self._held is not before:
            self._say("holder", str(self._held))
        return self._held

    async def _holder(self) -> Holder:
        store, business = Store(self._stage.client), self._stage.business
        contact = await store.contact_of(business, aliases(self._ids))
        found = await store.subject(business, f"{self._stage.line.phone_number_id}/{contact}")
        chat = read_chat(found.state) if found and found.state else None
        return holder_at(chat.holding, datetime.now(UTC)) if chat else Holder.BOT

    async def _alerts(self) -> list[Alert]:
        kept = await Store(self._stage.client).alerts(self._stage.business)
        before, self._alerted = self._alerted, Counter({told.blob: told.count for told in kept})
        alerts = [read_alert(blob) for blob in reversed(list((self._alerted - before).elements()))]
        for alert in alerts:
            self._say("owner is told", alert.words)
        return alerts

    async def _reports(self) -> list[Report]:
        found: list[Report] = []
        async for name in self._stage.client.scan_iter(key(self._stage.business, "r", "*")):
            if name in self._reported:
                continue
            blob, *end = await self._stage.client.execute_command("HMGET", name, "blob", "state", "reason")
            effect = read_row(blob).effect
            if isinstance(effect, Report):
                self._reported.add(name)
                self._say("report", conversion(effect, *((each or b"").decode() for each in end)))
                found.append(effect)
        return found


def conversion(effect: Report, state: str, reason: str) -> str:
    """Say what was reported, and whether Meta took it."""
    worth = f", {effect.value} {effect.currency}" if effect.value else ""
    if effect.ad is None:
        return f"{effect.event}{worth}{NO_AD}"
    became = "Meta took it" if state == "sent" else f"{state}: {reason}" if reason else state
    return f"{effect.event}{worth} ({became})"


def _as_meta(content: Content | Outgoing) -> tuple[str, dict[str, Any]]:
    """Return the kind and the fields of a message as Meta writes them; what has no fields of its own is its words."""
    match content:
        case Media(kind=kind, caption=caption, filename=filename, voice=voice):
            fields = {
                "id": "1",
                "mime_type": ANY_FILE,
                "caption": caption,
                "filename": filename,
                "voice": voice or None,
            }
            return kind, {name: value for name, value in fields.items() if value is not None}
        case Form(name=name, answers=answers):
            reply = {"name": name, "body": "Sent", "response_json": answers}
            return "interactive", {"type": "nfm_reply", "nfm_reply": reply}
        case Location():
            place = {name: getattr(content, name) for name in content.__struct_fields__}
            return "location", {name: value for name, value in place.items() if value is not None}
        case _:
            return "text", {"body": words_of(content)}


def _ad(referral: Referral) -> meta.Referral:
    """Each click has an id of its own at Meta; a transcript names none."""
    clid = referral.clid or f"click-{secrets.token_hex(8)}"
    return meta.Referral(source_id=referral.id, headline=referral.headline, ctwa_clid=clid)


def _to(body: dict[str, Any]) -> str:
    return str(body.get("to", "")).lstrip("+") or str(body.get("recipient", ""))
