"""How is a contact erased, so that nothing of them is left?

The theory. First the contact goes with all their chats, in one step: from then on nobody is known by their ids, so
that nothing that still comes about them (a status, an answer, a timer) finds a place. A message that is being sent
ends before. That step leaves a note of what else to look for, and the note goes last: whoever is interrupted runs it
again. What stays is told by nobody's name: counters, prices, and for ten days digests by which Meta's repeats are
known, so that an old webhook does not bring anybody back.
"""

import asyncio
import secrets
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.audience import Listing
from adapters.mentions import Mentions
from adapters.records import UnknownSchemaError, packed, read_alert, read_contact, read_import, read_log
from adapters.store import Kin, Store
from adapters.store.erasing import Erased
from engine.chat import Contact
from engine.identity import Ids, aliases, own_aliases
from rules.policy.consent import Consent

ENDS_WITHIN_S = 120.0
LOOK_AGAIN_S = 0.1
NOBODY = msgspec.msgpack.encode(Listing(""))

Each = Callable[[int], None]


class StillSending(Exception):  # noqa: N818 - a sentence for the operator
    """A message to the contact does not end; nothing was erased."""


class Note(Struct, frozen=True):
    """Whose traces are to be erased: their contacts, the one they are now first, their chats, and their ids."""

    contacts: tuple[str, ...]
    chats: tuple[str, ...]
    words: tuple[str, ...]


class Eraser:
    """Erases contacts of one business, and counts what was there."""

    def __init__(self, store: Store, business: str, each: Each) -> None:
        """Begin with nothing; `each` is told how many keys were looked at."""
        self.counts: Counter[str] = Counter()
        self._store = store
        self._business = business
        self._each = each

    async def finish_all(self) -> None:
        """Finish whatever was interrupted."""
        for name, note in (await self._store.half_erased(self._business)).items():
            await self._finish(name, msgspec.msgpack.decode(note, type=Note))

    async def erase(self, ids: Ids, contact: str | None) -> None:
        """Erase whoever has these ids, as a contact if they are one; raises `StillSending`."""
        name, words = secrets.token_hex(8), tuple(alias.partition(":")[2] for alias in aliases(ids))
        note = Note((), (), words) if contact is None else await self._take_out(contact, words, name)
        await self._finish(name, note)

    async def _take_out(self, contact: str, words: tuple[str, ...], name: str) -> Note:
        """Erase a contact with their chats, once nothing happens there and no message is on its way."""
        ends_at = time.monotonic() + ENDS_WITHIN_S
        while time.monotonic() < ends_at:
            kin = await self._store.kin(self._business, contact)
            known = await self._store.aliases_of(self._business, kin.contacts, self._each)
            note = await self._note(kin, known, words)
            await self._keep_refusal(kin, known)
            if not await self._leave_out(Mentions(note.words)):
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            done = await self._cut(kin, name, note, known)
            if done.word == "erased":
                self.counts.update(contacts=len(kin.contacts), chats=len(kin.chats))
                return note
            if done.word == "sending":
                await asyncio.sleep(LOOK_AGAIN_S)
        raise StillSending(
            "For two minutes a message to this contact has been on its way, they wrote without a pause, or their past "
            "was being imported. Nothing was erased but what was queued; try again."
        )

    async def _cut(self, kin: Kin, name: str, note: Note, known: Sequence[str]) -> Erased:
        rows = await self._store.rows_out_of_line(self._business, kin.chats)
        encoded = msgspec.msgpack.encode(note)
        done = await self._store.erase(self._business, kin, name=name, note=encoded, aliases=known, rows=rows)
        self.counts.update(rows=done.rows, turns=done.turns, events=done.events)
        return done

    async def _finish(self, name: str, note: Note) -> None:
        """Erase all that a note leads to, and then the note."""
        if note.chats:
            await self._erase_chats(name, note)
        await self._erase_mentions(Mentions(note.words), note)
        strangers = [secrets.token_hex(6) for _ in note.contacts]
        await self._store.forget_reached(self._business, note.contacts, strangers)
        await self._store.finish_erasing(self._business, name)

    async def _erase_chats(self, name: str, note: Note) -> None:
        found = await self._store.traces(self._business, note.chats, self._each)
        self.counts["rows"] += await self._store.erase_rows(self._business, note.chats, found.rows)
        # A status of one of those rows may have come meanwhile, for a chat that was not there any more.
        again = replace(await self._store.kin(self._business, note.contacts[0], note.chats), contacts=note.contacts)
        while (await self._cut(again, name, note, ())).word != "erased":
            again = replace(await self._store.kin(self._business, note.contacts[0], note.chats), contacts=note.contacts)
        for chat in note.chats:
            self.counts["files"] += await self._store.erase_files(self._business, chat)
        await self._store.erase_keys(found.keys)
        timers = await self._store.timers_in(self._business, note.chats, self._each)
        self.counts["timers"] += await self._store.erase_timers(self._business, [*timers])

    async def _erase_mentions(self, mentions: Mentions, note: Note) -> None:
        """Erase what was told of them, what nobody could read, and their places in lists of campaigns."""
        alerts = await self._store.alert_blobs(self._business)
        told = [name for name, blob in alerts.items() if is_about(blob, note.chats) or mentions.are_in(blob)]
        self.counts["alerts"] += await self._store.erase_alerts(self._business, told)
        for owner in (self._business, None):
            bodies = mentions.among(await self._store.bodies(owner))
            self.counts["bodies"] += await self._store.erase_bodies(owner, bodies)
        await self._leave_out_all(mentions)
        for campaign in await self._store.campaigns(self._business):
            people = mentions.among(await self._store.listed(self._business, campaign))
            blanked = await self._store.blank_people(self._business, campaign, NOBODY, people) if people else 0
            self.counts["places"] += blanked

    async def _leave_out_all(self, mentions: Mentions) -> None:
        """Do that once nothing of theirs is being imported any more."""
        for _ in range(round(ENDS_WITHIN_S / LOOK_AGAIN_S)):
            if await self._leave_out(mentions):
                return
            await asyncio.sleep(LOOK_AGAIN_S)
        raise StillSending("Their past has been being imported for two minutes. Say it again to erase the rest.")

    async def _leave_out(self, mentions: Mentions) -> bool:
        """Leave of what waits to be imported only what is of others; false while some of theirs is being imported."""
        for name, body in (await self._store.waiting_imports(self._business)).items():
            if mentions.are_in(body):
                if not await self._store.put_import(self._business, name, _rest(body, mentions)):
                    return False
                self.counts["imports"] += 1
        return True

    async def _keep_refusal(self, kin: Kin, known: Sequence[str]) -> None:
        """Let a no to offers outlast them, and a later yes end it."""
        contact = await self._contact(kin.contacts[0])
        names = tuple(dict.fromkeys((*known, *(own_aliases(contact.ids) if contact else ()))))
        if contact is not None and contact.marketing is Consent.REFUSED:
            await self._store.remember_refusal(self._business, names)
        elif contact is not None and contact.marketing is Consent.GIVEN:
            await self._store.forget_refusal(self._business, names)

    async def _note(self, kin: Kin, known: Sequence[str], words: Iterable[str]) -> Note:
        """Put down how they are called: by Meta, by us, and their messages."""
        called = [alias.partition(":")[2] for alias in known]
        for cid in kin.contacts:
            contact = await self._contact(cid)
            called += [*contact.ids.phones, *contact.ids.bsuids] if contact else ()
        messages = [word for chat in kin.chats for word in await self._messages(chat)]
        everything = (*words, *called, *kin.contacts, *messages)
        return Note(kin.contacts, kin.chats, tuple(dict.fromkeys(everything)))

    async def _contact(self, cid: str) -> Contact | None:
        """Return what is known of a contact; nothing where the record cannot be read, which is erased all the same."""
        state, _ = await self._store.contact(self._business, cid)
        return contact_in(state)

    async def _messages(self, chat: str) -> list[str]:
        """Return the ids of messages of a chat, as far as they are known."""
        found = [event for turn in await self._store.log(self._business, chat) for event in _events(turn)]
        rows = await self._store.own_rows(self._business, chat)
        return [*found, *await self._store.message_ids(self._business, rows)]


def contact_in(state: bytes | None) -> Contact | None:
    """Read a contact, if there is one and this version of Baton can."""
    try:
        return read_contact(state) if state else None
    except (msgspec.MsgspecError, UnknownSchemaError):
        return None


def _events(turn: bytes) -> list[str]:
    try:
        return [line.event for line in read_log(turn)]
    except (msgspec.MsgspecError, UnknownSchemaError, zlib.error):
        return []


def _rest(body: bytes, mentions: Mentions) -> bytes:
    """Return what a body to import tells of others; nothing if that cannot be told apart."""
    try:
        found = read_import(body)
    except (msgspec.MsgspecError, UnknownSchemaError):
        return b""
    raw = mentions.left_out(found.raw)
    return packed(replace(found, raw=raw)) if raw else b""


def is_about(alert: bytes, chats: Sequence[str]) -> bool:
    """Tell whether an alert is about any of some chats."""
    try:
        return read_alert(alert).chat in chats
    except (msgspec.MsgspecError, UnknownSchemaError):
        return False
