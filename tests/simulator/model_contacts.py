"""Does the script that appends do what a small model of it says, for whomever an event is?

A contact is known by aliases. Two contacts may turn out to be one person: from then on the other leads on to the first,
and each chat of theirs is told, and silent until it has decided that.
"""

from hashlib import sha1
from typing import Any, Final

from redis.exceptions import ResponseError

from adapters.store import Item
from tests.dump import Dump
from tests.simulator.model import BUSINESS, LISTS, NUMBER, OTHER, Model, step
from tests.simulator.model_chats import ECHO, EVENT

ALIASES: Final = ("p:1", "p:2", "b:1", "b:2")
NUMBERS: Final = (NUMBER, OTHER)
INBOUND_MOST: Final = 10


class Contacts(Model):
    """Events for people under several names, for numbers, for the importer, and for nobody."""

    def __init__(self, *given: Any) -> None:
        """Nobody is known."""
        super().__init__(*given)
        self.alias: dict[str, str] = {}
        self.into: dict[str, str] = {}
        self.chats: dict[str, list[str]] = {}
        self.inbox: dict[str, list[str]] = {}
        self.holds: dict[str, int] = {}
        self.seen: set[str] = set()
        self.imports: list[bytes] = []
        self.heard: dict[str, int] = dict.fromkeys(NUMBERS, 0)
        self.counts: dict[str, int] = {}
        self.came: dict[str, int] = {}

    def root(self, cid: str) -> str:
        """Return whom a contact goes on as."""
        return self.root(self.into[cid]) if cid in self.into else cid

    @step(20)
    def ingest(self) -> None:
        """Append an event: once, where it belongs, under all names it came with."""
        kind = self.one(("chat", "chat", "chat", "echo", "status", "number", "import"))
        self.ingest_one(kind, f"{kind} {self.chance.randint(1, 30)}", self.one(NUMBERS))

    @step(1)
    def rush(self) -> None:
        """So many write at once that not all of it may count for the pace."""
        for _ in range(INBOUND_MOST + 2):
            self.ingest_one("chat", self.name("key"), NUMBER)

    def ingest_one(self, kind: Any, key: str, number: str) -> None:
        """Append an event of this name."""
        aliases = self.chance.sample(ALIASES, self.chance.randint(kind != "status", 2))
        dropped = [each for each in ALIASES if each not in aliases] if self.odds(0.2) else []
        item = Item(
            number=number,
            kind=kind,
            key=key.encode(),
            bucket=1,
            blob=ECHO if kind == "echo" else EVENT,
            aliases=tuple(aliases),
            own_aliases=tuple(aliases),
            drop_aliases=tuple(dropped),
            new_contact=self.name("c"),
            inbound=kind == "chat",
            joined=EVENT if self.odds(0.6) else b"",
        )
        [taken] = self.ask(lambda: self.store.ingest(BUSINESS, [item]))
        assert (taken.subject, taken.why, list(taken.also)) == self.appended(item)
        if taken.fresh:
            self.came[f"{kind} {number}"] = self.asked_ms
        counted = taken.why if not taken.fresh else kind
        self.counts[counted] = self.counts.get(counted, 0) + 1

    def appended(self, item: Item) -> tuple[str | None, str, list[str]]:
        """Do in the model what an append does; return whose inbox it is in, why, and which chats were told."""
        key = item.key.decode()
        found = list(dict.fromkeys(self.root(self.alias[each]) for each in item.aliases if each in self.alias))
        subject = {"import": "", "number": item.number}.get(item.kind)
        if subject is None and (found or item.kind != "status"):
            subject = f"{item.number}/{found[0] if found else item.new_contact}"
        if subject is None:
            return None, "unknown", []
        if key in self.seen:
            return subject or None, "dup", []
        self.seen.add(key)
        if item.kind == "import":
            self.imports.append(sha1(item.key, usedforsecurity=False).hexdigest().encode())
            return None, "import", []
        told = self.registered(item, subject, found) if item.kind in {"chat", "echo"} else []
        chats = self.chats.setdefault(subject.partition("/")[2], []) if "/" in subject else []
        chats += [subject] if subject not in chats else []
        self.put(subject, "e", hold=item.kind == "echo")
        self.heard[item.number] += item.inbound
        return subject, "appended", told

    def registered(self, item: Item, subject: str, found: list[str]) -> list[str]:
        """Do in the model what is done about the contact of an event; return the chats that were told of a join."""
        cid, told = subject.partition("/")[2], []
        for other in found[1:] if item.joined else []:
            self.into[other] = cid
            for chat in self.chats.get(other, []):
                self.put(chat, f"j{cid}", hold=True)
                told.append(chat)
        for each in item.drop_aliases:
            if each in self.alias and self.root(self.alias[each]) == cid:
                del self.alias[each]
        self.alias |= dict.fromkeys(item.own_aliases, cid)
        return told

    def put(self, subject: str, meta: str, *, hold: bool) -> None:
        """Do in the model what an entry in an inbox does."""
        self.inbox.setdefault(subject, []).append(meta)
        self.holds[subject] = len(self.inbox[subject]) if hold else self.holds.get(subject, 0)

    @step(2)
    def pass_time(self) -> None:
        """A second goes by: what was heard counts no more."""
        self.loop.now += 2
        self.heard = dict.fromkeys(NUMBERS, 0)

    @step(2)
    def leave(self) -> None:
        """What left counts for the pace, too, and takes nothing from what is heard."""
        number = self.one(NUMBERS)
        for _ in range(INBOUND_MOST):
            self.do("ZADD", f":paced:{number}", self.now_ms, self.name("o"))

    @step(1)
    def empty(self) -> None:
        """The store is another one for a moment: nothing is acknowledged there."""
        self.do("DEL", ":live")
        item = Item(number=NUMBER, kind="chat", key=b"lost", bucket=1, blob=EVENT, aliases=("p:1",), new_contact="c")
        refused = ""
        try:
            self.ask(lambda: self.store.ingest(BUSINESS, [item]))
        except ResponseError as error:
            refused = str(error)
        assert refused.startswith("NOTLIVE")
        self.do("SET", ":live", "v1")

    def compare(self, dump: Dump) -> None:
        """Compare people, inboxes and what counts for the pace with what the model says."""
        assert dump.alias == self.alias
        assert {cid: found["into"].decode() for cid, found in dump.contacts.items() if "into" in found} == self.into
        chats = {cid: found["chats"].decode().split() for cid, found in dump.contacts.items() if "chats" in found}
        assert chats == self.chats
        inboxes = {name[3:]: entries for name, entries in dump.lists.items() if name.startswith("in:")}
        metas = {chat: [each.partition(b"\0")[0].decode() for each in found] for chat, found in inboxes.items()}
        assert metas == self.inbox
        assert {chat: int(found.get("hold", 0)) for chat, found in dump.subjects.items()} == self.holds
        imports: Any = self.client.lrange(f"{{{BUSINESS}}}:imports", 0, -1)
        assert imports == self.imports
        counted = {name.removeprefix("event."): count for name, count in dump.count.items()}
        assert counted == self.counts
        came: Any = self.client.hgetall(f"{{{BUSINESS}}}:came")
        assert {name.decode(): int(at) for name, at in came.items()} == self.came
        assert dump.strings["lists"] == LISTS
        for number, heard in self.heard.items():
            in_window: Any = self.client.zrange(
                f"{{{BUSINESS}}}:paced:{number}", self.now_ms - 1_030, "+inf", byscore=True
            )
            assert sum(name.startswith(b"i") for name in in_window) == min(heard, INBOUND_MOST)
