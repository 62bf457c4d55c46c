"""Two people about whom a store holds all that it can hold of anybody, made by what Meta posts.

Ana wrote under a user name first and under her number later, to both numbers of the business, came from an ad, sent a
photo, and has something in every place: logs, messages in all states, timers, requests, alerts, lists of campaigns,
what could not be read and what waits to be imported. Bea has the same, so that anything of hers that goes is missed.
"""

import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
from msgspec import Struct

from adapters.audience import Listing
from adapters.campaigns import begin
from adapters.intake import item_of
from adapters.publish import publish
from adapters.records import FileNote, packed
from adapters.settings import read
from adapters.squeeze import unsqueezed
from adapters.store import NextRow, ReceivedFile
from adapters.whatsapp import meta, receive
from adapters.whatsapp.meta import Line, Person
from adapters.wiring import Parts, parts
from rules.policy.restrictions import DEFAULT

SHOP = "shop"
LINES = (Line("1001", "+55 11 91234-5671", "100"), Line("1002", "+55 11 91234-5672", "100"))
BUSINESS = """
business: shop
timezone: UTC
language: en
numbers:
  - {id: "1001", phone: "+55 11 91234-5671", waba: "100"}
  - {id: "1002", phone: "+55 11 91234-5672", waba: "100"}
opt_out: {words: ["stop"], reply: "No more offers."}
opt_in: {words: ["start"], reply: "Welcome back."}
otherwise: {steps: [{send: "You wrote: {{ text }}"}]}
---
templates: "100"
list:
  - {name: news, language: en, category: MARKETING, status: APPROVED, body: "Hello {{1}}."}
---
campaign: news
from: "1001"
audience: {file: people.csv, opt_in: agreed}
template: news
params: ["{{ list.city }}"]
between: 00:00-24:00
exclude: {spoke: 0s}
---
flow: cake
start: {when: text has "cake"}
steps:
  - notify: "{{ contact.name }} wants a cake"
  - tag: [cake]
  - http: "https://shop.example/cakes?for={{ contact.name }}"
    on_error: [{tag: [slow]}]
  - ask: "For whom, {{ contact.name }}?"
    save: whom
    no_reply: {after: 30m, steps: [{send: "Still there?"}]}
---
flow: later
start: {when: text has "later"}
steps:
  - send: "Until then, {{ contact.name }}"
  - wait: 20h
  - send: "Then is now"
"""
SOMEBODY_ELSE = "what somebody else wrote"
PEOPLE = "phone,city,agreed\n+5511987000009,Rio,2025-01-01\n"


class Character(Struct, frozen=True):
    """A person with what only they are called, write and send."""

    phone: str
    bsuid: str
    name: str
    username: str
    city: str
    secret: str
    data: bytes

    @property
    def person(self) -> Person:
        """As Meta tells of them now."""
        return Person(self.phone, self.bsuid, self.name, self.username)

    @property
    def traces(self) -> list[bytes]:
        """What nothing of may be left, as it would stand somewhere."""
        short = self.phone.replace("55119", "5511", 1)
        words = (self.phone, short, self.bsuid, self.name, self.username, self.city, self.secret)
        return [*(word.encode() for word in words), self.data]


ANA = Character(
    phone="5511987650001",
    bsuid="BR.Ana1502576394655843",
    name="Ana Petrova-Lind",
    username="ana.lindpet",
    city="Niteroi-by-Ana",
    secret="xylophone-of-ana",
    data=b"the bytes of Ana's photo",
)
BEA = Character(
    phone="5511987650002",
    bsuid="BR.Bea2602576394655899",
    name="Bea Okonkwo",
    username="bea.okon",
    city="Santos-by-Bea",
    secret="zither-of-bea",
    data=b"the bytes of Bea's photo",
)


class House(Struct):
    """The parts of a process, and what people and their phones do to them."""

    built: Parts

    async def hears(self, body: meta.Body, *, decided: bool = True) -> None:
        """Take what Meta posts, and decide it; or leave it where it waits."""
        now = datetime.now(UTC)
        batch = receive.decode(meta.encode(body), now)
        if decided:
            await self.built.intake.take(batch)
            await self.built.intake.close()
            return
        items = [item_of(each, each.number or "", "chat") for each in batch.items]
        await self.built.store.ingest(SHOP, items)

    async def writes(self, person: Person, words: str, *, line: Line = LINES[0], decided: bool = True) -> None:
        """Let somebody write."""
        await self.hears(meta.text_message(line, person, words, at=datetime.now(UTC)), decided=decided)

    async def begins(self, number: str = "1001", attempt: str = "an attempt") -> NextRow:
        """Begin to send the message whose turn it is."""
        await self.built.store.command("DEL", f"{{{SHOP}}}:p:{number}", f"{{{SHOP}}}:paced:{number}")
        found = await self.built.store.next_row(SHOP, number)
        assert isinstance(found, NextRow)
        begun = await self.built.store.begin(
            SHOP,
            found.row,
            attempt,
            subject=found.subject,
            ver=found.ver,
            number_ver=found.number_ver,
            lists=DEFAULT.digest,
            valid_until_ms=10**14,
        )
        assert begun.ok, begun
        return found

    async def ends(self, row: str, state: str, **more: Any) -> None:
        """Write down what became of a message that was being sent."""
        before = "doubt" if state == "parked" else "sending"
        done = await self.built.store.settle(SHOP, row, f"{row} {state}", expect=[before], state=state, **more)
        assert done.ok


@asynccontextmanager
async def a_house(store_url: str, folder: Path) -> AsyncIterator[House]:
    """Give a house where the shop is live and nobody wrote yet."""
    (folder / "business.yaml").write_text(BUSINESS)
    (folder / "people.csv").write_text(PEOPLE)
    environ = {"BATON_REDIS_URL": store_url, "BATON_HTTP_HOSTS": "shop.example"}
    async with parts(read(environ)) as built:
        done = await publish(built.store, folder, DEFAULT, by="a test")
        assert done.changed, done.problems
        yield House(built)


async def lives(house: House, who: Character) -> None:
    """Let everything happen that leaves something of somebody in the store."""
    me = who.person
    hidden = Person(bsuid=who.bsuid, name=who.name, username=who.username)
    shown = Person(phone=who.phone, name=who.name)
    now = datetime.now(UTC)
    await house.writes(hidden, f"hello {who.secret}")
    await house.writes(shown, f"hello again {who.secret}")
    for state in ("sent", "doubt"):
        row = (await house.begins(attempt=state)).row
        await house.ends(row, state, message_id=meta.wamid(who.phone, f"KEY{who.phone}", "outbound"))
    await house.ends(row, "parked")
    await house.writes(me, f"a cake, says {who.secret}")
    await house.writes(me, f"later, says {who.secret}", line=LINES[1])
    await house.hears(meta.echo(LINES[1], me, f"I know {who.secret}", at=now))
    click = meta.Referral("120330", headline=f"For {who.secret}", ctwa_clid=f"click-{who.secret}")
    await house.hears(meta.ad_message(LINES[1], me, f"from an ad, {who.secret}", click, at=now))
    photo = meta.Media(f"media-{who.secret}", "image/png", caption=f"my {who.secret}", filename=f"{who.secret}.png")
    await house.hears(meta.media_message(LINES[0], me, "image", photo, at=now))
    await _files(house, who)
    await _aside(house, who)
    await house.writes(me, f"still undecided, {who.secret}", decided=False)


async def listed(house: House, *people: Character) -> None:
    """Begin a campaign whose list they are in, and let it have reached them."""
    rows = [Listing(each.phone, {"list.city": each.city}, agreed=True) for each in people]
    assert await begin(house.built.store, SHOP, "news", rows, by="a test")
    await house.built.store.move_campaign(SHOP, "news", "paused", expect=("running",))
    found = [await house.built.store.contact_of(SHOP, (f"p:{each.phone}",)) for each in people]
    await house.built.store.fed(SHOP, "news", "another run", b"", [each for each in found if each])


async def _files(house: House, who: Character) -> None:
    now, chat = datetime.now(UTC), await chat_of(house, who)
    note = FileNote(
        at=now, kept_at=now, by="contact", event="w", kind="image", mime="image/png", size=1, name=f"{who.secret}.png"
    )
    file = ReceivedFile("a-row", hashlib.sha256(who.data).hexdigest(), packed(note))
    assert await house.built.store.keep_file(SHOP, chat, file, who.data, 10_000)


async def _aside(house: House, who: Character) -> None:
    """Leave what nobody could read, what waits to be imported, and an alert that names them only in its words."""
    told = {"from": who.phone, "text": {"body": who.secret}}
    raw = json.dumps(told).encode()
    await house.built.store.quarantine([("Not as expected", "messages", raw)], SHOP)
    await house.built.store.quarantine([("No JSON", "", raw + b"{")])
    thread = {"id": who.phone, "messages": [{"from": who.phone, "text": {"body": f"years ago {who.secret}"}}]}
    other = {"id": "5511900000000", "messages": [{"from": "5511900000000", "text": {"body": SOMEBODY_ELSE}}]}
    value = {"history": [{"metadata": {"phase": 0, "chunk_order": int(who.phone[-1])}, "threads": [thread, other]}]}
    await house.hears(meta.envelope(LINES[0], "history", value))
    contact = {"full_name": who.name, "phone_number": who.phone}
    sync = {"state_sync": [{"type": "contact", "contact": contact, "action": "add"}]}
    await house.hears(meta.envelope(LINES[0], "smb_app_state_sync", sync))


async def chat_of(house: House, who: Character, number: str = "1001") -> str:
    """Return the chat of somebody with a number."""
    found = await house.built.store.contact_of(SHOP, (f"p:{who.phone}",))
    assert found
    return f"{number}/{found}"


def contents(store: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Go through all that a store holds, each piece with its key: as it is, and what was squeezed at full length."""
    for name in sorted(store.scan_iter(count=1000)):
        for piece in (name, *_pieces(store, name)):
            yield name.decode(), piece
            for part in (piece, piece.partition(b"\0")[2]):
                try:
                    yield name.decode(), unsqueezed(part[1:])
                except zlib.error:
                    continue


def left_of(store: redis.Redis, who: Character, *more: bytes) -> dict[str, set[bytes]]:
    """Return what is found of somebody, by the keys where it stands."""
    found: dict[str, set[bytes]] = {}
    for name, piece in contents(store):
        for trace in (*who.traces, *more):
            if trace in piece:
                found.setdefault(name, set()).add(trace)
    return found


def _pieces(store: Any, name: bytes) -> list[bytes]:
    match store.type(name):
        case b"hash":
            return [piece for pair in store.hgetall(name).items() for piece in pair]
        case b"list":
            return list(store.lrange(name, 0, -1))
        case b"set":
            return list(store.smembers(name))
        case b"zset":
            return list(store.zrange(name, 0, -1))
        case b"string":
            return [store.get(name) or b""]  # it may have ended meanwhile
        case _:
            return [store.dump(name) or b""]
