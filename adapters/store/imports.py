"""How does that get into contacts and logs which a phone told of its past?

Bodies wait in `imports` and are taken one after the other. Whatever is written is made from what was read, and only if
that has not changed meanwhile; doing it again changes nothing. So a body that was done half is done again from its
beginning, and leaves its place with the one step that says how far the import has come.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from adapters.store.calls import Argument, Calls, counted, number, text
from adapters.store.keys import key, tag
from adapters.store.notes import NewAlert, counted_alerts
from adapters.store.scripts import load

LEASE_MS = 10_000

_TAKE = load("take_import")
_END = load("end_import")
_PUT = load("put_past")
_LEAD = load("lead")


class Waiting(NamedTuple):
    """A body to import, and how many have taken it, this one included."""

    name: str
    body: bytes
    tries: int


class Known(NamedTuple):
    """What is known of somebody: whom each alias that was `asked` leads to, their record, and the log of one chat."""

    asked: tuple[str, ...]
    leads: tuple[str, ...]
    contact: str
    ver: int
    state: bytes | None
    log: tuple[bytes, ...]


class Past(NamedTuple):
    """What to write of somebody: without a `state` their record stays as it is, without turns the log does."""

    contact: str
    own: tuple[str, ...]
    state: bytes = b""
    subject: str = ""
    turns: tuple[bytes, ...] = ()


class Imports(Calls):
    """Bodies that wait to be imported, and what becomes of them."""

    async def take_import(self, business: str, owner: str) -> Waiting | None:
        """Take the oldest body; nothing if there is none, or somebody else has it. The same owner may ask again."""
        answer = await self.call(_TAKE, tag(business), owner, LEASE_MS)
        return Waiting(text(answer[0]), answer[1] or b"", number(answer[2])) if answer else None

    async def keep_import(self, business: str, owner: str) -> bool:
        """Tell whether the body that was taken is still ours, and keep it for longer."""
        return bool(await self.call(_LEAD, key(business, "importer"), owner, LEASE_MS))

    async def give_back_import(self, business: str, name: str) -> None:
        """Leave a body to others that was not finished, though nothing is the matter with it."""
        await self.commands(("HDEL", key(business, "import", name), "by", "tries"), ("DEL", key(business, "importer")))

    async def end_import(
        self,
        business: str,
        name: str,
        sender: str = "",
        *,
        sync: bytes = b"",
        counts: Mapping[str, int] | None = None,
        alerts: Sequence[NewAlert] = (),
    ) -> bool:
        """Let go of a body, and write how far the past of a number has come; false if that was done already."""
        flat: list[Argument] = [each for name_, count in (counts or {}).items() for each in (name_, count)]
        return bool(await self.call(_END, tag(business), name, sender, sync, *counted(flat), *counted_alerts(alerts)))

    async def sync(self, business: str, sender: str) -> bytes | None:
        """Return what is known of how far the past of a number has come."""
        found: bytes | None = await self.command("HGET", key(business, "sync"), sender)
        return found

    async def known(self, business: str, sender: str, aliases: Sequence[str]) -> Known:
        """Return who the first known alias leads to, and the log of their chat with a number."""
        leads = tuple(map(text, await self.command("HMGET", key(business, "alias"), *aliases)))
        cid = next(filter(None, leads), "")
        while cid and (into := await self.command("HGET", key(business, "c", cid), "into")):
            cid = text(into)
        if not cid:
            return Known(tuple(aliases), leads, "", 0, None, ())
        (ver, state), log = await self.commands(
            ("HMGET", key(business, "c", cid), "ver", "state"),
            ("LRANGE", key(business, "log", f"{sender}/{cid}"), 0, -1),
        )
        return Known(tuple(aliases), leads, cid, number(ver), state, tuple(log))

    async def message_ids(self, business: str, rows: Sequence[str]) -> list[str]:
        """Return the ids of the messages that rows left with, as far as the rows are still known."""
        found = await self.commands(*(("HGET", key(business, "r", row), "message_id") for row in rows))
        return [text(each) for each in found if each]

    async def put_past(self, business: str, known: Known, past: Past) -> bool:
        """Write what was made from `known`; false if that has changed meanwhile. Read it again then."""
        answer = await self.call(
            _PUT,
            tag(business),
            *(past.contact, known.ver, past.state),
            *(*counted(known.asked), *counted(known.leads), *counted(past.own)),
            *(past.subject, len(known.log), known.log[-1] if known.log else b""),
            *counted(past.turns),
        )
        return bool(answer)
