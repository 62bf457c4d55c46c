"""What is wrong with a store: which of its records contradict each other?

Every script leaves the store consistent, so whatever is found here is a mistake, at any moment at which nothing writes.
`breaches` looks at that, `unrest` at what is still to be done. Ends of rows are counted as long as their rows are
kept: both expect a store that is younger than nine days. What lies beside the chats, campaigns and files, is looked at
in `tests/shelves.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import redis
from msgspec import DecodeError, Struct

from adapters.records import UnknownSchemaError, read_chat, read_contact, read_event, read_number, read_row
from adapters.store.keys import number_of, tag
from engine.events import TimerFired
from engine.row import RowState
from tests import shelves

OPEN = frozenset({"queued", "sending", "doubt"})
ROW_FIELDS = frozenset(
    "state subject number kind blob position speaker epoch words not_before added_at".split()  # noqa: SIM905 - a row
)
OWN_MOST, LOG_MOST, ALERTS_MOST, RECENT_MOST = 50, 100, 1_000, 1_000
BEHIND = 2**40

Fields = dict[str, bytes]
_HELD_AS = {
    "hash": "s r c alias timer alert count campaign tally v f m left",
    "list": "in own log quarantine people",
    "zset": "out ready waiting recent timers sending doubt todo parked open reached alerts got versions",
    "set": "campaigns bulk files numbers gone",
    "string": "live got_bytes lists",
    "": "half media",
}
KINDS = {name: kind for kind, names in _HELD_AS.items() for name in names.split()}
_READERS: dict[str, Callable[[Any, str], object]] = {
    "hash": lambda line, key: line.hgetall(key),
    "list": lambda line, key: line.lrange(key, 0, -1),
    "zset": lambda line, key: line.zrange(key, 0, -1, withscores=True),
    "set": lambda line, key: line.smembers(key),
    "string": lambda line, key: line.get(key),
    "": lambda line, key: line.exists(key),
}


class Dump(Struct):
    """All records of a business that refer to each other, read once; names without their tag."""

    subjects: dict[str, Fields]
    rows: dict[str, Fields]
    contacts: dict[str, Fields]
    lives: dict[str, int]
    lists: dict[str, list[bytes]]
    sorted: dict[str, dict[str, float]]
    sets: dict[str, set[str]]
    hashes: dict[str, Fields]
    strings: dict[str, str]
    now_ms: int

    @property
    def alias(self) -> dict[str, str]:
        """Who each alias leads to."""
        return {name: cid.decode() for name, cid in self.hashes.get("alias", {}).items()}

    @property
    def timer(self) -> Fields:
        """What each timer appends, and where."""
        return self.hashes.get("timer", {})

    @property
    def alert(self) -> Fields:
        """What people are told."""
        return self.hashes.get("alert", {})

    @property
    def count(self) -> dict[str, int]:
        """The counters."""
        return {name: int(value) for name, value in self.hashes.get("count", {}).items()}

    def open_rows(self, subject: str) -> set[str]:
        """Return the messages of a chat that have not ended."""
        return {
            name
            for name, row in self.rows.items()
            if row.get("subject") == subject.encode() and row.get("kind") == b"send" and _state(row) in OPEN
        }


def breaches(store: redis.Redis, business: str) -> list[str]:
    """Return a sentence for each contradiction, sorted; none in a store that is well."""
    return contradictions(read(store, business))


def contradictions(dump: Dump) -> list[str]:
    """Return the same of a store that was read."""
    return sorted(words for check in CHECKS for words in check(dump))


def unrest(store: redis.Redis, business: str) -> list[str]:
    """Return a sentence for whatever is still to be done, or was left behind; none once all is quiet."""
    dump = read(store, business)
    piles = [name for name in dump.sorted if name in {"waiting", "sending", "doubt"} or name.startswith("ready:")]
    left = [f"`{name}` holds {sorted(dump.sorted[name])}" for name in piles if dump.sorted[name]]
    for name, record in dump.subjects.items():
        left += [f"`s:{name}` still has `{field}`" for field in ("hold", "flight") if field in record]
        if int(record.get("lease_until", 0)) > dump.now_ms:  # whoever died with it is of no consequence afterwards
            left.append(f"`s:{name}` is leased")
    return sorted([*left, *shelves.left_over(dump)])


def read(store: redis.Redis, business: str) -> Dump:
    """Read a whole business; nothing may be written meanwhile."""
    begin = f"{tag(business)}:"
    keys = sorted(key.decode() for key in store.scan_iter(f"{begin}*", count=1000))
    names = [name for key in keys if (name := key.removeprefix(begin)).partition(":")[0] in KINDS]
    line = store.pipeline(transaction=False)
    line.time()
    for name in names:
        _READERS[_kind(name)](line, begin + name)
        line.pttl(begin + name)
    (seconds, micros), *answers = line.execute()
    found = Dump({}, {}, {}, {}, {}, {}, {}, {}, {}, seconds * 1000 + micros // 1000)
    for name, answer, ms in zip(names, answers[::2], answers[1::2], strict=True):
        found.lives[name] = ms
        _put(name, answer, found)
    return found


def _kind(name: str) -> str:
    return "hash" if name.startswith("got:") else KINDS[name.partition(":")[0]]


def _put(name: str, answer: Any, found: Dump) -> None:
    kind, _, rest = name.partition(":")
    match _kind(name):
        case "hash":
            fields = {field.decode(): value for field, value in answer.items()}
            into = {"s": found.subjects, "r": found.rows, "c": found.contacts}.get(kind, found.hashes)
            into[name if into is found.hashes else rest] = fields
        case "list":
            found.lists[name] = answer
        case "zset":
            found.sorted[name] = {member.decode(): score for member, score in answer}
        case "set":
            found.sets[name] = {each.decode() for each in answer}
        case "string":
            found.strings[name] = answer.decode() if answer else ""


def _state(row: Fields) -> str:
    return row.get("state", b"").decode()


def _readable(reader: Callable[[bytes], object], blob: bytes) -> bool:
    try:
        reader(blob)
    except (DecodeError, UnknownSchemaError, ValueError):
        return False
    return True


def _rows(dump: Dump) -> Iterator[str]:
    """A row is whole, in a state that there is, and belongs to a chat that there is."""
    for name, row in dump.rows.items():
        if missing := sorted(ROW_FIELDS - row.keys()):
            yield f"row {name} lacks {missing}"
            continue
        subject = row["subject"].decode()
        if _state(row) not in set(RowState):
            yield f"row {name} is in the state `{_state(row)}`, which is none"
        if subject not in dump.subjects:
            yield f"row {name} belongs to `{subject}`, which does not exist"
        if row["number"].decode() != number_of(subject):
            yield f"row {name} of `{subject}` is filed under the number `{row['number'].decode()}`"
        if int(row["position"]) > int(dump.subjects.get(subject, {}).get("pos", 0)):
            yield f"row {name} stands behind the last place of its chat"
        yield from _life(name, row, dump.lives[f"r:{name}"])


def _life(name: str, row: Fields, ms: int) -> Iterator[str]:
    """What has ended is forgotten one day, what has not is kept."""
    ended = _state(row) not in OPEN
    if ended and "ended_at" not in row:
        yield f"row {name} is `{_state(row)}` and does not say since when"
    if (ms < 0) is (ended and _state(row) != "parked"):
        yield f"row {name} is `{_state(row)}` and {'never' if ms < 0 else 'soon'} forgotten"


def _lines(dump: Dump) -> Iterator[str]:
    """A message that has not ended stands in its chat's line at its place, and no other row does."""
    for subject in dump.subjects:
        line, expected = dump.sorted.get(f"out:{subject}", {}), dump.open_rows(subject)
        yield from (f"row {each} has not ended and is not in the line of `{subject}`" for each in expected - set(line))
        yield from (f"row {each} has ended and is in the line of `{subject}`" for each in set(line) - expected)
        for each in expected & set(line):
            if line[each] != _place(dump.rows[each]):
                yield f"row {each} stands at place {line[each]:g} of its line"
        waits = subject in dump.sorted.get(f"ready:{number_of(subject)}", {})
        if waits is not bool(expected) and "/" in subject:
            yield f"`{subject}` has {len(expected)} rows to send, and its number {'thinks' if waits else 'forgot'} so"
    for name, pile in dump.sorted.items():
        if name.startswith("todo:"):
            queued = {each for each, row in dump.rows.items() if _is_due(row, name.removeprefix("todo:"))}
            yield from (f"row {each} is in `{name}` in vain, or missing there" for each in queued ^ set(pile))


def _place(row: Fields) -> int:
    """Return where a row stands: campaigns behind all else, the newest first."""
    position = int(row["position"])
    return BEHIND - position if "campaign" in row else position


def _is_due(row: Fields, kind: str) -> bool:
    return row.get("kind") == kind.encode() and _state(row) == "queued"


def _deadlines(dump: Dump) -> Iterator[str]:
    """Whatever is being sent, or in doubt, has a moment at which somebody looks at it again."""
    for state, field in (("sending", "until"), ("doubt", "not_before")):
        pile = dump.sorted.get(state, {})
        for each in {name for name, row in dump.rows.items() if _state(row) == state} ^ set(pile):
            yield f"row {each} is `{_state(dump.rows.get(each, {}))}`, which the pile `{state}` does not know"
        for each in pile.keys() & dump.rows.keys():
            if int(dump.rows[each].get(field, 0)) != pile[each]:
                yield f"row {each} is looked at again at {pile[each]:g} and says otherwise"
    for name, row in dump.rows.items():
        if _state(row) == "sending" and not row.get("attempt"):
            yield f"row {name} is being sent by nobody"


def _piles(dump: Dump) -> Iterator[str]:
    """Whoever looks finds the messages that have not ended, and what a person has to look at."""
    numbers = {row["number"].decode() for row in dump.rows.values() if "number" in row}
    for number in numbers:
        expected = {
            each for subject in dump.subjects if number_of(subject) == number for each in dump.open_rows(subject)
        }
        for each in expected ^ dump.sorted.get(f"open:{number}", {}).keys():
            yield f"row {each} is among the messages of {number} that have not ended, or missing there"
    parked = {name for name, row in dump.rows.items() if _state(row) == "parked"}
    yield from (f"row {each} is parked in vain, or unseen" for each in parked ^ dump.sorted.get("parked", {}).keys())


def _flights(dump: Dump) -> Iterator[str]:
    """Of each chat one message at most is being sent, and the chat knows which."""
    for subject, record in dump.subjects.items():
        sending = [name for name in dump.open_rows(subject) if _state(dump.rows[name]) == "sending"]
        known = [record["flight"].decode()] if "flight" in record else []
        if sending != known:
            yield f"`{subject}` sends {sorted(sending)}, and thinks {known}"


def _inboxes(dump: Dump) -> Iterator[str]:
    """Undecided events are known to be waiting, and a hold is about one of them."""
    waiting = dump.sorted.get("waiting", {})
    yield from (f"`{each}` waits for a decision about nothing" for each in waiting if not dump.lists.get(f"in:{each}"))
    for subject, record in dump.subjects.items():
        inbox, seq = len(dump.lists.get(f"in:{subject}", [])), int(record.get("seq", 0))
        if inbox and subject not in waiting:
            yield f"`{subject}` has {inbox} undecided events that nobody looks for"
        if inbox > seq:
            yield f"`{subject}` counted {seq} events, and {inbox} wait"
        if "hold" in record and not seq - inbox < int(record["hold"]) <= seq:
            yield f"`{subject}` is on hold for an event that is decided already"
    for name, entries in dump.lists.items():
        if name.startswith("in:"):
            if name.removeprefix("in:") not in dump.subjects:
                yield f"`{name}` belongs to nobody"
            yield from (f"`{name}` holds what is no event" for each in entries if not _is_event(each))


def _is_event(entry: bytes) -> bool:
    meta, mark, blob = entry.partition(b"\0")
    return meta[:1] in {b"e", b"j"} and bool(mark) and _readable(read_event, blob)


def _leases(dump: Dump) -> Iterator[str]:
    """A lease has an owner and an end, and is not for longer than any lease is."""
    for subject, record in dump.subjects.items():
        if ("lease" in record) is not ("lease_until" in record):
            yield f"`{subject}` has half a lease"
        if int(record.get("lease_until", 0)) > dump.now_ms + 60_000:
            yield f"`{subject}` is leased for more than a minute"


def _records(dump: Dump) -> Iterator[str]:
    """What is kept for Python can be read, rows under their own names."""
    for subject, record in dump.subjects.items():
        reader: Callable[[bytes], object] = read_chat if "/" in subject else read_number
        if record.get("state") and not _readable(reader, record["state"]):
            yield f"`s:{subject}` cannot be read"
    for cid, record in dump.contacts.items():
        if record.get("state") and not _readable(read_contact, record["state"]):
            yield f"`c:{cid}` cannot be read"
    for name, row in dump.rows.items():
        if not _readable(read_row, row.get("blob", b"")):
            yield f"row {name} cannot be read"
        elif read_row(row["blob"]).id != name:
            yield f"row {name} holds the row {read_row(row['blob']).id}"


def _contacts(dump: Dump) -> Iterator[str]:
    """Aliases lead to contacts, contacts know their chats, and whoever was joined leads on."""
    yield from (f"alias {each} leads nowhere" for each, cid in dump.alias.items() if cid not in dump.contacts)
    for cid, record in dump.contacts.items():
        chats = record.get("chats", b"").decode().split()
        yield from (f"contact {cid} names `{chat}`" for chat in chats if chat.partition("/")[2] != cid)
        if len(set(chats)) < len(chats):
            yield f"contact {cid} names a chat twice"
        seen, at = set[str](), cid
        while "into" in dump.contacts.get(at, {}) and at not in seen:
            seen.add(at)
            at = dump.contacts[at]["into"].decode()
        if at in seen or at not in dump.contacts:
            yield f"contact {cid} was joined to nobody"
    for subject in dump.subjects:
        cid = subject.partition("/")[2]
        if cid and subject not in dump.contacts.get(cid, {}).get("chats", b"").decode().split():
            yield f"`{subject}` is a chat that its contact does not know"


def _timers(dump: Dump) -> Iterator[str]:
    """A timer has a moment, a chat, and an event."""
    when = dump.sorted.get("timers", {})
    yield from (f"timer {each} is half there" for each in when.keys() ^ dump.timer.keys())
    for each, entry in dump.timer.items():
        subject, _, blob = entry.partition(b"\0")
        if subject.decode() not in dump.subjects:
            yield f"timer {each} is for `{subject.decode()}`, which does not exist"
        if not _readable(read_event, blob) or not isinstance(read_event(blob), TimerFired):
            yield f"timer {each} holds what is no timer's event"


def _counters(dump: Dump) -> Iterator[str]:
    """Each row was counted when it ended, once."""
    ended = Counter(_state(row) for row in dump.rows.values())
    for state in ("sent", "dropped", "failed"):  # what was parked may have moved on
        counted = dump.count.get(f"row.{state}", 0)
        if counted != ended[state]:
            yield f"{ended[state]} rows are `{state}`, {counted} were counted"
    for state in ("dropped", "failed"):
        reasons = Counter(row.get("reason", b"").decode() for row in dump.rows.values() if _state(row) == state)
        for reason, rows in reasons.items():
            if dump.count.get(f"row.{state}.{reason}", 0) < rows:
                yield f"{rows} rows are `{state}` as `{reason}`, fewer were counted"


def _bounds(dump: Dump) -> Iterator[str]:
    """What grows has an end, and what a chat sent lately is its own."""
    most = {"own": OWN_MOST, "log": LOG_MOST, "quarantine": ALERTS_MOST}
    when = dump.sorted.get("alerts", {})
    yield from (f"alert {each} is half there" for each in when.keys() ^ dump.alert.keys())
    if len(when) > ALERTS_MOST:
        yield f"`alerts` holds {len(when)}"
    for name, items in dump.lists.items():
        kind, _, subject = name.partition(":")
        if len(items) > most.get(kind, len(items)):
            yield f"`{name}` holds {len(items)}"
        if kind == "own":
            if len(set(items)) < len(items):
                yield f"`{name}` holds a row twice"
            strangers = (row for row in items if dump.rows.get(row.decode(), {}).get("subject") != subject.encode())
            yield from (f"`{name}` holds {row.decode()}" for row in strangers if row.decode() in dump.rows)


def _recent(dump: Dump) -> Iterator[str]:
    """The chats in which something happened last are some of those that there are."""
    recent = dump.sorted.get("recent", {})
    if len(recent) > RECENT_MOST:
        yield f"`recent` holds {len(recent)}"
    yield from (f"`recent` holds `{each}`, which does not exist" for each in recent if each not in dump.subjects)


CHECKS: tuple[Callable[[Dump], Iterator[str]], ...] = (
    _rows, _lines, _deadlines, _flights, _inboxes, _leases, _records, _contacts, _timers, _counters, _bounds, _piles,
    _recent, *shelves.CHECKS,
)  # fmt: skip
