"""Is what the store holds whole? Every row in a state it can have reached, nothing without an owner, counts that fit.

`faults` reads everything of one business. Where the server's own log is given, every move that any row ever made is
compared with the table of legal moves, too.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import DecodeError

from adapters.records import UnknownSchemaError, read_chat, read_contact, read_event, read_number, read_row
from adapters.store.chats import LEASE_MS
from engine.row import MOVES, RowState

ENDS = frozenset({RowState.SENT, RowState.DROPPED, RowState.FAILED, RowState.PARKED})
COUNTED = (RowState.SENT, RowState.DROPPED, RowState.FAILED)
_PILES = {RowState.SENDING: "sending", RowState.DOUBT: "doubt"}


def faults(store: Any, business: str, logs: Sequence[Path] = ()) -> list[str]:
    """Return a sentence for everything that should not be; `business` is its tag, braces and all."""
    dump = _Dump(store, business)
    found = [*dump.rows(), *dump.piles(), *dump.subjects(), *dump.timers(), *dump.counters()]
    return found + [words for log in logs for words in illegal_moves(log, business)]


class _Dump:
    """Everything of one business, read once."""

    def __init__(self, store: Any, business: str) -> None:
        self._store = store
        self._b = business
        self._now = int(store.time()[0]) * 1000
        self._rows: dict[str, dict[bytes, bytes]] = {
            name: store.hgetall(f"{business}:r:{name}") for name in self._names("r")
        }
        self._chats: dict[str, dict[bytes, bytes]] = {
            name: store.hgetall(f"{business}:s:{name}") for name in self._names("s")
        }

    def rows(self) -> Iterator[str]:
        """Look at each row for itself and where its state says it should lie."""
        for name, row in self._rows.items():
            state = RowState(row[b"state"].decode())
            subject = row[b"subject"].decode()
            ended = b"ended_at" in row and state in ENDS
            if read_row(row[b"blob"]).id != name:
                yield f"row {name} holds another one"
            if subject not in self._chats:
                yield f"row {name} belongs to the chat {subject}, which is not there"
            if state in ENDS and not ended:
                yield f"row {name} is {state} and has no moment of its end"
            if row[b"kind"] == b"send" and self._has(f"out:{subject}", name) == ended:
                yield f"row {name} is {state}, and {'still' if ended else 'not'} in its chat's outbox"
            for each, pile in _PILES.items():
                if self._has(pile, name) != (state is each):
                    yield f"row {name} is {state}, and its place in `{pile}` says otherwise"
            if ended and state is not RowState.PARKED and self._store.ttl(f"{self._b}:r:{name}") < 0:
                yield f"row {name} has ended and is kept for ever"
            if state is RowState.SENT and b"message_id" not in row:
                yield f"row {name} is sent and has no message id"

    def piles(self) -> Iterator[str]:
        """Look for what lies somewhere and exists no more."""
        for key in self._names("out"):
            for row in self._members(f"out:{key}"):
                if row not in self._rows:
                    yield f"the outbox of {key} names the row {row}, which is not there"
        for pile in ("sending", "doubt"):
            yield from (f"`{pile}` names {row}" for row in self._members(pile) if row not in self._rows)
        waiting, inboxes = set(self._members("waiting")), set(self._names("in"))
        yield from (f"the inbox of {subject} is not among those that wait" for subject in inboxes - waiting)
        yield from (f"{subject} waits with nothing in its inbox" for subject in waiting - inboxes)
        for number in {subject.partition("/")[0] for subject in self._chats}:
            for subject in self._members(f"ready:{number}"):
                if not self._store.exists(f"{self._b}:out:{subject}"):
                    yield f"{subject} is ready with nothing to send"

    def subjects(self) -> Iterator[str]:
        """Look at each chat, contact and number: readable, and nothing of it stuck."""
        for name, record in self._chats.items():
            flight, lease = record.get(b"flight", b"").decode(), record.get(b"lease_until")
            has_inbox = self._store.exists(f"{self._b}:in:{name}")
            if flight and self._rows.get(flight, {}).get(b"state") != b"sending":
                yield f"{name} waits for the end of {flight}, which is not being sent"
            if b"hold" in record and not has_inbox:
                yield f"{name} is on hold with nothing to decide"
            if lease and int(lease) > self._now + 2 * LEASE_MS:
                yield f"the lease of {name} never ends"
            yield from self._unreadable(name, record.get(b"state"), read_chat if "/" in name else read_number)
            for entry in self._store.lrange(f"{self._b}:in:{name}", 0, -1):
                yield from self._unreadable(f"an event of {name}", entry.partition(b"\0")[2], read_event)
        for name in self._names("c"):
            state = self._store.hget(f"{self._b}:c:{name}", "state")
            yield from self._unreadable(f"contact {name}", state, read_contact)

    def timers(self) -> Iterator[str]:
        """Look whether each timer has its event, and each event its moment."""
        moments = set(self._members("timers"))
        events = {name.decode() for name in self._store.hkeys(f"{self._b}:timer")}
        yield from (f"timer {name} has no event" for name in moments - events)
        yield from (f"the event of timer {name} has no moment" for name in events - moments)

    def counters(self) -> Iterator[str]:
        """Compare what was counted with what is there; nothing of a test is old enough to be gone."""
        there = Counter(RowState(row[b"state"].decode()) for row in self._rows.values())
        for state in COUNTED:
            counted = int(self._store.hget(f"{self._b}:count", f"row.{state}") or 0)
            if counted != there[state]:
                yield f"{counted} rows were counted as {state}, and {there[state]} are"

    def _names(self, kind: str) -> list[str]:
        prefix = f"{self._b}:{kind}:"
        return [key.decode().removeprefix(prefix) for key in self._store.scan_iter(f"{prefix}*", count=1000)]

    def _members(self, pile: str) -> list[str]:
        return [each.decode() for each in self._store.zrange(f"{self._b}:{pile}", 0, -1)]

    def _has(self, pile: str, member: str) -> bool:
        return self._store.zscore(f"{self._b}:{pile}", member) is not None

    def _unreadable(self, name: str, blob: bytes | None, read: Any) -> Iterator[str]:
        if not blob:
            return
        try:
            read(blob)
        except (DecodeError, UnknownSchemaError, ValueError) as problem:
            yield f"{name} cannot be read: {type(problem).__name__}"


def illegal_moves(log: Path, business: str) -> Iterator[str]:
    """Go through all that a server wrote, and return each move of a row that the table does not know."""
    states: dict[bytes, RowState] = {}
    prefix = f"{business}:r:".encode()
    for command in commands(log.read_bytes()):
        if len(command) > 3 and command[0].upper() in {b"HSET", b"HMSET"} and command[1].startswith(prefix):
            fields: Mapping[bytes, bytes] = dict(zip(command[2::2], command[3::2], strict=True))
            if b"state" in fields:
                now = RowState(fields[b"state"].decode())
                before = states.get(command[1])
                if before is not None and now not in MOVES[before]:
                    yield f"{command[1].decode()} went from {before} to {now}"
                states[command[1]] = now


def commands(raw: bytes) -> Iterator[list[bytes]]:
    """Read the commands of an append-only file; a torn tail ends it."""
    at = 0
    while at < len(raw):
        line, at = _line(raw, at)
        if line.startswith(b"#"):
            continue
        if not line.startswith(b"*"):
            return
        words = []
        for _ in range(int(line[1:])):
            size, at = _line(raw, at)
            if not size.startswith(b"$"):
                return
            words.append(raw[at : at + int(size[1:])])
            at += int(size[1:]) + 2
        yield words


def _line(raw: bytes, at: int) -> tuple[bytes, int]:
    end = raw.find(b"\r\n", at)
    return (raw[at:end], end + 2) if end >= 0 else (b"", len(raw))
