"""Play a transcript through real HTTP, and say what was said by whom."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from adapters.demo.heard import offered, outgoing
from adapters.demo.stage import Stage
from adapters.records import read_alert, read_chat, read_row
from adapters.store import Store
from adapters.store.keys import key
from adapters.whatsapp import meta
from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.meta import Person
from engine.content import Content, Location, Media, Outgoing, words_of
from engine.effects import Report
from engine.identity import aliases, ids_from
from flows.lines import (
    BotSays,
    ContactTaps,
    ContactWrites,
    EchoOfBot,
    Fails,
    HolderIs,
    Line,
    OwnerWrites,
    Redelivered,
    SavedIs,
    Silence,
    TimePasses,
    Transcript,
    WasNotified,
    WasReported,
)
from flows.shown import folded, is_it, quoted, shown
from rules.policy.handoff import Holder, holder_at

PATIENCE_S = 8.0
OK = 200


class Result(Struct, frozen=True):
    """How a transcript went; `failure` is a sentence, or nothing."""

    name: str
    failure: str | None
    lines: int


class Player:
    """Goes through one transcript: contacts and the owner write, the bot is listened to."""

    def __init__(self, stage: Stage, script: Transcript, say: Callable[[str, str], None]) -> None:
        """`say` is told who said what."""
        self._stage = stage
        self._script = script
        self._say = say
        who = script.contact
        ids = ids_from([who.phone], [who.bsuid])
        self._phone, self._bsuid = next(iter(ids.phones), None), next(iter(ids.bsuids), None)
        self._person = Person(phone=self._phone, bsuid=self._bsuid, name=who.name)
        self._first = len(stage.graph.received)
        self._matched = 0
        self._body: meta.Body | None = None
        self._reported: list[str] = []

    async def play(self) -> Result:
        """Play to the end, or to the first line that goes another way."""
        for count, line in enumerate(self._script.lines, start=1):
            if failure := await self._line(line):
                return Result(self._script.name, f"{self._script.file}:{line.place.line}: {failure}", count)
        await self._stage.quiet()
        return Result(self._script.name, self._unexpected(), len(self._script.lines))

    async def _line(self, line: Line) -> str | None:
        match line.doing:
            case BotSays(message=message):
                return await self._expect(message)
            case Silence():
                await self._stage.quiet()
                return self._unexpected()
            case HolderIs(holder=holder):
                return await self._holder(holder)
            case WasReported(event=event):
                return await self._report(event)
            case WasNotified(words=words):
                return await self._note(words)
            case SavedIs():
                return None
            case _:
                return await self._act(line)

    async def _act(self, line: Line) -> str | None:
        now = datetime.now(UTC)
        match line.doing:
            case ContactWrites(content=content):
                self._say("contact", shown(content))
                await self._contact(self._written(line.doing, now))
            case ContactTaps(title=title):
                return await self._tap(title, now)
            case OwnerWrites(content=content):
                self._say("owner", shown(content))
                await self._post(self._echo(content, now))
            case TimePasses(span=span):
                self._say("time", f"{span} pass")
                await self._stage.pass_time(span)
            case Redelivered():
                self._say("meta", "delivers the last webhook once more")
                await self._post(self._body or {})
            case EchoOfBot():
                self._say("meta", "the bot's own message comes back as an echo")
                last = self._heard()[-1]
                await self._post(self._echo(outgoing(last.body), now, last.wamid))
            case Fails(code=code):
                self._say("meta", f"refuses the last message with {code}")
                await self._post(self._failed(code, now))
        return None

    async def _contact(self, body: meta.Body) -> None:
        self._stage.graph.contact_wrote(self._stage.line.phone_number_id, self._person)
        await self._post(body)

    async def _post(self, body: meta.Body) -> None:
        self._body = body
        status = await self._stage.meta.post(body)
        if status != OK:
            raise RuntimeError(f"The webhook answered {status}.")

    async def _tap(self, title: str, now: datetime) -> str | None:
        for received in reversed(self._heard()):
            kind = "list" if received.body.get("interactive", {}).get("type") == "list" else "button"
            for payload, name in offered(received.body):
                if name == title:
                    self._say("contact", f"taps {title}")
                    tap = meta.Tap("list" if kind == "list" else "button", payload, title)
                    about = received.wamid
                    await self._contact(meta.tap_message(self._stage.line, self._person, tap, at=now, about=about))
                    return None
        return f"No button is called {title}."

    def _written(self, doing: ContactWrites, now: datetime) -> meta.Body:
        line, person = self._stage.line, self._person
        if doing.referral is not None:
            ad = meta.Referral(
                source_id=doing.referral.id, headline=doing.referral.headline, ctwa_clid=doing.referral.clid
            )
            return meta.ad_message(line, person, words_of(doing.content), ad, at=now)
        if isinstance(doing.content, Media):
            file = meta.Media("1", "application/octet-stream", caption=doing.content.caption)
            return meta.media_message(line, person, doing.content.kind, file, at=now)
        if isinstance(doing.content, Location):
            place = {"latitude": doing.content.latitude, "longitude": doing.content.longitude}
            return meta.message(line, person, "location", place, at=now)
        return meta.text_message(line, person, words_of(doing.content), at=now)

    def _echo(self, content: Content | Outgoing, now: datetime, message_id: str | None = None) -> meta.Body:
        return meta.echo(self._stage.line, self._person, words_of(content), at=now, message_id=message_id)

    def _failed(self, code: int, now: datetime) -> meta.Body:
        last = self._heard()[-1]
        status = {
            "id": last.wamid,
            "status": "failed",
            "timestamp": str(int(now.timestamp())),
            "recipient_id": self._phone,
            "biz_opaque_callback_data": last.body.get("biz_opaque_callback_data"),
            "errors": [{"code": code, "title": "The transcript says so"}],
        }
        return meta.envelope(self._stage.line, "messages", {"statuses": [status]})

    def _heard(self) -> list[Received]:
        """Return what was accepted for this contact in this transcript."""
        mine = (self._phone, self._bsuid)
        found = self._stage.graph.received[self._first :]
        return [each for each in found if each.wamid and _to(each.body) in mine]

    async def _expect(self, expected: Any) -> str | None:
        async def has_come() -> bool:
            return len(self._heard()) > self._matched

        if not await self._stage.until(has_come, PATIENCE_S):
            return f"Expected {shown(expected)}, but nothing left."
        found = outgoing(self._heard()[self._matched].body)
        self._matched += 1
        self._say("bot", shown(found))
        return None if is_it(expected, found) else f"Expected {shown(expected)}, got {shown(found)}."

    def _unexpected(self) -> str | None:
        extra = self._heard()[self._matched :]
        return f"Expected silence, got {shown(outgoing(extra[0].body))}." if extra else None

    async def _holder(self, expected: Holder) -> str | None:
        await self._stage.quiet()
        store, business = Store(self._stage.client), self._stage.business
        contact = await store.contact_of(business, aliases(ids_from([self._phone], [self._bsuid])))
        found = await store.subject(business, f"{self._stage.line.phone_number_id}/{contact}")
        chat = read_chat(found.state) if found and found.state else None
        holder = holder_at(chat.holding, datetime.now(UTC)) if chat else Holder.BOT
        self._say("holder", str(holder))
        return None if holder is expected else f"Expected the {expected} to hold the chat, but the {holder} does."

    async def _report(self, event: str) -> str | None:
        await self._stage.quiet()
        found = [name async for name in self._reports()]
        for name in self._reported:
            found.remove(name)
        self._say("report", event)
        self._reported.append(event)
        return None if event in found else f"Expected `{event}` to be reported."

    async def _note(self, words: str) -> str | None:
        await self._stage.quiet()
        kept = await Store(self._stage.client).alerts(self._stage.business)
        self._say("owner is told", words)
        told = {folded(read_alert(blob).words) for blob in kept}
        return None if folded(words) in told else f"Expected the owner to be told {quoted(words)}."

    async def _reports(self) -> AsyncIterator[str]:
        async for name in self._stage.client.scan_iter(key(self._stage.business, "r", "*")):
            row = read_row(await self._stage.client.execute_command("HGET", name, "blob"))
            if isinstance(row.effect, Report):
                yield row.effect.event


def _to(body: dict[str, Any]) -> str:
    return str(body.get("to", "")).lstrip("+") or str(body.get("recipient", ""))
