"""How does one piece of a phone's past get to its contact and into the log of its chat?

Read, make, write: if what was read has changed when it is to be written, all three are done again.
"""

import secrets
from typing import Literal

import structlog
from msgspec import Struct
from msgspec.structs import replace
from redis.exceptions import RedisError

from adapters.past import Log
from adapters.records import LaterSchemaError, packed, read_contact
from adapters.store import Store
from adapters.store.imports import Known, Past
from adapters.whatsapp.history import Thread
from adapters.wishes import newcomer
from engine.book import BookEntry, with_entry
from engine.chat import Contact, Number
from engine.identity import Ids, aliases, merged, own_aliases
from engine.paths import check
from engine.trace import Line
from rules.policy.restrictions import Path, Refusal, Restrictions

log = structlog.get_logger()

WRITES = 20

Outcome = Literal["put", "restricted", "bad"]


class Made(Struct, frozen=True):
    """What is to be written, if anything, and why nobody may answer that contact, if so."""

    past: Past | None
    refused: Refusal | None = None


class Memory:
    """What a business remembers of the people who write to one of its numbers."""

    def __init__(self, store: Store, business: str, number: Number, lists: Restrictions) -> None:
        """Write to one store, with the lists in force."""
        self._store = store
        self.business = business
        self._number = number
        self._lists = lists

    async def put(self, piece: Thread | BookEntry) -> Outcome:
        """Write one piece down; one that cannot be stays alone. Those whom the lists name are kept and told apart."""
        try:
            refused = await self._put(piece)
        except (RedisError, OSError, LaterSchemaError):
            raise
        except Exception:  # whatever it is, the rest of the body goes on
            log.exception("not_imported", kind=type(piece).__name__)
            return "bad"
        return "restricted" if refused else "put"

    async def _put(self, piece: Thread | BookEntry) -> Refusal | None:
        for _ in range(WRITES):
            known = await self._store.known(self.business, self._number.id, aliases(piece.ids))
            made = await self._made(known, piece)
            if made.past is None or await self._store.put_past(self.business, known, made.past):
                return made.refused
        raise TimeoutError

    async def _made(self, known: Known, piece: Thread | BookEntry) -> Made:
        before = read_contact(known.state) if known.state else await self._new(known, piece)
        if isinstance(piece, BookEntry):
            return self._with_entry(known, before, piece)
        return await self._with_thread(known, before, piece)

    async def _new(self, known: Known, piece: Thread | BookEntry) -> Contact:
        contact = Contact(id=known.contact or secrets.token_hex(6))
        return await newcomer(self._store, self.business, contact, [piece.ids])

    def _with_entry(self, known: Known, before: Contact, entry: BookEntry) -> Made:
        if entry.name is None and not known.contact:
            return Made(None)  # nobody we know has left the book
        return self._written(known, before, with_entry(before, self._number.id, entry), entry.ids, Path.CONTACTS)

    async def _with_thread(self, known: Known, before: Contact, thread: Thread) -> Made:
        if not thread.said:
            return Made(None)
        after = replace(before, ids=merged(before.ids, thread.ids), username=before.username or thread.username)
        made = self._written(known, before, after, thread.ids, Path.HISTORY)
        chat = Log(known.log)
        sent = await self._store.message_ids(self.business, chat.rows)
        why = (Line("restriction", made.refused.words),) if made.refused else ()
        turns = tuple(chat.turns()) if chat.put(thread.said, sent, why) else known.log
        if turns == known.log:
            return made
        past = made.past or Past(before.id, own_aliases(thread.ids))
        return replace(made, past=past._replace(subject=f"{self._number.id}/{before.id}", turns=turns))

    def _written(self, known: Known, before: Contact, after: Contact, ids: Ids, path: Path) -> Made:
        checked = check(path, after.ids, self._number, self._lists)
        refused = checked if isinstance(checked, Refusal) else None
        if after == before and known.state:
            return Made(None, refused)
        return Made(Past(before.id, own_aliases(ids), packed(after)), refused)
