"""A business with chats made by Meta's webhooks, and somebody who looks after them at a terminal."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from adapters.cli import main
from adapters.publish import publish
from adapters.settings import read
from adapters.whatsapp import meta
from adapters.whatsapp.meta import Line, Person
from adapters.whatsapp.receive import decode
from adapters.wiring import Parts, parts
from rules.policy.restrictions import DEFAULT

LINE = Line("106540352242922", "5511912345678", "102290129340398")
ANA = Person(phone="5511987650001", bsuid="BR.10000000000000000001", name="Ana")
BEA = Person(phone="5511987650002", name="Bea")
SHOP = """
business: Corner Shop
id: corner
timezone: America/Sao_Paulo
language: en
numbers: [{id: "106540352242922", phone: "+55 11 91234-5678", waba: "102290129340398"}]
otherwise: {steps: [{send: "Sorry?"}]}
"""
FLOWS = """
flow: order
start: [{when: text has "order"}]
steps:
  - ask: "How many?"
    save: qty
    expect: number
    no_reply: {after: 30m, steps: [{send: "Still there?"}]}
  - send: "{{ qty }} it is."
---
flow: person
start: [{when: text has "person"}]
steps: [{handoff: "Wants to talk"}]
"""


class Desk:
    """What happens in the business, and the commands of whoever looks after it; each opens the store anew."""

    def __init__(self, store_url: str, folder: Path) -> None:
        """Publish the shop."""
        self.environ = {"BATON_REDIS_URL": store_url}
        (folder / "business.yaml").write_text(SHOP)
        (folder / "flows.yaml").write_text(FLOWS)
        self.publishes(folder)

    def publishes(self, folder: Path) -> None:
        """Let a folder go live."""

        async def published(house: Parts) -> None:
            done = await publish(house.store, folder, DEFAULT, by="a test")
            assert done.changed, done.problems

        self.inside(published)

    def inside(self, work: Callable[[Parts], Awaitable[Any]]) -> Any:
        """Do something with the parts of a process."""

        async def done() -> Any:
            async with parts(read(self.environ)) as house:
                return await work(house)

        return asyncio.run(done())

    def happens(self, *bodies: meta.Body) -> None:
        """Let Meta post webhooks, one after the other, and all of it be decided."""

        async def come(house: Parts) -> None:
            for body in bodies:
                await house.intake.take(decode(meta.encode(body), datetime.now(UTC)))
                await house.intake.close()

        self.inside(come)

    def remembers(self, *bodies: meta.Body) -> None:
        """Let a phone tell of its past, and all of it be imported."""

        async def imported(house: Parts) -> None:
            importer = house.importer()
            while await importer.take("corner"):
                pass

        self.happens(*bodies)
        self.inside(imported)

    def baton(self, *arguments: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main, arguments, env=self.environ, catch_exceptions=False)

    def served(self, *arguments: str) -> Result:
        """Run a command while a process runs that decides what it finds in inboxes."""

        async def decided(house: Parts) -> Result:
            command = asyncio.create_task(asyncio.to_thread(self.baton, *arguments))
            while not command.done():
                for subject in (await house.store.sweep("corner", older_ms=0)).subjects:
                    await house.handler.drain("corner", subject)
                await asyncio.sleep(0.02)
            return command.result()

        result: Result = self.inside(decided)
        return result


def writes(text: str, person: Person = ANA, line: Line = LINE) -> meta.Body:
    """Return the webhook of a contact who writes now."""
    return meta.text_message(line, person, text, at=datetime.now(UTC))


def echoes(text: str, person: Person = ANA) -> meta.Body:
    """Return the webhook of an owner who writes in the app now."""
    return meta.echo(LINE, person, text, at=datetime.now(UTC))


def wrote(text: str, at: datetime, person: Person = ANA) -> meta.Body:
    """Return the webhook of a phone whose history says what a contact wrote once."""
    message = {
        "from": person.phone,
        "id": meta.wamid(str(person.phone), f"3A{text}", "inbound"),
        "timestamp": str(int(at.timestamp())),
        "type": "text",
        "text": {"body": text},
        "history_context": {"status": "READ"},
    }
    chunk = {"metadata": {"phase": 0, "chunk_order": 1, "progress": 50}}
    thread = {"id": person.phone, "messages": [message]}
    return meta.envelope(LINE, "history", {"history": [{**chunk, "threads": [thread]}]})


def books(name: str, person: Person = ANA) -> meta.Body:
    """Return the webhook of a phone whose address book calls a contact so."""
    contact = {"phone_number": person.phone, "full_name": name}
    stamp = {"timestamp": str(int(datetime.now(UTC).timestamp()))}
    entry = {"type": "contact", "contact": contact, "action": "add", "metadata": stamp}
    return meta.envelope(LINE, "smb_app_state_sync", {"state_sync": [entry]})
